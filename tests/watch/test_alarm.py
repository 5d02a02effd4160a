"""The alarm about a missing extract: at its second, once for each date, closed by the load itself."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.actions.decide_load import approve_load, undo_load
from sulah.actions.record_alarm import alarm_notes, open_alarms, raise_missing, stale_since, words_of_alarm
from sulah.adapters.lms.inbox_calendar import CalendarError, Expectation, holidays_of
from sulah.adapters.lms.inbox_settings import WatchError, watch_of
from sulah.kernel.dates import IST, fixed_clock
from sulah.records.alarm import Alarm
from sulah.records.audit import AuditEntry
from tests.intake.extract import AS_OF, good
from tests.watch.inbox import Inbox, kinds

BY_NINE = {"expected_by": "21:30"}
DUE = datetime(2026, 4, 1, 21, 30, tzinfo=IST)
NEXT = AS_OF + timedelta(days=1)


def accepted(inbox: Inbox, as_of: date = AS_OF) -> None:
    """An extract of a date, loaded."""
    inbox.drop(as_of)
    inbox.settle()


def begun(inbox: Inbox) -> None:
    """The first extract accepted, and from then on one expected each evening."""
    accepted(inbox)
    inbox.watch = BY_NINE


@pytest.mark.parametrize(("seconds", "raised"), [(-1, 0), (0, 1), (1, 1)])
def test_the_alarm_is_raised_at_its_second(inbox: Inbox, seconds: int, raised: int) -> None:
    begun(inbox)
    inbox.moment = DUE + timedelta(seconds=seconds)
    assert kinds(inbox.look()) == ["alarm"] * raised
    assert [alarm.as_of for alarm in open_alarms()] == [NEXT] * raised


def test_an_alarm_is_raised_once_for_a_date_and_says_what_to_do(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE
    words = inbox.look()[0].words
    assert words == (
        "The extract of 1 Apr 2026 was expected by 1 Apr 2026, 21:30, and is not accepted. "
        "Ask the lender's IT for it, or load it with: sulah load FOLDER --as-of 2026-04-01"
    )
    inbox.later(60)
    assert inbox.look() == []
    assert Alarm.objects.count() == 1
    assert AuditEntry.objects.filter(act="alarm.raise").count() == 1


def test_an_extract_accepted_in_the_last_second_raises_no_alarm(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE - timedelta(seconds=121)
    accepted(inbox, NEXT)
    inbox.moment = DUE
    assert inbox.look() == []
    assert Alarm.objects.count() == 0


def test_the_load_closes_the_alarm_of_its_date_and_of_dates_before_it(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE + timedelta(days=1)
    assert kinds(inbox.look()) == ["alarm", "alarm"]
    assert stale_since() == NEXT
    accepted(inbox, NEXT)
    assert [alarm.as_of for alarm in open_alarms()] == [NEXT + timedelta(days=1)]
    accepted(inbox, NEXT + timedelta(days=1))
    assert stale_since() is None
    assert set(Alarm.objects.values_list("closed_by", flat=True)) == {"2026-04-01.1", "2026-04-02.1"}


def test_a_held_load_closes_nothing_and_its_approval_does(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE
    inbox.look()
    inbox.load = {"quarantine_rows": 0, "quarantine_percent": 1}
    tables = good()
    tables["repayment"][1]["amount"] = "five"
    inbox.drop(NEXT, tables)
    assert "held" in kinds(inbox.settle())
    assert "It came and is held as 2026-04-01.1" in words_of_alarm(open_alarms()[0])
    approve_load("2026-04-01.1", actor="ravi", note="", clock=lambda: inbox.moment)
    assert open_alarms() == []


def test_an_alarm_is_opened_again_when_its_load_is_undone(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE
    inbox.look()
    accepted(inbox, NEXT)
    undo_load("2026-04-01.1", actor="ravi", note="", clock=lambda: inbox.moment)
    inbox.look()
    assert [(alarm.as_of, alarm.closed_by) for alarm in open_alarms()] == [(NEXT, "")]
    assert Alarm.objects.count() == 1


def test_before_the_first_load_only_the_latest_date_is_asked_for(inbox: Inbox) -> None:
    inbox.watch = BY_NINE
    inbox.moment = DUE
    assert [event.as_of for event in inbox.look()] == [NEXT]


def test_nobody_is_alarmed_without_an_hour(inbox: Inbox) -> None:
    inbox.moment = DUE + timedelta(days=40)
    assert inbox.look() == []
    assert Alarm.objects.count() == 0


def test_a_day_says_which_extracts_are_missing_up_to_it_and_no_later_ones(inbox: Inbox) -> None:
    begun(inbox)
    inbox.moment = DUE + timedelta(days=1)
    inbox.look()
    assert alarm_notes(AS_OF) == []
    assert [note[:29] for note in alarm_notes(NEXT)] == ["The extract of 1 Apr 2026 was"]


def test_sundays_and_holidays_are_not_expected(inbox: Inbox) -> None:
    (inbox.root / "calendar.toml").write_text('[[holiday]]\non = 2026-04-03\nname = "Good Friday"\n')
    begun(inbox)
    inbox.moment = datetime(2026, 4, 6, 21, 30, tzinfo=IST)
    assert [event.as_of for event in inbox.look()] == [date(2026, 4, day) for day in (1, 2, 4, 6)]


def test_sundays_are_expected_where_the_lender_works_on_them() -> None:
    monday = datetime(2026, 11, 23, 22, 0, tzinfo=IST)
    works = Expectation(time(21, 30), sundays=True)
    assert list(works.due_days(monday, date(2026, 11, 20))) == [date(2026, 11, day) for day in (21, 22, 23)]


def test_an_extract_expected_the_morning_after_is_late_only_then() -> None:
    after = Expectation(time(6, 0), days_after=1)
    due = datetime(2026, 4, 1, 6, 0, tzinfo=IST)
    assert list(after.due_days(due - timedelta(seconds=1), date(2026, 3, 30))) == []
    assert list(after.due_days(due, date(2026, 3, 30))) == [date(2026, 3, 31)]


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    hour=st.integers(0, 23),
    days_after=st.integers(0, 3),
    back=st.integers(1, 20),
    sundays=st.booleans(),
)
def test_every_due_day_is_a_business_day_that_is_due_and_none_is_left_out(
    now: datetime, hour: int, days_after: int, back: int, sundays: bool
) -> None:
    expected = Expectation(time(hour), days_after, sundays, {date(2026, 8, 15): "Independence Day"})
    after = now.astimezone(IST).date() - timedelta(days=back)
    every = [after + timedelta(days=n) for n in range(1, back + 2)]
    plain = [day for day in every if expected.is_business_day(day) and now >= expected.due_at(day)]
    assert list(expected.due_days(now, after)) == plain


@pytest.mark.parametrize("text", ["[[holiday]]\nname = 'x'\n", "[[holiday]]\non = '2026-01-26'\n", "holiday = 3\n", "[[holiday]\n"])
def test_a_calendar_that_cannot_be_read_is_refused_in_words(inbox: Inbox, text: str) -> None:
    (inbox.root / "calendar.toml").write_text(text)
    with pytest.raises(CalendarError, match=r"calendar\.toml"):
        holidays_of(inbox.root)


def test_an_hour_that_is_none_is_refused_in_words(inbox: Inbox) -> None:
    inbox.watch = {"expected_by": "half past nine"}
    with pytest.raises(WatchError, match='write the time in India as "21:30"'):
        watch_of(inbox.lender)


def test_a_calendar_gap_of_a_year_asks_for_the_latest_month_only(inbox: Inbox) -> None:
    accepted(inbox)
    late = raise_missing(Expectation(time(21, 30)), actor="asha", clock=fixed_clock(DUE + timedelta(days=365)))
    assert len(late) == 31
    assert late[-1].as_of == date(2027, 4, 1)
