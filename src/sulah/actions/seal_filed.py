"""The act of sealing the lender's files once they are loaded: those that were filed away, and those that still lie in the inbox.

They lie under the key of their month, which expires.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from sulah.actions.loaded_files import loaded_in_inbox
from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import ENDING, opened_file, seal_file
from sulah.adapters.book.vault import EXTRACT, Vault, VaultError
from sulah.adapters.lms.inbox_filing import WHY
from sulah.adapters.lms.inbox_settings import watch_of
from sulah.kernel.dates import IST, Clock
from sulah.records.audit import write_audit

_FILED = ("done", "refused")


def filed_open(lender: Lender) -> Iterator[tuple[Path, date]]:
    """The files of extracts that are done with and lie in clear, each with the day on which it was last changed.

    Held extracts stay as they are until somebody has decided.  Sulah's own words beside a refused one name no person.
    """
    for source in watch_of(lender).sources:
        for state in _FILED:
            for path in sorted((source.folder / state).rglob("*")):
                if path.is_file() and path.suffix != ENDING and path.name != WHY and not path.name.startswith("."):
                    yield path, _changed_on(path)
    for path in loaded_in_inbox(lender).done:
        yield path, _changed_on(path)


def filed_past(lender: Lender, before: date) -> Iterator[Path]:
    """The sealed files whose month ended before a day: their key is due to go, and so are they."""
    folders = [source.folder / state for source in watch_of(lender).sources for state in _FILED]
    for path in sorted({path for folder in (*folders, lender.inbox) for path in folder.rglob(f"*{ENDING}")}):
        filed_on = _changed_on(path)
        if (filed_on.year, filed_on.month) < (before.year, before.month):
            yield path


def seal_filed(lender: Lender, *, actor: str, clock: Clock) -> int:
    """Seal them, with one entry in the audit trail; how many.  A file that lies elsewhere is the lender's to keep or remove."""
    found = list(filed_open(lender))
    if found:
        vault = Vault(lender)
        for path, day in found:
            seal_file(vault, EXTRACT, day, _apart(vault, path))
        after = {"files": [path.relative_to(lender.root).as_posix() for path, _ in found if path.is_relative_to(lender.root)][:100]}
        write_audit(at=clock(), actor=actor, act="seal_files", subject="inbox", after={"count": len(found), **after})
    return len(found)


def _apart(vault: Vault, path: Path) -> Path:
    """The file under a name that no other sealed file has: a lender may send the same name again into the same folder."""
    sealed = path.with_name(path.name + ENDING)
    if not sealed.is_file():
        return path
    with suppress(VaultError):
        digest = sha256()
        for block in opened_file(vault, sealed):
            digest.update(block)
        if digest.hexdigest() == sha256_of(path):
            return path
    names = (path.with_name(f"again{number}.{path.name}") for number in count(1))
    return path.rename(next(one for one in names if not one.exists() and not one.with_name(one.name + ENDING).exists()))


def _changed_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, IST).date()
