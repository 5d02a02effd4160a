"""An entry of the log: who did what to whom, when, under which rules; what it says in full stays with the vault.

The log is read by outsiders, so it carries pseudonyms and digests alone.  Of the payload it carries a salted commitment to its plain words
(whoever is given salt and words can check them; without the 32 bytes of salt nobody can guess them, not even after the key is destroyed)
and, where the vault sealed it, the SHA-256 of its ciphertext (the record is the one that was written).  The number of the entry is its
place in the log.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from sulah.kernel.canonical import read_canonical
from sulah.kernel.unproven import UnprovenError

VERSION = 1
_SHAPES = {
    "act": re.compile(r"[0-9a-f]{32}"),
    "type": re.compile(r"[a-z][a-z0-9_.]{0,39}"),
    "actor": re.compile(r"[A-Za-z0-9_-]{1,40}"),
    "subject": re.compile(r"[A-Za-z0-9_-]{1,40}"),
    **dict.fromkeys(("cipher", "commit", "policy", "model"), re.compile(r"[0-9a-f]{64}")),
}
_MAY_BE_NONE = ("subject", "cipher", "commit", "policy", "model")
_NAMES = {*_SHAPES, "at", "on", "v", "seq"}


class PayloadSeal(Protocol):
    """How the vault keeps a payload: under the subject's own key, so that erasing her is destroying the key."""

    def seal(self, subject: str, act: str, payload: bytes) -> bytes:
        """The ciphertext of a payload, AES-256-GCM with the act as additional authenticated data."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that waits for its number.

    act: 32 hexadecimal digits, the act's own id; at: the instant of business, whole seconds; on: the business date; actor, subject:
    pseudonyms; commit: to the payload; cipher: of the payload as the vault sealed it, None where it is not sealed; policy, model: digests
    of what decided, in hexadecimal.
    """

    act: str
    type: str
    at: datetime
    on: date
    actor: str
    subject: str | None = None
    cipher: str | None = None
    commit: str | None = None
    policy: str | None = None
    model: str | None = None

    def __post_init__(self) -> None:
        """UnprovenError for a field that has not its shape."""
        for name, shape in _SHAPES.items():
            value = getattr(self, name)
            if not (value is None and name in _MAY_BE_NONE) and not (isinstance(value, str) and shape.fullmatch(value)):
                raise UnprovenError(f"{name} of an entry cannot be {value!r}")
        if self.commit is None and self.cipher is not None:
            raise UnprovenError("an entry with the digest of its payload's ciphertext has the commitment too")
        if self.at.utcoffset() != timedelta(0) or self.at.microsecond or self.at.year < 1970:
            raise UnprovenError(f"the instant of an entry is in UTC and in whole seconds since 1970, not {self.at!r}")

    def numbered(self, seq: int) -> bytes:
        """The canonical bytes of the entry at a place of the log, counted from 0: what is hashed as the leaf.

        >>> Draft("0" * 32, "day.closed", datetime(2026, 11, 23, 18, tzinfo=UTC), date(2026, 11, 23), "run").numbered(7)[-50:]
        b',"seq":7,"subject":null,"type":"day.closed","v":1}'
        """
        # Written out for pace: the shapes leave no letter that JSON escapes, and a test holds it against `canonical`.
        return (
            f'{{"act":"{self.act}","actor":"{self.actor}","at":"{self.at.isoformat()[:19]}Z","cipher":{_text(self.cipher)},'
            f'"commit":{_text(self.commit)},"model":{_text(self.model)},"on":"{self.on.isoformat()}","policy":{_text(self.policy)},'
            f'"seq":{seq},"subject":{_text(self.subject)},"type":"{self.type}","v":{VERSION}}}'
        ).encode()

    def fields(self) -> dict[str, str | int | None]:
        """All but the number, as texts; what a queue keeps."""
        texts: dict[str, str | int | None] = {name: getattr(self, name) for name in _SHAPES}
        return {**texts, "at": f"{self.at.isoformat()[:19]}Z", "on": self.on.isoformat(), "v": VERSION}


def _text(value: str | None) -> str:
    return "null" if value is None else f'"{value}"'


def draft_of(fields: Mapping[str, Any]) -> Draft:
    """The draft of such fields; UnprovenError for a missing, strange or misshapen one."""
    if set(fields) != _NAMES - {"seq"} or fields["v"] != VERSION:
        raise UnprovenError(f"an entry of version {VERSION} has the fields {', '.join(sorted(_NAMES))}")
    try:
        at = datetime.strptime(fields["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        made = Draft(**{name: fields[name] for name in _SHAPES}, at=at, on=date.fromisoformat(fields["on"]))
    except (TypeError, ValueError) as error:
        raise UnprovenError(f"an entry cannot be read: {error}") from None
    if made.fields() != dict(fields):
        raise UnprovenError("an instant or a date of an entry is written otherwise than the log writes it")
    return made


def read_entry(entry: bytes) -> tuple[int, Draft]:
    """Number and content of an entry of the log; UnprovenError unless its bytes are exactly such an entry."""
    fields = read_canonical(entry)
    if not isinstance(fields, dict) or type(fields.get("seq")) is not int or fields["seq"] < 0:
        raise UnprovenError("an entry of the log has its number, counted from 0")
    return fields["seq"], draft_of({name: value for name, value in fields.items() if name != "seq"})
