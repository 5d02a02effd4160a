"""On which days of the month, or of the week, a person has cash: a circular histogram of past payments, shrunk to the product's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.policy.talk.steps import learned_by

DAYS = 31
WEEKDAYS = 7
_SPREAD = ((-1, 1), (0, 2), (1, 1))
"""A payment speaks for its own day twice as much as for each of the two beside it: people pay a day early or late."""

_WHOLE = 10_000
_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


@dataclass(frozen=True, slots=True)
class CashDays:
    """How likely cash is on each day of a circle of 31 days of the month or 7 of the week; own: payments of the person behind it."""

    weekly: bool
    shares: tuple[float, ...]
    own: int

    def of(self, day: date) -> float:
        """The share of a day.  The last day of a short month stands for those that it does not have."""
        return self.shares[day.weekday()] if self.weekly else _month_share(self.shares, day)


def cash_days(own: Mapping[int, int], product: Mapping[int, int], *, weekly: bool, strength: int) -> CashDays:
    """The posterior: payments by place on the circle (day of the month less 1, or weekday from Monday), the product's weighing `strength`.

    >>> made = cash_days({4: 5}, {}, weekly=False, strength=6)
    >>> round(sum(made.shares), 9), max(range(31), key=lambda place: made.shares[place]) + 1, made.own
    (1.0, 5, 5)
    >>> cash_days({}, {}, weekly=True, strength=6).shares == (1 / 7,) * 7
    True
    """
    around = WEEKDAYS if weekly else DAYS
    prior = _shares(product, around)
    counts = _spread(own, around)
    paid, weight = sum(own.values()), sum(part for _, part in _SPREAD)
    shares = tuple((counts[place] / weight + strength * prior[place]) / (paid + strength) for place in range(around))
    return CashDays(weekly, shares, paid)


def wait_for_cash(on: date, cash: CashDays, most_days: int) -> tuple[date, str]:
    """The day in the next few on which the person more often pays, and why; the day itself where none is clearly better.

    >>> pays_on_5th = cash_days({4: 9}, {}, weekly=False, strength=6)
    >>> wait_for_cash(date(2026, 12, 3), pays_on_5th, 3)
    (datetime.date(2026, 12, 5), 'waits for 5 Dec: 9 payments are known, most about then')
    >>> wait_for_cash(date(2026, 12, 6), pays_on_5th, 3)[0]
    datetime.date(2026, 12, 6)
    """
    if most_days <= 0 or cash.own < learned_by("cash_least"):
        return on, ""
    days = [on + timedelta(ahead) for ahead in range(most_days + 1)]
    best = max(days, key=lambda day: (cash.of(day), -day.toordinal()))
    if best == on or cash.of(best) * _WHOLE < cash.of(on) * learned_by("cash_gain"):
        return on, ""
    shown = _NAMES[best.weekday()] if cash.weekly else f"{best.day} {best:%b}"
    return best, f"waits for {shown}: {cash.own} payments are known, most about then"


def _shares(counts: Mapping[int, int], around: int) -> Sequence[float]:
    """The product's own histogram with one payment spread evenly over the circle, so that no day has a share of nothing."""
    spread, total = _spread(counts, around), sum(counts.values())
    weight = sum(part for _, part in _SPREAD)
    return [(spread[place] / weight + 1 / around) / (total + 1) for place in range(around)]


def _spread(counts: Mapping[int, int], around: int) -> list[int]:
    found = [0] * around
    for place, count in counts.items():
        for step, part in _SPREAD:
            found[(place + step) % around] += part * count
    return found


def _month_share(shares: Sequence[float], day: date) -> float:
    if (day + timedelta(1)).day != 1:
        return shares[day.day - 1]
    return max(shares[day.day - 1 :])
