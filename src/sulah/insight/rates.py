"""Rates as whole hundredths of a percent, from the numerators and denominators that the measures keep."""

from collections.abc import Mapping
from dataclasses import dataclass


def share_bps(numerator: int, denominator: int) -> int | None:
    """numerator / denominator in hundredths of a percent, half up; None when there is nothing to divide by.

    >>> share_bps(1, 3), share_bps(2, 3), share_bps(-1, 3), share_bps(5, 0)
    (3333, 6667, -3333, None)
    """
    if denominator == 0:
        return None
    sign = 1 if numerator * denominator >= 0 else -1
    top, bottom = abs(numerator), abs(denominator)
    return sign * ((2 * top * 10_000 + bottom) // (2 * bottom))


@dataclass(frozen=True, slots=True)
class Efficiency:
    """Collection efficiency of a month so far, in paise; design 4.

    current: receipts applied to the month's dues / those dues; overdue: receipts applied to the opening arrears / those arrears;
    total: both together.  Advances are in no numerator: `ahead_paise` stands apart.
    """

    month_due_paise: int
    applied_due_paise: int
    open_arrears_paise: int
    applied_arrears_paise: int
    ahead_paise: int

    @property
    def current_bps(self) -> int | None:
        """Of the month's dues."""
        return share_bps(self.applied_due_paise, self.month_due_paise)

    @property
    def overdue_bps(self) -> int | None:
        """Of the opening arrears."""
        return share_bps(self.applied_arrears_paise, self.open_arrears_paise)

    @property
    def total_bps(self) -> int | None:
        """Of both together."""
        return share_bps(self.applied_due_paise + self.applied_arrears_paise, self.month_due_paise + self.open_arrears_paise)


def efficiency_of(row: Mapping[str, object]) -> Efficiency | None:
    """The efficiency of a row of measures; None while the month has no anchor (open_on is empty).

    >>> row = dict(open_on="2026-03-31", month_due_paise=200, applied_due_paise=150, ahead_paise=5)
    >>> found = efficiency_of(row | dict(open_arrears_paise=100, applied_arrears_paise=20))
    >>> found and (found.current_bps, found.overdue_bps, found.total_bps)
    (7500, 2000, 5667)
    """
    if row["open_on"] is None:
        return None
    names = ("month_due_paise", "applied_due_paise", "open_arrears_paise", "applied_arrears_paise", "ahead_paise")
    return Efficiency(*(int(str(row[name])) for name in names))
