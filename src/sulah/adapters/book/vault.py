"""The vault: personal data sealed with AES-256-GCM under the key of the person, or of the period, that it hangs on.

Every seal is bound to its subject (associated data): a row cannot be passed off as another's.  The nonce is derived from the text
under the key (keyed BLAKE2b), so the same load with the same key store writes the same bytes, and no nonce is used for two texts.

A seal is `k1.`, the number of its key in 16 hexadecimal digits, `.`, and base64 of nonce and ciphertext.  Loads written before there
were keys per borrower have the base64 alone, under the lender's own sealing key; both are read, and only the first is written.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sulah.adapters.book.keyfile import PERSONAL_KEY, VaultError, check_of, make_key, read_key
from sulah.adapters.book.keystore import Key, KeyDestroyedError, KeyStore, Kind
from sulah.adapters.book.layout import Lender

__all__ = ["PERSONAL_KEY", "KeyDestroyedError", "Vault", "VaultError", "check_of", "make_key", "quarantined_rows", "read_key"]

QUARANTINE, RAW, HEARD, API, EXTRACT = "quarantine", "raw", "heard", "api", "extract"
"""Kinds of periods: refused rows; raw bodies at our door; what nobody on the book said; records of the API; files of the lender."""

_NONCE = 12
_FORM = "k1."


def period_of(kind: str, day: date) -> str:
    """The name of the key under which what hangs on a day lies, one a kind and month.

    >>> period_of("webhook", date(2026, 11, 23))
    'webhook/2026-11'
    """
    return f"{kind}/{day:%Y-%m}"


class _Keyed:
    """HMAC-SHA256 (RFC 2104) of many texts under one key of at most 64 bytes: its two pads are hashed once, in a third of the time."""

    def __init__(self, key: bytes) -> None:
        """Hash both pads."""
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, text: bytes) -> bytes:
        """What hmac.digest gives.

        >>> import hmac
        >>> _Keyed(b"key").digest(b"text") == hmac.digest(b"key", b"text", "sha256")
        True
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text)
        outer.update(inner.digest())
        return outer.digest()


