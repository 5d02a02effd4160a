"""SMS by Gupshup against its sandbox, over a real socket: the answers, the faults, the scrubbing."""

import time
from dataclasses import replace

import pytest

from sulah.kernel.dates import system_clock
from sulah.outreach.channel import Fault, Handed, NeverTaken, Taken, Unknown
from tests.channels.gupshup_place import gupshup
from tests.channels.smsc_place import DUE, message


def test_a_message_arrives_as_registered_and_is_known_by_the_id_of_the_gateway() -> None:
    with gupshup() as place:
        answer = place.send()
        (kept,) = place.sandbox.gateway.kept
        assert answer == Taken(kept.theirs)
        assert (kept.mobile, kept.mask, kept.code) == ("919812345671", "KAVERI", "")
        assert kept.text == "Rs 1,234.50 is due on loan LN/1. Kaveri (simulated)"


def test_a_hindi_message_arrives_letter_by_letter() -> None:
    with gupshup() as place:
        assert isinstance(place.send(message(template="due_hi")), Taken)
        (kept,) = place.sandbox.gateway.kept
        assert kept.text.startswith("कावेरी से सूचना: आपके ऋण LN/1 पर 1,234.50 रुपये")
        assert kept.code == ""


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": "Rs {#var#} is due on loan {#var#}. Kaveri  (simulated)"}, "633"),
        ({"text": "Rs {#var#} was due on loan {#var#}. Kaveri (simulated)"}, "633"),
        ({"registered_id": "1107160000000000009"}, "630"),
        ({"registered_id": "11"}, "637"),
        ({"header": "OTHERS"}, "620"),
    ],
)
def test_a_message_that_is_not_registered_to_the_letter_is_scrubbed(changes: dict[str, str], code: str) -> None:
    with gupshup() as place:
        known = place.channel.settings
        other = {**known.templates, "due": replace(known.template("due"), **changes)}  # type: ignore[arg-type]
        place.channel = replace(place.channel, settings=replace(known, templates=other))
        assert isinstance(place.send(), Taken)
        assert [kept.code for kept in place.sandbox.gateway.kept] == [code]


@pytest.mark.parametrize(("length", "code"), [(30, ""), (31, "635")])
def test_a_variable_that_is_longer_than_its_registration_is_scrubbed(length: int, code: str) -> None:
    with gupshup() as place:
        place.send(replace(message(), values=(DUE[0], "L" * length)))
        assert [kept.code for kept in place.sandbox.gateway.kept] == [code]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [({"key": "another"}, Fault.ACCOUNT), ({"user": "2000190002"}, Fault.ACCOUNT)],
)
def test_a_wrong_account_is_told_apart_from_a_wrong_message(changes: dict[str, str], fault: Fault) -> None:
    with gupshup() as place:
        known = place.channel.settings
        wrong = replace(known.provider("one"), **changes)  # type: ignore[arg-type]
        place.channel = replace(place.channel, settings=replace(known, providers=(wrong,)))
        answer = place.send()
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, place.sandbox.gateway.kept) == (fault, [])


def test_a_number_that_is_none_is_refused_before_anything_is_sent() -> None:
    with gupshup() as place:
        answer = place.send(message(to="+911600123456"))
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, place.sandbox.gateway.refused) == (Fault.MESSAGE, 0)


@pytest.mark.parametrize(("trouble", "fault"), [("busy", Fault.BUSY), ("refuse", Fault.MESSAGE)])
def test_a_refusal_has_no_effect(trouble: str, fault: Fault) -> None:
    with gupshup() as place:
        place.sandbox.faults.ask(trouble, 1)
        answer = place.send()
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, place.sandbox.gateway.kept) == (fault, [])


@pytest.mark.parametrize("trouble", ["broken_after", "reset_after", "garbage", "hang_after"])
def test_a_lost_answer_is_unknown_and_the_message_is_there(trouble: str) -> None:
    with gupshup() as place:
        place.sandbox.faults.ask(trouble, 1)
        assert isinstance(place.send(), Unknown)
        assert len(place.sandbox.gateway.kept) == 1


@pytest.mark.parametrize("trouble", ["broken", "reset", "hang"])
def test_no_answer_before_any_effect_is_unknown_too(trouble: str) -> None:
    with gupshup() as place:
        place.sandbox.faults.ask(trouble, 1)
        assert isinstance(place.send(), Unknown)
        assert place.sandbox.gateway.kept == []


def test_nothing_is_begun_after_its_time_and_nobody_is_reached_where_nobody_is() -> None:
    with gupshup() as place:
        late = place.send(before=time.monotonic() - 0.001)
    gone = place.send()
    assert isinstance(late, NeverTaken)
    assert isinstance(gone, NeverTaken)
    assert (late.fault, gone.fault, place.sandbox.gateway.kept) == (Fault.STALLED, Fault.UNREACHABLE, [])


def test_the_gateway_cannot_be_asked_by_our_reference() -> None:
    with gupshup() as place:
        found = place.channel.look_up("one", [Handed("m-1", system_clock())])
        assert (found.whole, found.reports) == (False, {})


def test_through_drawn_faults_nothing_is_called_untaken_that_arrived() -> None:
    with gupshup(seed=7, faults=40) as place:
        numbers = [f"+9198{number:07d}1" for number in range(30)]
        told = {number: place.send(message(number[1:], number)) for number in numbers}
        arrived = {f"+{kept.mobile}" for kept in place.sandbox.gateway.kept}
    assert not {number for number, answer in told.items() if isinstance(answer, NeverTaken)} & arrived
    assert {number for number, answer in told.items() if isinstance(answer, Taken)} <= arrived
    assert len(place.sandbox.gateway.kept) == len(arrived)
