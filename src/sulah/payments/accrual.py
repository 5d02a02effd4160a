"""Interest after a write-off: simple, on principal alone, by dated rates; each month rounds and the year ties.

What should have been accrued by a month-end is rounded once, over the whole time since the take-over; a month is the difference to what
stands.  So a second run posts nothing, and a receipt that becomes known late is mended by the next run.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from sulah.kernel.dates import add_months
from sulah.kernel.interest import half_up, simple_interest
from sulah.payments.posting import Account, Entry, EntryKind, balance_of

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate in force on a day: hundredths of a percent a year, day-count basis, and the policy row."""

    rate_bps: int
    basis: str
    rule_id: str


@dataclass(frozen=True, slots=True)
class Accrued:
    """Interest to be posted on a day: paise (below zero where too much stands), and the rules of its days, the last one last."""

    on: date
    paise: int
    rules: tuple[str, ...]


def accruals(entries: Sequence[Entry], rate_on: Callable[[date], Rate], changes: Iterable[date], until: date) -> list[Accrued]:
    """What is to be posted so that interest stands right on every month-end and on the last day; nothing where it does already.

    changes: the days on which another rate begins.  entries hold the opening, from whose day interest runs.
    The principal of a day is that of the day-end before it, less what was received beyond what was owed.
    """
    start = min(entry.effective_on for entry in entries if entry.kind is EntryKind.OPENING)
    bearing = [entry for entry in entries if entry.counter.account is not Account.ACCRUED]
    posted = [entry for entry in entries if entry.counter.account is Account.ACCRUED]
    asked = set(_month_ends(start, until))
    cuts = asked | {entry.effective_on for entry in bearing} | {day - _DAY for day in changes}
    found: list[Accrued] = []
    exact, last, added = Fraction(0), start, 0
    rules: list[str] = []
    for day in sorted(cut for cut in cuts if start < cut <= until):
        rate, standing = rate_on(last + _DAY), balance_of(bearing, last)
        exact += simple_interest(max(0, standing.principal - standing.excess), rate.rate_bps, rate.basis, last, day)
        last, rules = day, [*(one for one in rules if one != rate.rule_id), rate.rule_id]
        if day in asked:
            stands = -sum(entry.counter.paise for entry in posted if entry.effective_on <= day) + added
            if paise := half_up(exact) - stands:
                found.append(Accrued(day, paise, tuple(rules)))
                added += paise
            rules = []
    return found


def _month_ends(after: date, until: date) -> list[date]:
    """The month-ends after one day up to another, and that other day itself."""
    first = date(after.year, after.month, 1)
    months = (until.year - after.year) * 12 + until.month - after.month + 1
    ends = [add_months(first, number) - _DAY for number in range(1, months + 1)]
    return sorted({day for day in (*ends, until) if after < day <= until})
