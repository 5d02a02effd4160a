"""Reading JSON of a stranger: each piece is what it should be, or empty; times, texts and event ids in one form."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

_LATEST = 4_102_444_800
"""The year 2100: no provider speaks of later."""


def part(of: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A member that is an object; an empty one for anything else."""
    found = of.get(name)
    return found if isinstance(found, Mapping) else {}


def rows(of: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """The objects of a member that is a list; a member of the list that is no object is an empty one, so that it is not passed over."""
    found = of.get(name)
    return [each if isinstance(each, Mapping) else {} for each in found] if isinstance(found, list) else []


def text(of: Mapping[str, object], name: str, most: int = 5000) -> str:
    """A member that is a text or a whole number, as a text that every database takes; empty for anything else.

    >>> text({"a": "x\\x00y", "b": 12, "c": True}, "a"), text({"b": 12}, "b"), text({"c": True}, "c")
    ('xy', '12', '')
    """
    found = of.get(name)
    if not isinstance(found, str) and type(found) is not int:
        return ""
    return str(found).replace("\x00", "").encode("utf-8", "replace").decode()[:most]


def instant(of: Mapping[str, object], name: str) -> str:
    """A member that holds seconds since 1970, as ISO text in UTC; empty for anything else.

    >>> instant({"timestamp": "1749416383"}, "timestamp")
    '2025-06-08T20:59:43+00:00'
    """
    found = text(of, name, 11)
    if not (found.isascii() and found.isdigit()) or int(found) > _LATEST:
        return ""
    return datetime.fromtimestamp(int(found), UTC).isoformat()


def event_id(*of: object) -> str:
    """The same for the same thing said again, whatever came around it.

    >>> event_id("a", 1) == event_id("a", 1), event_id("a") == event_id("b"), len(event_id())
    (True, False, 40)
    """
    return sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:40]
