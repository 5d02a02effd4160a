"""Promises to pay: what may be taken as one, and what became of it."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class PromiseState(StrEnum):
    """Where a promise stands; kept: all of it by the day promised, part_kept: some of it, broken: nothing."""

    OPEN = "open"
    KEPT = "kept"
    PART_KEPT = "part_kept"
    BROKEN = "broken"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody said: by when, and how much in paise (None: no amount was named)."""

    due_on: date | None
    amount_paise: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A promise that can be taken as it is; whole: no amount was named, so all that is overdue is meant."""

    due_on: date
    amount_paise: int
    whole: bool


def taken(offered: Offered, *, said_on: date, overdue_paise: int, longest_days: int) -> Taken | str:
    """The promise, or in words why a person must agree to it first.

    overdue_paise: what may be demanded on the loan on that day.  longest_days: quiet days that policy gives, the day itself included.

    >>> taken(Offered(date(2026, 12, 5), 500_00), said_on=date(2026, 11, 23), overdue_paise=1_500_00, longest_days=31)
    Taken(due_on=datetime.date(2026, 12, 5), amount_paise=50000, whole=False)
    >>> taken(Offered(date(2026, 12, 5), None), said_on=date(2026, 11, 23), overdue_paise=1_500_00, longest_days=31).whole
    True
    """
    if offered.due_on is None:
        return "No day was named."
    if offered.due_on < said_on:
        return "The day named has passed."
    if offered.due_on >= said_on + timedelta(longest_days):
        return f"The day named lies more than {longest_days - 1} days ahead."
    if overdue_paise <= 0:
        return "Nothing is overdue on the loan."
    if offered.amount_paise is not None and offered.amount_paise <= 0:
        return "The amount is no amount."
    if offered.amount_paise is not None and offered.amount_paise > overdue_paise:
        return "The amount is more than what is overdue."
    return Taken(offered.due_on, offered.amount_paise or overdue_paise, offered.amount_paise is None)


def state_of(amount_paise: int, due_on: date, *, paid_paise: int, known_until: date) -> PromiseState:
    """What became of an open promise, by what was paid from the day it was made to the day promised, as the books to known_until have it.

    A promise paid in full before its day is kept at once; one whose day the books do not know to the end is still open.

    >>> state_of(500_00, date(2026, 12, 5), paid_paise=500_00, known_until=date(2026, 12, 1)).value
    'kept'
    >>> [state_of(500_00, date(2026, 12, 5), paid_paise=paid, known_until=date(2026, 12, 5)).value for paid in (0, 1, 499_99, 500_00)]
    ['broken', 'part_kept', 'part_kept', 'kept']
    >>> state_of(500_00, date(2026, 12, 5), paid_paise=0, known_until=date(2026, 12, 4)).value
    'open'
    """
    if paid_paise >= amount_paise:
        return PromiseState.KEPT
    if known_until < due_on:
        return PromiseState.OPEN
    return PromiseState.PART_KEPT if paid_paise > 0 else PromiseState.BROKEN
