"""The reference's own policy rows, typed from rules.md section 3 and ADR 2; nothing is read from the product's policy."""

from dataclasses import dataclass
from datetime import date

NPA_LIMITS: dict[str, tuple[tuple[date, int], ...]] = {
    "nbfc_bl": ((date.min, 180), (date(2024, 3, 31), 150), (date(2025, 3, 31), 120), (date(2026, 3, 31), 90)),
    **dict.fromkeys(("bank", "sfb", "nbfc_ml", "nbfc_ul", "nbfc_mfi"), ((date.min, 90),)),
}
"""From which day-end a dpd of more than so many days is NPA."""

BUCKETS = ((0, "current"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (180, "91-180"), (365, "181-365"))
ASSET_AGES = ((12, "sub_standard"), (24, "doubtful_1"), (48, "doubtful_2"))


@dataclass(frozen=True, slots=True)
class ReferencePolicy:
    """What a lender may choose, with the defaults that the rules name."""

    waterfall: tuple[str, ...] = ("interest", "principal", "charge")
    pause_rule: str = "inside_window"
    moratorium_counts: bool = True
    watch_months: int = 12
    watch_percent: int = 10


def npa_limit(entity_type: str, today: date) -> int:
    """The dpd above which a borrower is NPA at this day-end.

    >>> [npa_limit("nbfc_bl", date(2026, 3, day)) for day in (30, 31)], npa_limit("nbfc_mfi", date(2020, 1, 1))
    ([120, 90], 90)
    """
    return max((start, limit) for start, limit in NPA_LIMITS[entity_type] if start <= today)[1]


def bucket_of(dpd: int) -> str:
    """The bucket of a loan's own dpd.

    >>> [bucket_of(dpd) for dpd in (0, 1, 30, 31, 365, 366)]
    ['current', '1-30', '1-30', '31-60', '181-365', '366+']
    """
    for most, name in BUCKETS:
        if dpd <= most:
            return name
    return "366+"


def sma_of(dpd: int) -> str:
    """The special mention class of a borrower that is not NPA; sma_2 reaches up to the NPA limit.

    >>> [sma_of(dpd) for dpd in (0, 1, 31, 61, 120)]
    ['none', 'sma_0', 'sma_1', 'sma_2', 'sma_2']
    """
    if dpd == 0:
        return "none"
    return "sma_0" if dpd <= 30 else "sma_1" if dpd <= 60 else "sma_2"


def asset_class_of(months_npa: int) -> str:
    """The class of an NPA by its age in whole months.

    >>> [asset_class_of(months) for months in (11, 12, 24, 47, 48)]
    ['sub_standard', 'doubtful_1', 'doubtful_2', 'doubtful_2', 'doubtful_3']
    """
    for below, name in ASSET_AGES:
        if months_npa < below:
            return name
    return "doubtful_3"
