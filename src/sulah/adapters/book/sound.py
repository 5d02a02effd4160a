"""Is a file of the book the file that was written?  Asked before its rows are used, at the price of reading it once a process.

A file is read whole and its SHA-256 compared with the one recorded when it was written.  The answer is kept for the file as it
lies there (its place on the disk, size, and times of change to the nanosecond) for some minutes: a file that anyone writes to is
looked at anew at once; one that the disk itself changes is looked at anew when the minutes are over.  Until then what was read
lies in the machine's memory, and the disk is not asked again as a rule.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from sulah.adapters.book.durable import sha256_of
from sulah.kernel.refusal import Refusal

MINUTES = 15
"""How long an answer is kept for a file that nobody wrote to."""

_Standing = tuple[int, int, int, int, int]
_seen: dict[Path, tuple[_Standing, str, float]] = {}


class DamagedFileError(Refusal):
    """A file of the book is not the one that was written; the words name it and say what to do."""


def digest_now(path: Path) -> str:
    """The SHA-256 of a file, worked out once for the file as it lies there; empty where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    standing = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
    kept = _seen.get(path)
    if kept is not None and kept[0] == standing and time.monotonic() - kept[2] < MINUTES * 60:
        return kept[1]
    digest = sha256_of(path)
    _seen[path] = (standing, digest, time.monotonic())
    return digest


def unsound(folder: Path, digests: Mapping[str, str], names: Sequence[str] | None = None) -> list[str]:
    """The files (all of the digests, or those named) that are missing or whose bytes are not those recorded, in the order given."""
    return [name for name in (digests if names is None else names) if digest_now(folder / name) != digests[name]]


def hold_sound(whose: str, folder: Path, digests: Mapping[str, str], files: Sequence[Path], again: str = "") -> None:
    """DamagedFileError when one of the files is not the one recorded; a file that nothing was recorded of passes.

    whose: the load or day in words; again: another way to get it back, as a whole clause beginning with `, or`.
    """
    for path in files:
        name = path.relative_to(folder).as_posix()
        if name in digests and digest_now(path) != digests[name]:
            fate = "was changed after it was written" if path.is_file() else "is missing"
            raise DamagedFileError(f"{name} of {whose} {fate}, so it is not used. Restore it from the backup of the book{again}.")
