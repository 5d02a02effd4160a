"""The parts that every policy table is made of: columns, sheets, and the columns that all rows have."""

from dataclasses import dataclass
from enum import StrEnum

from sulah.kernel.terms import EntityType

OPEN_DAYS = 999_999
"""Upper end of a range of days past due that has no end."""

OPEN_MONTHS = 9_999
"""Upper end of a range of months that has no end."""

OPEN_PAISE = 999_999_999_999_999
"""Upper end of a range of rupees that has no end, in paise."""

ANY = "*"
"""Every entity, product, class or segment."""


class Kind(StrEnum):
    """What a policy column holds; the value is its storage type in DuckDB."""

    TEXT = "VARCHAR"
    NUMBER = "BIGINT"
    TRUTH = "BOOLEAN"
    DATE = "DATE"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a policy table: name, kind, meaning; `one_of` lists the allowed texts, `most` bounds a number (0..most).

    some_of: the text is `*`, or a list of these words with one space between them, each once, in this order.
    unwritten: what the column holds where a row does not write it; None = every row must write it.
    """

    name: str
    kind: Kind
    meaning: str
    one_of: tuple[str, ...] = ()
    most: int = OPEN_PAISE
    some_of: tuple[str, ...] = ()
    unwritten: str | int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A policy table: its own columns, the order its rows are listed in, and how a question finds a row.

    ranges: name asked -> (from, to) columns, both ends included; keys: columns asked by equality, where a row's `*` answers for all;
    globs: columns whose rows hold a product code or the beginning of one followed by `*`.
    offers: a row may name no entity at all, as an alternative that a lender can choose.
    later: days were recorded before the table was there, and have no rows of it.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    freedom: str
    ranges: tuple[tuple[str, str, str], ...] = ()
    keys: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    offers: bool = False
    later: bool = False


def text(name: str, meaning: str, *one_of: str) -> Column:
    """A text; one of these words where any are named."""
    return Column(name, Kind.TEXT, meaning, one_of)


def number(name: str, meaning: str, most: int = OPEN_PAISE) -> Column:
    """A whole number from 0 to most."""
    return Column(name, Kind.NUMBER, meaning, most=most)


def truth(name: str, meaning: str) -> Column:
    """True or false."""
    return Column(name, Kind.TRUTH, meaning)


def span(first: str, last: str, unit: str, most: int) -> tuple[Column, Column]:
    """The two ends of a range, both inside."""
    return number(first, f"First {unit} of the range.", most), number(last, f"Last {unit} of the range; {most} has no end.", most)


HEAD = (Column("rule_id", Kind.TEXT, "Id of the row, unique over all tables."),)
TAIL = (
    Column("effective_from", Kind.DATE, "First day-end in force."),
    Column("effective_to", Kind.DATE, "Last day-end in force; 9999-12-31 has no end."),
    Column("status", Kind.TEXT, "Where the rule comes from.", ("law", "draft", "platform", "policy")),
    Column("citation", Kind.TEXT, "The text that the row follows."),
    Column("confidence", Kind.TEXT, "How sure we are of the citation.", ("A", "B", "C", "POLICY")),
    Column("verify", Kind.TRUTH, "Must the lender's compliance officer confirm it?"),
)
ENTITIES = tuple(entity.value for entity in EntityType)
