"""Decisions in words: the numbers of a rule are said as people read them."""

import pytest

from sulah.guard.decide import decide
from sulah.guard.facts import Stop
from sulah.guard.intent import Intent
from sulah.guard.words import explain
from sulah.kernel.terms import Channel, StopEvent, StopScope
from tests.guard.paper import NOON, Row, book, facts, intent, ist, rule, stop_row


def told(row: Row, wanted: Intent | None = None) -> str:
    """The sentence of the only rule that refuses."""
    _, line = explain(decide(wanted or intent(ist("2026-11-24 03:00:00")), facts(), book(row)))
    return line


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (86_400, "24 hours"),
        (3_600, "1 hour"),
        (5_400, "5400 seconds"),
        (3_599, "3599 seconds"),
        (3_601, "3601 seconds"),
        (7_200, "2 hours"),
    ],
)
def test_the_length_of_a_session_is_said_in_whole_hours_where_it_has_them(seconds: int, said: str) -> None:
    assert told(rule("session", first=seconds), intent(channel=Channel.WHATSAPP, free_text=True)) == (
        f"The person has not written on this channel within the last {said}. (session)"
    )


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (32_400, 64_800, "between 09:00 and 18:00 only; 18:00"),
        (34_200, 63_931, "between 09:30 and 17:45:31 only; 17:45:31"),
        (36_059, 68_340, "between 10:00:59 and 18:59 only; 18:59"),
        (36_060, 68_399, "between 10:01 and 18:59:59 only; 18:59:59"),
    ],
)
def test_hours_are_said_with_minutes_and_with_seconds_only_where_there_are_some(first: int, last: int, said: str) -> None:
    assert told(rule("hours", first=first, last=last)) == f"Such contact is made {said} itself is outside. (hours)"


def test_the_scope_and_event_of_a_stop_are_said_without_marks_of_code() -> None:
    stop = Stop(StopEvent.WRONG_NUMBER, StopScope.CHANNEL_ALL, "call", NOON)
    refusal = decide(intent(), facts(stops=(stop,)), book(stops=(stop_row("wrong_number", "channel_all"),)))
    assert explain(refusal)[1] == "Contact is stopped: wrong number, for the channel all. (wrong_number-channel_all)"


def test_one_day_is_said_in_the_singular_and_more_in_the_plural() -> None:
    assert "in 1 day, over" in told(rule("cap", most=0, days=1))
    assert "in 2 days, over" in told(rule("cap", most=0, days=2))
