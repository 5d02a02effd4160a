"""Do two programs say the same?  Row by row, every column of every table, and the sums that people look at first."""

import json
import sys
from pathlib import Path

import duckdb

from bench.parts import steps_measured
from sulah.adapters.engines.duck import connect, literal, view_of_files
from sulah.contracts.registry import TABLES

SUMS = "SELECT count(*), CAST(sum(p.dpd) AS BIGINT), CAST(sum(p.overdue_paise) AS BIGINT) FROM {side} AS p"


class NotEqualError(Exception):
    """Two programs of the bench gave different rows: their times may not be compared."""


def check_equal(ours: Path, theirs: Path) -> dict[str, int]:
    """Compare every table that both folders hold; the sums of position; NotEqualError names the first table that differs."""
    connection = connect(memory_mb=4000)
    for table in (step.table for step in steps_measured() if step.table != "stale"):  # who was worked out, not what came out
        if (theirs / table).is_dir():
            _check_table(connection, table, ours, theirs)
    loans, dpd, overdue = connection.execute(SUMS.format(side="ours_position")).fetchall()[0]
    return {"loans": int(loans), "dpd": int(dpd), "overdue_paise": int(overdue)}


def _check_table(connection: duckdb.DuckDBPyConnection, table: str, ours: Path, theirs: Path) -> None:
    for side, folder in (("ours", ours), ("theirs", theirs)):
        view_of_files(connection, f"{side}_{table}", sorted((folder / table).glob("*.parquet")))
    keys = " AND ".join(f"a.{name} = b.{name}" for name in TABLES[table].key)
    apart = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in TABLES[table].names)
    rows = connection.execute(
        f"SELECT count(*) FROM ours_{table} AS a FULL OUTER JOIN theirs_{table} AS b ON {keys} WHERE {apart}"
    ).fetchall()
    if rows[0][0]:
        columns = [name for name in TABLES[table].names if _differs(connection, table, keys, name)]
        raise NotEqualError(f"{table} differs in {rows[0][0]:,} rows, in {', '.join(columns)}: {ours} against {theirs}")


def _differs(connection: duckdb.DuckDBPyConnection, table: str, keys: str, name: str) -> bool:
    sql = f"SELECT 1 FROM ours_{table} AS a FULL OUTER JOIN theirs_{table} AS b ON {keys} WHERE a.{name} IS DISTINCT FROM b.{name} LIMIT 1"
    return bool(connection.execute(sql).fetchall())


def check_loop(ours: Path, loop: Path) -> None:
    """The rows of the naive loop against the same loans of ours, dpd and overdue."""
    connection = connect()
    view_of_files(connection, "position", sorted((ours / "position").glob("*.parquet")))
    sql = (
        f"SELECT count(*), count(p.loan_id) FROM read_json({literal(str(loop))}) AS l "
        "LEFT JOIN position AS p ON p.loan_id = l.loan_id AND p.dpd = l.dpd AND p.overdue_paise = l.overdue_paise"
    )
    rows, equal = connection.execute(sql).fetchall()[0]
    if rows == 0 or rows != equal:
        raise NotEqualError(f"The naive loop differs from ours on {rows - equal:,} of {rows:,} loans.")


def main(words: list[str]) -> None:
    """`python -m bench.agree OURS THEIRS`: a folder of tables, or the JSON lines of the naive loop."""
    ours, theirs = Path(words[0]), Path(words[1])
    if theirs.is_dir():
        sys.stdout.write(json.dumps(check_equal(ours, theirs)) + "\n")
    else:
        check_loop(ours, theirs)


if __name__ == "__main__":
    main(sys.argv[1:])
