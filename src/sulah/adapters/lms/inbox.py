"""What lies in the inbox: the files of each business date together, whether they have arrived whole, and what of them was seen before."""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sulah.adapters.book.durable import durable, sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.sealed_file import ENDING
from sulah.adapters.lms.files import ENDINGS, MANIFEST
from sulah.adapters.lms.inbox_settings import MARKER, Complete, InboxSource, dated
from sulah.adapters.lms.manifest_file import read_manifest
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.contracts.registry import EXTRACT

FILED = ("done", "held", "refused")
"""The folders into which extracts are filed away; nothing in them is looked at again."""

LANDED = "%Y-%m-%d"
"""How the folder of a fetched extract is called, whatever the server calls it."""

_TAKING = ".taking"
HALF = (".part", ".filepart", ".tmp", ".partial", ".crdownload")
Snapshot = dict[str, tuple[int, int]]
"""Path of each file with its size in bytes and time of change in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The files of one business date in one source: a folder of its own, or dated files beside each other."""

    source: InboxSource
    as_of: date
    folder: Path | None
    files: tuple[Path, ...]

    @property
    def key(self) -> str:
        """What the batch is called among what was seen."""
        return f"{self.source.name}/{self.folder.name}/" if self.folder else f"{self.source.name}/{self.as_of.isoformat()}"

    @property
    def extract_files(self) -> tuple[Path, ...]:
        """The files that may be tables."""
        return tuple(path for path in self.files if path.name.lower().endswith(ENDINGS) and not path.name.startswith((".", "~$")))

    def snapshot(self) -> Snapshot:
        """Size and time of every file now; a file that went away is left out."""
        found: Snapshot = {}
        for path in _files_in(self.folder) if self.folder else self.files:
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            found[str(path)] = (stat.st_size, stat.st_mtime_ns)
        return found


@dataclass(slots=True)
class Seen:
    """What the last look saw of each batch, kept in a file so that `--once` knows what lay still: snapshot, since when."""

    path: Path
    batches: dict[str, dict[str, object]]

    @classmethod
    def of(cls, lender: Lender, name: str = "seen") -> "Seen":
        """Read what was seen; nothing, where the file is not there or broken: then the wait begins anew."""
        path = watch_folder(lender) / f"{name}.json"
        try:
            given = json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            given = {}
        return cls(path, given if isinstance(given, dict) else {})

    def unchanged_since(self, key: str, snapshot: Snapshot, now: datetime) -> datetime:
        """Since when the batch looks as it does now; a changed one is remembered from now on."""
        plain = {name: list(facts) for name, facts in snapshot.items()}
        before = self.batches.get(key)
        if before is None or before.get("files") != plain or not isinstance(before.get("since"), str):
            self.batches[key] = before = {"files": plain, "since": now.isoformat()}
        return datetime.fromisoformat(str(before["since"]))

    def keep(self, keys: set[str]) -> None:
        """Write down what was seen, without batches that are gone."""
        self.batches = {key: self.batches[key] for key in sorted(self.batches) if key in keys}
        text = json.dumps(self.batches, sort_keys=True)
        if not self.path.is_file() or self.path.read_text("utf-8") != text:
            with durable(self.path) as part:
                part.write_text(text, encoding="utf-8")


def watch_folder(lender: Lender) -> Path:
    """Where the watcher keeps its own notes."""
    folder = lender.root / "watch"
    folder.mkdir(exist_ok=True)
    return folder


def batches_of(source: InboxSource) -> tuple[list[Batch], list[str]]:
    """The batches of a source by date, and the names in its folder that say no business date; what was sealed there waits for nobody."""
    if not source.folder.is_dir():
        return [], []
    folders: list[Batch] = []
    files: dict[date, list[Path]] = defaultdict(list)
    strangers: list[str] = []
    for child in sorted(source.folder.iterdir()):
        if child.name.startswith(".") or (child.is_dir() and child.name in FILED) or _is_sealed(child):
            continue
        day = dated(child.name, LANDED) if source.server else source.date_of(child.name, is_folder=child.is_dir())
        if day is not None and child.is_dir():
            folders.append(Batch(source, day, child, tuple(_files_in(child))))
        elif day is not None or (day := source.marks(child.name)) is not None:
            files[day].append(child)
        else:
            strangers.append(child.name)
    together = [Batch(source, day, None, tuple(paths)) for day, paths in files.items()]
    return sorted([*folders, *together], key=lambda batch: (batch.as_of, batch.folder is None)), strangers


