"""Our reference in addresses that come back: signed, so that nobody can make a bounce, a reply or a stop speak of another's message.

In the return path it must fit the 64 octets of a local part (RFC 5321 4.5.3.1.1) and survive mail servers that write it in small letters;
so the 32 hexadecimal digits that end our references are written by letters and digits, and a reference with capitals is not put there:
the Message-ID, which is returned as well, has no such limits.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_MARK = 10
"""Letters of a mark: 36 ** 10, more than 51 bits, for somebody who has one try a message."""
_LOCAL = 64
REFERENCE = re.compile(r"(?=.{1,80}\Z)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_INDEX = re.compile(r"(.*?)([0-9a-f]{32})")
_TAIL = 25
_RETURNED = re.compile(r"b(?P<told>[a-z0-9_.=-]+)\.(?P<mark>[a-z0-9]{10})")
_MARKED = re.compile(r"(?P<told>[A-Za-z0-9_.-]+)\.(?P<mark>[a-z0-9]{10})")


def mark_of(secret: str, use: str, reference: str) -> str:
    """The mark of a reference for one use (bounce, id, stop); a mark for one use is none for another.

    >>> mark_of("a-secret", "id", "m-1") == mark_of("a-secret", "id", "m-1") != mark_of("a-secret", "stop", "m-1")
    True
    """
    number = int.from_bytes(hmac.new(secret.encode(), f"{use}|{reference}".encode(), sha256).digest(), "big")
    return _written(number % 36**_MARK, _MARK)


@dataclass(frozen=True, slots=True)
class Ours:
    """A reference that was found with a right mark, and the secret that it was marked with (two while one is changed)."""

    reference: str
    secret: str


def returned_to(secret: str, reference: str) -> str:
    """The local part of the return path of a message; `b` where the reference does not fit into one.

    >>> returned_to("a-secret", "20261123-recovery-" + "0123456789abcdef" * 2).startswith("b20261123-recovery-=")
    True
    >>> returned_to("a-secret", "Capital")
    'b'
    """
    found = _INDEX.fullmatch(reference)
    told = f"{found[1]}={_written(int(found[2], 16), _TAIL)}" if found else reference
    local = f"b{told}.{mark_of(secret, 'bounce', reference)}"
    return local if len(local) <= _LOCAL and reference == reference.lower() else "b"


def read_returned(secrets: tuple[str, ...], local: str) -> Ours | None:
    """The message whose return path it is; None for any other address."""
    found = _RETURNED.fullmatch(local.lower())
    if found is None:
        return None
    head, sign, tail = found["told"].partition("=")
    if sign and (len(tail) != _TAIL or not tail.isalnum() or int(tail, 36) >= 16**32):
        return None
    reference = f"{head}{int(tail, 36):032x}" if sign else head
    return _verified(secrets, "bounce", reference, found["mark"])


def marked(secret: str, use: str, reference: str) -> str:
    """A reference with its mark, as it stands in a Message-ID, an envelope id or the address of a stop."""
    return f"{reference}.{mark_of(secret, use, reference)}"


def read_marked(secrets: tuple[str, ...], use: str, told: str) -> Ours | None:
    """The message of a marked reference; None where the mark is not right.

    >>> read_marked(("new", "old"), "stop", marked("old", "stop", "m-1"))
    Ours(reference='m-1', secret='old')
    >>> read_marked(("new", "old"), "stop", marked("old", "stop", "m-1").replace("m-1", "m-2")) is None
    True
    """
    found = _MARKED.fullmatch(told)
    return _verified(secrets, use, found["told"], found["mark"]) if found else None


def _verified(secrets: tuple[str, ...], use: str, reference: str, mark: str) -> Ours | None:
    if not REFERENCE.fullmatch(reference):
        return None
    fits = [secret for secret in secrets if hmac.compare_digest(mark_of(secret, use, reference), mark)]
    return Ours(reference, fits[0]) if fits else None


def _written(number: int, letters: int) -> str:
    """A number in letters and digits, filled up to so many."""
    found = ""
    for _ in range(letters):
        number, digit = divmod(number, 36)
        found = _DIGITS[digit] + found
    return found
