"""manifest.toml of an extract: what the lender says it sent, held against what arrived."""

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sulah.adapters.lms.refusal import refuse
from sulah.adapters.lms.source import Mode
from sulah.contracts.registry import EXTRACT
from sulah.kernel.money import paise_of


@dataclass(frozen=True, slots=True)
class Promised:
    """What the manifest says of one file; None where it says nothing.  paise is the sum of the table's amount, tombstones left out."""

    file: str
    table: str
    rows: int | None = None
    paise: int | None = None
    sha256: str = ""
    mode: Mode = Mode.FULL


@dataclass(frozen=True, slots=True)
class Manifest:
    """The manifest of an extract: its business date and files, and the date of the load that a delta must stand on, where given."""

    as_of: date | None
    files: tuple[Promised, ...]
    since: date | None = None

    @property
    def is_delta(self) -> bool:
        """Does any file say only what changed?"""
        return any(said.mode is not Mode.FULL for said in self.files)

    def mode_of(self, table: str, file: str) -> Mode:
        """What a file's rows are; one that the manifest does not name is a whole table."""
        return next((said.mode for said in self.files if (said.table, said.file) == (table, file)), Mode.FULL)

    def place_of(self, table: str, file: str) -> int:
        """The file's place in the manifest, from 0; those that it does not name come last."""
        listed = [(said.table, said.file) for said in self.files]
        return listed.index((table, file)) if (table, file) in listed else len(listed)

    def tables(self) -> dict[str, tuple[str, ...]]:
        """File name -> the tables that it feeds."""
        return {said.file: tuple(other.table for other in self.files if other.file == said.file) for said in self.files}


def read_manifest(path: Path, as_of: date) -> Manifest | None:
    """The manifest of a folder, or None; RefusedExtractError when unreadable, for another date, or asking for an unknown mode."""
    file = path / "manifest.toml"
    if not file.is_file():
        return None
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refuse("manifest_unreadable", file=file.name, detail=str(error)) from error
    day, since = _day(file.name, "as_of", given.get("as_of")), _day(file.name, "since", given.get("since"))
    if day is not None and day != as_of:
        raise refuse("manifest_as_of", file=file.name, detail=f"it says {day}, the command says {as_of}")
    entries = given.get("file", given.get("files", []))
    if not isinstance(entries, list):
        raise refuse("manifest_unreadable", file=file.name, detail="write one [[file]] a file")
    files = tuple(_promised(file.name, entry if isinstance(entry, dict) else {}) for entry in entries)
    for said in files:
        if not (path / said.file).is_file():
            raise refuse("manifest_differs", table=said.table, file=said.file, field="the file is missing")
    return Manifest(day, files, since)


def refuse_unmet(manifest: Manifest | None, bound: Collection[tuple[str, str]]) -> None:
    """RefusedExtractError naming a promise that no file meets; bound: table and file name of every file that is read."""
    for said in manifest.files if manifest else ():
        if (said.table, said.file) not in bound:
            ask = f"{said.file} is not read as {said.table}: send CSV, gzip CSV, XLSX or Parquet under that name"
            raise refuse("manifest_differs", table=said.table, file=said.file, field=ask)


def _day(manifest: str, name: str, given: object) -> date | None:
    """The business date as TOML's own date or as text; None when the manifest names none."""
    try:
        day = date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        day = ""
    if day is None or type(day) is date:  # a date and time is a date too, and no business date
        return day
    shown = repr(given) if isinstance(given, str) else str(given)
    raise refuse("manifest_unreadable", file=manifest, detail=f"{name} is {shown}; write {name} = 2026-03-31")


def _promised(manifest: str, entry: dict[str, object]) -> Promised:
    name, table = str(entry.get("name", entry.get("file", ""))), str(entry.get("table", ""))
    if name in (".", "..") or any(mark in name for mark in "/\\\0"):
        raise refuse("manifest_unreadable", file=manifest, detail=f"{name!r} is not a plain file name; files lie beside the manifest")
    if not name or table not in EXTRACT:
        raise refuse("manifest_unreadable", file=manifest, detail=f"each [[file]] needs name and table ({', '.join(EXTRACT)})")
    mode = entry.get("mode", "full")
    if mode not in tuple(Mode):
        raise refuse("manifest_mode", table=table, file=name, detail=f"it says mode = {mode}")
    rows, rupees = entry.get("rows"), entry.get("rupees")
    if rows is not None and type(rows) is not int:
        raise refuse("manifest_unreadable", file=manifest, detail=f"rows of {name} is {rows!r}; write a whole number without quotes")
    try:
        paise = None if rupees is None else paise_of(str(rupees))
    except ValueError as error:
        raise refuse("manifest_unreadable", file=manifest, detail=str(error)) from error
    return Promised(name, table, rows, paise, str(entry.get("sha256", "")).lower(), Mode(str(mode)))
