"""The port behind which an engine runs the day's statements: what a day asks of DuckDB, of Spark, or of any other engine."""

from collections.abc import Sequence
from typing import Protocol

import pyarrow as pa

from sulah.contracts.shape import Kind, Table

ARROW = {
    Kind.TEXT: pa.string(),
    Kind.DATE: pa.date32(),
    Kind.MOMENT: pa.timestamp("us"),
    Kind.PAISE: pa.int64(),
    Kind.INTEGER: pa.int32(),
    Kind.DECIMAL: pa.decimal128(18, 6),
    Kind.TRUTH: pa.bool_(),
}
"""The type of each kind in Arrow and in the book's Parquet files, whichever engine wrote them."""


class Engine(Protocol):
    """One engine with the tables it can see; statements are in DuckDB's dialect, as they stand in the rooms.

    A table `previous.X` (X of the last committed day) is shown under that name, with its prefix.
    """

    def hold(self, name: str, rows: pa.Table) -> None:
        """Take in a small table: policy, the date of the day before."""

    def show(self, name: str, table: Table, files: Sequence[str]) -> None:
        """Make the Parquet files of a contract's table visible under a name; no file at all means no rows."""

    def make(self, table: Table, statement: str, file: str) -> int:
        """Run a statement, write its rows in its own order and the contract's types to one Parquet file, show them; the rows."""

    def close(self) -> None:
        """Let go of everything held."""


def schema_of(table: Table) -> pa.Schema:
    """The Arrow schema of a contract.

    >>> from sulah.contracts.registry import TABLES
    >>> schema_of(TABLES["asset_memory"]).names, schema_of(TABLES["asset_memory"]).types[1]
    (['borrower_id', 'npa_on', 'upgraded_on', 'cause'], DataType(date32[day]))
    """
    return pa.schema([(column.name, ARROW[column.kind]) for column in table.columns])


def cast_columns(table: Table, quote: str = '"') -> str:
    """The contract's columns, each cast to its type, as a select list in DuckDB's types; an overflow is an error."""
    return ", ".join(f"CAST({quote}{c.name}{quote} AS {c.kind.value}) AS {quote}{c.name}{quote}" for c in table.columns)
