"""The short form of a receipt for a QR code: the same proof in at most 1,200 bytes, as capitals and digits that survive a retyping.

Nothing is in it that can be worked out: the root follows from entry and proof, the origin from the key's id, the entry's canonical bytes
from its fields.  Layout, numbers big-endian, texts behind a byte of length:

    1 | index 5 | size 5 | key id 4 | signature 64 | witnesses n, each key id 4, time 8, signature 64 |
    act 16 | instant 5 | date 3 (days since 1970) | which of subject, payload, policy, model | type | actor | these | proof, 32 each
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import Checkpoint
from sulah.transparency.entry import Draft, read_entry
from sulah.transparency.merkle import HASH_BYTES, leaf_hash
from sulah.transparency.note import LOG, WITNESS, Note, Signature, VerifierKey
from sulah.transparency.proofs import root_by_inclusion
from sulah.transparency.receipt import Receipt

PREFIX = "SULAH1:"
CODE_BYTES = 1200
"""24 hashes (16 million entries) and one witness fit; so do 28 hashes (268 million) and none."""

_EPOCH, _DAYS = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1).toordinal()
_SUBJECT, _SEALED, _POLICY, _MODEL, _COMMITTED = 1, 2, 4, 8, 16
"""What an entry has: with _SEALED both digests of its payload, with _COMMITTED the commitment alone."""


def _five(number: int) -> bytes:
    return number.to_bytes(5, "big")


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("ascii")


def _packed(draft: Draft) -> bytes:
    """An entry's fields but its number."""
    digests = (draft.cipher, draft.commit, draft.policy, draft.model)
    payload = _SEALED if draft.cipher else _COMMITTED * bool(draft.commit)
    marks = (_SUBJECT * bool(draft.subject)) | payload | (_POLICY * bool(draft.policy)) | (_MODEL * bool(draft.model))
    seconds = (draft.at - _EPOCH) // timedelta(seconds=1)
    head = bytes.fromhex(draft.act) + _five(seconds) + (draft.on.toordinal() - _DAYS).to_bytes(3, "big") + bytes([marks])
    texts = _text(draft.type) + _text(draft.actor) + (_text(draft.subject) if draft.subject else b"")
    return head + texts + b"".join(bytes.fromhex(digest) for digest in digests if digest)


def to_code(receipt: Receipt) -> str:
    """The text of the QR code; UnprovenError over 1,200 bytes.  Only signatures by the receipt's own keys go in."""
    _, draft = read_entry(receipt.entry)
    known = {(key.name, key.key_id): key.kind for key in receipt.keys}
    logs = [one for one in receipt.note.signatures if known.get((one.name, one.key_id)) == LOG]
    if not logs:
        raise UnprovenError("a code needs the signature of the log by one of the receipt's keys")
    witnesses = [one for one in receipt.note.signatures if known.get((one.name, one.key_id)) == WITNESS]
    signed = logs[0].key_id + logs[0].signature + bytes([len(witnesses)])
    signed += b"".join(one.key_id + one.signature for one in witnesses)
    made = b"\x01" + _five(receipt.index) + _five(receipt.checkpoint.size) + signed + _packed(draft) + b"".join(receipt.proof)
    if len(made) > CODE_BYTES:
        raise UnprovenError(f"the code has {len(made):,} bytes; the most is {CODE_BYTES:,}")
    return PREFIX + base64.b32encode(made).decode().rstrip("=")


class _Cursor:
    """Bytes read from left to right."""

    def __init__(self, held: bytes) -> None:
        self._held, self._at = held, 0

    def take(self, count: int) -> bytes:
        """The next bytes; UnprovenError where the code ends before."""
        found = self._held[self._at : self._at + count]
        if len(found) < count:
            raise UnprovenError("the code ends too early: it was not read or typed whole")
        self._at += count
        return found

    def number(self, size: int) -> int:
        """The next number, of so many bytes."""
        return int.from_bytes(self.take(size), "big")

    def text(self) -> str:
        """The next text."""
        try:
            return self.take(self.number(1)).decode("ascii")
        except UnicodeDecodeError:
            raise UnprovenError("a text in the code has other characters than the log writes") from None

    def rest(self) -> bytes:
        """All that is left."""
        return self._held[self._at :]


def from_code(code: str, keys: Sequence[VerifierKey]) -> Receipt:
    """The receipt of a code, by the keys that its ids name; UnprovenError for what is no code.  Nothing is checked yet but its form."""
    letters = "".join(code.split()).upper()
    try:
        held = base64.b32decode(letters.removeprefix(PREFIX) + "=" * (-len(letters.removeprefix(PREFIX)) % 8))
    except (binascii.Error, ValueError):
        held = b""
    if not letters.startswith(PREFIX) or held[:1] != b"\x01":
        raise UnprovenError(f"the code of a receipt begins with {PREFIX} and has capitals and the digits 2 to 7")
    cursor = _Cursor(held[1:])
    index, size = cursor.number(5), cursor.number(5)
    log_id, log_signature = cursor.take(4), cursor.take(64)
    witnesses = [(cursor.take(4), cursor.take(72)) for _ in range(cursor.number(1))]
    draft = _unpacked(cursor)
    rest = cursor.rest()
    if len(rest) % HASH_BYTES:
        raise UnprovenError("the code ends inside a hash: it was not read or typed whole")
    proof = tuple(rest[at : at + HASH_BYTES] for at in range(0, len(rest), HASH_BYTES))
    named = {(key.kind, key.key_id): key for key in keys}
    log = named.get((LOG, log_id))
    if log is None:
        raise UnprovenError("the code was signed with a key that is not trusted here")
    known = [(named[WITNESS, key_id].name, key_id, signed) for key_id, signed in witnesses if (WITNESS, key_id) in named]
    entry = draft.numbered(index)
    checkpoint = Checkpoint(log.name, size, root_by_inclusion(leaf_hash(entry), index, size, proof))
    lines = (Signature(log.name, log_id, log_signature), *(Signature(*one) for one in known))
    return Receipt(entry, index, proof, Note(checkpoint.text, lines), tuple(keys))


def _unpacked(cursor: _Cursor) -> Draft:
    act, seconds, days, marks = cursor.take(16).hex(), cursor.number(5), cursor.number(3), cursor.number(1)
    if marks > _SUBJECT | _SEALED | _POLICY | _MODEL | _COMMITTED or (marks & _SEALED and marks & _COMMITTED):
        raise UnprovenError("the code marks parts that this version does not know")
    kind, actor = cursor.text(), cursor.text()
    subject = cursor.text() if marks & _SUBJECT else None
    cipher = cursor.take(32).hex() if marks & _SEALED else None
    commit = cursor.take(32).hex() if marks & (_SEALED | _COMMITTED) else None
    policy = cursor.take(32).hex() if marks & _POLICY else None
    model = cursor.take(32).hex() if marks & _MODEL else None
    try:
        at = _EPOCH + timedelta(seconds=seconds)
        on = date.fromordinal(days + _DAYS)
    except (OverflowError, ValueError):
        raise UnprovenError("a date in the code is none") from None
    return Draft(act, kind, at, on, actor, subject, cipher, commit, policy, model)
