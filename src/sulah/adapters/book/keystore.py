"""The key store: a random key for each borrower and each period, wrapped by the lender's key, in a database of its own.

It lies in keys/, apart from the book and the records, and has backups of its own.  A key is made once and never derived from
another, so that destroying it destroys what it sealed, everywhere.  A destroyed key leaves its row, without the key.
"""

import hashlib
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sulah.adapters.book.durable import sync_folder
from sulah.adapters.book.keyfile import PERSONAL_KEY, VaultError, check_of, read_key
from sulah.kernel.points import reach, register

register("keys.made", "keys.destroying", "keys.destroyed")

STORE = "borrowers.sqlite3"
NEXT_KEY = "personal.next.key"
"""The lender's new key while a rotation is under way."""

MARK = ".keystore"
"""A file of the lender's folder that says which key store belongs to it: a lost one must not be replaced by an empty one."""

_NONCE, _SECRET, _WRAPPED = 12, 32, 60
_TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE key (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, "
    "kek TEXT NOT NULL, wrapped BLOB, destroyed_at TEXT, UNIQUE (kind, name, generation))",
    "CREATE INDEX key_kek ON key (kek, id) WHERE wrapped IS NOT NULL",
    "CREATE INDEX key_gone ON key (kind, name) WHERE wrapped IS NULL",
)
_FOUND = "SELECT k.name, k.id, k.kek, k.wrapped FROM key AS k WHERE k.kind = ? AND k.name IN (SELECT j.value FROM json_each(?) AS j)"
_PUT = "INSERT INTO key (id, kind, name, generation, kek, wrapped) VALUES (?, ?, ?, ?, ?, ?)"


class Kind(StrEnum):
    """Whose key it is: a borrower's (name = borrower_id), a period's (class/month), or the lender's own (number, seal)."""

    BORROWER = "borrower"
    PERIOD = "period"
    LENDER = "lender"


class KeyDestroyedError(VaultError):
    """The key was destroyed: the borrower was erased, or the period is over.  Nobody can open the seal again."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its number, which stands in every seal made with it, and 32 secret bytes."""

    number: int
    secret: bytes


