"""The manifest of a backup: which file lies where in a lender's folder, what the records are, and its own SHA-256."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sulah.adapters.book.backup_store import BackupRefusedError
from sulah.adapters.book.durable import durable

NAME = "manifest.json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a restore needs to know; a restore believes nothing whose digest does not fit.

    files: path in the lender's folder -> SHA-256.  records: path in the backup's folder -> SHA-256.  sizes: SHA-256 -> bytes.
    columns: for PostgreSQL, the columns of each table in the order of its file.  migrations: app -> the last one applied.
    """

    taken_at: str
    taken_by: str
    code: str
    lender: str
    simulated: bool
    database: str
    last_load: str
    last_day: str
    loads: int
    days: int
    files: Mapping[str, str]
    records: Mapping[str, str]
    sizes: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    migrations: Mapping[str, str] = field(default_factory=dict)
    personal_key: str = ""
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        """Bytes of all files of the lender."""
        return sum(self.sizes.get(digest, 0) for digest in self.files.values())


def text_of(manifest: Manifest) -> str:
    """The manifest as it is written: JSON with sorted names, a line for each entry, its own SHA-256 in the last line."""
    plain = json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=True)
    return f"{plain}\n{hashlib.sha256(plain.encode()).hexdigest()}\n"


def write_manifest(folder: Path, manifest: Manifest) -> str:
    """Write it into a backup's folder, durably; its SHA-256."""
    text = text_of(manifest)
    with durable(folder / NAME) as part:
        part.write_text(text, encoding="ascii")
    return text.splitlines()[-1]


def read_manifest(folder: Path) -> tuple[Manifest, str]:
    """The manifest of a backup and its SHA-256; BackupRefusedError when one byte of it is not as written, or it is of another format."""
    path = folder / NAME
    damaged = f"{path} is not the manifest that was written, so nothing of this backup is used. Take another backup of the folder."
    try:
        text = path.read_text("ascii")
        plain, _, digest = text.removesuffix("\n").rpartition("\n")
        if not text.endswith("\n") or hashlib.sha256(plain.encode()).hexdigest() != digest:
            raise BackupRefusedError(damaged)
        given: dict[str, Any] = json.loads(plain)
    except FileNotFoundError as error:
        raise BackupRefusedError(f"{folder} holds no backup: there is no {NAME}.") from error
    except ValueError as error:
        raise BackupRefusedError(damaged) from error
    if given.get("format") != FORMAT:
        raise BackupRefusedError(f"{path} is of format {given.get('format')}, this version reads {FORMAT}. Use the version that wrote it.")
    return Manifest(**{**given, "missing": tuple(given["missing"])}), digest
