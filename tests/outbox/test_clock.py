"""Clocks that are wrong: put back two hours, a day ahead, outside the hours; nothing goes out of hours."""

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sulah.kernel.dates import IST
from tests.outbox.place import Place, gateway, new_place, until

pytestmark = pytest.mark.slow


def second_of_the_day(offset: float = 0) -> int:
    """The second of the Indian day, now or so much later."""
    now = (datetime.now(UTC) + timedelta(seconds=offset)).astimezone(IST)
    return now.hour * 3600 + now.minute * 60 + now.second


def hours_that_end(seconds_ago: int) -> dict[str, int]:
    """Hours of the day that ended so many seconds ago, as a rule has them."""
    end = second_of_the_day(-seconds_ago)
    return {"first": max(0, end - 1800), "last": end} if end > 0 else {"first": 0, "last": 0}


def test_out_of_hours_a_reminder_waits_and_a_receipt_goes(place: Place) -> None:
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"], ["r", "p2", "LN/2", "receipt"]], lasts=3 * 86_400)
        assert place.run("work", rules=hours_that_end(60))["outcomes"] == {"queued": 1, "sent": 1}
        assert [kept["reference"] for kept in sandbox.kept()] == ["r"]
    (again,) = place.rows("SELECT not_before FROM records_outbox WHERE state = 'queued'")
    assert datetime.fromisoformat(str(again[0])).replace(tzinfo=UTC) > datetime.now(UTC)


def test_a_clock_put_back_two_hours_sends_nothing_and_says_why(place: Place) -> None:
    """At the true time the hours are over; two hours before they were not."""
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["r", "p2", "LN/2", "receipt"]])
        place.run("work")
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]], offset=-7200, lasts=86_400)
        answer = place.run("work", offset=-7200)
        assert answer["outcomes"] == {}
        assert "it was put back" in answer["held"][0]
        assert [kept["reference"] for kept in sandbox.kept()] == ["r"]


def test_a_clock_put_back_while_nothing_was_to_be_sent_is_found_out(place: Place) -> None:
    """A worker that only looked noted the time, too: what comes to be sent then finds the clock wrong."""
    with gateway(place) as sandbox:
        assert place.run("work")["held"] == []
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]], offset=-7200, lasts=86_400)
        answer = place.run("work", offset=-7200)
        assert answer["outcomes"] == {}
        assert "it was put back" in answer["held"][0]
        assert sandbox.kept() == []


def test_a_clock_put_back_between_two_messages_of_a_claim_sends_no_second_one(place: Place) -> None:
    """The worker is held up after the first of three, the clock goes back two hours, and the worker goes on."""
    with gateway(place) as sandbox:
        place.run("prepare", messages=[[f"m{n}", f"p{n}", f"LN/{n}", "recovery"] for n in range(3)], lasts=86_400)
        hand = place.start("work", strike="outbox.recorded:1", how="stop", limits={"batch": 3})
        assert until(lambda: place.states() == {"sent": 1, "claimed": 2}, 120)
        (place.root / "put-back").touch()
        os.kill(hand.pid, signal.SIGCONT)
        answer = hand.answer()
        assert answer["outcomes"] == {"sent": 1, "queued": 2}
        assert "it was put back" in answer["held"][0]
        assert len(sandbox.kept()) == 1
        (place.root / "put-back").unlink()
        assert place.run("work")["outcomes"] == {"sent": 2}


@pytest.mark.postgres
def test_a_worker_whose_clock_is_a_day_ahead_takes_nothing_out_of_anothers_hand(tmp_path: Path, address: str) -> None:
    """By its clock the lease of the other is over and the gateway has settled what it does not have: it would go twice."""
    place = new_place(tmp_path / "kaveri", address)
    with gateway(place) as sandbox:
        place.run("prepare", messages=[["m", "p1", "LN/1", "recovery"]], lasts=3 * 86_400)
        hand = place.start("work", strike="outbox.handed_over", how="stop", limits={"held_seconds": 60})
        assert until(lambda: place.states() == {"sending": 1}, 120)
        answer = place.run("work", offset=86_400)
        assert "the database server's" in answer["held"][0]
        assert (place.states(), place.contacts()) == ({"sending": 1}, {"reserved": 1})
        os.kill(hand.pid, signal.SIGCONT)
        assert hand.answer()["outcomes"] == {"sent": 1}
        assert len(sandbox.kept()) == 1
    assert place.contacts() == {"sent": 1}


def test_a_clock_put_back_less_than_a_minute_is_no_reason_to_stop(place: Place) -> None:
    with gateway(place):
        place.run("prepare", messages=[["r", "p2", "LN/2", "receipt"]], offset=-60)
        place.run("work")
        place.run("prepare", messages=[["s", "p3", "LN/3", "receipt"]], offset=-60)
        assert place.run("work", offset=-50)["outcomes"] == {"sent": 1}


def test_a_clock_a_day_ahead_counts_what_lies_in_its_past_and_its_future(place: Place) -> None:
    """Two a day: what a clock a day ahead sent counts for today when the clock is right again."""
    with gateway(place) as sandbox:
        wanted = [[f"m{n}", "p1", f"LN/{n}", "recovery"] for n in range(3)]
        place.run("prepare", messages=wanted, lasts=3 * 86_400)
        assert place.run("work", offset=86_400, limits={"batch": 3}, rules={"most": 2})["outcomes"]["sent"] == 2
        place.rows("DELETE FROM records_outboxclock")  # somebody looked and set the clock right
        place.rows("UPDATE records_outbox SET not_before = '2020-01-01 00:00:00' WHERE state = 'queued'")
        place.run("work", rules={"most": 2})
        assert len(sandbox.kept()) == 2
