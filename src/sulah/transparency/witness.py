"""What a witness does with a checkpoint (https://c2sp.org/tlog-witness, add-checkpoint): sign it only if it goes on from the last one.

A witness stops a log from showing different people different histories, because it remembers one of them.  The answer is a value: whoever
calls must keep `remember` durably *before* the answer goes out, with no other request between (adapters/log/witness.py does).
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import Checkpoint, parse_checkpoint
from sulah.transparency.merkle import EMPTY_ROOT, HASH_BYTES
from sulah.transparency.note import LOG, Note, SigningKey, VerifierKey, parse_note, read_base64
from sulah.transparency.proofs import is_consistent

_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
PROOF_LINES = 63


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and body of an answer; remember: the note to keep before it goes out, None where nothing was signed."""

    status: int
    body: str = ""
    remember: Note | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What a log sends: the size that the witness signed last, the way from there, and the new checkpoint."""

    old: int
    proof: tuple[bytes, ...]
    note: Note

    @property
    def body(self) -> str:
        """The request as it travels."""
        return "".join([f"old {self.old}\n", *(f"{base64.b64encode(node).decode()}\n" for node in self.proof), "\n", str(self.note)])


def parse_request(body: bytes | str) -> Request:
    """A request taken apart; UnprovenError for what is none."""
    text = body if isinstance(body, str) else body.decode(errors="replace")
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    asked = _OLD.fullmatch(first)
    if asked is None or len(lines) > PROOF_LINES:
        raise UnprovenError("a request to a witness begins with the old size and at most 63 lines of proof")
    proof = tuple(read_base64(line, "a line of the proof") for line in lines)
    if any(len(node) != HASH_BYTES for node in proof):
        raise UnprovenError("a line of the proof is no hash")
    return Request(int(asked[1]), proof, parse_note(note))


def add_checkpoint(request: Request, signed_last: Checkpoint | None, keys: Sequence[VerifierKey], witness: SigningKey, time: int) -> Answer:
    """The witness's answer: 200 and its signature, or 400, 403, 404, 409 (with the size it signed last), 422.

    signed_last: of this origin, None if never; keys: the logs that it knows; time: seconds since the epoch.
    """
    try:
        new = parse_checkpoint(request.note.text)
    except UnprovenError as error:
        return Answer(400, f"{error}\n")
    mine = [key for key in keys if key.name == new.origin and key.kind == LOG]
    if not mine:
        return Answer(404, f"{new.origin} is not known here\n")
    try:
        request.note.signed_by(mine)
    except UnprovenError as error:
        return Answer(403, f"{error}\n")
    old_size, old_root = (signed_last.size, signed_last.root) if signed_last else (0, EMPTY_ROOT)
    if request.old > new.size:
        return Answer(400, "the old size is greater than the new one\n")
    if request.old != old_size:
        return Answer(409, f"{old_size}\n")
    if not is_consistent(old_size, old_root, new.size, new.root, request.proof):
        return Answer(422, "the checkpoint does not go on from the one signed last\n")
    signature = witness.sign(new.text, time)
    return Answer(200, signature.line, request.note.with_signatures([signature]))
