"""Calls through Exotel and Twilio as they are played here, over a socket: who sees which number, what is said, and every fault."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sulah.adapters.channels.voice import VoiceChannel
from sulah.adapters.sandbox.voice import Does, Plan
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel, ContactState
from sulah.outreach.channel import Fault, Handed, NeverTaken, Taken, Unknown
from sulah.outreach.voice.calls import CallOutcome
from tests.channels.voice_place import AGENT, BORROWER, CALLER, PEOPLE, Place, voice_place


@pytest.fixture(params=["exo", "twi"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The same for both providers."""
    with voice_place(request.param) as made:
        yield made


def handed(place: Place, reference: str, sid: str) -> Handed:
    """A call whose fate is asked for."""
    return Handed(reference, system_clock(), sid)


def test_a_persons_call_shows_the_agent_and_the_borrower_our_number_only(place: Place) -> None:
    assert isinstance(place.send(Channel.CALL), Taken)
    assert place.settled()
    assert place.sandbox.phones.shown == {AGENT: [CALLER], BORROWER: [CALLER]}
    end = place.end_of()
    assert end is not None
    assert (end.contact, end.outcome, end.seconds) == (ContactState.CONNECTED, CallOutcome.COMPLETED, 42)
    assert end.recording.startswith("https://")


@pytest.mark.parametrize(
    ("does", "outcome"), [(Does.BUSY, CallOutcome.BUSY), (Does.RINGS_OUT, CallOutcome.NO_ANSWER), (Does.FAILS, CallOutcome.FAILED)]
)
@pytest.mark.parametrize("channel", [Channel.CALL, Channel.BOT_CALL])
def test_a_telephone_that_is_not_picked_up_is_an_attempt_that_did_not_connect(
    place: Place, channel: Channel, does: Does, outcome: CallOutcome
) -> None:
    place.sandbox.phones.plan(BORROWER, Plan(does))
    place.send(channel)
    assert place.settled()
    end = place.end_of()
    assert end is not None
    assert (end.outcome, end.contact, end.seconds, end.recording) == (outcome, ContactState.NOT_CONNECTED, 0, "")


@pytest.mark.parametrize("does", [Does.BUSY, Does.RINGS_OUT, Does.FAILS])
def test_where_the_agent_does_not_answer_the_borrower_is_never_rung(place: Place, does: Does) -> None:
    place.sandbox.phones.plan(AGENT, Plan(does))
    place.send(Channel.CALL)
    assert place.settled()
    end = place.end_of()
    assert end is not None
    assert (end.outcome, BORROWER in place.sandbox.phones.shown) == (CallOutcome.NOT_DIALLED, False)


def test_an_automated_call_says_that_it_is_one_before_anything_else(place: Place) -> None:
    place.sandbox.phones.plan(BORROWER, Plan(keys=("1",)))
    place.send(Channel.BOT_CALL)
    assert place.settled()
    said = place.sandbox.phones.said[BORROWER]
    assert said[0] == "This is an automated call from Kaveri Finance (simulated)."
    assert said[1].startswith("Rs 1,234.50 is due on loan LN/1.")
    assert said[-1] == "Thank you. Goodbye."
    assert place.heard() == [("keypad", BORROWER, "paid")]


def test_a_key_is_heard_with_the_message_that_it_answers(place: Place) -> None:
    place.sandbox.phones.plan(BORROWER, Plan(keys=("2",)))
    place.send(Channel.BOT_CALL, "m-77")
    assert place.settled()
    answered = {getattr(one, "answers", "") for one in place.taken}
    assert "m-77" in answered
    assert place.heard() == [("keypad", BORROWER, "promise")]


def test_nought_is_a_person(place: Place) -> None:
    place.sandbox.phones.plan(BORROWER, Plan(keys=("0",)))
    place.send(Channel.BOT_CALL)
    assert place.settled()
    assert place.heard() == [("keypad", BORROWER, "call_me")]
    put_through = place.sandbox.phones.shown.get(PEOPLE) == [CALLER] or "(put through to a person)" in place.sandbox.phones.said[BORROWER]
    assert put_through


def test_silence_is_asked_twice_again_and_then_the_call_ends(place: Place) -> None:
    place.send(Channel.BOT_CALL)
    assert place.settled()
    asked = [words for words in place.sandbox.phones.said[BORROWER] if "is due on loan" in words]
    assert len(asked) == 3
    assert place.heard() == []


