"""Weights beside the rows: what each trait of a text counts towards a meaning, and words of one sense (docs/policy/weights.md)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from sulah.kernel.refusal import Refusal
from sulah.policy.languages import rows

_LAST_DAY = date(9999, 12, 31)
_KEYS = frozenset(
    {
        "of",
        "version",
        "effective_from",
        "author",
        "reviewed_by",
        "trained_on",
        "lines",
        "bounds",
        "points",
        "sha256",
        "note",
        "effective_to",
    }
)
_MAY_LACK = frozenset({"note", "effective_to"})
_SENSE_KEYS = frozenset({"name", "effective_from", "author", "reviewed_by", "words"})


class WeightRowError(Refusal):
    """A file of weights cannot be used; the words name the file, the row and what to mend."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each trait of a text counts towards one meaning, learned from examples by tools/weigh and written down as whole points.

    of: the meaning ("bad", a kind, an intent).  points: trait -> points.  bounds: name -> the score at which something follows.
    trained_on: SHA-256 of the lines that it was learned from.  lines: how many they were.
    """

    language: str
    of: str
    version: int
    effective_from: date
    effective_to: date
    author: str
    reviewed_by: str
    trained_on: str
    lines: int
    bounds: Mapping[str, int]
    points: Mapping[str, int]


Read = Callable[[str, str], list[dict[str, Any]]]


@cache
def load_weights(code: str, use: str, on: date) -> Mapping[str, Weights]:
    """The weights of a language for a use ("lint", "intent") in force on a date, by meaning; empty where it has none.

    >>> sorted(load_weights("en", "intent", date(2026, 11, 23)))
    ['death', 'self_harm', 'stop']
    """
    return read_weights(code, use, rows(code, f"{use}_weights"), on)


def read_weights(code: str, use: str, written: list[dict[str, Any]], on: date) -> Mapping[str, Weights]:
    """The weights that these rows make, those in force on a date; WeightRowError for a row that cannot be read."""
    made = [_weights(code, f"languages/{code}/{use}_weights.toml, row {number}", row) for number, row in enumerate(written, start=1)]
    current = [one for one in made if one.effective_from <= on <= one.effective_to]
    return MappingProxyType({one.of: one for one in sorted(current, key=lambda one: one.version)})


def _weights(code: str, where: str, row: Mapping[str, Any]) -> Weights:
    if odd := sorted((_KEYS - _MAY_LACK - row.keys()) | (row.keys() - _KEYS)):
        raise WeightRowError(f"{where}: {', '.join(odd)} is missing or not known here; weights are written by make weights.")
    return Weights(
        code, row["of"], row["version"], row["effective_from"], row.get("effective_to", _LAST_DAY), row["author"], row["reviewed_by"],
        row["trained_on"], row["lines"], MappingProxyType(dict(row["bounds"])), MappingProxyType(_points(where, row["points"])),
    )  # fmt: skip


def _points(where: str, written: str) -> dict[str, int]:
    """Lines as `w: 820 arrest, -310 thanks`: the sort of a trait, then points and names; "w:arrest" has 820."""
    points: dict[str, int] = {}
    for line in written.splitlines():
        sort, _, entries = line.partition(": ")
        for entry in entries.split(", "):
            number, _, name = entry.partition(" ")
            trait = f"{sort}:{name}"
            if not name or not number.removeprefix("-").isdecimal() or trait in points:
                raise WeightRowError(f"{where}: {entry!r} in {line!r} is not a whole number, a space and a trait that stands once.")
            points[trait] = int(number)
    return points


@cache
def load_senses(code: str) -> Mapping[str, tuple[str, ...]]:
    """The lists of words that mean about the same, by name; words may be phrases, and `word*` begins so.  Empty where there are none.

    >>> load_senses("en")["thanks"][:2]
    ('thank*', 'thanx')
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, row in enumerate(rows(code, "sense"), start=1):
        if odd := sorted(row.keys() ^ _SENSE_KEYS):
            raise WeightRowError(f"languages/{code}/sense.toml, row {number}: {', '.join(odd)} is missing or not known here.")
        found[row["name"]] = tuple(row["words"])
    return MappingProxyType(found)
