"""Schedules of simulated loans: nothing lost, equal instalments, dates that keep their weekday or day of the month."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.terms import Frequency
from sulah.simulation.behaviour import TEMPERS, Habit, live
from sulah.simulation.luck import days_late, happens, luck, weighted
from sulah.simulation.schedule import STEP_DAYS, amortise, dues_of, monthly_dates, weekly_dates


@given(st.integers(1_000_00, 10_00_000_00), st.integers(0, 3600), st.sampled_from([7, 14, 28, 30]), st.integers(1, 60))
def test_the_parts_add_up_to_the_principal_and_are_equal_whole_rupees_but_the_last(
    principal: int, rate: int, days: int, count: int
) -> None:
    """For any loan; the last instalment is never larger than the others."""
    parts = amortise(principal, rate, days, count)
    totals = [part + interest for part, interest in parts]
    assert sum(part for part, _ in parts) == principal
    assert all(part >= 0 and interest >= 0 for part, interest in parts)
    usual = [total for total in totals[:-1] if total]
    assert all(total <= usual[0] for total in totals[1:] if usual)
    assert usual == [] or usual[0] % 100 == 0


def test_a_schedule_without_instalments_is_refused() -> None:
    """One is enough, none is not."""
    assert amortise(500_00, 2400, 30, 1) == ((500_00, 986),)
    with pytest.raises(ValueError, match="at least one"):
        amortise(500_00, 2400, 30, 0)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 6), st.sampled_from(sorted(STEP_DAYS)))
def test_meetings_keep_their_weekday_and_step(disbursed_on: date, weekday: int, frequency: Frequency) -> None:
    """The first meeting is a period after the disbursal, at most six days more."""
    step = STEP_DAYS[frequency]
    dates = weekly_dates(disbursed_on, weekday, frequency, 5)
    assert {day.weekday() for day in dates} == {weekday}
    assert {later - earlier for earlier, later in pairwise(dates)} == {timedelta(days=step)}
    assert step <= (dates[0] - disbursed_on).days <= step + 6


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from([3, 5, 31]))
def test_monthly_dates_keep_their_day_or_the_months_last(disbursed_on: date, anchor: int) -> None:
    """The 31st is the 28th to 30th in short months, and the 31st again after them."""
    dates = monthly_dates(disbursed_on, anchor, 14)
    assert all(day.day == anchor or (anchor == 31 and (day + timedelta(days=1)).day == 1) for day in dates)
    assert 20 <= (dates[0] - disbursed_on).days <= 52


@given(st.integers(0, 10**6), st.sampled_from(sorted(TEMPERS)))
def test_no_borrower_of_any_type_pays_more_than_the_schedule_or_after_the_last_day(seed: int, name: str) -> None:
    """Payments are positive, in the window, and their sum is at most all dues."""
    dates = weekly_dates(date(2026, 1, 5), 1, Frequency.WEEKLY, 20)
    dues = dues_of(dates, amortise(10_000_00, 2240, 7, 20))
    until = date(2026, 5, 1)
    payments = live(luck(seed), Habit(TEMPERS[name]), dues, until=until)
    assert all(payment.paise > 0 and dates[0] <= payment.paid_on <= until for payment in payments)
    assert sum(payment.paise for payment in payments) <= sum(due.total for due in dues)


def test_luck_is_the_same_for_the_same_purpose_and_bounded() -> None:
    """Weights, chances and delays at their ends."""
    assert [luck(1, "x").random() for _ in range(2)] == [luck(1, "x").random()] * 2
    assert luck(1, "x").random() != luck(1, "y").random()
    assert not happens(luck(1), 0)
    assert happens(luck(1), 1000)
    assert {days_late(luck(seed), 500, 3) for seed in range(50)} == {1, 2, 3}
    assert {weighted(luck(seed), [("a", 1), ("b", 1), ("c", 0)]) for seed in range(30)} == {"a", "b"}
