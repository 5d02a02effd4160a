"""A call of the API, read from JSON into the rows of text that a file would have given; what only JSON can get wrong is said here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn

from sulah.contracts.shape import Kind, Table

MODES = ("changes", "append")
"""What records are to the book: rows by key that replace those before, or new rows only."""
MARK = "deleted"
"""The member that takes the row of that key away, in changes only."""
_MEMBERS = ("as_of", "mode", "records")


class UnreadableCallError(Exception):
    """The call as a whole cannot be read: nothing of it was looked at; the words say what to send instead."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a call, from 0: cells by the contract's own field names; field and code where it cannot be a row at all."""

    index: int
    cells: Mapping[str, str | None] = field(default_factory=dict)
    field: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What was sent: the business date it belongs to, what the records are to the book, and the records."""

    as_of: date
    mode: str
    records: tuple[Record, ...]


class _Number(str):
    """A number as it was written: 12345.10 must not become 12345.1, nor 0.1 a binary fraction."""


class _Members(dict[str, Any]):
    """The members of an object, and the first name that stands in it twice."""

    twice = ""


def read_call(body: bytes, table: Table, most: int) -> Call:
    """Read the body of a call for a table; UnreadableCallError when it is no call at all or has more than so many records.

    >>> from sulah.contracts.repayment import TABLE
    >>> call = read_call(b'{"as_of": "2026-04-01", "records": [{"repayment_id": "R1", "amount": 12.10}]}', TABLE, 1000)
    >>> call.mode, dict(call.records[0].cells)
    ('changes', {'repayment_id': 'R1', 'amount': '12.10'})
    """
    given = _parsed(body)
    if not isinstance(given, _Members) or given.twice:
        raise UnreadableCallError('Send one object, each name once: {"as_of": "2026-04-01", "records": [{...}, {...}]}.')
    if unknown := next((name for name in given if name not in _MEMBERS), ""):
        raise UnreadableCallError(f"{unknown[:40]!r} is no member of a call. Send as_of, records and, where you need it, mode.")
    mode, records = given.get("mode", MODES[0]), given.get("records")
    if mode not in MODES:
        raise UnreadableCallError('mode is "changes" (rows by key, the default) or "append" (new rows only).')
    if not isinstance(records, list) or not records:
        raise UnreadableCallError("records must be a list with at least one record.")
    if len(records) > most:
        raise UnreadableCallError(f"The call has {len(records):,} records; at most {most:,} may come in one call. Send it in parts.")
    return Call(_day(given.get("as_of")), mode, tuple(_record(place, one, table, mode) for place, one in enumerate(records)))


def _parsed(body: bytes) -> object:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnreadableCallError(f"The body is not UTF-8 (byte {error.start}). Send JSON in UTF-8 without a byte order mark.") from error
    try:
        return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_no_number, object_pairs_hook=_members)
    except ValueError as error:
        raise UnreadableCallError(f"The body is not JSON ({error}). Nothing of it was read; correct it and send it again.") from error
    except RecursionError as error:
        raise UnreadableCallError("The body is nested far deeper than any call. Send a flat list of records.") from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def _members(pairs: list[tuple[str, Any]]) -> _Members:
    found = _Members(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        found.twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return found


def _day(given: object) -> date:
    try:
        if isinstance(given, str) and not isinstance(given, _Number):
            return date.fromisoformat(given)
    except ValueError:
        pass
    raise UnreadableCallError('as_of is the business date that the records belong to; write "as_of": "2026-04-01".')


def _record(index: int, given: object, table: Table, mode: str) -> Record:
    """One record as a row of text, or why it is none."""
    if not isinstance(given, _Members):
        return Record(index, code="record_unreadable")
    if given.twice:
        return Record(index, field=given.twice[:64], code="field_twice")
    kinds = {column.source: column.kind for column in table.columns} | ({MARK: Kind.TRUTH} if mode == MODES[0] else {})
    known = {name: str(value) for name, value in given.items() if name in kinds and isinstance(value, str) and _is_text(value)}
    cells: dict[str, str | None] = {}
    for name, value in given.items():
        if name not in kinds:
            return Record(index, known, _printable(name), "field_unknown")
        if isinstance(value, list | dict) or (kinds[name] is Kind.TEXT and isinstance(value, bool | _Number)):
            return Record(index, known, name, "value_not_text")
        if isinstance(value, str) and not _is_text(value):
            return Record(index, known, name, "text_unreadable")
        cells[name] = ("true" if value else "false") if isinstance(value, bool) else None if value is None else str(value)
    return Record(index, cells)


def _is_text(value: str) -> bool:
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:64]
