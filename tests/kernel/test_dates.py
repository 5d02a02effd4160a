"""Business dates: months that keep their ends, clocks that are passed in, dates as people read them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.dates import IST, add_months, day_text, fixed_clock, system_clock


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 600))
def test_a_monthly_series_never_drifts_from_its_day(start: date, months: int) -> None:
    """The day is the anchor's, or the last of a shorter month; the month is exactly so many on."""
    moved = add_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved.day < start.day and add_months(moved, 0, 31) == moved)


def test_an_anchor_brings_the_month_end_back() -> None:
    """31 Jan, 29 Feb, 31 Mar: the series returns to the 31st."""
    first = date(2024, 1, 31)
    assert [add_months(first, n) for n in (1, 2, 13)] == [date(2024, 2, 29), date(2024, 3, 31), date(2025, 2, 28)]


def test_months_can_be_taken_back() -> None:
    """A month before the last of March is the last of February."""
    assert add_months(date(2023, 3, 31), -1) == date(2023, 2, 28)


def test_a_fixed_clock_always_says_the_same() -> None:
    """Tests and replays pass one in."""
    moment = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    clock = fixed_clock(moment)
    assert clock() == clock() == moment
    assert clock().astimezone(IST).date() == date(2026, 4, 1)


def test_a_clock_without_a_zone_is_refused() -> None:
    """A naive moment could be any day."""
    with pytest.raises(ValueError, match="time zone"):
        fixed_clock(datetime(2026, 3, 31))  # noqa: DTZ001


def test_the_machines_clock_knows_its_zone() -> None:
    """UTC inside, whatever the server is set to."""
    assert system_clock().utcoffset() == datetime(2026, 1, 1, tzinfo=UTC).utcoffset()


def test_dates_are_shown_as_people_read_them() -> None:
    """No leading zero, the month in letters."""
    assert day_text(date(2026, 11, 2)) == "2 Nov 2026"
