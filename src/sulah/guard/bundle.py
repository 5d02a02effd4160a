"""A day's decisions as a bundle that leaves the lender: what each file of it says, and whether it is whole.

A bundle holds pseudonyms and keys only: the ids of the book and blind indexes of numbers, as decisions were stored; no name and no number
in clear.  Its digest is the SHA-256 of its manifest, which names the digest of every other file; whoever holds the digest from elsewhere
(the lender's audit trail, its log) holds the bundle.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sulah.guard.plain import canonical
from sulah.guard.rules import ContactRules
from sulah.kernel.terms import EntityType

FORM = "sulah-bundle/1"
MANIFEST = "manifest.json"
DECISIONS = "decisions.jsonl"
CONTACTS = "contacts.jsonl"
ERASURES = "erasures.jsonl"
RECEIPTS = "receipts.jsonl"
"""Receipts of the log for the decisions, one a line: {"decision": id, "receipt": ...}; empty where the lender keeps no log."""
RULES = "rules/"
"""Books of rules, each under the SHA-256 of its own bytes."""
ABOUT = "ABOUT.txt"
LISTS = (DECISIONS, CONTACTS, ERASURES, RECEIPTS)
_DATES = ("effective_from", "effective_to")


class BundleError(ValueError):
    """What was given is no bundle, or one of a form that this guard does not know."""


class Source(Protocol):
    """Where the files of a bundle lie."""

    @property
    def names(self) -> Collection[str]:
        """The names of all files that are there."""

    def lines(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, line by line, each with its end."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a bundle says of itself: lender, day in India, version of the code, and of each file its SHA-256 and number of lines."""

    lender: str
    day: date
    code: str
    simulated: bool
    files: Mapping[str, tuple[str, int]]
    digest: str


def line_of(value: object) -> bytes:
    """One canonical line of a list.

    >>> line_of({"b": 1, "a": None})
    b'{"a":null,"b":1}\\n'
    """
    return canonical(value).encode() + b"\n"


def read_line(line: bytes) -> dict[str, Any]:
    """The record of a line; ValueError for one that is no canonical record, so that no two texts mean the same.

    >>> read_line(b'{"a":1}\\n')
    {'a': 1}
    """
    read = json.loads(line)
    if not isinstance(read, dict) or line_of(read) != line:
        raise ValueError("a line is not the canonical text of a record")
    return read


def manifest_of(source: Source) -> Manifest:
    """The manifest of a bundle; BundleError when there is none that can be read."""
    if MANIFEST not in source.names:
        raise BundleError(f"there is no {MANIFEST}: this is no bundle of decisions")
    whole = b"".join(source.lines(MANIFEST))
    try:
        read = read_line(whole)
        if read["bundle"] != FORM:
            raise BundleError(f"the bundle is of the form {read['bundle']!r}; this guard reads {FORM}")
        files = {str(name): (str(said["sha256"]), int(said["lines"])) for name, said in read["files"].items()}
        told = (str(read["lender"]), date.fromisoformat(read["day"]), str(read["code"]), bool(read["simulated"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise error if isinstance(error, BundleError) else BundleError(f"{MANIFEST} cannot be read: {error}") from error
    return Manifest(*told, files, hashlib.sha256(whole).hexdigest())


def manifest_text(lender: str, day: date, code: str, files: Mapping[str, tuple[str, int]], *, simulated: bool) -> bytes:
    """The bytes of a manifest: the inverse of `manifest_of`."""
    said = {name: {"sha256": sha256, "lines": lines} for name, (sha256, lines) in files.items()}
    return line_of({"bundle": FORM, "code": code, "day": day, "files": said, "lender": lender, "simulated": simulated})


def rules_text(entity: EntityType, sheets: Mapping[str, Collection[Mapping[str, object]]]) -> bytes:
    """The bytes of a whole book of rules, those of other days included: an answer can name a time under tomorrow's rules."""
    return line_of({"entity": entity, "sheets": {sheet: [dict(row) for row in rows] for sheet, rows in sheets.items()}})


def read_rules(text: bytes) -> ContactRules:
    """The book of rules of a file; ValueError where it is damaged or holds a term that the guard does not know."""
    try:
        read = read_line(text)
        sheets = {str(sheet): [_row(row) for row in rows] for sheet, rows in read["sheets"].items()}
        return ContactRules(EntityType(read["entity"]), sheets)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a book of rules is damaged: {error!r}") from error


def _row(row: Mapping[str, Any]) -> dict[str, object]:
    return {name: date.fromisoformat(value) if name in _DATES else value for name, value in row.items()}
