"""Backups of the key store with a cycle, bringing one back, and changing the lender's key; each goes on where a killed one ended."""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sulah.adapters.book.durable import sha256_of, sync_file, sync_folder
from sulah.adapters.book.keycopies import copy_name, remember_copies, remove_old_copies
from sulah.adapters.book.keyfile import PERSONAL_KEY, VaultError, make_key, overwrite
from sulah.adapters.book.keystore import MARK, NEXT_KEY, STORE, KeyStore, Kind, asked, connected
from sulah.adapters.book.layout import Lender
from sulah.kernel.points import reach, register

register("keys.copied", "keys.bringing_back", "keys.brought_back", "keys.next_made", "keys.rewrapped", "keys.changed")

MOST_DAYS, DAYS = 30, 28
"""A copy of the key store is kept for at most 30 days, so that what was destroyed is gone everywhere after them; 28 unless told,
which leaves room for a night on which no copy was taken."""

_OLD_KEY = "personal.old.key"
_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class KeysCopied:
    """A copy of the key store: its path, SHA-256 and number of keys, and the copies that went because their time was over."""

    path: Path
    sha256: str
    keys: int
    removed: tuple[str, ...]


def days_of_copies(lender: Lender) -> int:
    """How long copies are kept: backup_days under [keys] of lender.toml, 1 to 30; VaultError for anything else."""
    own = lender.settings.get("keys", {})
    given = own.get("backup_days", DAYS) if isinstance(own, dict) else DAYS
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_DAYS:
        raise VaultError(f"lender.toml: backup_days under [keys] is {given!r}; write a whole number of days from 1 to {MOST_DAYS}.")
    return given


def copy_keys(lender: Lender, folder: Path, at: datetime) -> KeysCopied:
    """Copy the key store of this moment into a folder and remove the copies that are older than the cycle, there and in earlier folders.

    The lender's key is not in it: keep that in another place again.  VaultError when the folder lies within the lender's own.
    """
    store = KeyStore(lender.keys, lender.root)
    folder = folder.resolve()
    if folder.is_relative_to(lender.root.resolve()):
        raise VaultError(f"{folder} lies in the lender's own folder. Name one on another disk.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / copy_name(at)
    remember_copies(lender, folder)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(part)) as copy:
        connected(store.path).backup(copy)
    keys = asked(store.path, "SELECT count(*) FROM key WHERE wrapped IS NOT NULL")[0][0]
    sync_file(part)
    reach("keys.copied")
    part.rename(path)
    sync_folder(folder)
    remember_copies(lender, folder)
    removed = tuple(remove_old_copies(lender, at - timedelta(days=days_of_copies(lender))))
    return KeysCopied(path, sha256_of(path), int(keys), removed)


@dataclass(frozen=True, slots=True)
class Gone:
    """What must not come back with a copy: people erased for good, keys that certificates name (number -> borrower), ended months."""

    people: Sequence[str] = ()
    keys: Mapping[int, str] = field(default_factory=dict)
    months: Sequence[str] = ()


def bring_back(lender: Lender, copy: Path, gone: Gone, at: datetime) -> int:
    """Put a copy in the place of the key store, without what was destroyed since: how many keys were taken out of it.

    They are taken out before the copy takes its place: killed anywhere, the store is the one from before or has none of them.
    VaultError when the copy is another lender's, or wrapped by another key than the lender's of today.
    """
    store = lender.keys / STORE
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as source:
        part = store.with_name(f".{STORE}.part")
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(part)) as target:
            source.backup(target)
    mark = lender.root / MARK
    theirs = asked(part, "SELECT value FROM meta WHERE name = 'store'")[0][0]
    if mark.is_file() and mark.read_text("ascii").strip() != theirs:
        part.unlink()
        raise VaultError(f"{copy} is the key store of another lender. Nothing was changed.")
    theirs_now = KeyStore(lender.keys, lender.root, part.name)
    theirs_now.keys_of(Kind.LENDER, ["number", "seal"])  # does the lender's key of today open it?
    done = theirs_now.destroy(Kind.BORROWER, gone.people, at) + theirs_now.destroy_again(gone.keys, at)
    done += theirs_now.destroy(Kind.PERIOD, gone.months, at)
    sync_file(part)
    reach("keys.bringing_back")
    part.rename(store)
    sync_folder(lender.keys)
    reach("keys.brought_back")
    return done


def change_key(lender: Lender, tell: Callable[[int], None] = lambda _: None) -> int:
    """Make a new key of the lender and wrap every key anew by it, then overwrite the old one; how many keys were wrapped.

    Killed at any point, the same call goes on; readers and writers go on meanwhile.  Copies of the key store from before open no more.
    """
    keys = lender.keys
    if (keys / _OLD_KEY).is_file() and (keys / _OLD_KEY).samefile(keys / PERSONAL_KEY):
        (keys / _OLD_KEY).unlink()  # killed before the new one took its name: both are one file
    overwrite(keys / _OLD_KEY)
    store = KeyStore(keys, lender.root)
    if not (keys / NEXT_KEY).is_file():
        part = keys / f".{NEXT_KEY}"
        part.unlink(missing_ok=True)
        make_key(part)
        part.rename(keys / NEXT_KEY)
        sync_folder(keys)
    reach("keys.next_made")
    done = 0
    while some := store.rewrap(_AT_ONCE):
        done += some
        tell(done)
        reach("keys.rewrapped")
    os.link(keys / PERSONAL_KEY, keys / _OLD_KEY)
    (keys / NEXT_KEY).rename(keys / PERSONAL_KEY)
    sync_folder(keys)
    reach("keys.changed")
    overwrite(keys / _OLD_KEY)
    connected(store.path).execute("VACUUM")
    return done
