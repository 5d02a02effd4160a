"""The mark of a restored lender, restored.toml: contacts stay blocked until the payments since the backup are reconciled."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sulah.adapters.book.durable import durable
from sulah.adapters.book.layout import Lender

NAME = "restored.toml"
_TEXT = """# This lender was restored from a backup.  What happened after the backup was taken is not in these records: payments may
# have come in, people may have been contacted, and nothing here knows of it.
# While contacts_blocked is true nobody may be contacted from this lender.  Load an extract that holds every payment since
# taken_at, run the day, and only then set it to false: whoever does so answers for it.

[restored]
backup = "{backup}"
manifest_sha256 = "{manifest}"
taken_at = "{taken_at}"
restored_at = "{restored_at}"
restored_by = {restored_by}
last_load = "{last_load}"
last_day = "{last_day}"
contacts_blocked = true
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """What restored.toml says: the backup, when it was taken, the last load and day it holds, and whether contacts stay blocked."""

    backup: str
    manifest_sha256: str
    taken_at: str
    restored_at: str
    restored_by: str
    last_load: str
    last_day: str
    contacts_blocked: bool = True


def write_mark(root: Path, mark: Mark) -> None:
    """Write the mark into a lender's folder, durably; it always blocks."""
    quoted = '"' + mark.restored_by.replace("\\", "\\\\").replace('"', '\\"') + '"'
    text = _TEXT.format(
        backup=mark.backup,
        manifest=mark.manifest_sha256,
        taken_at=mark.taken_at,
        restored_at=mark.restored_at,
        restored_by=quoted,
        last_load=mark.last_load,
        last_day=mark.last_day,
    )
    with durable(root / NAME) as part:
        part.write_text(text, encoding="utf-8")


def restored_mark(lender: Lender) -> Mark | None:
    """The mark of a lender that was restored, else None.  One that cannot be read blocks: the strictest answer is the safe one."""
    path = lender.root / NAME
    if not path.is_file():
        return None
    try:
        given = tomllib.loads(path.read_text("utf-8"))["restored"]
        return Mark(**{**given, "contacts_blocked": given.get("contacts_blocked") is not False})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError):
        return Mark("", "", "", "", "", "", "", contacts_blocked=True)