class KeyStore:
    """The keys of one lender; every call opens what it needs, so that a store can be asked from any thread or process."""

    def __init__(self, keys: Path, root: Path, file: str = STORE) -> None:
        """Open the store of a lender, or make it where the lender has none yet; VaultError says what is missing."""
        self.keys, self.path = keys, keys / file
        self._wrappers: dict[str, AESGCM] = {}
        self._current = self._read_wrappers()
        mark = root / MARK
        if not self.path.is_file():
            if mark.is_file():
                words = "Restore it from its backup: sulah keys restore FILE. Without it every name and message stays sealed."
                raise VaultError(f"{self.path} is missing. {words}")
            self._create()
        if not mark.is_file():
            mark.write_text(self.told("store") + "\n", "ascii")

    def _read_wrappers(self) -> str:
        """Read the lender's key, and the next one while it is being changed; the check of the one that wraps new keys."""
        current = ""
        for name in (PERSONAL_KEY, NEXT_KEY):
            if name == PERSONAL_KEY or (self.keys / name).is_file():
                key = read_key(self.keys / name)
                current = check_of(key)
                self._wrappers[current] = AESGCM(hashlib.sha256(b"wrap" + key).digest())
        return current

    def _create(self) -> None:
        """The store with the lender's own keys, which older loads were sealed and indexed with; of two at once one is the store."""
        personal = read_key(self.keys / PERSONAL_KEY)
        part = self.keys / f".{STORE}.{secrets.token_hex(4)}"
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with self.writing(part) as connection:
            for statement in _TABLES:
                connection.execute(statement)
            said = {"format": "1", "store": secrets.token_hex(8), "identity": check_of(personal), "kek": self._current}
            connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", said.items())
            for name in ("number", "seal"):
                self._insert(connection, Kind.LENDER, [name], hashlib.sha256(name.encode() + personal).digest())
        with suppress(FileExistsError):
            os.link(part, self.path)
        part.unlink()
        sync_folder(self.keys)

    def told(self, name: str) -> str:
        """What the store says of itself: format, store (which one it is), identity (check of the lender's first key)."""
        return next((str(value) for (value,) in asked(self.path, "SELECT value FROM meta WHERE name = ?", (name,))), "")

    @contextmanager
    def writing(self, path: Path | None = None) -> Iterator[sqlite3.Connection]:
        """One transaction that waits for its turn; on leaving it is on the disk, on an error nothing was written."""
        connection = connected(path or self.path)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def keys_of(self, kind: Kind, names: Sequence[str], *, make: bool = False) -> dict[str, Key | None]:
        """The keys of these names by name; None where it was destroyed.  Absent ones are made, or left out."""
        found = self._rows(self.path, kind, names)
        missing = [name for name in dict.fromkeys(names) if name not in found] if make else []
        if missing:
            with self.writing() as connection:
                made_meanwhile = self._rows(self.path, kind, missing)
                found |= made_meanwhile
                found |= self._insert(connection, kind, [name for name in missing if name not in made_meanwhile])
            reach("keys.made")
        return found

    def key(self, number: int) -> Key:
        """The key of that number; VaultError when the store does not know it, KeyDestroyedError when it was destroyed."""
        read = asked(self.path, "SELECT kind, name, kek, wrapped FROM key WHERE id = ?", (number,))
        if not read:
            raise VaultError(f"The key store has no key {number:016x}: it is another or an older one. Restore the right one.")
        kind, name, kek, wrapped = read[0]
        if wrapped is None:
            raise KeyDestroyedError(f"The key of the {kind} {name} was destroyed: what it sealed cannot be opened again.")
        return Key(number, self._unwrapped(kind, name, number, kek, wrapped))

    def destroyed(self, kind: Kind, names: Sequence[str] | None = None) -> set[str]:
        """Those of the names (None: of all) whose key was destroyed and not made anew."""
        among = "" if names is None else "AND k.name IN (SELECT j.value FROM json_each(?) AS j) "
        alive = "SELECT 1 FROM key AS y WHERE y.kind = k.kind AND y.name = k.name AND y.wrapped IS NOT NULL"
        gone = f"SELECT k.name FROM key AS k WHERE k.kind = ? AND k.wrapped IS NULL {among}AND NOT EXISTS ({alive})"
        given = (kind.value,) if names is None else (kind.value, json.dumps(list(names)))
        return {name for (name,) in asked(self.path, gone, given)}

    def names(self, kind: Kind) -> list[str]:
        """Every name of a kind that has a key, in order."""
        alive = "SELECT DISTINCT name FROM key WHERE kind = ? AND wrapped IS NOT NULL ORDER BY name"
        return [name for (name,) in asked(self.path, alive, (kind.value,))]

    def alive(self, numbers: Sequence[int]) -> list[int]:
        """Those of the keys of these numbers that are there."""
        there = "SELECT k.id FROM key AS k WHERE k.wrapped IS NOT NULL AND k.id IN (SELECT j.value FROM json_each(?) AS j)"
        return [number for (number,) in asked(self.path, there, (json.dumps(list(numbers)),))]

    def numbers(self, kind: Kind, names: Sequence[str]) -> dict[str, int]:
        """The numbers of the latest keys of these names, destroyed ones too."""
        last = (
            "SELECT k.name, k.id FROM key AS k WHERE k.kind = ? AND k.name IN (SELECT j.value FROM json_each(?) AS j) ORDER BY k.generation"
        )
        return dict(asked(self.path, last, (kind.value, json.dumps(list(names)))))

    def destroy(self, kind: Kind, names: Iterable[str], at: datetime) -> int:
        """Destroy the keys of these names: overwritten in place, taken out, and the file written anew; how many there were.

        Killed before it returns, the keys are gone or all there; a second call does the rest.
        """
        listed = json.dumps(list(names))
        chosen = "kind = ? AND wrapped IS NOT NULL AND name IN (SELECT j.value FROM json_each(?) AS j)"
        with self.writing() as connection:
            connection.execute(f"UPDATE key SET wrapped = zeroblob({_WRAPPED}) WHERE {chosen}", (kind, listed))
            reach("keys.destroying")
            done = connection.execute(f"UPDATE key SET wrapped = NULL, destroyed_at = ? WHERE {chosen}", (at.isoformat(), kind, listed))
        reach("keys.destroyed")
        connected(self.path).execute("VACUUM")
        return done.rowcount

    def destroy_again(self, gone: Mapping[int, str], at: datetime) -> int:
        """Destroy keys of borrowers by number (number -> borrower), and note as destroyed those that are not here; how many there were.

        For a copy that is brought back: who was erased since, and has a further key by now or had none yet, stays erased all the same.
        """
        listed = json.dumps(list(gone))
        chosen = "wrapped IS NOT NULL AND id IN (SELECT j.value FROM json_each(?) AS j)"
        note = (
            "INSERT INTO key (id, kind, name, generation, kek, destroyed_at) SELECT ?1, ?2, ?3, "
            "1 + coalesce((SELECT max(k.generation) FROM key AS k WHERE k.kind = ?2 AND k.name = ?3), 0), '', ?4 "
            "WHERE NOT EXISTS (SELECT 1 FROM key AS k WHERE k.id = ?1)"
        )
        with self.writing() as connection:
            connection.execute(f"UPDATE key SET wrapped = zeroblob({_WRAPPED}) WHERE {chosen}", (listed,))
            done = connection.execute(f"UPDATE key SET wrapped = NULL, destroyed_at = ? WHERE {chosen}", (at.isoformat(), listed))
            connection.executemany(note, [(number, Kind.BORROWER.value, name, at.isoformat()) for number, name in gone.items()])
        connected(self.path).execute("VACUUM")
        return done.rowcount

    def make_anew(self, borrower_id: str) -> None:
        """A further key for a borrower whose key was destroyed, for what begins after that; what was sealed before stays shut."""
        with self.writing() as connection:
            if self._rows(self.path, Kind.BORROWER, [borrower_id]).get(borrower_id, 0) is None:
                self._insert(connection, Kind.BORROWER, [borrower_id])

    def _rows(self, path: Path, kind: Kind, names: Sequence[str]) -> dict[str, Key | None]:
        """Names with a row -> key of the latest generation, None where it was destroyed."""
        read = asked(path, f"{_FOUND} ORDER BY k.name, k.generation", (kind.value, json.dumps(list(names))))
        return {name: Key(number, self._unwrapped(kind, name, number, kek, w)) if w else None for name, number, kek, w in read}

    def _insert(self, connection: sqlite3.Connection, kind: Kind, names: Sequence[str], secret: bytes = b"") -> dict[str, Key]:
        """New keys of these names, secret given or drawn; wrapped by the lender's key of this moment, also while it is being changed."""
        if (said := connection.execute("SELECT value FROM meta WHERE name = 'kek'").fetchone()) and said[0] != self._current:
            self._current = self._read_wrappers()
        drawn = os.urandom((8 + _NONCE + _SECRET) * len(names))
        made: dict[str, Key] = {}
        rows = []
        wrap = self._wrappers[self._current].encrypt
        last = "SELECT name, max(generation) FROM key WHERE kind = ? AND name IN (SELECT j.value FROM json_each(?) AS j) GROUP BY name"
        before = dict(connection.execute(last, (kind, json.dumps(list(names)))).fetchall())
        for place, name in enumerate(names):
            part = drawn[place * 52 : place * 52 + 52]
            number, nonce = int.from_bytes(part[:8], "big") >> 1, part[8 : 8 + _NONCE]
            key = made[name] = Key(number, secret or part[8 + _NONCE :])
            wrapped = nonce + wrap(nonce, key.secret, _about(kind, name, number))
            rows.append((number, kind.value, name, before.get(name, 0) + 1, self._current, wrapped))
        connection.executemany(_PUT, rows)
        return made

    def rewrap(self, most: int) -> int:
        """Wrap up to so many keys anew that an earlier key of the lender wraps, in one transaction; how many."""
        with self.writing() as connection:
            self._current = self._read_wrappers()
            connection.execute("UPDATE meta SET value = ? WHERE name = 'kek'", (self._current,))
            old = "SELECT kind, name, id, kek, wrapped FROM key WHERE kek <> ? AND wrapped IS NOT NULL ORDER BY kek, id LIMIT ?"
            rows = connection.execute(old, (self._current, most)).fetchall()
            wrap = self._wrappers[self._current].encrypt
            anew = []
            for kind, name, number, kek, wrapped in rows:
                nonce = os.urandom(_NONCE)
                sealed = nonce + wrap(nonce, self._unwrapped(kind, name, number, kek, wrapped), _about(kind, name, number))
                anew.append((sealed, self._current, number))
            connection.executemany("UPDATE key SET wrapped = ?, kek = ? WHERE id = ?", anew)
        return len(rows)

    def _unwrapped(self, kind: str, name: str, number: int, kek: str, wrapped: bytes) -> bytes:
        """The secret of a row; the lender's keys are read again where it was wrapped by one that came since."""
        if kek not in self._wrappers:
            self._current = self._read_wrappers()
        cipher = self._wrappers.get(kek)
        try:
            if cipher is not None:
                return cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _about(kind, name, number))
        except InvalidTag:
            pass
        raise VaultError(
            f"{self.keys / PERSONAL_KEY} does not open the key of the {kind} {name}: it is another key, or the key store was changed. "
            "Restore both from your key backups."
        )


