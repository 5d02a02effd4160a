"""A whole file sealed under the key of a month: in blocks, each bound to the file's name, its place and whether it is the last.

Layout: a line `sulah-sealed-1 KEY PREFIX` (16 and 16 hexadecimal digits), then blocks of 1 MiB of text, each 16 bytes longer sealed.
"""

import os
import secrets
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sulah.adapters.book.durable import durable
from sulah.adapters.book.keyfile import VaultError, overwrite
from sulah.adapters.book.vault import Vault
from sulah.kernel.points import reach, register

register("file.sealed", "file.removed")

ENDING = ".sealed"
_MAGIC = b"sulah-sealed-1"
_BLOCK, _TAG, _HEAD = 1 << 20, 16, len(_MAGIC) + 35


def seal_file(vault: Vault, kind: str, day: date, path: Path) -> Path:
    """Write path.sealed under the key of that day's month and remove the file, its bytes overwritten; the sealed one.

    Killed between the two, both are there and the same call ends it.
    """
    sealed = path.with_name(path.name + ENDING)
    if not sealed.is_file():
        key = vault.period_key(kind, day)
        cipher, prefix = AESGCM(key.secret), secrets.token_bytes(8)
        with durable(sealed) as part, path.open("rb") as source:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as target:
                target.write(b"%s %016x %s\n" % (_MAGIC, key.number, prefix.hex().encode()))
                block, place = source.read(_BLOCK), 0
                while True:
                    after = source.read(_BLOCK)
                    target.write(cipher.encrypt(_nonce(prefix, place), block, _about(path.name, place, last=not after)))
                    if not after:
                        break
                    block, place = after, place + 1
    reach("file.sealed")
    overwrite(path)
    reach("file.removed")
    return sealed


def opened_file(vault: Vault, sealed: Path) -> Iterator[bytes]:
    """The bytes of a sealed file, block by block; VaultError when key, name, order or length are not what was sealed."""
    name = sealed.name.removesuffix(ENDING)
    with sealed.open("rb") as source:
        head = source.read(_HEAD).split()
        if len(head) != 3 or head[0] != _MAGIC:
            raise VaultError(f"{sealed} is no sealed file.")
        cipher, prefix = AESGCM(vault.store.key(int(head[1], 16)).secret), bytes.fromhex(head[2].decode())
        block, place = source.read(_BLOCK + _TAG), 0
        while True:
            after = source.read(_BLOCK + _TAG)
            try:
                yield cipher.decrypt(_nonce(prefix, place), block, _about(name, place, last=not after))
            except InvalidTag as error:
                raise VaultError(f"{sealed} does not open: it was changed, cut or renamed.") from error
            if not after:
                return
            block, place = after, place + 1


def _nonce(prefix: bytes, place: int) -> bytes:
    return prefix + place.to_bytes(4, "big")


def _about(name: str, place: int, *, last: bool) -> bytes:
    return f"file|{name}|{place}|{int(last)}".encode()
