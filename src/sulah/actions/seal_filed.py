"""The act of sealing the lender's files once they are loaded and filed away: under the key of their month, which expires."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import ENDING, seal_file
from sulah.adapters.book.vault import EXTRACT, Vault
from sulah.adapters.lms.inbox_filing import WHY
from sulah.adapters.lms.inbox_settings import watch_of
from sulah.kernel.dates import IST, Clock
from sulah.records.audit import write_audit

_FILED = ("done", "refused")


def filed_open(lender: Lender) -> Iterator[tuple[Path, date]]:
    """The files of extracts that were filed away and lie in clear, each with the day on which it was last changed.

    Held extracts stay as they are until somebody has decided.  Sulah's own words beside a refused one name no person.
    """
    for source in watch_of(lender).sources:
        for state in _FILED:
            for path in sorted((source.folder / state).rglob("*")):
                if path.is_file() and path.suffix != ENDING and path.name != WHY and not path.name.startswith("."):
                    yield path, datetime.fromtimestamp(path.stat().st_mtime, IST).date()


def filed_past(lender: Lender, before: date) -> Iterator[Path]:
    """The sealed files whose month ended before a day: their key is due to go, and so are they."""
    for source in watch_of(lender).sources:
        for state in _FILED:
            for path in sorted((source.folder / state).rglob(f"*{ENDING}")):
                filed_on = datetime.fromtimestamp(path.stat().st_mtime, IST).date()
                if (filed_on.year, filed_on.month) < (before.year, before.month):
                    yield path


def seal_filed(lender: Lender, *, actor: str, clock: Clock) -> int:
    """Seal them, with one entry in the audit trail; how many.  A file that lies elsewhere is the lender's to keep or remove."""
    found = list(filed_open(lender))
    if found:
        vault = Vault(lender)
        for path, day in found:
            seal_file(vault, EXTRACT, day, path)
        after = {"files": [path.relative_to(lender.root).as_posix() for path, _ in found if path.is_relative_to(lender.root)][:100]}
        write_audit(at=clock(), actor=actor, act="seal_files", subject="inbox", after={"count": len(found), **after})
    return len(found)
