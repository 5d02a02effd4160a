"""The vault: personal data and refused rows, sealed with the lender's personal key (AES-256-GCM), bound to whom they are about.

The nonce is derived from the text (HMAC-SHA256 under a key of its own), so the same load writes the same bytes and no nonce is
used for two texts.  A seal opens only with the same subject: a row cannot be passed off as another person's.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sulah.adapters.book.layout import Lender
from sulah.kernel.refusal import Refusal

PERSONAL_KEY = "personal.key"
_NONCE = 12


class VaultError(Refusal):
    """The key is missing or does not open the seal; the words say what to do."""


def make_key(path: Path) -> None:
    """Write a new 256-bit key, readable by its owner only; FileExistsError when one is there: a key is never replaced.

    The second line is its check: a key in which one sign has changed would seal new rows that nobody could ever open.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        key = secrets.token_bytes(32)
        handle.write(f"{key.hex()}\n{check_of(key)}\n")
        handle.flush()
        os.fsync(handle.fileno())


def check_of(key: bytes) -> str:
    """What tells this key from any other without giving it away: `check ` and 16 hexadecimal digits of a digest of its own.

    >>> check_of(bytes(32))
    'check 452f110eef97fdf0'
    """
    return f"check {hashlib.sha256(b'check' + key).hexdigest()[:16]}"


def read_key(path: Path) -> bytes:
    """The 256-bit key of a file, held to its check where it has one; VaultError when it cannot be read as one."""
    try:
        digits, *check = path.read_text("ascii").splitlines()
        key = bytes.fromhex(digits.strip())
    except (OSError, ValueError) as error:
        raise VaultError(
            f"{path} cannot be read as a key ({error}). Restore it from your key backup; without it names stay sealed."
        ) from error
    if len(key) != 32 or len(digits.strip()) != 64:
        raise VaultError(f"{path} is not a 256-bit key. Restore it from your key backup.")
    if check and check != [check_of(key)]:
        raise VaultError(f"{path} was changed: it no longer fits its check. Restore it from your key backup; nothing was sealed with it.")
    return key


class _Keyed:
    """HMAC-SHA256 (RFC 2104) of many texts under one key of at most 64 bytes: its two pads are hashed once, in a third of the time."""

    def __init__(self, key: bytes) -> None:
        """Hash both pads."""
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, text: bytes) -> bytes:
        """What hmac.digest gives.

        >>> _Keyed(b"key").digest(b"text") == hmac.digest(b"key", b"text", "sha256")
        True
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


class Vault:
    """Seals and opens with the personal key of one lender."""

    def __init__(self, lender: Lender) -> None:
        """Read keys/personal.key; VaultError when it is missing or not 64 hexadecimal digits."""
        key = read_key(lender.keys / PERSONAL_KEY)
        self._cipher = AESGCM(hashlib.sha256(b"seal" + key).digest())
        self._nonce_key = hashlib.sha256(b"nonce" + key).digest()
        self._nonces = _Keyed(self._nonce_key)
        self._number_key = hashlib.sha256(b"number" + key).digest()

    def seal(self, subject: str, text: str) -> str:
        """The sealed text, base64, bound to the subject."""
        about, plain = subject.encode(), text.encode()
        nonce = self._nonces.digest(len(about).to_bytes(4, "big") + about + plain)[:_NONCE]
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plain, about)).decode("ascii")

    def number_key(self, number: str) -> str:
        """The blind index of a number or address, 32 hexadecimal digits: equal for equal texts of this lender, and no way back."""
        return hmac.digest(self._number_key, number.encode(), "sha256").hex()[:32]

    def unseal(self, subject: str, sealed: str) -> str:
        """The text of a seal; VaultError when key, subject or bytes are not the ones sealed."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], subject.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise VaultError(f"The sealed row of {subject} does not open: another key, or changed bytes.") from error

    def open(self, subject: str, sealed: str) -> dict[str, str | None]:
        """The sealed columns of a person (subject = borrower_id), by contract name; absent ones are left out."""
        given: dict[str, str | None] = json.loads(self.unseal(subject, sealed))
        return given


def quarantine_subject(table: str, file: str, row: int) -> str:
    """What a refused row's seal is bound to: its place in the extract."""
    return f"quarantine|{table}|{file}|{row}"


def quarantined_rows(lender: Lender, folder: Path) -> Iterator[dict[str, str | None]]:
    """The refused rows of a load, opened, ready to be corrected: one a row, in file order.

    Each has the contract's columns as the lender gave them, and table, file, row, code, words (several joined by "; ").
    folder is the load's folder; a repair reads the same columns back and ignores code and words.
    """
    vault = Vault(lender)
    read = pq.read_table(folder / "quarantine.parquet")
    rows = [row for row in read.to_pylist() if row["severity"] == "row"]
    merged: dict[tuple[str, str, int], dict[str, str | None]] = {}
    for row in rows:
        place = (row["table_name"], row["file"], row["row"])
        if place in merged:
            merged[place]["code"] = f"{merged[place]['code']}; {row['code']}"
            merged[place]["words"] = f"{merged[place]['words']}; {row['words']}"
            continue
        opened = vault.open(quarantine_subject(*place), row["sealed"])
        merged[place] = {"table": place[0], "file": place[1], "row": str(place[2]), "code": row["code"], "words": row["words"], **opened}
    yield from merged.values()
