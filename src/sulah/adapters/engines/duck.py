"""DuckDB, the embedded engine: one thread a connection so that bytes repeat, no extension download, no network."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 4000"
"""How every file of the book is written.  Running totals and keys lie as differences (version 2 of the format), which decode three
times as fast as plain values and take two thirds of the room; a dictionary that would grow long is given up early."""


def connect(*, memory_mb: int = 1500, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory connection with one thread, in insertion order, that never loads an extension by itself."""
    connection = duckdb.connect(":memory:", config={"threads": 1, "memory_limit": f"{memory_mb}MB"})
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute("SET enable_progress_bar = false")  # it writes to standard output, into the middle of --json
    connection.execute("SET TimeZone = 'UTC'")
    if spill is not None:
        connection.execute(f"SET temp_directory = {literal(str(spill))}")
    return connection


def literal(text: str) -> str:
    """A text as an SQL literal, quotes doubled."""
    return "'" + text.replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def view_of_files(connection: duckdb.DuckDBPyConnection, name: str, files: Sequence[Path]) -> None:
    """A view over Parquet files in the order given; at least one file."""
    listed = ", ".join(literal(str(path)) for path in files)
    connection.execute(f"CREATE OR REPLACE VIEW {identifier(name)} AS FROM read_parquet([{listed}])")


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, path: Path, params: Mapping[str, Any] | None = None) -> int:
    """Write a query's rows, in its own order, to a Parquet file; the number of rows."""
    rows = connection.execute(f"COPY ({query}) TO {literal(str(path))} ({PARQUET})", dict(params or {})).fetchall()
    return int(rows[0][0])
