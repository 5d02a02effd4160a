"""A policy row, the policy of a lender as a whole, and the part of it that binds one kind of lender."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType

import pyarrow as pa
import pyarrow.csv as pacsv

from sulah.kernel.terms import EntityType
from sulah.policy.columns import ALL_SHEETS, ANY, ENTITIES, SHEETS, Column, Kind, columns, ddl

Value = str | int | bool | date

_SOURCE = ("status", "citation", "confidence", "verify")

_ARROW = {Kind.TEXT: pa.string(), Kind.NUMBER: pa.int64(), Kind.TRUTH: pa.bool_(), Kind.DATE: pa.date32()}


@dataclass(frozen=True, slots=True)
class Row:
    """One dated rule: its own values, whom and when it binds, where it comes from, and a worked example.

    Both dates are day-ends in force (effective_to is FOREVER where the row has no end). `example` holds `given` and `expect`, with dates as
    ISO text. `file` and `number` say where the row was written (row 1 is the first of the file); they are not part of its meaning.
    """

    table: str
    rule_id: str
    values: Mapping[str, Value]
    entity_types: tuple[str, ...]
    effective_from: date
    effective_to: date
    status: str
    citation: str
    confidence: str
    verify: bool
    example: Mapping[str, Mapping[str, object]]
    note: str = ""
    file: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)

    def binds(self, entity: str) -> bool:
        """Does the row bind this kind of lender?"""
        return ANY in self.entity_types or entity in self.entity_types

    def in_force(self, on: date) -> bool:
        """Is the row in force at the day-end?  Both ends are inside."""
        return self.effective_from <= on <= self.effective_to

    def entities(self) -> tuple[str, ...]:
        """The kinds of lender that the row binds, in the order of the terms; empty for an alternative that nobody chose yet."""
        return tuple(entity for entity in ENTITIES if self.binds(entity))

    def as_dict(self) -> dict[str, Value]:
        """The row as the engine sees it: the columns of `columns(table)`, in order."""
        whole = {name: getattr(self, name) for name in ("rule_id", "effective_from", "effective_to", *_SOURCE)} | dict(self.values)
        return {column.name: whole[column.name] for column in columns(self.table)}

    def to_plain(self) -> dict[str, object]:
        """The row as plain JSON values, complete, without where it was written."""
        dates = {"effective_from": self.effective_from.isoformat(), "effective_to": self.effective_to.isoformat()}
        source = {name: getattr(self, name) for name in (*_SOURCE, "note")}
        binding = {"rule_id": self.rule_id, "entity_types": list(self.entity_types), "example": self.example}
        return {**self.values, **dates, **source, **binding}


def listed(table: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    """Rows in the order their table is listed in, whatever order they were written in; ties go by date, then rule_id."""
    order = ALL_SHEETS[table].order

    def place(row: Row) -> tuple[object, ...]:
        return (*(row.values[name] for name in order), row.effective_from, row.rule_id)

    return tuple(sorted(rows, key=place))


@dataclass(frozen=True)
class Policy:
    """All policy rows of one book of a lender, by table; the same rows always have the same text and the same sha256.

    sheets: the names of the tables that the book holds: those that a day runs on, unless others are named.

    >>> from sulah.policy.load import load_policy
    >>> policy = load_policy()
    >>> len(policy.sha256), policy.rule("LIM-NPA").values["dpd_from"]
    (64, 91)
    """

    tables: Mapping[str, tuple[Row, ...]]
    sheets: tuple[str, ...] = tuple(SHEETS)

    def __post_init__(self) -> None:
        """Every table of the book is there and no other, and its rows lie in their listed order."""
        ordered = {table: listed(table, self.tables.get(table, ())) for table in self.sheets}
        object.__setattr__(self, "tables", MappingProxyType(ordered))

    def for_entity(self, entity: EntityType) -> "EntityPolicy":
        """The rows that bind this kind of lender."""
        return EntityPolicy(entity, {table: tuple(row for row in rows if row.binds(entity)) for table, rows in self.tables.items()})

    def rule(self, rule_id: str) -> Row:
        """The row of that id, for showing why; KeyError when there is none."""
        return self._by_id[rule_id]

    @cached_property
    def _by_id(self) -> dict[str, Row]:
        return {row.rule_id: row for rows in self.tables.values() for row in rows}

    def to_json(self) -> str:
        """The whole policy as canonical JSON text: what a committed run records, and what `sha256` is taken of."""
        plain = {table: [row.to_plain() for row in rows] for table, rows in self.tables.items()}
        return json.dumps({"tables": plain}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """The sha256 of `to_json()` in UTF-8, as 64 hex digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True)
class EntityPolicy:
    """The policy rows of one kind of lender: as rows, on a date, or as an Arrow table for the engine."""

    entity: EntityType
    tables: Mapping[str, tuple[Row, ...]]

    def rows(self, table: str) -> tuple[dict[str, Value], ...]:
        """All rows of the table, past and future ones included; KeyError for an unknown table."""
        return tuple(row.as_dict() for row in self.tables[table])

    def in_force(self, table: str, on: date) -> tuple[dict[str, Value], ...]:
        """The rows of the table in force at the day-end.

        >>> from sulah.policy.load import load_policy
        >>> book = load_policy().for_entity(EntityType.NBFC_BL)
        >>> limits = [book.in_force("asset_limit", day) for day in (date(2026, 3, 30), date(2026, 3, 31))]
        >>> [row["dpd_from"] for rows in limits for row in rows if row["class"] == "npa"]
        [121, 91]
        """
        return tuple(row.as_dict() for row in self.tables[table] if row.in_force(on))

    def arrow(self, table: str) -> pa.Table:
        """The table for the engine, to be registered as `policy_<table>`: `columns(table)` in order, effective_to never empty.

        By way of CSV: building arrays from Python values makes Arrow import pandas where it is installed, which costs each command 0.4 s.
        """
        kinds = {column.name: _ARROW[column.kind] for column in columns(table)}
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(kinds)
        writer.writerows(row.values() for row in self.rows(table))
        read = pacsv.ConvertOptions(column_types=kinds, true_values=["True"], false_values=["False"], strings_can_be_null=False)
        lines = pacsv.ParseOptions(newlines_in_values=True)
        return pacsv.read_csv(io.BytesIO(text.getvalue().encode()), parse_options=lines, convert_options=read)

    def columns(self, table: str) -> tuple[Column, ...]:
        """The columns of `arrow(table)`, in order."""
        return columns(table)

    def ddl(self, table: str) -> str:
        """A CREATE TABLE of the empty `policy_<table>`."""
        return ddl(table)
