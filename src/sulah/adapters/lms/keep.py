"""Write what a load keeps: accepted rows as sorted Parquet, personal columns and refused rows sealed."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from json.encoder import encode_basestring
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sulah.adapters.book.delta import Delta
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layers import LAYERED
from sulah.adapters.book.vault import QUARANTINE, Vault, quarantine_subject
from sulah.adapters.engines.duck import identifier, literal, write_parquet
from sulah.adapters.lms.sift import Sifted
from sulah.contracts import quarantine
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Column, Kind, Table
from sulah.intake.codes import CODES, words_of
from sulah.kernel.points import reach, register

register("load.accepted_written", "load.quarantine_written")

_BATCH = 50_000
_OF_LOANS = ("loan", "instalment", "repayment")
_TEXT = pa.string()
_QUARANTINE = pa.schema(
    [(column.name, {"INTEGER": pa.int32(), "BIGINT": pa.int64()}.get(column.kind.value, _TEXT)) for column in quarantine.TABLE.columns]
)


def keep_accepted(connection: duckdb.DuckDBPyConnection, folder: Path, vault: Vault, delta: Delta | None = None) -> dict[str, int]:
    """Write accepted/<table>.parquet of every table of the extract and <table>_private.parquet; the rows of each in the whole load.

    Afterwards each contract table is a view of that name over its file, personal columns empty, and the rows in memory are let go.
    Of a delta the rows at rest are written too, where they do not lie in the base; views of tables on a loan show the held loans only.
    """
    kept: dict[str, int] = {}
    for name, table in EXTRACT.items():
        path, private = folder / "accepted" / f"{name}.parquet", folder / f"{name}_private.parquet"
        personal = any(column.personal for column in table.columns)
        if delta is not None and delta.is_as_before(name):
            kept[name] = delta.accepted_before.get(name, 0)
            for file in (path, private) if personal else (path,):
                _copy(delta.parent / file.relative_to(folder), file)
        else:
            kept[name] = _keep_rows(connection, table, path, delta)
            if personal:
                _keep_private(connection, table, private, vault, delta)
        view_accepted(connection, table, path, held_only=delta is not None and not delta.everything and name in _OF_LOANS)
        connection.execute(f"DROP VIEW good_{name}")
        connection.execute(f"DROP TABLE shaped_{name}")
        reach("load.accepted_written")
    return kept


def _keep_rows(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, delta: Delta | None) -> int:
    """Write a table's rows in order; how many it has in the whole load."""
    columns = ", ".join(identifier(column.name) for column in table.columns if not column.personal)
    order = ", ".join(identifier(column) for column in table.order)
    resting = delta.resting(table.name, columns) if delta else ""
    good = f"SELECT {columns} FROM good_{table.name}"
    rows = f"{resting} UNION ALL {good}" if resting else good  # the many first: the engine's sort runs out of memory the other way round
    with durable(path) as part:
        written = write_parquet(connection, f"SELECT {_may_be_empty(table)} FROM (SELECT {columns} FROM ({rows}) ORDER BY {order})", part)
    if delta is None or delta.base is None or table.name not in LAYERED:
        return written
    checked = int(connection.execute(f"SELECT count(*) FROM good_{table.name}").fetchall()[0][0])
    return delta.accepted_before.get(table.name, 0) - delta.held_rows.get(table.name, 0) + checked


def _may_be_empty(table: Table) -> str:
    """The columns, each as one that may hold no value, though none does.

    Else DuckDB tells from the statistics of what it read, refused rows included, whether a column may, and writes other bytes.
    """
    text = next(identifier(column.name) for column in table.columns if column.kind is Kind.TEXT and not column.personal)
    names = [identifier(column.name) for column in table.columns if not column.personal]
    return ", ".join(f"CASE WHEN strlen({text}) < 0 THEN NULL ELSE {name} END AS {name}" for name in names)


def _copy(source: Path, path: Path) -> None:
    with durable(path) as part:
        shutil.copyfile(source, part)


def view_accepted(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, *, held_only: bool = False) -> None:
    """A view of a contract table over its accepted file, its personal columns empty; held_only: loans of the closure alone."""
    columns = ", ".join(
        f"CAST(NULL AS {column.kind.value}) AS {identifier(column.name)}" if column.personal else identifier(column.name)
        for column in table.columns
    )
    only = " WHERE loan_id IN (SELECT c.loan_id FROM closure_loan AS c)" if held_only else ""
    connection.execute(f"CREATE OR REPLACE VIEW {table.name} AS SELECT {columns} FROM read_parquet({literal(str(path))}){only}")


