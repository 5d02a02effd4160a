"""Corrected rows of a load, with its accepted rows and the refused rows that nobody corrected, as sources of text.

A corrected row replaces the refused row of the same file and row (columns file and row of the export), or of the same key;
an accepted row of the same key gives way to it.  The quote that the export put before a formula is taken away again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layers import LoadRows, rows_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault, quarantined_rows
from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.files import ENDINGS, Extract, Limits, missing_columns, open_file
from sulah.adapters.lms.formula import bared
from sulah.adapters.lms.refusal import RefusedExtractError, refuse
from sulah.adapters.lms.source import Source, is_received
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Column, Kind, Table
from sulah.intake.codes import NOT_APPLIED
from sulah.intake.mapping import TableMapping

_COPY = "kept_"
_ALL_IDS = sorted({column.source for table in EXTRACT.values() for column in table.columns if column.source.endswith("_id")})


@dataclass(slots=True)
class _Corrected:
    """What the corrected rows replace: places (table, file, row) and keys by table."""

    places: set[tuple[str, str, int]] = field(default_factory=set)
    keys: dict[str, set[tuple[str | None, ...]]] = field(default_factory=lambda: defaultdict(set))


def open_corrections(connection: duckdb.DuckDBPyConnection, path: Path, limits: Limits) -> tuple[Extract, list[Source]]:
    """The files of corrected rows: one a table, named after it, or one with a column `table` for several tables."""
    if not path.exists():
        raise refuse("nothing_found", file=path.name, detail=f"{path} does not exist")
    files = sorted(child for child in path.iterdir() if child.is_file()) if path.is_dir() else [path]
    sources: list[Source] = []
    for file in files:
        if file.name.lower().endswith(ENDINGS):
            sources += _tables_of(connection, file, len(sources) + 1, limits)
    if not sources:
        raise refuse("nothing_found", file=path.name, detail="no file of corrected rows")
    absent = [finding for source in sources for finding in missing_columns(source, TableMapping(source.table))]
    if absent:
        raise RefusedExtractError(absent)
    return Extract(tuple((source.table, source.path) for source in sources), ()), sources


def _tables_of(connection: duckdb.DuckDBPyConnection, file: Path, number: int, limits: Limits) -> list[Source]:
    stem = file.name.lower().removesuffix(".gz").rsplit(".", 1)[0]
    named = next((table for table in EXTRACT if stem in (table, table + "s")), "")
    whole = bared(open_file(connection, number, named, file, ids=_ALL_IDS, limits=limits))
    if named:
        return [whole]
    if "table" not in whole.header:
        raise refuse("nothing_found", file=file.name, detail="name the file after its table, or give a column `table`")
    listed = ", ".join(identifier(name) for name in whole.header)
    found: list[Source] = []
    for table in EXTRACT:
        mine = f'(SELECT __row, {listed} FROM {whole.relation} WHERE "table" = {literal(table)})'
        if connection.execute(f"SELECT 1 FROM {mine} LIMIT 1").fetchall():
            found.append(replace(whole, table=table, number=number + len(found), relation=mine, native={}))
    return [replace(source, rejects="") if place else source for place, source in enumerate(found)]


def with_rest(connection: duckdb.DuckDBPyConnection, lender: Lender, folder: Path, fixed: Sequence[Source]) -> list[Source]:
    """The corrected sources, then the accepted rows of the load in folder, then its refused rows that are not replaced."""
    vault = Vault(lender)
    corrected = _what_is_corrected(connection, fixed)
    sources = list(fixed)
    for table in EXTRACT.values():
        rows = rows_of_load(folder, table.name)
        if rows.files and connection.execute(f"SELECT 1 FROM {rows.relation()} LIMIT 1").fetchall():
            sources.append(_not_replaced(connection, table, rows, len(sources) + 1, vault, corrected.keys[table.name]))
    left: dict[tuple[str, str], list[dict[str, str | None]]] = defaultdict(list)
    for row in quarantined_rows(lender, folder):
        name, file, place = str(row["table"]), str(row["file"]), int(str(row["row"]))
        key = tuple(row.get(EXTRACT[name].column(part).source) for part in EXTRACT[name].key)
        if (name, file, place) not in corrected.places and key not in corrected.keys[name]:
            left[name, file].append(row)
    for (name, file), refused in left.items():
        sources.append(left_source(connection, EXTRACT[name], file, refused, len(sources) + 1, folder))
    return sources


def _what_is_corrected(connection: duckdb.DuckDBPyConnection, fixed: Sequence[Source]) -> _Corrected:
    corrected = _Corrected()
    for source in fixed:
        table = EXTRACT[source.table]
        names = [table.column(name).source for name in table.key]
        listed = ", ".join(f"nullif(trim({identifier(name)}), '')" if name in source.header else "CAST(NULL AS VARCHAR)" for name in names)
        keys = connection.execute(f"SELECT {listed} FROM {source.relation}").fetchall()
        corrected.keys[table.name].update(tuple(key) for key in keys if any(part is not None for part in key))
        if {"file", "row"} <= set(source.header):
            read = connection.execute(f'SELECT "file", TRY_CAST("row" AS BIGINT) FROM {source.relation}').fetchall()
            corrected.places.update((table.name, file, row) for file, row in read if row is not None)
    return corrected


def _not_replaced(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: LoadRows, number: int, vault: Vault, replaced: set[tuple[str | None, ...]]
) -> Source:
    """Accepted rows without those that a corrected row replaces."""
    key = [table.column(name) for name in table.key]
    gone = pa.table({f"k{place}": pa.array([row[place] for row in sorted(replaced, key=str)], pa.string()) for place in range(len(key))})
    connection.register(f"replaced_{number}", gone)
    same = " AND ".join(f"{_written(column)} IS NOT DISTINCT FROM g.k{place}" for place, column in enumerate(key))
    return accepted_source(connection, table, rows, number, vault, f"NOT EXISTS (SELECT 1 FROM replaced_{number} g WHERE {same})")


def accepted_source(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: LoadRows, number: int, vault: Vault, where: str, *, typed: str = ""
) -> Source:
    """Those accepted rows `a` of a load for which a condition holds, as the contract writes them, personal columns from the vault.

    They are copied into the table kept_<number>, until `let_go`.  typed names a table that keeps them as they lie in the book.
    """
    path, copy = rows.files[0], f"{_COPY}{number}"
    listed = ", ".join(f"a.{identifier(column.name)}" for column in table.columns if not column.personal)
    connection.execute(f"CREATE TEMP TABLE chosen_{number} AS SELECT {listed} FROM {rows.relation()} a WHERE {where}")
    connection.register(f"private_{number}", _private(connection, table, path, vault, f"chosen_{number}"))
    written = ", ".join(f"{_written(column)} AS {identifier(column.source)}" for column in table.columns)
    connection.execute(
        f"CREATE TABLE {copy} AS SELECT row_number() OVER () AS __row, {written} FROM chosen_{number} a "
        f"LEFT JOIN private_{number} p ON p.subject = a.{table.key[0]}"
    )
    connection.execute(f"ALTER TABLE chosen_{number} RENAME TO {typed}" if typed else f"DROP TABLE chosen_{number}")
    header = tuple(column.source for column in table.columns)
    return Source(table.name, path, f"accepted rows of {path.parent.parent.name}", number, header, copy, sha256_of(path), plain=True)


def let_go(connection: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> None:
    """Drop the copies of accepted rows, once all that is refused of them is known: a whole book of them would fill the memory."""
    for source in sources:
        if source.relation.startswith(_COPY):
            connection.execute(f"DROP TABLE {source.relation}")


def _private(connection: duckdb.DuckDBPyConnection, table: Table, path: Path, vault: Vault, chosen: str) -> pa.Table:
    """The opened personal columns of chosen rows, by subject."""
    personal, key = [column.source for column in table.columns if column.personal], table.key[0]
    sealed = path.parent.parent / f"{table.name}_private.parquet"
    wanted = f"SELECT p.{key}, p.sealed FROM read_parquet({literal(str(sealed))}) p WHERE p.{key} IN (SELECT c.{key} FROM {chosen} c)"
    rows = connection.execute(wanted).fetchall() if personal and sealed.is_file() else []
    opened = vault.open_people(rows)
    columns = {name: pa.array([row.get(name) for row in opened], pa.string()) for name in personal}
    return pa.table({"subject": pa.array([subject for subject, _ in rows], pa.string()), **columns})


def _written(column: Column) -> str:
    """A typed column as text of the extract: rupees for paise, ISO dates."""
    if column.personal:
        return f"p.{identifier(column.source)}"
    name = f"a.{identifier(column.name)}"
    if column.kind is Kind.PAISE:
        return f"CAST(CAST({name} AS DECIMAL(19, 0)) * CAST('0.01' AS DECIMAL(3, 2)) AS VARCHAR)"
    return f"CAST({name} AS VARCHAR)"


def left_source(
    connection: duckdb.DuckDBPyConnection, table: Table, file: str, rows: list[dict[str, str | None]], number: int, folder: Path
) -> Source:
    """Refused rows that stay as they were, under their own file name and row numbers: what refused them may be gone by now."""
    lines = tuple((int(str(row["row"])), str(row["line"])) for row in rows if "line" in row)
    whole = [row for row in rows if "line" not in row]
    header = tuple(column.source for column in table.columns)
    columns = {name: pa.array([row.get(name) for row in whole], pa.string()) for name in header}
    relation = f"left_{number}"
    connection.register(relation, pa.table({"__row": pa.array([int(str(row["row"])) for row in whole], pa.int64()), **columns}))
    digest = sha256_of(folder / "quarantine.parquet")
    carried = tuple((int(str(row["row"])), "", str(row["code"])) for row in whole if row["code"] in NOT_APPLIED)
    place = folder / "quarantine.parquet"
    return Source(table.name, place, file, number, header, relation, digest, malformed=lines, not_applied=carried, plain=is_received(file))