def identity_of(keys: Path) -> str:
    """What tells whose keys lie in a folder, the same after each rotation: the check of the lender's first key."""
    check = check_of(read_key(keys / PERSONAL_KEY))
    if (keys / STORE).is_file():
        return next((str(value) for (value,) in asked(keys / STORE, "SELECT value FROM meta WHERE name = 'identity'")), "")
    return check


def _about(kind: str, name: str, number: int) -> bytes:
    """What a wrapped key is bound to, so that no row's key can stand in another row."""
    return f"{kind}|{name}|{number:016x}".encode()


def asked(path: Path, question: str, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows that answer a question to a store; VaultError where the file is damaged."""
    try:
        return connected(path).execute(question, given).fetchall()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        raise VaultError(f"{path} is damaged ({error}). Restore it from its backup: sulah keys restore FILE") from error


_open = threading.local()
_MOST = 8


def connected(path: Path) -> sqlite3.Connection:
    """This thread's connection to a store; opened once, and anew where the file is another one."""
    stand = path.stat() if path.is_file() else None
    tag = (os.getpid(), str(path), (stand.st_dev, stand.st_ino) if stand else None)
    held: dict[object, sqlite3.Connection] = _open.__dict__.setdefault("held", {})
    if tag in held:
        return held[tag]
    while len(held) >= _MOST:
        held.pop(next(iter(held))).close()
    connection = sqlite3.connect(path, timeout=60, isolation_level=None)
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "secure_delete = ON", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    stand = path.stat()
    held[os.getpid(), str(path), (stand.st_dev, stand.st_ino)] = connection
    return connection