def _keep_private(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, vault: Vault, delta: Delta | None) -> None:
    """Seal the personal columns row by row (JSON of those that are given) under the person's key, bound to the row's key.

    Rows at rest keep their seal.
    """
    key = table.key[0]
    schema = pa.schema([(key, _TEXT), ("sealed", _TEXT)])
    personal = _given_columns(connection, table)
    given = " OR ".join(f"{identifier(column.name)} IS NOT NULL" for column in personal) or "false"
    heads = [f'"{column.source}":' for column in personal]
    parts = "".join(f", CAST({identifier(column.name)} AS VARCHAR) AS p{place}" for place, column in enumerate(personal))
    rows = f"SELECT {identifier(key)} AS subject, borrower_id AS person, CAST(NULL AS VARCHAR) AS sealed{parts} "
    rows += f"FROM good_{table.name} WHERE {given}"
    if delta is not None and (resting := delta.resting(table.name, f"a.{identifier(key)}")):
        nothing = "".join(", CAST(NULL AS VARCHAR)" for _ in personal)
        before = f"read_parquet({literal(str(delta.parent / path.name))})"
        whose = "y.borrower_id" if key == "borrower_id" else "CAST(NULL AS VARCHAR)"
        rows += (
            f" UNION ALL SELECT y.{identifier(key)}, {whose}, y.sealed{nothing} FROM {before} y WHERE y.{identifier(key)} IN ({resting})"
        )
    listed = ", ".join(("subject", "person", "sealed", *(f"p{place}" for place in range(len(heads)))))
    read = connection.execute(f"SELECT {listed} FROM ({rows}) ORDER BY subject")
    erased = vault.erased()
    with durable(path) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        while batch := read.fetchmany(_BATCH):
            rows_kept = _sealed_rows([row for row in batch if row[1] not in erased], heads, vault)
            columns = [pa.array([row[place] for row in rows_kept], _TEXT) for place in (0, 1)]
            writer.write_table(pa.table(columns, schema=schema))


def _sealed_rows(batch: Sequence[Sequence[str]], heads: Sequence[str], vault: Vault) -> list[tuple[str, str]]:
    """(subject, sealed) of rows (subject, person, seal at rest, personal columns); whoever was erased meanwhile has none.

    A seal of the time before there were keys per borrower is made anew, so that erasing reaches it.
    """
    kept: dict[str, str] = {}
    fresh: list[tuple[str, str, str]] = []
    for subject, person, at_rest, *given in batch:
        if at_rest and not (person and vault.is_before(at_rest)):
            kept[subject] = at_rest
            continue
        fresh.append((person, subject, vault.unseal(subject, at_rest) if at_rest else _as_json(heads, given)))
    for (_, subject, _), sealed in zip(fresh, vault.seal_people(fresh), strict=True):
        if sealed is not None:
            kept[subject] = sealed
    return [(subject, kept[subject]) for subject, *_ in batch if subject in kept]


def _given_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> list[Column]:
    """The personal columns that any row gives: of fifteen a lender sends two or three, and each row is taken in hand."""
    personal = [column for column in table.columns if column.personal]
    counted = ", ".join(f"count({identifier(column.name)})" for column in personal)
    counts = connection.execute(f"SELECT {counted} FROM good_{table.name}").fetchall()[0]
    return [column for column, count in zip(personal, counts, strict=True) if count]


def _as_json(heads: Sequence[str], values: Sequence[str | None]) -> str:
    """The given values as a JSON object of texts; heads: each name as JSON writes it, with its colon.

    >>> _as_json(['"name":', '"phone":'], ["Asha", None])
    '{"name":"Asha"}'
    """
    return "{" + ",".join([head + encode_basestring(value) for head, value in zip(heads, values, strict=True) if value is not None]) + "}"


def keep_quarantine(connection: duckdb.DuckDBPyConnection, sifted: Sifted, folder: Path, vault: Vault, as_of: date) -> int:
    """Write quarantine.parquet from the table refused and make the view quarantine over it; the number of findings.

    The rows are sealed under the key of the business date's month, which ends with their period.
    """
    path = folder / "quarantine.parquet"
    names = {source.number: source.name for source in sifted.sources}
    count = 0
    with durable(path) as part, pq.ParquetWriter(part, _QUARANTINE, compression="zstd") as writer:
        for batch in _refused(connection, names, vault, as_of):
            count += len(batch)
            writer.write_table(pa.Table.from_pylist(batch, schema=_QUARANTINE))
    listed = ", ".join(identifier(column) for column in quarantine.TABLE.names)
    connection.execute(f"CREATE OR REPLACE VIEW quarantine AS SELECT {listed} FROM read_parquet({literal(str(path))})")
    reach("load.quarantine_written")
    return count


def _refused(
    connection: duckdb.DuckDBPyConnection, names: Mapping[int, str], vault: Vault, as_of: date
) -> Iterator[list[dict[str, object]]]:
    read = connection.execute(
        "SELECT table_name, number, n, field, code, record_key, amount_paise, given FROM refused "
        "ORDER BY table_name, number, n, field, code"
    )
    while rows := read.fetchmany(_BATCH):
        texts = [(quarantine_subject(table, names[number], row), given) for table, number, row, *_, given in rows]
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
                "sealed": sealed,
            }
            for (table, number, row, field, code, key, amount, _), sealed in zip(
                rows, vault.seal_rows_until(QUARANTINE, as_of, texts), strict=True
            )
        ]
