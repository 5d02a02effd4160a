"""A key in a file: 64 hexadecimal digits and a check, readable by its owner alone, never written over."""

import hashlib
import os
import secrets
from pathlib import Path

from sulah.kernel.refusal import Refusal

PERSONAL_KEY = "personal.key"
"""The lender's key, which wraps the keys of borrowers and periods and opens nothing else."""


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


def overwrite(path: Path) -> None:
    """Write zeros over a file and remove it; what a disk or a file system keeps of it elsewhere is beyond us.

    Nothing happens where the file is gone already.
    """
    if not path.is_file():
        return
    with path.open("r+b") as handle:
        left = path.stat().st_size
        while left > 0:
            handle.write(bytes(min(left, 1 << 20)))
            left -= 1 << 20
        handle.flush()
        os.fsync(handle.fileno())
    path.unlink()
