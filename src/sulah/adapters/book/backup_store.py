"""Where backups lie: every file once, named by its SHA-256, and one folder a backup with its manifest and its records.

    TARGET/SULAH-BACKUPS            what this folder is
    TARGET/files/ab/ab12...         every file that any backup names, once
    TARGET/backups/<id>/            manifest.json (which file lies where) and the records as of that moment

A file that lies there already is not copied again, so the next night's backup costs what is new.  A backup exists when its
folder has its name: before, it is called `.part-<id>`, and the next backup takes that away.
"""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sulah.adapters.book.durable import durable, sha256_of, sync_file, sync_folder
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.lock import held
from sulah.kernel.refusal import Refusal

SIGN = "SULAH-BACKUPS"
_SIGN_WORDS = "Backups of one Sulah lender.  Every file under files/ is named by its SHA-256; sulah restore reads them.\n"
_BLOCK = 1 << 20
_PART = ".part-"


class BackupRefusedError(Refusal):
    """The backup cannot be taken or used; the words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of backups."""

    root: Path

    @property
    def backups(self) -> Path:
        """One folder a backup."""
        return self.root / "backups"

    def blob(self, digest: str) -> Path:
        """Where the file of that SHA-256 lies, or would lie."""
        return self.root / "files" / digest[:2] / digest

    def ids(self) -> list[str]:
        """The backups that are whole, oldest first."""
        if not self.backups.is_dir():
            return []
        return sorted(path.name for path in self.backups.iterdir() if not path.name.startswith(".") and path.is_dir())

    def part(self, name: str) -> Path:
        """A new folder for the records and the manifest of a backup that is being taken; what a killed one left is taken away."""
        for left in self.backups.glob(f"{_PART}*"):
            shutil.rmtree(left)
        folder = self.backups / f"{_PART}{name}"
        folder.mkdir()
        return folder

    def name_it(self, part: Path) -> Path:
        """Give a finished backup its name; from then on it exists."""
        named = part.with_name(part.name.removeprefix(_PART))
        sync_folder(part)
        part.rename(named)
        sync_folder(self.backups)
        return named

    def has(self, digest: str, *, reread: bool = False) -> bool:
        """Does the file of that SHA-256 lie there?  reread: look at its bytes too."""
        kept = self.blob(digest)
        return bool(digest) and kept.is_file() and not (reread and sha256_of(kept) != digest)

    def take(self, source: Path, digest: str = "") -> tuple[str, int]:
        """Copy a file into the store; its SHA-256 and size.  digest: what it must be; an empty digest in the answer = it is not."""
        arriving = self.root / "files" / ".arriving"
        found, size = copy_file(source, arriving)
        if digest and found != digest:
            arriving.unlink()
            return "", size
        self._place(arriving, found)
        return found, size

    def keep(self, content: bytes) -> str:
        """Put bytes into the store that were read before; their SHA-256."""
        arriving, digest = self.root / "files" / ".arriving", hashlib.sha256(content).hexdigest()
        arriving.write_bytes(content)
        sync_file(arriving)
        self._place(arriving, digest)
        return digest

    def _place(self, arriving: Path, digest: str) -> None:
        kept = self.blob(digest)
        if not kept.parent.is_dir():
            kept.parent.mkdir()
            sync_folder(kept.parent.parent)
        arriving.rename(kept)
        sync_folder(kept.parent)


def copy_file(source: Path, target: Path) -> tuple[str, int]:
    """Copy bytes to a path and sync them; their SHA-256 and number.  Nothing stays on an error."""
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as given, target.open("wb") as taken:
            while block := given.read(_BLOCK):
                digest.update(block)
                taken.write(block)
                size += len(block)
        sync_file(target)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def open_store(root: Path, *, lender: Lender | None = None) -> Store:
    """The store in a folder; with a lender it is made where there is none.  BackupRefusedError for a folder that is something else."""
    store = Store(root.resolve())
    if (store.root / SIGN).is_file():
        return store
    if lender is None:
        raise BackupRefusedError(f"{store.root} holds no backups of Sulah. Name the folder that sulah backup --to wrote into.")
    if store.root.exists() and (not store.root.is_dir() or any(store.root.iterdir())):
        raise BackupRefusedError(f"{store.root} is not empty and holds no backups of Sulah. Name a new folder, or an empty one.")
    if store.root.is_relative_to(lender.root):
        raise BackupRefusedError(f"{store.root} lies in the lender's own folder and would be lost with it. Name a folder on another disk.")
    for folder in (store.root / "files", store.backups):
        folder.mkdir(parents=True, exist_ok=True)
    with durable(store.root / SIGN) as part:
        part.write_text(_SIGN_WORDS, encoding="utf-8")
    return store


def staging_of(target: Path) -> Path:
    """Where a restored lender is built before it gets its name."""
    return target.with_name(f"{target.name}.restoring")


@contextmanager
def sole_taker(store: Store) -> Iterator[None]:
    """One backup at a time into a store; the lock ends with its process."""
    with held(store.root / ".lock", "Another backup is being taken into this folder. Wait until it has ended."):
        yield


@contextmanager
def files_stay(lender: Lender) -> Iterator[None]:
    """While this is held nothing that the records name is removed from the book; loads and days go on."""
    with held(lender.book / ".keep.lock", "Old files of this lender are being removed. Wait until that has ended.", shared=True):
        yield


@contextmanager
def files_may_go(lender: Lender) -> Iterator[None]:
    """Hold off backups while files are removed."""
    with held(lender.book / ".keep.lock", "A backup of this lender is being taken. Wait until it has ended."):
        yield
