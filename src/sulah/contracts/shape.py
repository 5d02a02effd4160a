"""The shape of a contract: a table, its columns, and what each one means."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds; the value is the storage type in the book (DuckDB and Parquet)."""

    TEXT = "VARCHAR"
    DATE = "DATE"
    MOMENT = "TIMESTAMP"
    PAISE = "BIGINT"
    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL(18,6)"
    TRUTH = "BOOLEAN"


class Scope(StrEnum):
    """Who makes the table: the lender's extract, intake, a person step (shard by shard), a book step, or whoever reads it."""

    EXTRACT = "extract"
    INTAKE = "intake"
    PERSON = "person"
    BOOK = "book"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in the book, its kind, its meaning; `given` is its name in an extract when that differs.

    one_of lists the allowed values of a term; personal marks data that only the vault may hold in clear.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    given: str = ""
    one_of: tuple[str, ...] = ()
    personal: bool = False

    @property
    def source(self) -> str:
        """The column's name in the lender's extract."""
        return self.given or self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One table that crosses rooms: its columns in order, key, sort order and meaning."""

    name: str
    scope: Scope
    meaning: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sort: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; KeyError names the table when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[Column, ...]:
        """The columns an extract must give."""
        return tuple(column for column in self.columns if column.required)

    @property
    def order(self) -> tuple[str, ...]:
        """The order of rows in the book: the sort columns, else the key."""
        return self.sort or self.key

    def ddl(self) -> str:
        """A CREATE TABLE of the empty table, for binding statements without data."""
        columns = ", ".join(f'"{column.name}" {column.kind.value}' for column in self.columns)
        return f"CREATE TABLE {self.name} ({columns})"
