"""The rows about the weights beside the rows: whether they are in use on a day, and what their errors cost when bounds are chosen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from sulah.policy.talk.steps import sheet_rows

USES = ("lint", "intent")


@dataclass(frozen=True, slots=True)
class WeighingRow:
    """Whether weights are in use, and costs of their errors, in parts of each other; the head of weighing.toml says what is what."""

    rule_id: str
    use: str
    in_use: bool
    missed: int
    false_alarm: int
    padded: int
    meaning: str
    effective_from: date
    status: str
    citation: str
    confidence: str
    verify: bool = False


@cache
def weighing_rows() -> tuple[WeighingRow, ...]:
    """Every row; ValueError for a row that is not whole, which is a fault of the package."""
    rows = tuple(WeighingRow(**row) for row in sheet_rows("weighing", "row"))
    for row in rows:
        if row.use not in USES or min(row.missed, row.false_alarm) <= 0 or row.padded < 0 or not row.citation or not row.meaning:
            raise ValueError(f"the row {row.rule_id} of weighing.toml is not whole")
    return rows


def weighing(use: str, on: date, rows: Iterable[WeighingRow] | None = None) -> WeighingRow | None:
    """The row of a use ("lint", "intent") in force on a day, the latest; None where none is yet.

    >>> weighing("lint", date(2026, 11, 23)).in_use, weighing("lint", date(2026, 11, 22))
    (True, None)
    """
    found = [row for row in (weighing_rows() if rows is None else rows) if row.use == use and row.effective_from <= on]
    return max(found, key=lambda row: row.effective_from, default=None)
