"""What comes next: one message at a time, quiet after contact and promise, another channel where one failed, an end on any change."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.dates import IST
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, StopEvent
from sulah.outreach.sequence import History, Sent, Step, next_step, withdrawn_from, working_day
from sulah.policy.talk.steps import StepRow, cost_rows, step_rows, steps_of

BEGAN = date(2026, 11, 2)
"""A Monday."""

BOTH = (Channel.WHATSAPP, Channel.SMS)
EARLY = step_rows()["digital_reminder"]
FRESH = History(BEGAN, channels=BOTH)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=IST)


def day(number: int) -> date:
    return date(2026, 11, number)


def sent(step: str, on: int, channel: Channel = Channel.SMS, state: SendState = SendState.DELIVERED, hour: int = 10) -> Sent:
    return Sent(step, day(on), channel, state, at(day(on), hour))


def step(history: History, now: datetime, rows: tuple[StepRow, ...] = EARLY) -> Step:
    found = next_step(rows, history, now)
    assert found is not None
    return found


def told(found: Step) -> tuple[str, date, int]:
    return found.row.step, found.on, found.attempt


def test_the_steps_go_on_their_days_one_after_another() -> None:
    """A message a step, from the first day on, a week apart at the end."""
    history, gone = FRESH, []
    for ahead in range(33):
        now = at(BEGAN + timedelta(ahead))
        found = next_step(EARLY, history, now)
        if found is not None and found.on == now.date():
            gone.append((found.row.step, ahead))
            history = replace(history, sent=(*history.sent, Sent(found.row.step, found.on, Channel.SMS, SendState.DELIVERED, now)))
    assert gone == [("first", 0), ("second", 4), ("third", 11), ("third", 18), ("third", 25), ("third", 32)]


def test_missed_steps_are_not_made_up_for() -> None:
    """Whoever is seen on day 12 for the first time gets the step of that day, once."""
    assert told(step(FRESH, at(day(13)))) == ("third", day(13), 1)
    after = replace(FRESH, sent=(sent("third", 13),))
    assert told(step(after, at(day(14)))) == ("third", day(20), 1)


@pytest.mark.parametrize(("heard", "goes"), [(None, 6), (3, 6), (4, 7), (6, 9)])
def test_it_is_quiet_for_days_after_the_person_was_heard(heard: int | None, goes: int) -> None:
    history = replace(FRESH, sent=(sent("first", 2),), heard_on=day(heard) if heard else None)
    assert told(step(history, at(day(6)))) == ("second", day(goes), 1)


def test_a_message_of_another_kind_counts_for_the_days_apart() -> None:
    history = replace(FRESH, sent=(sent("first", 2),), other_on=day(5))
    assert told(step(history, at(day(6)))) == ("second", day(8), 1)


def test_an_open_promise_keeps_quiet_until_the_day_after_it() -> None:
    history = replace(FRESH, sent=(sent("first", 2),), promised_until=day(9))
    found = step(history, at(day(6)))
    assert (told(found), found.because) == (("second", day(10), 1), "quiet until 9 Nov 2026, the day promised")


def test_quiet_that_reaches_the_next_step_lets_that_step_go_instead() -> None:
    history = replace(FRESH, sent=(sent("first", 2),), promised_until=day(14))
    assert told(step(history, at(day(6)))) == ("third", day(15), 1)


@pytest.mark.parametrize("event", sorted(EARLY[0].stops))
def test_any_change_ends_the_sequence(event: StopEvent) -> None:
    history = replace(FRESH, changes=frozenset({event}))
    assert next_step(EARLY, history, at(day(2))) is None
    assert event.value.replace("_", " ") in withdrawn_from(EARLY, history)
    assert withdrawn_from(EARLY, FRESH) == ""


def test_without_a_channel_nothing_is_next() -> None:
    assert next_step(EARLY, replace(FRESH, channels=()), at(day(2))) is None


@pytest.mark.parametrize("state", [SendState.UNDELIVERED, SendState.FAILED])
def test_what_did_not_arrive_goes_by_the_next_channel_at_once(state: SendState) -> None:
    found = step(replace(FRESH, sent=(sent("first", 2, Channel.WHATSAPP, state),)), at(day(2), 11))
    assert (told(found), found.channels, found.because) == (("first", day(2), 2), (Channel.SMS,), "it did not arrive by WhatsApp")


@pytest.mark.parametrize(("hour", "again"), [(15, False), (16, True), (18, True)])
def test_what_is_not_known_to_have_arrived_goes_by_the_next_channel_after_the_hours_of_its_row(hour: int, again: bool) -> None:
    """Six hours after 10:00."""
    found = step(replace(FRESH, sent=(sent("first", 2, Channel.WHATSAPP, SendState.SENT),)), at(day(2), hour))
    assert (told(found) == ("first", day(2), 2)) is again


@pytest.mark.parametrize("state", [SendState.QUEUED, SendState.CLAIMED, SendState.SENDING, SendState.AMBIGUOUS, SendState.DELIVERED])
def test_what_waits_or_may_have_arrived_does_not_go_twice(state: SendState) -> None:
    found = step(replace(FRESH, sent=(sent("first", 2, Channel.WHATSAPP, state),)), at(day(2), 18))
    assert told(found) == ("second", day(6), 1)


def test_when_every_channel_was_tried_the_step_is_over() -> None:
    tried = (sent("first", 2, Channel.WHATSAPP, SendState.UNDELIVERED), sent("first", 2, Channel.SMS, SendState.UNDELIVERED, 11))
    assert told(step(replace(FRESH, sent=tried), at(day(2), 18))) == ("second", day(6), 1)


def test_who_answered_is_not_tried_by_another_channel() -> None:
    history = replace(FRESH, sent=(sent("first", 2, Channel.WHATSAPP, SendState.UNDELIVERED),), heard_on=day(2))
    assert step(history, at(day(2), 18)).attempt == 1


def test_a_message_that_was_withdrawn_is_due_again() -> None:
    history = replace(FRESH, sent=(sent("first", 2, state=SendState.WITHDRAWN),))
    assert told(step(history, at(day(3)))) == ("first", day(3), 1)


def test_a_broken_promise_brings_its_message_on_the_next_working_day() -> None:
    """Promised for Saturday 7 November; Sunday is off, and so is the Monday."""
    rows = step_rows()["broken_promise"]
    broken = History(day(7), channels=(Channel.SMS,), days_off=frozenset({day(9)}))
    assert told(step(broken, at(day(8)), rows)) == ("broken", day(10), 1)
    assert told(step(broken, at(day(10)), rows)) == ("broken", day(10), 1)
    assert next_step(rows, replace(broken, sent=(sent("broken", 10),)), at(day(11))) is None
    assert next_step(rows, broken, at(day(20))) is None


@pytest.mark.parametrize(("today", "due"), [(8, False), (9, True)])
def test_a_promise_is_reminded_of_on_its_eve_only(today: int, due: bool) -> None:
    rows = step_rows()["promise"]
    promised = History(day(10), channels=(Channel.SMS,), promised_until=day(10))
    assert (step(promised, at(day(today)), rows).on == day(today)) is due
    assert next_step(rows, promised, at(day(10))) is None


STATES = st.sampled_from(list(SendState))
SENT = st.builds(
    lambda name, on, channel, state, hour: sent(name, on, channel, state, hour),
    st.sampled_from(["first", "second", "third"]),
    st.integers(2, 20),
    st.sampled_from(BOTH),
    STATES,
    st.integers(9, 18),
)


@given(st.lists(SENT, max_size=4, unique_by=lambda one: (one.on, one.at)), st.integers(2, 28))
def test_the_order_in_which_history_is_read_changes_nothing(some: list[Sent], today: int) -> None:
    found = {next_step(EARLY, replace(FRESH, sent=tuple(order)), at(day(today), 18)) for order in permutations(some)}
    assert len(found) == 1


@given(st.lists(SENT, max_size=6), st.integers(2, 28), st.sampled_from([None, 4, 12]), st.sampled_from([None, 9, 21]))
def test_what_is_next_never_lies_in_the_past_or_inside_a_promise(
    some: list[Sent], today: int, heard: int | None, promised: int | None
) -> None:
    history = replace(FRESH, sent=tuple(some), heard_on=day(heard) if heard else None, promised_until=day(promised) if promised else None)
    found = next_step(EARLY, history, at(day(today)))
    if found is not None:
        assert found.on >= day(today)
        assert found.channels
        assert promised is None or found.on > day(promised)


def test_every_digital_treatment_has_steps_and_every_row_a_source() -> None:
    rows = [row for rows in step_rows().values() for row in rows]
    assert all(row.citation and row.status == "policy" and row.purpose for row in rows)
    assert steps_of("a lender's own", BEGAN) == step_rows()["*"]
    assert steps_of("digital_reminder", date(2026, 3, 31)) == ()
    assert {row.channel for row in cost_rows()} >= {Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.BOT_CALL}


def test_a_working_day_is_neither_sunday_nor_a_day_off() -> None:
    assert [working_day(day(number), {day(3)}).day for number in (1, 2, 3, 4)] == [2, 2, 4, 4]
