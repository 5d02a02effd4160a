"""What ran on what: a day's run in the ledger, its folder, and the sweeping of folders that never became a day."""

import shutil
from datetime import date
from pathlib import Path

from sulah.adapters.book.durable import sync_folder
from sulah.adapters.book.layout import Lender
from sulah.records.audit import AuditEntry
from sulah.records.dayrun import DayRun


def last_day(before: date | None = None) -> DayRun | None:
    """The last committed day, or the last one before a date."""
    runs = DayRun.objects.all() if before is None else DayRun.objects.filter(as_of__lt=before)
    return runs.order_by("-as_of").first()


def files_of(lender: Lender, run: DayRun, table: str) -> tuple[Path, ...]:
    """The files of a table of a committed day, in shard order."""
    return tuple(lender.book / run.path / entry["file"] for entry in run.tables.get(table, []))


def new_folder(lender: Lender, as_of: date) -> Path:
    """A folder that no run has used yet, for one attempt at a day."""
    if not lender.days.is_dir():
        lender.days.mkdir(parents=True)
        sync_folder(lender.book)
    taken = {path.name for path in lender.days.glob(f"{as_of}.*")}
    attempt = next(number for number in range(1, len(taken) + 2) if f"{as_of}.{number}" not in taken)
    folder = lender.days / f"{as_of}.{attempt}"
    folder.mkdir()
    return folder


def sweep(lender: Lender) -> list[str]:
    """Remove folders of runs that never became a day (killed, or out of disk); the names removed."""
    known = set(DayRun.objects.values_list("path", flat=True))
    known |= {entry.before["path"] for entry in AuditEntry.objects.filter(act="day.commit") if "path" in entry.before}
    orphans = [path for path in sorted(lender.days.glob("*")) if f"days/{path.name}" not in known] if lender.days.is_dir() else []
    for path in orphans:
        shutil.rmtree(path)
    return [path.name for path in orphans]
