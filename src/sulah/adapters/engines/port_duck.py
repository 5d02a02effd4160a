"""DuckDB behind the port: a connection that holds the tables of one shard, or of the book."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sulah.adapters.engines.duck import connect, identifier, literal, write_parquet
from sulah.adapters.engines.port import cast_columns
from sulah.contracts.shape import Table


class DuckEngine:
    """The embedded engine; files are paths of this machine."""

    def __init__(self, *, memory_mb: int = 1500, spill: Path | None = None) -> None:
        self._connection = connect(memory_mb=memory_mb, spill=spill)
        self._connection.execute("CREATE SCHEMA previous")

    def hold(self, name: str, rows: pa.Table) -> None:
        """Copy a small table in."""
        self._connection.register("held", rows)
        self._connection.execute(f"CREATE OR REPLACE TABLE {_quoted(name)} AS FROM held")
        self._connection.unregister("held")

    def show(self, name: str, table: Table, files: Sequence[str]) -> None:
        """A view over files, or an empty table of the contract."""
        if files:
            listed = ", ".join(literal(file) for file in files)
            self._connection.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS FROM read_parquet([{listed}])")
        else:
            empty = ", ".join(f"CAST(NULL AS {column.kind.value}) AS {identifier(column.name)}" for column in table.columns)
            self._connection.execute(f"CREATE OR REPLACE VIEW {_quoted(name)} AS SELECT {empty} LIMIT 0")

    def make(self, table: Table, statement: str, file: str) -> int:
        """Run, write, and keep the rows under the table's name; making the file durable is the caller's."""
        self._connection.execute(f"CREATE OR REPLACE TABLE {identifier(table.name)} AS {statement}")
        return write_parquet(self._connection, f"SELECT {cast_columns(table)} FROM {identifier(table.name)}", Path(file))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _quoted(name: str) -> str:
    return ".".join(identifier(part) for part in name.split("."))
