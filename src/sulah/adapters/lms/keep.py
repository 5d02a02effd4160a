"""Write what a load keeps: accepted rows as sorted Parquet, personal columns and refused rows sealed."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sulah.adapters.book.durable import durable
from sulah.adapters.book.vault import Vault, quarantine_subject
from sulah.adapters.engines.duck import identifier, literal, write_parquet
from sulah.adapters.lms.sift import Sifted
from sulah.contracts import quarantine
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Table
from sulah.intake.codes import CODES, words_of
from sulah.kernel.points import reach, register

register("load.accepted_written", "load.quarantine_written")

_BATCH = 50_000
_TEXT = pa.string()
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_QUARANTINE = pa.schema(
    [(column.name, {"INTEGER": pa.int32(), "BIGINT": pa.int64()}.get(column.kind.value, _TEXT)) for column in quarantine.TABLE.columns]
)


def keep_accepted(connection: duckdb.DuckDBPyConnection, folder: Path, vault: Vault) -> dict[str, int]:
    """Write accepted/<table>.parquet of every table of the extract and <table>_private.parquet; the rows of each.

    Afterwards each contract table is a view of that name over its file, personal columns empty, and the rows in memory are let go.
    """
    kept: dict[str, int] = {}
    for name, table in EXTRACT.items():
        path = folder / "accepted" / f"{name}.parquet"
        columns = ", ".join(identifier(column.name) for column in table.columns if not column.personal)
        order = ", ".join(identifier(column) for column in table.order)
        with durable(path) as part:
            kept[name] = write_parquet(connection, f"SELECT {columns} FROM good_{name} ORDER BY {order}", part)
        if any(column.personal for column in table.columns):
            _keep_private(connection, table, folder / f"{name}_private.parquet", vault)
        view_accepted(connection, table, path)
        connection.execute(f"DROP VIEW good_{name}")
        connection.execute(f"DROP TABLE shaped_{name}")
        reach("load.accepted_written")
    return kept


def view_accepted(connection: duckdb.DuckDBPyConnection, table: Table, path: Path) -> None:
    """A view of a contract table over its accepted file, its personal columns empty."""
    columns = ", ".join(
        f"CAST(NULL AS {column.kind.value}) AS {identifier(column.name)}" if column.personal else identifier(column.name)
        for column in table.columns
    )
    connection.execute(f"CREATE OR REPLACE VIEW {table.name} AS SELECT {columns} FROM read_parquet({literal(str(path))})")


def _keep_private(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, vault: Vault) -> None:
    """Seal the personal columns row by row (JSON of those that are given), bound to the row's key."""
    key = table.key[0]
    schema = pa.schema([(key, _TEXT), ("sealed", _TEXT)])
    personal = [column for column in table.columns if column.personal]
    given = " OR ".join(f"{identifier(column.name)} IS NOT NULL" for column in personal)
    parts = ", ".join(f"CAST({identifier(column.name)} AS VARCHAR)" for column in personal)
    names = [column.source for column in personal]
    read = connection.execute(f"SELECT {identifier(key)}, {parts} FROM good_{table.name} WHERE {given} ORDER BY {identifier(key)}")
    with durable(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        while rows := read.fetchmany(_BATCH):
            sealed = [
                vault.seal(row[0], _AS_JSON({name: v for name, v in zip(names, row[1:], strict=True) if v is not None})) for row in rows
            ]
            writer.write_table(pa.table([pa.array([row[0] for row in rows], _TEXT), pa.array(sealed, _TEXT)], schema=schema))


def keep_quarantine(connection: duckdb.DuckDBPyConnection, sifted: Sifted, folder: Path, vault: Vault) -> int:
    """Write quarantine.parquet from the table refused, rows sealed, and make the view quarantine over it; the number of findings."""
    path = folder / "quarantine.parquet"
    names = {source.number: source.name for source in sifted.sources}
    count = 0
    with durable(path) as part, pq.ParquetWriter(part, _QUARANTINE, compression="zstd") as writer:
        for batch in _refused(connection, names, vault):
            count += len(batch)
            writer.write_table(pa.Table.from_pylist(batch, schema=_QUARANTINE))
    listed = ", ".join(identifier(column) for column in quarantine.TABLE.names)
    connection.execute(f"CREATE OR REPLACE VIEW quarantine AS SELECT {listed} FROM read_parquet({literal(str(path))})")
    reach("load.quarantine_written")
    return count


def _refused(connection: duckdb.DuckDBPyConnection, names: Mapping[int, str], vault: Vault) -> Iterator[list[dict[str, object]]]:
    read = connection.execute(
        "SELECT table_name, number, n, field, code, record_key, amount_paise, given FROM refused "
        "ORDER BY table_name, number, n, field, code"
    )
    while rows := read.fetchmany(_BATCH):
        yield [
            {
                "table_name": table,
                "file": names[number],
                "row": row,
                "field": field,
                "code": code,
                "severity": CODES[code].severity.value,
                "words": words_of(code, field),
                "record_key": key,
                "amount_paise": amount,
                "sealed": vault.seal(quarantine_subject(table, names[number], row), given),
            }
            for table, number, row, field, code, key, amount, given in rows
        ]
