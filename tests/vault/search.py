"""Somebody who has every file and every key: searches bytes, and all that any key at hand can open, without a line of the vault's code.

A seal is opened by counter mode alone (AES-CTR is what lies under AES-GCM), so neither its subject nor its check need be known.
"""

import base64
import hashlib
import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SEAL = re.compile(rb"k1\.([0-9a-f]{16})\.([A-Za-z0-9+/=]+)")
_SQLITE = b"SQLite format 3\x00"
_LEAST = 28
"""Bytes of a seal that says nothing: nonce and check."""


def keys_in(folders: Iterable[Path]) -> dict[int, list[bytes]]:
    """Every key that any key store in these folders holds and any lender's key there opens, by its number."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    lenders = [bytes.fromhex(path.read_text().split()[0]) for path in files if path.name.startswith("personal")]
    found: dict[int, list[bytes]] = {}
    for path in files:
        if path.suffix != ".sqlite3" or path.read_bytes()[:16] != _SQLITE:
            continue
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store, suppress(sqlite3.OperationalError):
            for kind, name, number, wrapped in store.execute("SELECT kind, name, id, wrapped FROM key WHERE wrapped IS NOT NULL"):
                for lender in lenders:
                    with suppress(Exception):
                        cipher = AESGCM(hashlib.sha256(b"wrap" + lender).digest())
                        secret = cipher.decrypt(wrapped[:12], wrapped[12:], f"{kind}|{name}|{number:016x}".encode())
                        found.setdefault(number, []).append(secret)
    return found


def hits(folders: Iterable[Path], shape: re.Pattern[bytes]) -> dict[str, set[str]]:
    """Each text of that shape -> the files in which it can be read, in clear or with a key at hand."""
    places = list(folders)
    keys = keys_in(places)
    found: dict[str, set[str]] = {}
    for folder in places:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                for text in readable(path.read_bytes(), path, keys):
                    for canary in shape.findall(text):
                        found.setdefault(canary.decode(), set()).add(path.name)
    return found


def readable(raw: bytes, path: Path, keys: dict[int, list[bytes]]) -> Iterator[bytes]:
    """The bytes, the texts of a table, and what lies behind every seal in them that opens."""
    yield raw
    texts = [raw]
    if raw[:4] == b"PAR1":
        table = pq.read_table(path)
        texts += ["\n".join(str(cell) for cell in column.to_pylist()).encode() for column in table.columns]
    if raw[:16] == _SQLITE:
        texts += [_whole(path)]
    if raw.startswith(b"sulah-sealed-1 "):
        yield from _of_file(raw, keys)
    for text in texts:
        yield text
        for number, sealed in _SEAL.findall(text):
            held = _decoded(sealed)
            for secret in keys.get(int(number, 16), []) if len(held) > _LEAST else []:
                opened = _counter(hashlib.sha256(b"seal" + secret).digest(), held)
                yield opened
                with suppress(Exception):
                    yield zlib.decompress(base64.b64decode(opened))


def _decoded(text: bytes) -> bytes:
    """As much of a base64 text as is whole: in the raw pages of a database a long one is cut where its page ends."""
    whole = text.partition(b"=")[0]
    whole = whole[: len(whole) - (len(whole) % 4 == 1)]
    return base64.b64decode(whole + b"=" * (-len(whole) % 4))


def _whole(path: Path) -> bytes:
    """Every cell of a database: long ones lie in pieces on pages that overflow."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        names = [name for (name,) in book.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (row for name in names for row in book.execute(f'SELECT * FROM "{name}"'))
        return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)


def _of_file(raw: bytes, keys: dict[int, list[bytes]]) -> Iterator[bytes]:
    head, _, body = raw.partition(b"\n")
    _, number, prefix = head.split()
    step = (1 << 20) + 16
    for secret in keys.get(int(number, 16), []):
        for place in range(0, max(len(body), 1), step):
            nonce = bytes.fromhex(prefix.decode()) + (place // step).to_bytes(4, "big")
            yield _counter(secret, nonce + body[place : place + step])


def _counter(key: bytes, sealed: bytes) -> bytes:
    """What a GCM ciphertext says under a key, unchecked: its first block of counters begins at two."""
    opened = Cipher(algorithms.AES(key), modes.CTR(sealed[:12] + b"\x00\x00\x00\x02")).decryptor()
    return opened.update(sealed[12:-16])
