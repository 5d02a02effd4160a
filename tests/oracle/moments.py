"""Days and instants beside the one that a state names, and how they are written in a question."""

from datetime import UTC, date, datetime, time, timedelta

from tests.oracle.cases import IST, Plain

Pick = dict[str, str]
ONE_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PLACES = ("agreed", "residence", "workplace", "branch")


def midnight(day: date) -> datetime:
    """00:00:00 IST of a day."""
    return datetime.combine(day, time(), UTC) - IST


def near(level: str, day: date) -> str | None:
    """A day written as `d`, `d+7` or `d-1`; None for `unknown`.

    >>> near("d-1", date(2028, 3, 1))
    '2028-02-29'
    """
    return None if level == "unknown" else str(day + timedelta(days=int(level[1:] or 0)))


def known(level: str) -> int | None:
    """A number, or None for `unknown`."""
    return None if level == "unknown" else int(level)


def yes(level: str) -> bool | None:
    """yes, no, or None for `unknown`."""
    return None if level == "unknown" else level == "yes"


def span(since: datetime, until: datetime | None = None) -> Plain:
    """From an instant until just before another."""
    return {"since": since.isoformat(), "until": until.isoformat() if until else None}
