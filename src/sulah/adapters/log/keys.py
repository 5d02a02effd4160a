"""The private keys of a log and of a witness: one line each in the lender's folder of keys, readable by its owner only."""

import os
import secrets
from pathlib import Path

from sulah.adapters.book.durable import sync_folder
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.note import SigningKey

LOG_KEY, WITNESS_KEY = "log.key", "witness.key"


def make_signing_key(path: Path, name: str, kind: int) -> SigningKey:
    """A new key under that name, kept before it is returned; Refusal for a name that no note can carry, FileExistsError over another."""
    try:
        key = SigningKey(name, kind, secrets.token_bytes(32))
        line = f"{key.text}\n"
    except UnprovenError as error:
        raise Refusal(f"A log cannot be called so: {error}.") from None
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
        handle.write(line)
        handle.flush()
        os.fsync(handle.fileno())
    sync_folder(path.parent)
    return key


def read_signing_key(path: Path) -> SigningKey:
    """The key of a file; Refusal when it is missing or damaged."""
    try:
        return SigningKey.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, UnprovenError) as error:
        raise Refusal(
            f"{path} cannot be read as a key of the log ({error}). Restore it from your key backup; nothing was signed."
        ) from None
