"""Asking a witness over HTTP for its signature (https://c2sp.org/tlog-witness, add-checkpoint)."""

import http.client
import ssl

from sulah.adapters.log.settings import AskedWitness
from sulah.adapters.log.store import TileStore
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import parse_checkpoint
from sulah.transparency.note import Note, Signature
from sulah.transparency.proofs import consistency_proof
from sulah.transparency.tiles import TileHashes
from sulah.transparency.witness import Request

_SECONDS, _LARGEST, _TRIES = 20, 20_000, 3


class WitnessSilentError(Exception):
    """A witness did not sign; the words say why."""


def ask(witness: AskedWitness, store: TileStore, note: Note) -> tuple[Signature, ...]:
    """The witness's signatures on a checkpoint, checked against its key; WitnessSilentError where there are none.

    It is asked from size 0 first; it answers 409 with the size that it signed last, and is asked again from there.
    """
    new, old = parse_checkpoint(note.text), 0
    for _ in range(_TRIES):
        if old > new.size:
            raise WitnessSilentError(
                f"{witness.key.name} has signed {old:,} entries and this log has {new.size:,}: one of them is another log."
            )
        try:
            proof = tuple(consistency_proof(old, new.size, TileHashes(store, new.size))) if old else ()
        except UnprovenError as error:
            raise WitnessSilentError(f"The log's files give no proof for {witness.key.name}: {error}.") from None
        status, body = _post(witness, Request(old, proof, note).body.encode())
        if status == 200:
            return _signed(witness, note, body)
        if status != 409 or not body.strip().isdigit():
            raise WitnessSilentError(f"{witness.key.name} answers {status}: {body.strip()[:200]}")
        old = int(body.strip())
    raise WitnessSilentError(f"{witness.key.name} says another size each time.")


def _signed(witness: AskedWitness, note: Note, body: str) -> tuple[Signature, ...]:
    try:
        lines = tuple(Signature.parse(line) for line in body.splitlines() if line)
        Note(note.text, lines).signed_by([witness.key])
    except UnprovenError as error:
        raise WitnessSilentError(f"What {witness.key.name} answered is no signature of its key: {error}.") from None
    return tuple(line for line in lines if (line.name, line.key_id) == (witness.key.name, witness.key.key_id))


def _post(witness: AskedWitness, body: bytes) -> tuple[int, str]:
    tls = ssl.create_default_context()
    made: http.client.HTTPConnection
    if witness.secure:
        made = http.client.HTTPSConnection(witness.host, witness.port, timeout=_SECONDS, context=tls)
    else:
        made = http.client.HTTPConnection(witness.host, witness.port, timeout=_SECONDS)
    try:
        made.request("POST", f"{witness.path}/add-checkpoint", body, {"Content-Type": "text/plain; charset=utf-8"})
        reply = made.getresponse()
        return reply.status, reply.read(_LARGEST).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise WitnessSilentError(f"{witness.key.name} cannot be reached ({type(error).__name__}).") from error
    finally:
        made.close()
