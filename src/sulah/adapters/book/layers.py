"""Where the rows of a load lie: the one place that knows which files make a table of a load; nobody else looks into its folder.

A whole load has all its files in its own folder.  A layered load (one made from a delta) has its own folder and one base, a whole
load: of the large tables it holds only the rows of the loans that changed since the base, and the base holds the rest.
`layer.parquet` names those loans, `layers.json` the base.  A loan's rows are never taken from both.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sulah.adapters.engines.duck import connect, identifier, literal, write_parquet
from sulah.contracts.registry import EXTRACT, TABLES

LAYERED = {"instalment": "loan_id", "repayment": "loan_id", "due": "loan_key", "receipt": "loan_key"}
"""The tables that may lie in layers, and the column by which a row's loan is known.  Every other table is whole in each load."""

BASE_FILE, LOANS_FILE = "layers.json", "layer.parquet"


@dataclass(frozen=True, slots=True)
class LoadRows:
    """The rows of a table of a load: its own files; for a table in layers also those of the base, less the loans of `loans`."""

    table: str
    files: tuple[Path, ...]
    base: tuple[Path, ...] = ()
    loans: Path | None = None

    @property
    def all_files(self) -> tuple[Path, ...]:
        """Every file that the rows are read from."""
        return (*self.files, *self.base, *((self.loans,) if self.loans else ()))

    def relation(self) -> str:
        """SQL, in brackets, of the rows with every column that lies in the book; in no order where the table lies in layers."""
        if self.loans is None:
            return f"(FROM {_read(self.files)})"
        listed = ", ".join(f"r.{identifier(column.name)}" for column in TABLES[self.table].columns if not column.personal)
        loan = LAYERED[self.table]
        changed = f"SELECT y.{loan} FROM {_read((self.loans,))} AS y"
        rest = f"SELECT {listed} FROM {_read(self.base)} AS r WHERE r.{loan} NOT IN ({changed})"
        return f"(SELECT {listed} FROM {_read(self.files)} AS r UNION ALL {rest})"


def _read(files: Iterable[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in files)}])"


def base_of(folder: Path) -> Path | None:
    """The folder of the whole load under a layered one; None where the load itself is whole."""
    file = folder / BASE_FILE
    return folder.parent / str(json.loads(file.read_text("utf-8"))["base"]) if file.is_file() else None


def rows_of_load(folder: Path, table: str, shard: str = "") -> LoadRows:
    """The rows of a table of the load in a folder, in shard order; shard: the file name of one shard of a derived table.

    No file of its own means that the load has no such table.
    """
    own, base = _files(folder, table, shard), base_of(folder) if table in LAYERED else None
    return LoadRows(table, own) if base is None else LoadRows(table, own, _files(base, table, shard), folder / LOANS_FILE)


def _files(folder: Path, table: str, shard: str) -> tuple[Path, ...]:
    if table in EXTRACT:
        path = folder / "accepted" / f"{table}.parquet"
        return (path,) if path.is_file() else ()
    return (folder / table / shard,) if shard else tuple(sorted((folder / table).glob("*.parquet")))


def shards_of(folder: Path) -> tuple[str, ...]:
    """The file names of a load's shards, in order."""
    return tuple(path.name for path in _files(folder, "account", ""))


def view_of_load(connection: duckdb.DuckDBPyConnection, name: str, rows: LoadRows) -> None:
    """A view over a table of a load."""
    connection.execute(f"CREATE OR REPLACE VIEW {identifier(name)} AS FROM {rows.relation()}")


def write_whole(load: Path, folder: Path) -> None:
    """Write the tables that a load has in layers into a folder: the rows of a whole load's files, in their order, under their names.

    For readers that know nothing of layers.  Of a whole load nothing is written.
    """
    if base_of(load) is None:
        return
    with connect() as connection:
        for table in LAYERED:
            columns = ", ".join(f"r.{identifier(column.name)}" for column in TABLES[table].columns if not column.personal)
            order = ", ".join(f"r.{identifier(name)}" for name in TABLES[table].order)
            for shard in ("",) if table in EXTRACT else shards_of(load):
                rows = rows_of_load(load, table, shard)
                path = folder / rows.files[0].relative_to(load)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_parquet(connection, f"SELECT {columns} FROM {rows.relation()} AS r ORDER BY {order}", path)
