"""Zip files: written file by file with their digests, the same bytes for the same content; read as what a stranger may have made."""

import hashlib
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from types import TracebackType

from sulah.kernel.refusal import Refusal

_WHEN = (1980, 1, 1, 0, 0, 0)
"""Every file of an archive is of this date, so that the bytes say nothing of when it was made."""
MOST_LINE = 16 << 20
"""Bytes of one line at most: a decision is some ten thousand."""
_OWNER_ONLY = 0o100600 << 16


class ArchiveError(Refusal):
    """The file is no archive that can be read; the words say why."""


class Writer:
    """An archive that is being written; `files` holds for each file its SHA-256 and its number of lines."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.files: dict[str, tuple[str, int]] = {}

    def add(self, name: str, lines: Iterable[bytes]) -> int:
        """Add a file of these lines; how many there were."""
        told = zipfile.ZipInfo(name, _WHEN)
        told.compress_type, told.external_attr = zipfile.ZIP_DEFLATED, _OWNER_ONLY
        total, count = hashlib.sha256(), 0
        with self._zip.open(told, "w", force_zip64=True) as handle:
            for line in lines:
                total.update(line)
                count += 1
                handle.write(line)
        self.files[name] = (total.hexdigest(), count)
        return count

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._zip.close()


class Archive:
    """An archive on the disk; a source of lines by name.  ArchiveError for what is none, and for names that stand twice."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise ArchiveError(f"{path} is no archive, or not a whole one ({error}).") from error
        names = self._zip.namelist()
        if len(set(names)) < len(names):
            raise ArchiveError(f"{path} holds two files of one name: nobody can say which one counts.")
        self._names = frozenset(names)

    @property
    def names(self) -> Collection[str]:
        """The names of its files."""
        return self._names

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file, each with its end; ArchiveError where the file is damaged."""
        try:
            with self._zip.open(name) as handle:
                while line := handle.readline(MOST_LINE):
                    yield line
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, ValueError, zlib.error) as error:
            raise ArchiveError(f"{name} of the archive is damaged ({error}).") from error

    def close(self) -> None:
        """Close the file."""
        self._zip.close()