def test_somebody_who_hangs_up_halfway_is_no_fault(place: Place) -> None:
    place.sandbox.phones.plan(BORROWER, Plan(Does.HANGS_UP))
    place.send(Channel.BOT_CALL)
    assert place.settled()
    end = place.end_of()
    assert end is not None
    assert (end.contact, place.heard(), place.unreadable) == (ContactState.CONNECTED, [], 0)


def test_a_missed_call_is_heard_and_never_answered(place: Place) -> None:
    assert place.sandbox.line.missed(BORROWER) == 200
    assert place.heard() == [("missed_call", BORROWER, "")]


@pytest.mark.parametrize(("trouble", "fault"), [("busy", Fault.BUSY), ("refuse", Fault.MESSAGE)])
def test_a_refusal_rings_no_telephone(place: Place, trouble: str, fault: Fault) -> None:
    place.sandbox.faults.ask(trouble, 1)
    answer = place.send(Channel.CALL)
    assert isinstance(answer, NeverTaken)
    assert (answer.fault, place.sandbox.phones.shown) == (fault, {})


@pytest.mark.parametrize("trouble", ["broken", "reset", "hang"])
def test_an_answer_that_says_nothing_leaves_it_unknown_though_nothing_rang(place: Place, trouble: str) -> None:
    place.sandbox.faults.ask(trouble, 1)
    assert isinstance(place.send(Channel.CALL), Unknown)
    assert place.sandbox.phones.shown == {}


@pytest.mark.parametrize("trouble", ["broken_after", "reset_after", "garbage", "hang_after", "slow"])
def test_a_call_whose_answer_was_lost_is_unknown_until_its_callback_tells(place: Place, trouble: str) -> None:
    place.sandbox.faults.ask(trouble, 1)
    answer = place.send(Channel.CALL)
    assert isinstance(answer, Unknown) or (trouble == "slow" and isinstance(answer, Taken))
    assert place.settled()
    end = place.end_of()
    assert end is not None
    assert end.contact is ContactState.CONNECTED
    assert len(place.sandbox.phones.shown[BORROWER]) == 1


@pytest.mark.parametrize("trouble", ["duplicate", "late", "swapped", "forged", "corrupt"])
def test_reports_that_come_twice_late_contrary_or_forged_move_nothing_back(place: Place, trouble: str) -> None:
    place.sandbox.faults.ask(f"report_{trouble}", 9)
    place.send(Channel.CALL)
    assert place.settled()
    end = place.end_of()
    if trouble == "corrupt":
        assert place.unreadable + place.forged > 0
    else:
        assert end is not None
        assert end.contact is ContactState.CONNECTED
    assert (place.forged > 0) == (trouble == "forged" or (trouble == "corrupt" and place.name == "twi"))


def test_a_report_that_never_came_is_asked_for_by_the_providers_number_of_the_call(place: Place) -> None:
    place.sandbox.faults.ask("report_drop", 9)
    answer = place.send(Channel.CALL)
    assert isinstance(answer, Taken)
    assert place.settled()
    found = VoiceChannel(place.settings, Channel.CALL).look_up(place.name, [handed(place, "m-1", answer.provider_reference)])
    assert (place.taken, found.whole) == ([], False)
    assert getattr(found.reports["m-1"], "contact", None) is ContactState.CONNECTED


def test_a_call_that_was_never_answered_for_cannot_be_asked_for(place: Place) -> None:
    found = VoiceChannel(place.settings, Channel.CALL).look_up(place.name, [handed(place, "m-1", "")])
    assert (found.reports, found.whole) == ({}, False)


def test_a_door_that_is_down_for_a_moment_gets_the_report_again(place: Place) -> None:
    place.down = True
    place.send(Channel.CALL)
    time.sleep(0.3)
    place.down = False
    assert place.settled()
    assert place.end_of() is not None


def test_another_token_is_refused_as_a_fault_of_the_account(place: Place) -> None:
    place.sandbox.line.provider = replace(place.sandbox.line.provider, password="another-token-altogether")
    answer = place.send(Channel.CALL)
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.ACCOUNT


def test_a_provider_that_cannot_be_reached_has_no_call() -> None:
    with voice_place("exo") as gone:
        pass
    answer = gone.send(Channel.CALL)
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.UNREACHABLE


def test_two_hundred_calls_in_a_minute_are_what_exotel_takes() -> None:
    with voice_place("exo") as place:
        place.sandbox.line.a_minute = 2  # type: ignore[union-attr]
        answers = [place.send(Channel.CALL, f"m-{n}") for n in range(3)]
    assert [isinstance(answer, Taken) for answer in answers] == [True, True, False]
    assert answers[2] == NeverTaken(Fault.BUSY, "Exotel asks for patience (429).", 30)
