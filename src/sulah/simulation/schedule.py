"""How a loan is repaid: equal instalments in whole rupees, interest on the balance, due dates by week or month; integers only."""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from sulah.kernel.dates import add_months
from sulah.kernel.terms import Frequency
from sulah.simulation.account import Due

STEP_DAYS = {Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14, Frequency.FOUR_WEEKLY: 28}


def _interest(balance: int, rate_bps: int, days: int) -> int:
    """Interest of one period, paise, half a paisa rounded up (actual days over 365)."""
    return (balance * rate_bps * days * 2 + 3_650_000) // (2 * 3_650_000)


def _left(principal: int, rate_bps: int, days: int, count: int, instalment: int) -> int:
    """Principal left after count instalments, paise; negative when they are more than enough."""
    for _ in range(count):
        principal += _interest(max(principal, 0), rate_bps, days) - instalment
    return principal


@lru_cache(maxsize=4096)
def amortise(principal: int, rate_bps: int, days: int, count: int) -> tuple[tuple[int, int], ...]:
    """Principal and interest of each instalment, paise: equal whole rupees, the last one takes what is left.

    The principal parts add up to the principal exactly.  ValueError without at least one instalment.

    >>> amortise(1000_00, 0, 7, 3)
    ((33400, 0), (33400, 0), (33200, 0))
    """
    if count < 1:
        raise ValueError("a schedule needs at least one instalment")
    low, high = 1, principal // 100 + _interest(principal, rate_bps, days) // 100 + 1
    while low < high:
        middle = (low + high) // 2
        if _left(principal, rate_bps, days, count, middle * 100) <= 0:
            high = middle
        else:
            low = middle + 1
    parts: list[tuple[int, int]] = []
    balance = principal
    for number in range(1, count + 1):
        interest = _interest(balance, rate_bps, days)
        part = balance if number == count else min(balance, max(0, low * 100 - interest))
        parts.append((part, interest))
        balance -= part
    return tuple(parts)


def weekly_dates(disbursed_on: date, weekday: int, frequency: Frequency, count: int) -> list[date]:
    """Meeting days: the first on the weekday at least one period after the disbursal, then every 7, 14 or 28 days.

    >>> weekly_dates(date(2026, 11, 2), 1, Frequency.WEEKLY, 2)
    [datetime.date(2026, 11, 10), datetime.date(2026, 11, 17)]
    """
    step = STEP_DAYS[frequency]
    first = disbursed_on + timedelta(days=step)
    first += timedelta(days=(weekday - first.weekday()) % 7)
    return [first + timedelta(days=step * place) for place in range(count)]


def monthly_dates(disbursed_on: date, anchor_day: int, count: int) -> list[date]:
    """Due dates on the anchor day of each month, the first at least 20 days after the disbursal.

    >>> monthly_dates(date(2026, 1, 10), 31, 2)
    [datetime.date(2026, 1, 31), datetime.date(2026, 2, 28)]
    """
    first = add_months(disbursed_on, 0, anchor_day)
    while (first - disbursed_on).days < 20:
        first = add_months(first, 1, anchor_day)
    return [add_months(first, place, anchor_day) for place in range(count)]


def dues_of(dates: Sequence[date], parts: Sequence[tuple[int, int]], *, first_number: int = 1, charge: int = 0) -> tuple[Due, ...]:
    """Instalments from dates and parts; a charge in paise is due with the first of them and with every twelfth after it."""
    return tuple(
        Due(first_number + place, due_on, principal, interest, charge if place % 12 == 0 else 0)
        for place, (due_on, (principal, interest)) in enumerate(zip(dates, parts, strict=True))
    )
