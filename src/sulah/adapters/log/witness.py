"""The memory of a witness: for each log the last checkpoint that it signed, kept before the signature goes out."""

import fcntl
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from sulah.adapters.book.durable import durable
from sulah.kernel.points import reach, register
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import SigningKey, VerifierKey, parse_note
from sulah.transparency.witness import Answer, add_checkpoint, parse_request

register("tlog.witness_kept")


class Witness:
    """Answers logs whose keys it knows; its folder holds `<SHA-256 of the origin>/checkpoint`, as tlog-witness serves it."""

    def __init__(self, folder: Path, key: SigningKey, logs: Sequence[VerifierKey]) -> None:
        """key: the witness's own; logs: the keys of the logs that it watches."""
        self.folder, self.key, self.logs = folder, key, logs

    def path(self, origin: str) -> Path:
        """Where the last signed checkpoint of a log lies."""
        return self.folder / sha256(origin.encode()).hexdigest() / "checkpoint"

    def answer(self, body: bytes | str, time: int) -> Answer:
        """The answer to a request; one at a time, and what was signed is durable before it is given.  time: seconds since the epoch."""
        try:
            request = parse_request(body)
            origin = parse_checkpoint(request.note.text).origin
        except UnprovenError as error:
            return Answer(400, f"{error}\n")
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            path = self.path(origin)
            last = parse_checkpoint(parse_note(path.read_bytes()).text) if path.is_file() else None
            answer = add_checkpoint(request, last, self.logs, self.key, time)
            if answer.remember is not None:
                with durable(path) as part:
                    part.write_text(str(answer.remember), "utf-8")
                reach("tlog.witness_kept")
        return answer
