"""Canonical JSON of RFC 8785 (JCS), for the values that a log holds: texts, exact integers, true, false, null, lists and objects.

Money is integer paise, so no number here has a fraction: every float is refused, and so is an integer that an IEEE double cannot hold
exactly (RFC 7493 section 2.2).  What is left is the whole of RFC 8785 but its number formatting (section 3.2.2.3), which is then trivial.
"""

import json
from collections.abc import Mapping
from typing import Any

from sulah.kernel.unproven import UnprovenError

LARGEST = 2**53 - 1


def canonical(value: object) -> bytes:
    """The one way to write a value, as UTF-8; UnprovenError for a value that has none.

    >>> canonical({"paise": 125000, "by": "asha", "\u20ac": [True, None]})
    b'{"by":"asha","paise":125000,"\\xe2\\x82\\xac":[true,null]}'
    """
    try:
        return json.dumps(_ordered(value), ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise UnprovenError("a text holds half of a surrogate pair, which is no character") from None


def _ordered(value: object) -> object:
    """The value with every object's names in the order of their UTF-16 code units (section 3.2.3), its kinds checked."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise UnprovenError(f"{value} is beyond the integers that every reader of JSON holds exactly")
        return int(value)
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise UnprovenError("a name in an object is a text")
        return {name: _ordered(value[name]) for name in sorted(value, key=_units)}
    if isinstance(value, list | tuple):
        return [_ordered(each) for each in value]
    raise UnprovenError(f"{type(value).__name__} has no canonical form here: amounts are integers, instants and dates are texts")


def _units(name: str) -> bytes:
    return name.encode("utf-16-be")


def read_canonical(text: bytes) -> Any:
    """The value of canonical bytes; UnprovenError unless they are exactly the way to write it (no space, no name twice, no other order)."""
    try:
        value = json.loads(text)
        same = canonical(value) == text
    except (ValueError, RecursionError) as error:
        raise UnprovenError(f"not canonical JSON: {error}") from None
    if not same:
        raise UnprovenError("not canonical JSON: the same value is written otherwise")
    return value