class Vault:
    """Seals and opens for one lender; who seals says on whose key it hangs: a person's, or a month's, which expires."""

    def __init__(self, lender: Lender) -> None:
        """Read keys/personal.key and open the key store; VaultError when either is missing or not the lender's."""
        self.store = KeyStore(lender.keys, lender.root)
        own = self.store.keys_of(Kind.LENDER, ["number", "seal"])
        number, seal = own["number"], own["seal"]
        if number is None or seal is None:
            raise VaultError(f"{self.store.path} lacks the lender's own keys. Restore it from its backup.")
        self._indexes = _Keyed(number.secret)
        self._before = AESGCM(seal.secret)

    def seal_about(self, person: str, subject: str, text: str) -> str:
        """The text sealed under a person's key, bound to the subject; KeyDestroyedError for a person who was erased."""
        return _sealed(self._key(Kind.BORROWER, person), subject, text)

    def seal_people(self, texts: Sequence[tuple[str, str, str]]) -> list[str | None]:
        """Many (person, subject, text) in one look at the key store; None in the place of those about people who were erased."""
        keys = self.store.keys_of(Kind.BORROWER, [person for person, _, _ in texts], make=True)
        return [_sealed(key, subject, text) if (key := keys[person]) else None for person, subject, text in texts]

    def seal_until(self, kind: str, day: date, subject: str, text: str) -> str:
        """The text sealed under the key of that day's month, which expires, bound to the subject."""
        return self.seal_rows_until(kind, day, [(subject, text)])[0]

    def seal_rows_until(self, kind: str, day: date, rows: Iterable[tuple[str, str]]) -> list[str]:
        """Many (subject, text) under the key of that day's month, in one look at the key store."""
        key = self.period_key(kind, day)
        return [_sealed(key, subject, text) for subject, text in rows]

    def period_key(self, kind: str, day: date) -> Key:
        """The key of that day's month; KeyDestroyedError when its period is over."""
        return self._key(Kind.PERIOD, period_of(kind, day))

    def number_key(self, number: str) -> str:
        """The blind index of a number or address, 32 hexadecimal digits: equal for equal texts of this lender, and no way back."""
        return self._indexes.digest(number.encode()).hex()[:32]

    def unseal(self, subject: str, sealed: str) -> str:
        """The text of a seal; VaultError when key, subject or bytes are not the ones sealed, KeyDestroyedError when its key is gone."""
        key = None if not sealed.startswith(_FORM) else self.store.key(number_of(sealed))
        return self._opened(key, subject, sealed)

    def open(self, subject: str, sealed: str) -> dict[str, str | None]:
        """The sealed columns of a person (subject = borrower_id), by contract name; absent ones are left out, and all of an erased one."""
        try:
            given: dict[str, str | None] = json.loads(self.unseal(subject, sealed))
        except KeyDestroyedError:
            return {}
        return given

    def open_people(self, sealed: Sequence[tuple[str, str]]) -> list[dict[str, str | None]]:
        """Many (person, sealed columns) as `open` gives them, in one look at the key store."""
        keys = self.store.keys_of(Kind.BORROWER, [person for person, text in sealed if text.startswith(_FORM)])
        return [self._of_person(keys, person, text) for person, text in sealed]

    def erased(self, people: Sequence[str] | None = None) -> set[str]:
        """Those of the people (None: of all) whose key was destroyed."""
        return self.store.destroyed(Kind.BORROWER, people)

    def is_before(self, sealed: str) -> bool:
        """Was it sealed before there were keys per borrower, so that no erasure reaches it?"""
        return not sealed.startswith(_FORM)

    def _key(self, kind: Kind, name: str) -> Key:
        key = self.store.keys_of(kind, [name], make=True)[name]
        if key is None:
            raise KeyDestroyedError(f"The key of the {kind} {name} was destroyed: nothing more can be sealed for it.")
        return key

    def _of_person(self, keys: Mapping[str, Key | None], person: str, sealed: str) -> dict[str, str | None]:
        key = keys.get(person)
        if sealed.startswith(_FORM) and (key is None or key.number != number_of(sealed)):
            return self.open(person, sealed)  # erased, or sealed under an earlier key of the same person
        given: dict[str, str | None] = json.loads(self._opened(key, person, sealed))
        return given

    def _opened(self, key: Key | None, subject: str, sealed: str) -> str:
        try:
            raw = base64.b64decode(sealed[len(_FORM) + 17 :] if key else sealed, validate=True)
            cipher = _cipher(key.secret) if key else self._before
            return cipher.decrypt(raw[:_NONCE], raw[_NONCE:], subject.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise VaultError(f"The sealed row of {subject} does not open: another key, or changed bytes.") from error


def number_of(sealed: str) -> int:
    """The number of the key that a seal was made with; VaultError when it is no such seal."""
    try:
        return int(sealed[len(_FORM) : len(_FORM) + 16], 16)
    except ValueError as error:
        raise VaultError("A seal has lost the number of its key: its bytes were changed.") from error


def _cipher(secret: bytes) -> AESGCM:
    return AESGCM(hashlib.sha256(b"seal" + secret).digest())


def _sealed(key: Key, subject: str, text: str) -> str:
    about, plain = subject.encode(), text.encode()
    nonce_key = hashlib.sha256(b"nonce" + key.secret).digest()
    nonce = hashlib.blake2b(len(about).to_bytes(4, "big") + about + plain, key=nonce_key, digest_size=_NONCE).digest()
    return f"{_FORM}{key.number:016x}.{base64.b64encode(nonce + _cipher(key.secret).encrypt(nonce, plain, about)).decode('ascii')}"


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
        opened = json.loads(vault.unseal(quarantine_subject(*place), row["sealed"]))
        merged[place] = {"table": place[0], "file": place[1], "row": str(place[2]), "code": row["code"], "words": row["words"], **opened}
    yield from merged.values()
