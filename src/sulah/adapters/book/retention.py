"""How long each kind of file of the book is kept: dated rows with their source, a lender's own periods, and what was removed already.

The rows lie in retention.toml; a lender sets periods of its own, never shorter than the row's least, in [retention] of lender.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.resources import files
from typing import Any

from sulah.adapters.book.layout import Lender
from sulah.kernel.refusal import Refusal
from sulah.records.audit import AuditEntry

ACT = "retain"
"""The act under which the audit trail says what was removed."""


class RetentionError(Refusal):
    """[retention] of lender.toml cannot be used; the words say what to mend."""


class Kept(StrEnum):
    """The kinds of files that grow old, of what lies under keys that expire, and the access log, which is never removed."""

    LOAD = "load"
    DAY = "day"
    PERSONAL = "personal"
    QUARANTINE = "quarantine"
    TURNED_DOWN = "turned_down"
    ACCESS_LOG = "access_log"
    RAW = "raw"
    HEARD = "heard"
    EXTRACT = "extract"


@dataclass(frozen=True, slots=True)
class Period:
    """How long one kind is kept: days, the least that a lender may set, since when the row is in force, and why."""

    kind: Kept
    keep_days: int
    least_days: int
    effective_from: date
    citation: str
    verify: bool
    own: bool = False


@dataclass(frozen=True, slots=True)
class Retention:
    """The periods in force for a lender, and the reason of a legal hold, empty when there is none."""

    periods: Mapping[Kept, Period]
    legal_hold: str = ""

    def keeps(self, kind: Kept, dated: date, as_of: date) -> bool:
        """Is something of that date still within its period on as_of?  Its last day of keeping is dated + keep_days.

        >>> row = Period(Kept.DAY, 30, 1, date(2026, 1, 1), "", False)
        >>> both = Retention({Kept.DAY: row})
        >>> both.keeps(Kept.DAY, date(2026, 1, 1), date(2026, 1, 31)), both.keeps(Kept.DAY, date(2026, 1, 1), date(2026, 2, 1))
        (True, False)
        """
        return (as_of - dated).days <= self.periods[kind].keep_days


def shipped_rows() -> tuple[Period, ...]:
    """All rows of retention.toml, in its order."""
    whole = tomllib.loads(files("sulah.adapters.book").joinpath("retention.toml").read_text("utf-8"))
    return tuple(Period(**{**row, "kind": Kept(row["kind"])}) for row in whole["row"])


def retention_of(lender: Lender, as_of: date) -> Retention:
    """The periods in force on a date, the lender's own in the place of the shipped ones; RetentionError says what cannot be used."""
    periods: dict[Kept, Period] = {}
    for row in sorted(shipped_rows(), key=lambda row: row.effective_from):
        if row.effective_from <= as_of:
            periods[row.kind] = row
    given = lender.settings.get("retention", {})
    own: dict[str, Any] = given if isinstance(given, dict) else {}
    if unknown := sorted(set(own) - {f"{kind}_days" for kind in Kept} - {"legal_hold"}):
        known = ", ".join(f"{kind}_days" for kind in Kept)
        raise RetentionError(f"lender.toml: [retention] knows {known} and legal_hold, not {unknown[0]}.")
    for kind, row in list(periods.items()):
        days = own.get(f"{kind}_days")
        if days is not None:
            periods[kind] = _own(row, days)
    hold = own.get("legal_hold", "")
    if not isinstance(hold, str):
        raise RetentionError('lender.toml: legal_hold under [retention] is a reason in words, such as legal_hold = "Writ 123/2026".')
    return Retention(periods, hold.strip())


def _own(row: Period, days: object) -> Period:
    if not isinstance(days, int) or isinstance(days, bool) or days < row.least_days:
        raise RetentionError(
            f"lender.toml: {row.kind}_days under [retention] is {days!r}; write a whole number of days, {row.least_days} or more "
            f"({row.citation})."
        )
    return replace(row, keep_days=days, own=True)


def retired_paths() -> frozenset[str]:
    """Paths under the book (folders, or single files) that retention removed, as the audit trail says."""
    return frozenset(path for entry in AuditEntry.objects.filter(act=ACT) for path in entry.after.get("paths", []))


def is_retired(path: str, retired: frozenset[str]) -> bool:
    """Was this file or folder under the book removed by retention, itself or with a folder above it?

    >>> gone = frozenset({"loads/2026-01-01.1", "loads/2026-02-01.1/quarantine.parquet"})
    >>> is_retired("loads/2026-01-01.1/due/0000.parquet", gone), is_retired("loads/2026-02-01.1/quarantine.parquet", gone)
    (True, True)
    >>> is_retired("loads/2026-02-01.1/report.json", gone), is_retired("loads/2026-01-01.10", gone)
    (False, False)
    """
    parts = path.split("/")
    return any("/".join(parts[: end + 1]) in retired for end in range(len(parts)))
