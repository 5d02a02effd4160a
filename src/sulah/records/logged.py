"""Every act and every decision gets its entry of the log here, where its own row is written: no act can forget it.

An entry commits to the words of its row under a salt drawn for it alone; actor and subject stand in it as pseudonyms, HMAC-SHA256 under a
key of the lender (keys/pseudonym.key).  A lender without that key keeps its entries waiting, and they get their pseudonyms when there is
one.
"""

import hmac
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from sulah.kernel.canonical import LARGEST, canonical
from sulah.kernel.commitment import SALT_BYTES, commitment
from sulah.kernel.dates import IST
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.records.log_entry import LogEntry

register("entry.row_written", "entry.queued")

AUDIT, DECISION = "audit", "decision"
PSEUDONYM_KEY = "pseudonym.key"
_TYPE_LETTERS, _ACT_BYTES = 40, 16
_ODD = re.compile(r"[^a-z0-9_.]")
_COLUMNS = ("of", "row", "act", "type", "at", "on", "actor", "subject", "commit", "salt", "cipher", "policy", "model")
_QUOTED = ", ".join(f'"{column}"' for column in _COLUMNS)
_INSERT = f'INSERT INTO "records_logentry" ({_QUOTED}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})'
_READ: dict[Path, bytes] = {}
"""Keys that were read by this process: a key is never replaced."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An act or a decision as its entry tells it: the row that it is, when, what kind, who, about whom, and its words.

    policy, model: SHA-256 in hexadecimal of what decided, empty where nothing did.
    """

    of: str
    row: int
    at: datetime
    type: str
    actor: str
    subject: str
    words: bytes
    policy: str = ""
    model: str = ""


def log_happenings(happenings: Iterable[Happening]) -> None:
    """Let these wait for their numbers; inside the transaction in which their rows were written."""
    reach("entry.row_written")
    key = pseudonym_key()
    with connection.cursor() as cursor:  # fifteen columns through a model's instances cost four times as much as the audit row itself
        cursor.executemany(_INSERT, [_row(happening, key) for happening in happenings])
    reach("entry.queued")


def _row(told: Happening, key: bytes | None) -> tuple[str | int | bytes | datetime | None, ...]:
    """The values of _COLUMNS."""
    drawn = os.urandom(SALT_BYTES + _ACT_BYTES)
    salt, act = drawn[:SALT_BYTES], drawn[SALT_BYTES:].hex()
    at, on = connection.ops.adapt_datetimefield_value(told.at.replace(microsecond=0)), told.at.astimezone(IST).date()
    who, whom = (pseudonym(key, told.actor), pseudonym(key, told.subject)) if key else ("", "")
    said = (commitment(salt, told.words), salt, "", told.policy, told.model)
    return told.of, told.row, act, entry_type(told.type), at, on.isoformat(), who, whom, *said


def entry_type(act: str) -> str:
    """An act's name as the log writes types.

    >>> entry_type("message.queue"), entry_type("Sign-off")
    ('message.queue', 'sign_off')
    """
    return _ODD.sub("_", act.lower()).lstrip("0123456789_.")[:_TYPE_LETTERS] or "act"


def pseudonym(key: bytes, name: str) -> str:
    """The pseudonym of whom or what a row names, 32 hexadecimal digits: the same for the same name, and no way back without the key."""
    return hmac.digest(key, name.encode(), "sha256").hex()[:32]


def pseudonym_key() -> bytes | None:
    """The lender's key of pseudonyms, None where there is none yet; Refusal for one that is damaged."""
    path = Path(settings.LENDER) / "keys" / PSEUDONYM_KEY
    if path not in _READ:
        try:
            first, *check = path.read_text("ascii").splitlines()
            key = bytes.fromhex(first.strip())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, UnicodeDecodeError) as error:
            raise Refusal(f"{path} cannot be read as a key ({error}). Restore it from your key backup.") from error
        if len(key) != SALT_BYTES or (check and check != [check_of(key)]):
            raise Refusal(f"{path} is not the key that was made. Restore it from your key backup; nothing was written.")
        _READ[path] = key
    return _READ[path]


def check_of(key: bytes) -> str:
    """What tells a key from any other without giving it away, as keys of a lender carry it in their second line."""
    return f"check {sha256(b'check' + key).hexdigest()[:16]}"


def words_of(fields: Mapping[str, Any]) -> bytes:
    """The canonical bytes of a row's fields: what its entry commits to.

    >>> words_of({"act": "day.commit", "after": {"share": 0.25}})
    b'{"act":"day.commit","after":{"share":"0.25"}}'
    """
    try:
        return canonical(fields)
    except UnprovenError:  # a fraction, an integer beyond a double, a name that is no text, half a letter: as a text, the same each time
        plain = json.loads(json.dumps(fields), parse_float=str, parse_int=_whole)
        try:
            return canonical(plain)
        except UnprovenError:
            return json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()


def _whole(digits: str) -> int | str:
    return int(digits) if abs(int(digits)) <= LARGEST else digits


def moment(at: datetime) -> str:
    """An instant as the words of a row tell it: in UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def opened(entry: LogEntry, words: bytes) -> bool:
    """Does the entry commit to these words?  Nobody can say once its salt is destroyed: False."""
    return entry.salt is not None and commitment(bytes(entry.salt), words) == entry.commit


def without_entry(of: str, rows: Sequence[int]) -> list[int]:
    """Of these rows, those that have no entry."""
    known = set(LogEntry.objects.filter(of=of, row__in=rows).values_list("row", flat=True))
    return [row for row in rows if row not in known]
