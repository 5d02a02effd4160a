"""Business dates: the Indian civil day, month arithmetic that keeps month-ends, and the clock that is passed in."""

import calendar
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone

IST = timezone(timedelta(hours=5, minutes=30), "IST")
"""India Standard Time: one zone for the whole country, no summer time."""

FOREVER = date(9999, 12, 31)
"""The end of a window that has no end."""

Clock = Callable[[], datetime]
"""The only way to learn the time: an argument, aware of its zone. A business date never comes from it."""


def system_clock() -> datetime:
    """The machine's time in UTC; passed in at the door (command line, web) and nowhere else."""
    return datetime.now(UTC)


def fixed_clock(moment: datetime) -> Clock:
    """A clock that always says the same moment; ValueError without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("a clock needs a time zone")
    return lambda: moment


def add_months(start: date, months: int, anchor_day: int | None = None) -> date:
    """The date some months on, on the anchor day (default: the day of the start), clipped to the month's end.

    >>> add_months(date(2024, 1, 31), 1), add_months(date(2024, 2, 29), 1, anchor_day=31)
    (datetime.date(2024, 2, 29), datetime.date(2024, 3, 31))
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(anchor_day or start.day, last))


def day_text(day: date) -> str:
    """A date as people read it.

    >>> day_text(date(2026, 11, 22))
    '22 Nov 2026'
    """
    return f"{day.day} {calendar.month_abbr[day.month]} {day.year}"
