"""Two gateways and their faults: fail-over only when the first is known not to have the message; a lost answer is never sent again."""

import os
import signal
from collections import Counter

import pytest

from tests.outbox.place import Place, gateway, until

pytestmark = pytest.mark.slow
ONE = [["m", "p1", "LN/1", "recovery"]]
MANY = [[f"p{n}.m", f"p{n}", f"LN/{n}", "receipt"] for n in range(8)]


@pytest.mark.parametrize("trouble", ["busy", "refuse"])
def test_a_refusal_of_the_first_gateway_goes_to_the_second_at_once(place: Place, trouble: str) -> None:
    with gateway(place, "one") as first, gateway(place, "two") as second:
        first.trouble(trouble)
        place.run("prepare", messages=ONE)
        assert place.run("work")["outcomes"] == {"queued": 1, "sent": 1}
        assert (first.kept(), len(second.kept())) == ([], 1)
    assert place.contacts() == {"failed": 1, "sent": 1}
    assert place.rows("SELECT provider, attempts FROM records_outbox") == [("two", 2)]


def test_a_gateway_that_cannot_be_reached_is_passed_over(place: Place) -> None:
    with gateway(place, "one"):
        pass
    with gateway(place, "two") as second:
        place.run("prepare", messages=ONE)
        assert place.run("work")["outcomes"]["sent"] == 1
        assert len(second.kept()) == 1


def test_the_cap_counts_the_hand_over_to_the_second_gateway_too(place: Place) -> None:
    """One attempt a day is allowed: a message that the first gateway refused may go by the second; the next message may not."""
    with gateway(place, "one") as first, gateway(place, "two") as second:
        first.trouble("busy")
        place.run("prepare", messages=[["m1", "p1", "LN/1", "recovery"], ["m2", "p1", "LN/2", "recovery"]])
        outcomes = place.run("work", rules={"most": 1})["outcomes"]
        assert (outcomes["sent"], outcomes["withdrawn"]) == (1, 1)
        assert len(first.kept()) + len(second.kept()) == 1


@pytest.mark.parametrize("trouble", ["reset_after", "garbage", "broken_after", "hang_after"])
def test_a_lost_answer_is_looked_up_and_never_sent_again(place: Place, trouble: str) -> None:
    with gateway(place, "one") as first, gateway(place, "two") as second:
        first.trouble(trouble)
        place.run("prepare", messages=ONE)
        assert place.run("work")["outcomes"] == {"ambiguous": 1}
        assert place.contacts() == {"ambiguous": 1}
        place.time_passes()
        place.run("work")
        assert (len(first.kept()), second.kept()) == (1, [])
    assert set(place.states()) <= {"sent", "delivered"}
    assert set(place.contacts()) <= {"sent", "delivered"}


@pytest.mark.parametrize("trouble", ["reset", "broken", "hang"])
def test_an_answer_that_was_lost_before_any_effect_goes_again_once_that_is_known(place: Place, trouble: str) -> None:
    with gateway(place, "one") as first:
        first.trouble(trouble)
        place.run("prepare", messages=ONE)
        assert place.run("work")["outcomes"] == {"ambiguous": 1}

        def settled() -> bool:
            place.time_passes()
            place.run("work")
            return bool(first.kept())

        assert until(settled)
        assert len(first.kept()) == 1
    assert place.contacts() == {"failed": 1, "sent": 1}


def test_without_a_look_up_it_counts_as_sent_and_stays_so(place: Place) -> None:
    """The gateway is gone: nobody says whether it has the message, so nobody sends it again, and the cap is used."""
    with gateway(place, "one") as first:
        first.trouble("hang")
        place.run("prepare", messages=ONE)
        place.run("work")
    for _ in range(3):
        place.time_passes()
        place.run("work")
    assert place.states() == {"ambiguous": 1}
    assert place.contacts() == {"ambiguous": 1}
    place.run("prepare", messages=[["m2", "p1", "LN/1", "recovery"]])
    assert place.run("work", rules={"most": 1})["outcomes"] == {"withdrawn": 1}


def test_a_message_that_is_not_in_the_log_yet_is_not_taken_for_lost(place: Place) -> None:
    """The log shows a message only after a while; settles_seconds must pass before its silence is believed."""
    with gateway(place, "one", log_lag=3600) as first:
        place.set_up(settles=3600)
        first.trouble("garbage")
        place.run("prepare", messages=ONE)
        place.run("work")
        for _ in range(3):
            place.time_passes()
            place.run("work")
        assert len(first.kept()) == 1
    assert place.states() == {"ambiguous": 1}


def test_retry_after_is_obeyed_by_every_message_of_the_worker(place: Place) -> None:
    with gateway(place, "one") as first:
        first.trouble("busy")
        place.run("prepare", messages=MANY[:3])
        assert place.run("work")["outcomes"] == {"queued": 3}
        assert len(first.sandbox.gateway.kept) == 0
        assert place.rows("SELECT count(*) FROM records_contact") == [(1,)]  # the other two were not even tried


def test_two_gateways_that_fail_in_turn_lose_nothing_and_double_nothing(place: Place) -> None:
    with gateway(place, "one", seed=3, faults=40) as first, gateway(place, "two", seed=4, faults=40) as second:
        place.run("prepare", messages=MANY)

        def ended() -> bool:
            place.time_passes()
            place.run("work")
            return set(place.states()) <= {"sent", "delivered"}

        assert until(ended, 60)
        taken = Counter(kept["reference"] for kept in (*first.kept(), *second.kept()))
    assert taken == {reference: 1 for reference, *_ in MANY}
    contacts = place.contacts()
    assert contacts["sent"] + contacts["delivered"] == len(MANY)
    assert set(contacts) <= {"sent", "delivered", "failed"}


def test_a_worker_that_was_held_up_before_the_first_byte_sends_nothing(place: Place) -> None:
    """Stopped between permit and hand-over, given up, sent by another; then it goes on."""
    with gateway(place, "one") as first:
        place.run("prepare", messages=ONE)
        hand = place.start("work", strike="outbox.before_send", how="stop", limits={"held_seconds": 1})
        assert until(lambda: place.states() == {"sending": 1})

        def sent_by_another() -> bool:
            place.time_passes()
            place.run("work")
            return bool(first.kept())

        assert until(sent_by_another)
        os.kill(hand.pid, signal.SIGCONT)
        assert "sent" not in hand.answer()["outcomes"]
        assert len(first.kept()) == 1
    assert set(place.states()) <= {"sent", "delivered"}
    assert place.rows("SELECT count(*) FROM records_contact WHERE state <> 'failed'") == [(1,)]


def test_a_message_goes_no_more_when_its_time_has_passed(place: Place) -> None:
    with gateway(place, "one") as first:
        place.run("prepare", messages=ONE, lasts=1)
        assert place.run("work", offset=2)["outcomes"] == {"withdrawn": 1}
        assert first.kept() == []
    assert place.rows("SELECT words FROM records_outbox") == [("Its time had passed before it could go.",)]
