"""Simple interest, exact: days by a basis, never compounded; rounded only where somebody asks for paise."""

from datetime import date
from fractions import Fraction

BASES = ("actual_365", "actual_actual")
"""Days of a year: always 365, or 366 for the days that fall in a leap year."""


def simple_interest(principal_paise: int, rate_bps: int, basis: str, after: date, until: date) -> Fraction:
    """Interest in paise, unrounded, for the days after one day-end up to and including another; KeyError for an unknown basis.

    rate_bps is hundredths of a percent a year.  Each day bears the interest of the year in which it falls.

    >>> simple_interest(1_00_000_00, 1200, "actual_365", date(2027, 12, 31), date(2028, 12, 31))
    Fraction(87840000, 73)
    >>> simple_interest(1_00_000_00, 1200, "actual_actual", date(2027, 12, 31), date(2028, 12, 31))
    Fraction(1200000, 1)
    """
    leap = {"actual_365": 365, "actual_actual": 366}[basis]
    total = Fraction(0)
    for year in range(after.year, until.year + 1):
        first, last = max(after, date(year - 1, 12, 31)), min(until, date(year, 12, 31))
        if first < last:
            total += Fraction(principal_paise * rate_bps * (last - first).days, 10_000 * (leap if _is_leap(year) else 365))
    return total


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def half_up(exact: Fraction) -> int:
    """Whole paise, half a paisa up.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(12, 5))
    (3, 2)
    """
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