def waits_for(batch: Batch, seen: Seen, now: datetime) -> str:
    """What a batch still waits for, in words; empty when it has arrived whole."""
    snapshot = batch.snapshot()
    since = seen.unchanged_since(batch.key, snapshot, now)
    if not batch.extract_files:
        return "no file of an extract is there yet"
    if half := next((path.name for path in batch.files if path.name.lower().endswith(HALF)), ""):
        return f"{half} is still being written"
    still = (now - since).total_seconds() >= batch.source.quiet_seconds
    quiet = "" if still else f"it changed less than {batch.source.quiet_seconds} seconds ago"
    match batch.source.complete:
        case Complete.FETCHED:
            return ""
        case Complete.DONE:
            return "" if _marked(batch) else f"there is no {MARKER} file yet"
        case Complete.MANIFEST:
            return _unmet(batch, quiet)
        case Complete.QUIET:
            return quiet


def unchanged(snapshot: Snapshot, folder: Path | None = None) -> bool:
    """Are all files of a snapshot still as they were, and has the folder, where one is given, no others?"""
    if folder is not None and {str(path) for path in _files_in(folder)} != set(snapshot):
        return False
    for name, facts in snapshot.items():
        try:
            stat = os.stat(name)
        except FileNotFoundError:
            return False
        if (stat.st_size, stat.st_mtime_ns) != facts:
            return False
    return True


def laid_out(batch: Batch) -> Path:
    """The folder to load: the batch's own, else one of its dated files; a file named after a table loses its date.

    The files are there by hard link (by copy, where the disk knows no links): a load refuses symbolic links.
    """
    if batch.folder is not None:
        return batch.folder
    clear_laid_out(batch.source)
    folder = _taking(batch)
    folder.mkdir(parents=True)
    for path in batch.extract_files:
        place = folder / table_name(batch.source, path.name)
        try:
            place.hardlink_to(path)
        except OSError:
            shutil.copy2(path, place)
    return folder


def table_name(source: InboxSource, name: str) -> str:
    """A dated file's name without its date where the rest is the name of a table, else the name as it is."""
    bare = source.undated(name)
    stem = bare.lower().removesuffix(".gz").rsplit(".", 1)[0]
    return bare if stem in {*EXTRACT, *(f"{table}s" for table in EXTRACT)} else name


def clear_laid_out(source: InboxSource) -> None:
    """Take the second names away again; the files themselves stay where the lender put them."""
    shutil.rmtree(source.folder / _TAKING, ignore_errors=True)


def _taking(batch: Batch) -> Path:
    return batch.source.folder / _TAKING / batch.as_of.isoformat()


def _files_in(folder: Path) -> Iterator[Path]:
    return (child for child in sorted(folder.iterdir()) if child.is_file())


def _is_sealed(child: Path) -> bool:
    """Is it a sealed file, or a folder of nothing else?"""
    inside = list(_files_in(child)) if child.is_dir() else [child]
    return bool(inside) and all(path.suffix == ENDING for path in inside)


def _marked(batch: Batch) -> bool:
    return any(path.name.lower().endswith(MARKER) for path in batch.files)


def _unmet(batch: Batch, quiet: str) -> str:
    """What the manifest still misses: a file, the right digest, or quiet where it gives no digest."""
    folder = batch.folder
    if folder is None or not (folder / MANIFEST).is_file():
        return f"there is no {MANIFEST} yet"
    try:
        manifest = read_manifest(folder, batch.as_of)
    except RefusedExtractError as error:
        found = error.findings[0]
        early = found.code == "manifest_differs" or (found.code == "manifest_unreadable" and quiet)
        return f"{MANIFEST} says {found.file}: {found.words}" if early else ""  # the load refuses it in its own words
    said = manifest.files if manifest else ()
    if quiet and any(not promised.sha256 for promised in said):
        return quiet
    wrong = [promised.file for promised in said if quiet and sha256_of(folder / promised.file) != promised.sha256]
    return f"{wrong[0]} is not yet what {MANIFEST} says of it" if wrong else ""
