"""Should a load be held for a person's decision?  Swings against the load before it, and too many refused rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from sulah.intake.codes import words_of
from sulah.kernel.money import indian


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a load may move: basis points of the parent's rows and overdue; percent of rows refused, once more than so many are;
    basis points of the loans compared whose dpd differs from the lender's, once more than so many do."""

    rows_fall_bps: int = 2000
    overdue_move_bps: int = 2500
    quarantine_percent: float = 5.0
    quarantine_rows: int = 20
    dpd_difference_bps: int = 50
    dpd_difference_loans: int = 20


@dataclass(frozen=True, slots=True)
class Measure:
    """What the limits look at: accepted rows by table and total overdue at the load's own date; loans whose dpd was compared with
    the lender's, and those where it differs."""

    accepted: Mapping[str, int]
    overdue_paise: int
    dpd_compared: int = 0
    dpd_different: int = 0


def reasons_to_hold(load: Measure, before: Measure | None, *, rows: int, quarantined: int, limits: Limits) -> tuple[str, ...]:
    """The reasons to hold a load, in words; none means that it may be accepted.  A limit is passed only when it is exceeded.

    >>> reasons_to_hold(Measure({"loan": 80}, 0), Measure({"loan": 100}, 0), rows=80, quarantined=4, limits=Limits())
    ()
    """
    found: list[str] = []
    for table, count in before.accepted.items() if before else ():
        fell = count - load.accepted.get(table, 0)
        if fell * 10_000 > count * limits.rows_fall_bps:
            found.append(words_of("rows_fell", detail=f"{table}: {load.accepted.get(table, 0)} rows, {count} before"))
    if before:
        moved = abs(load.overdue_paise - before.overdue_paise)
        if before.overdue_paise and moved * 10_000 > before.overdue_paise * limits.overdue_move_bps:
            detail = f"{indian(load.overdue_paise)}, {indian(before.overdue_paise)} before"
            found.append(words_of("overdue_moved", detail=detail))
    apart, compared = load.dpd_different, load.dpd_compared
    if apart > limits.dpd_difference_loans and apart * 10_000 > compared * limits.dpd_difference_bps:
        found.append(words_of("dpd_differs", detail=f"{apart:,} of {compared:,} loans"))
    if quarantined > limits.quarantine_rows and quarantined * 100 > rows * limits.quarantine_percent:
        found.append(words_of("quarantine_high", detail=f"{quarantined} of {rows} rows"))
    return tuple(found)
