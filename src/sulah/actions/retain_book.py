"""The act of letting old files go: what is past its period and nothing stands on, listed first, removed with an entry in the trail.

Rows of the ledger and the audit trail stay; what goes are files.  Always kept: the latest accepted load and the latest day, held
loads, every load that a kept day was made from, the base of every kept load that lies in layers, and the day before the first kept
one, whose memory that one was made with.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import transaction

from sulah.actions.load_book import latest_accepted
from sulah.adapters.book.backup_store import files_may_go
from sulah.adapters.book.durable import sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import sole_runner
from sulah.adapters.book.retention import ACT, Kept, Retention, is_retired, retention_of, retired_paths
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import LoadState
from sulah.records.audit import write_audit
from sulah.records.dayrun import DayRun
from sulah.records.erasure import LegalHold
from sulah.records.load import Load

register("retain.entry_written", "retain.path_removed")

_PERSONAL = "*_private.parquet"
_QUARANTINE = "quarantine.parquet"


class HeldByLawError(Refusal):
    """A legal hold stands: nothing may be removed."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """One folder or file that is past its period: path under the book, kind, its date, and bytes."""

    path: str
    kind: Kept
    dated: date
    size: int


@dataclass(frozen=True, slots=True)
class Retained:
    """What would go, or went; what stays past its period and why; notes about what can no longer be done."""

    leaving: tuple[Leaving, ...]
    kept_for: tuple[str, ...]
    notes: tuple[str, ...]
    removed: bool = False


def what_would_go(lender: Lender, as_of: date) -> Retained:
    """What is past its period on as_of and may go; RetentionError when the lender's periods cannot be used."""
    retention, retired = retention_of(lender, as_of), retired_paths()
    days = [run for run in DayRun.objects.select_related("load", "previous") if not is_retired(run.path, retired)]
    staying = _days_staying(days, retention, as_of)
    needed = {run.load_id for run in staying}
    leaving = [*_days_leaving(lender, days, staying), *_of_loads(lender, retention, retired, needed, as_of)]
    leaving += _refused_reports(lender, retention, retired, as_of)
    past = sorted(load_id for load_id in needed if not retention.keeps(Kept.LOAD, _loaded(load_id), as_of))
    kept_for = [f"Load {load_id} is past its period and stays: a day that is kept was made from it." for load_id in past]
    outside = [run for run in staying if not retention.keeps(Kept.DAY, run.as_of, as_of)]
    because = {run.pk: "it is the last one" if run.pk == days[-1].pk else "the day after it was made with its memory" for run in outside}
    kept_for += [f"The day {run.as_of} is past its period and stays: {because[run.pk]}." for run in outside]
    return Retained(tuple(leaving), tuple(kept_for), tuple(_losses(days, staying, leaving)))


def hold_of_all(lender: Lender, as_of: date) -> str:
    """The legal hold on all records and how it is lifted: of lender.toml, or placed for a case without a person; empty for none."""
    if words := retention_of(lender, as_of).legal_hold:
        return f"{words}. It is lifted in lender.toml, legal_hold under [retention]."
    placed = LegalHold.objects.filter(person="", lifted_at=None).order_by("id").first()
    return f"{placed.reason}. It is lifted with: sulah erase --lift {placed.pk} --reason TEXT" if placed else ""


def let_go(lender: Lender, as_of: date, *, actor: str, clock: Clock) -> Retained:
    """Remove what would go: the entry first, then the files; a second try finishes what a killed one left.

    HeldByLawError under a legal hold.
    """
    if hold := hold_of_all(lender, as_of):
        raise HeldByLawError(f"A legal hold stands, so nothing was removed: {hold}")
    with sole_runner(lender), files_may_go(lender):
        found = what_would_go(lender, as_of)
        if found.leaving:
            after = {
                "paths": [one.path for one in found.leaving],
                "bytes": sum(one.size for one in found.leaving),
                "periods": {str(kind): row.keep_days for kind, row in retention_of(lender, as_of).periods.items()},
            }
            with transaction.atomic():
                write_audit(at=clock(), actor=actor, act=ACT, subject=f"book:{as_of}", after=after)
            reach("retain.entry_written")
        for path in sorted(retired_paths()):
            _remove(lender.book / path)
        return Retained(found.leaving, found.kept_for, found.notes, removed=True)


