"""Parquet as rows of text: every typed value is written out exactly, ids stored as floats are refused.

Beside its text, a column of a type that intake can take over as it is (intake/native.py) is offered as it is stored.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.csv_text import check_header
from sulah.adapters.lms.limits import Limits
from sulah.adapters.lms.refusal import refuse
from sulah.intake.native import NATIVE, stored_name
from sulah.intake.shape import INDIA


def parquet_relation(
    connection: duckdb.DuckDBPyConnection, path: Path, *, table: str, ids: Sequence[str], limits: Limits
) -> tuple[tuple[str, ...], str, int, Mapping[str, str]]:
    """Header, SQL giving __row, text columns and native ones, number of rows, and types of the native columns of a Parquet file.

    A file that promises more cells than the limit has bytes is refused before any of it is read: a column that repeats one value
    takes no room, however long it is.
    """
    where = f"read_parquet({literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE FROM {where}").fetchall()
        rows = connection.execute(f"SELECT count(1) FROM {where}").fetchone()
    except duckdb.Error as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error).splitlines()[0]) from error
    header = tuple(str(row[0]) for row in described)
    count = int(rows[0]) if rows else 0
    if len(header) > limits.columns:
        raise refuse("too_many_columns", table=table, file=path.name, detail=f"more than {limits.columns:,}")
    if count * len(header) > limits.largest_bytes:
        raise refuse("file_too_large", table=table, file=path.name, detail=f"{count:,} rows of {len(header)} columns")
    check_header(header, path, table)
    kinds = {str(row[0]): str(row[1]) for row in described}
    for name in ids:
        if kinds.get(name) in ("DOUBLE", "FLOAT"):
            raise refuse("xlsx_numeric_id", table=table, file=path.name, field=name)
    native = {name: kind for name, kind in kinds.items() if NATIVE.fullmatch(kind)}
    texts = [f"{_as_text(name, kind)} AS {identifier(name)}" for name, kind in kinds.items()]
    stored = [f"{identifier(name)} AS {identifier(stored_name(name))}" for name in native]
    return header, f"(SELECT row_number() OVER () AS __row, {', '.join((*texts, *stored))} FROM {where})", count, native


def _as_text(name: str, kind: str) -> str:
    column = identifier(name)
    if kind == "VARCHAR":
        return column
    if kind.startswith("DECIMAL") and not kind.endswith(("0)", "1)", "2)")):
        return f"rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(CAST({column} AS TIMESTAMP) + {INDIA} AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"
