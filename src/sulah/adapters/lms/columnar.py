"""Parquet and XLSX as rows of text: every typed value is written out exactly, numeric ids of sheets are refused."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.csv_text import check_header
from sulah.adapters.lms.refusal import refuse
from sulah.intake.shape import INDIA


def parquet_relation(
    connection: duckdb.DuckDBPyConnection, path: Path, *, table: str, ids: Sequence[str]
) -> tuple[tuple[str, ...], str, int]:
    """Header, SQL giving __row and text columns, and the number of rows of a Parquet file; ids stored as floats are refused."""
    where = f"read_parquet({literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE FROM {where}").fetchall()
        rows = connection.execute(f"SELECT count(1) FROM {where}").fetchone()
    except duckdb.Error as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error).splitlines()[0]) from error
    header = tuple(str(row[0]) for row in described)
    check_header(header, path, table)
    kinds = {str(row[0]): str(row[1]) for row in described}
    for name in ids:
        if kinds.get(name) in ("DOUBLE", "FLOAT"):
            raise refuse("xlsx_numeric_id", table=table, file=path.name, field=name)
    listed = ", ".join(f"{_as_text(name, kind)} AS {identifier(name)}" for name, kind in kinds.items())
    return header, f"(SELECT row_number() OVER () AS __row, {listed} FROM {where})", int(rows[0]) if rows else 0


def _as_text(name: str, kind: str) -> str:
    column = identifier(name)
    if kind == "VARCHAR":
        return column
    if kind.startswith("DECIMAL") and not kind.endswith(("0)", "1)", "2)")):
        return f"rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"CAST(CAST({column} AS TIMESTAMP) + {INDIA} AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"


def sheet_table(path: Path, *, table: str, ids: Sequence[str], most_rows: int) -> tuple[tuple[str, ...], pa.Table]:
    """Header and text columns (with __row) of the first sheet that is not empty; ids stored as numbers are refused."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        filled = (rows for name in book.sheet_names if (rows := book.get_sheet_by_name(name).to_python(skip_empty_area=True)))
        rows = next(filled, [])
    except (CalamineError, BadZipFile, OSError) as error:
        raise refuse("file_unreadable", table=table, file=path.name, detail=str(error)) from error
    if not rows:
        raise refuse("file_empty", table=table, file=path.name)
    if len(rows) > most_rows:
        raise refuse("file_too_large", table=table, file=path.name, detail=f"more than {most_rows} rows")
    header = tuple(str(cell).strip() for cell in rows[0])
    check_header(header, path, table)
    for name in ids:
        place = header.index(name) if name in header else -1
        if place >= 0 and any(isinstance(row[place], (int, float)) for row in rows[1:]):
            raise refuse("xlsx_numeric_id", table=table, file=path.name, field=name)
    columns = {name: pa.array([_cell(row[place]) for row in rows[1:]], pa.string()) for place, name in enumerate(header)}
    return header, pa.table({"__row": pa.array(range(1, len(rows)), pa.int64()), **columns})


def _cell(value: object) -> str | None:
    """A cell as text: whole numbers without a point, dates in ISO, empty as none."""
    match value:
        case None | "":
            return None
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(Decimal(repr(value)), "f")
        case datetime.datetime():
            return value.isoformat(sep=" ")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)
