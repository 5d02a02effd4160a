"""The files of a log in a folder: immutable once written, durable before anybody is told of them.

Files of the tree are written whole, synced, renamed into place and their folders synced, all before the checkpoint that needs them; the
checkpoint is one rename, and what it does not cover does not exist yet.  A file that is there with other bytes is never written over.
"""

import fcntl
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from sulah.adapters.book.durable import sync_file, sync_folder
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal

register("tlog.parts_written", "tlog.parts_synced", "tlog.file_renamed", "tlog.files_kept")
register("tlog.checkpoint_synced", "tlog.checkpoint_renamed", "tlog.checkpoint_kept", "tlog.partials_dropped")

CHECKPOINT = "checkpoint"


class LogBusyError(Refusal):
    """Another process is writing the log just now."""


_PARTS = ".parts"
_AT_ONCE = 16


class TileStore:
    """One log in one folder: `tile/...`, `checkpoint`, `close/<date>` with the checkpoint of each day's close."""

    def __init__(self, root: Path) -> None:
        """A folder that may not be there yet."""
        self.root = root

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is none."""
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the log as its only writer; Refusal where another process does.  Leftovers of a killed writer are swept."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LogBusyError(f"Another process is writing the log in {self.root}. There is one sequencer for a log.") from None
            self._sweep()
            yield

    def _sweep(self) -> None:
        for part in (self.root / _PARTS).glob("*"):
            part.unlink()

    def keep(self, files: Mapping[str, bytes]) -> None:
        """Make files of the tree durable, all before returning; Refusal for one that is there with other bytes."""
        new = {path: content for path, content in files.items() if not self._is_there(path, content)}
        parts = self._written(new)
        reach("tlog.parts_written")
        _for_all(sync_file, parts.values())
        reach("tlog.parts_synced")
        for path, part in parts.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            part.rename(self.root / path)
            reach("tlog.file_renamed")
        _for_all(sync_folder, self._folders(files))
        reach("tlog.files_kept")

    def _is_there(self, path: str, content: bytes) -> bool:
        standing = self.read(path)
        if standing is not None and standing != content:
            raise Refusal(
                f"{self.root / path} has other bytes than the records give. Nothing was written and nothing will be signed: keep the "
                "folder as evidence, verify the log against a copy that an auditor holds, and restore the file from a backup."
            )
        return standing is not None

    def _written(self, files: Mapping[str, bytes]) -> dict[str, Path]:
        folder = self.root / _PARTS
        folder.mkdir(exist_ok=True)
        parts = {path: folder / path.replace("/", "_") for path in files}
        for path, part in parts.items():
            part.write_bytes(files[path])
        return parts

    def _folders(self, paths: Iterable[str]) -> list[Path]:
        """The folders of these files and all above them, the deepest first."""
        found = {folder for path in paths for folder in (self.root / path).parents if folder.is_relative_to(self.root)}
        return sorted(found, key=lambda folder: -len(folder.parts))

    def checkpoint(self) -> str | None:
        """The checkpoint's note, None where the log was never begun."""
        held = self.read(CHECKPOINT)
        return None if held is None else held.decode(errors="replace")

    def closed(self, on: date) -> str | None:
        """The checkpoint's note at the close of a business date, None where it was not closed."""
        held = self.read(f"close/{on}")
        return None if held is None else held.decode(errors="replace")

    def publish(self, note: str) -> None:
        """Put a checkpoint in the place of the one before; every file that it needs must have been kept."""
        (self.root / _PARTS).mkdir(exist_ok=True)
        part = self.root / _PARTS / CHECKPOINT
        part.write_text(note, "utf-8")
        sync_file(part)
        reach("tlog.checkpoint_synced")
        part.rename(self.root / CHECKPOINT)
        reach("tlog.checkpoint_renamed")
        sync_folder(self.root)
        reach("tlog.checkpoint_kept")

    def keep_close(self, on: date, note: str) -> None:
        """Keep the checkpoint of a day's close; Refusal where the day was closed with another."""
        self.keep({f"close/{on}": note.encode()})

    def drop_partials(self, full: Iterable[str]) -> None:
        """Remove the partial tiles and bundles whose full one stands and is under the checkpoint, as tlog-tiles allows."""
        for path in full:
            folder = self.root / f"{path}.p"
            if folder.is_dir():
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
        reach("tlog.partials_dropped")


def _for_all(act: Callable[[Path], None], paths: Iterable[Path]) -> None:
    """Side by side, so that the disk can join the syncs; the first error is raised."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(act, paths):
            pass
