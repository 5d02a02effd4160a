"""A receipt: an entry, the proof that it is in the log, and the signed checkpoint, in at most 4 KB of JSON that outlive our server.

The proof is a C2SP tlog proof (https://c2sp.org/tlog-proof), so other people's tools can read it.  The entry travels as its very bytes, so
nobody has to write it canonically again to check it.  The keys are there for convenience: whoever checks must know them from elsewhere.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sulah.kernel.commitment import commitment
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from sulah.transparency.entry import Draft, read_entry
from sulah.transparency.merkle import HASH_BYTES, leaf_hash
from sulah.transparency.note import WITNESS, Note, VerifierKey, parse_note, read_base64
from sulah.transparency.proofs import Hashes, inclusion_proof, is_included

FORMAT = "sulah-receipt/1"
RECEIPT_BYTES = 4096
_PROOF = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a commitment: the salt and the payload's canonical bytes.  Given only to whom the payload is about."""

    salt: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """An entry of a log, its place and proof, the checkpoint's note, the keys that signed it, and what opens its commitment."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]
    note: Note
    keys: tuple[VerifierKey, ...] = ()
    opening: Opening | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        """What the note says, unchecked."""
        return parse_checkpoint(self.note.text)

    @property
    def tlog_proof(self) -> str:
        """The proof as a C2SP text."""
        hashes = [base64.b64encode(node).decode() for node in self.proof]
        return "\n".join([_PROOF, f"index {self.index}", *hashes, "", str(self.note)])

    def to_json(self) -> bytes:
        """The receipt as it is handed out; UnprovenError over 4 KB (a payload that long is handed over apart from it)."""
        made: dict[str, Any] = {"format": FORMAT, "entry": self.entry.decode(), "proof": self.tlog_proof}
        made["keys"] = [key.text for key in self.keys]
        if self.opening:
            made["opening"] = {"salt": self.opening.salt.hex(), "payload": self.opening.payload.decode()}
        text = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        if len(text) > RECEIPT_BYTES:
            raise UnprovenError(f"the receipt has {len(text):,} bytes; the most is {RECEIPT_BYTES:,}")
        return text


def make_receipt(entry: bytes, note: Note, hashes: Hashes, keys: Sequence[VerifierKey], opening: Opening | None = None) -> Receipt:
    """The receipt of an entry under a checkpoint; hashes: of the tree of the checkpoint's size."""
    index, _ = read_entry(entry)
    proof = inclusion_proof(index, parse_checkpoint(note.text).size, hashes)
    return Receipt(entry, index, tuple(proof), note, tuple(keys), opening)


def parse_receipt(text: bytes) -> Receipt:
    """A receipt taken apart; UnprovenError for what is none."""
    try:
        fields = json.loads(text) if len(text) <= RECEIPT_BYTES else None
        if not isinstance(fields, dict) or fields.get("format") != FORMAT:
            raise UnprovenError(f"a receipt is JSON of at most {RECEIPT_BYTES:,} bytes that says {FORMAT}")
        index, proof, note = _tlog_proof(fields["proof"])
        opening = fields.get("opening")
        opened = Opening(bytes.fromhex(opening["salt"]), opening["payload"].encode()) if opening else None
        return Receipt(fields["entry"].encode(), index, proof, note, tuple(VerifierKey.parse(key) for key in fields["keys"]), opened)
    except UnprovenError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnprovenError(f"the receipt cannot be read: {error}") from None


def _tlog_proof(text: str) -> tuple[int, tuple[bytes, ...], Note]:
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    index = _INDEX.fullmatch(lines[0]) if lines else None
    if first != _PROOF or index is None:
        raise UnprovenError(f"a proof begins with {_PROOF} and the index of the entry")
    proof = tuple(read_base64(line, "a line of the proof") for line in lines[1:])
    if any(len(node) != HASH_BYTES for node in proof):
        raise UnprovenError("a line of the proof is no hash")
    return int(index[1]), proof, parse_note(note)


@dataclass(frozen=True, slots=True)
class Proven:
    """What a receipt proves: this entry stands in the log under this checkpoint; witnesses: names and times of those who signed it."""

    entry: Draft
    index: int
    checkpoint: Checkpoint
    witnesses: tuple[tuple[str, int], ...]


def check_receipt(receipt: Receipt, keys: Sequence[VerifierKey]) -> Proven:
    """Check a receipt with keys known from elsewhere; UnprovenError with the first thing that does not hold."""
    seq, draft = read_entry(receipt.entry)
    if seq != receipt.index:
        raise UnprovenError(f"the entry says that it is number {seq}, the proof is for number {receipt.index}")
    checkpoint, signed = open_checkpoint(str(receipt.note), keys)
    if not is_included(leaf_hash(receipt.entry), receipt.index, checkpoint.size, receipt.proof, checkpoint.root):
        raise UnprovenError("the entry is not in the log of the checkpoint: the entry, its place or the proof was changed")
    if receipt.opening and commitment(receipt.opening.salt, receipt.opening.payload) != draft.commit:
        raise UnprovenError("the words shown are not those that the entry commits to")
    witnesses = tuple((one.key.name, one.time or 0) for one in signed if one.key.kind == WITNESS)
    return Proven(draft, seq, checkpoint, witnesses)


def bare(receipt: Receipt) -> Receipt:
    """The receipt without what opens its commitment: what may be shown to anybody."""
    return replace(receipt, opening=None)
