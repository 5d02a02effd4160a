"""The vault: personal data and refused rows, sealed with the lender's personal key (AES-256-GCM), bound to whom they are about.

The nonce is derived from the text (HMAC-SHA256 under a key of its own), so the same load writes the same bytes and no nonce is
used for two texts.  A seal opens only with the same subject: a row cannot be passed off as another person's.
"""

import base64
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

PERSONAL_KEY = "personal.key"
_NONCE = 12


class VaultError(Exception):
    """The key is missing or does not open the seal; the words say what to do."""


def make_key(path: Path) -> None:
    """Write a new 256-bit key, readable by its owner only; FileExistsError when one is there: a key is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(32) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


class Vault:
    """Seals and opens with the personal key of one lender."""

    def __init__(self, lender: Lender) -> None:
        """Read keys/personal.key; VaultError when it is missing or not 64 hexadecimal digits."""
        path = lender.keys / PERSONAL_KEY
        try:
            key = bytes.fromhex(path.read_text("ascii").strip())
        except (OSError, ValueError) as error:
            raise VaultError(
                f"{path} cannot be read as a key ({error}). Restore it from your key backup; without it names stay sealed."
            ) from error
        if len(key) != 32:
            raise VaultError(f"{path} is not a 256-bit key. Restore it from your key backup.")
        self._cipher = AESGCM(hashlib.sha256(b"seal" + key).digest())
        self._nonce_key = hashlib.sha256(b"nonce" + key).digest()

    def seal(self, subject: str, text: str) -> str:
        """The sealed text, base64, bound to the subject."""
        about, plain = subject.encode(), text.encode()
        nonce = hmac.digest(self._nonce_key, len(about).to_bytes(4, "big") + about + plain, "sha256")[:_NONCE]
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, plain, about)).decode("ascii")

    def unseal(self, subject: str, sealed: str) -> str:
        """The text of a seal; VaultError when key, subject or bytes are not the ones sealed."""
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], subject.encode()).decode()
        except InvalidTag as error:
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