def _remove(path: Path) -> None:
    """A folder under another name first, so that half a folder is never seen under its own."""
    if path.is_dir():
        going = path.with_name(f".going-{path.name}")
        path.rename(going)
        shutil.rmtree(going)
    elif path.is_file():
        path.unlink()
    else:
        for left in path.parent.glob(f".going-{path.name}"):
            shutil.rmtree(left)
        return
    sync_folder(path.parent)
    reach("retain.path_removed")


def _loaded(load_id: str) -> date:
    return date.fromisoformat(load_id.rpartition(".")[0])


def _days_staying(days: list[DayRun], retention: Retention, as_of: date) -> list[DayRun]:
    """Days within the period, the latest one, and the one day before that the first of them was made with."""
    within = [run for run in days if retention.keeps(Kept.DAY, run.as_of, as_of)] or days[-1:]
    memory = {run.previous_id for run in within}
    return [run for run in days if run in within or run.pk in memory]


def _days_leaving(lender: Lender, days: list[DayRun], staying: list[DayRun]) -> Iterator[Leaving]:
    kept = {run.pk for run in staying}
    for run in days:
        if run.pk not in kept:
            yield Leaving(run.path, Kept.DAY, run.as_of, _size(lender.book / run.path))


def _of_loads(lender: Lender, retention: Retention, retired: frozenset[str], needed: set[str], as_of: date) -> Iterator[Leaving]:
    latest = latest_accepted()
    there = [load for load in Load.objects.order_by("as_of", "version") if not is_retired(load.path, retired)]
    past = {load.pk for load in there if _is_past(load, latest, retention, needed, as_of)}
    bases = {load.report.get("base", "") for load in there if load.pk not in past}
    for load in there:
        if load.pk in past - bases:
            yield Leaving(load.path, _kind(load), load.as_of, _size(lender.book / load.path))
        elif load.state != LoadState.HELD and not (latest and load.pk == latest.pk):
            yield from _parts(lender, load, retention, retired, as_of)


def _is_past(load: Load, latest: Load | None, retention: Retention, needed: set[str], as_of: date) -> bool:
    """Is a load past its period, and nothing else keeps it than, perhaps, a load that lies in layers upon it?"""
    if load.state == LoadState.HELD or (latest and load.pk == latest.pk):
        return False
    return not retention.keeps(_kind(load), load.as_of, as_of) and load.pk not in needed and not _stood_on(load, latest)


def _kind(load: Load) -> Kept:
    return Kept.TURNED_DOWN if load.state in (LoadState.REJECTED, LoadState.UNDONE) else Kept.LOAD


def _stood_on(load: Load, latest: Load | None) -> bool:
    """Does the latest load stand on it?  Then an undo of the latest needs it."""
    return latest is not None and latest.parent_id == load.pk


def _parts(lender: Lender, load: Load, retention: Retention, retired: frozenset[str], as_of: date) -> Iterator[Leaving]:
    """Sealed names and refused rows of a load that itself stays."""
    folder = lender.book / load.path
    for kind, pattern in ((Kept.PERSONAL, _PERSONAL), (Kept.QUARANTINE, _QUARANTINE)):
        for file in sorted(folder.glob(pattern)):
            path = f"{load.path}/{file.name}"
            if not is_retired(path, retired) and not retention.keeps(kind, load.as_of, as_of):
                yield Leaving(path, kind, load.as_of, file.stat().st_size)


def _refused_reports(lender: Lender, retention: Retention, retired: frozenset[str], as_of: date) -> Iterator[Leaving]:
    for folder in sorted((lender.book / "refused").glob("*.*")):
        path, dated = f"refused/{folder.name}", date.fromisoformat(folder.name[:10])
        if not is_retired(path, retired) and not retention.keeps(Kept.TURNED_DOWN, dated, as_of):
            yield Leaving(path, Kept.TURNED_DOWN, dated, _size(folder))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _losses(days: list[DayRun], staying: list[DayRun], leaving: list[Leaving]) -> Iterator[str]:
    """What can no longer be done afterwards, in words."""
    gone = [run for run in days if run not in staying]
    if gone:
        yield f"The days {gone[0].as_of} to {gone[-1].as_of} can no longer be opened, exported or rebuilt; their rows in the ledger stay."
        first = staying[0]
        yield f"The day {first.as_of} stays but can no longer be rebuilt: it was made with the memory of a day that goes."
    for kind, words in ((Kept.PERSONAL, "names on pages of days that stand on them"), (Kept.QUARANTINE, "refused rows and their repair")):
        some = [one.dated for one in leaving if one.kind is kind]
        if some:
            yield f"Loads of {min(some)} to {max(some)} lose {words}; no figure changes."
