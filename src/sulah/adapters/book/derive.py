"""Turn the accepted rows of a load into the tables that the portfolio reads, in shards of borrowers."""

from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb

from sulah.adapters.book.durable import durable
from sulah.adapters.engines.duck import literal, view_of_files, write_parquet
from sulah.contracts.registry import TABLES
from sulah.kernel.points import reach, register
from sulah.policy.load import EntityPolicy

LOANS_A_SHARD = 500_000
BUCKETS = 4096
PORTFOLIO = ("account", "due", "receipt", "relief_window")
"""The derived tables that days read; the next load reads them too."""

DERIVED = (*PORTFOLIO, "touched")
STATEMENTS = ("account", "schedule_change", "due", "receipt_change", "receipt", "relief_window", "touched")
"""What is worked out, in order; sums and changes are not kept."""

_LARGE = ("due", "receipt")
"""Tables that nothing reads once they are written; their rows are let go at once."""
_PREVIOUS_ACCEPTED = ("instalment", "repayment")

register("derive.table", "derive.shard")


def derive(
    connection: duckdb.DuckDBPyConnection,
    *,
    folder: Path,
    parent: Path | None,
    as_of: date,
    policy: EntityPolicy,
    loans_a_shard: int = LOANS_A_SHARD,
) -> dict[str, int]:
    """Write account, due, receipt, relief_window and touched of a load into its folder; the rows of each.

    The connection holds the accepted rows of every extract table under its contract name, and quarantine.
    parent is the folder of the load this one stands on: what was known before is taken from there, so that an entry
    counts from the day it became known (design 3, "what is known when").
    """
    _inputs(connection, parent, as_of, policy)
    connection.execute(f"CREATE TABLE IF NOT EXISTS schedule_sum AS {_statement('schedule_sum')}")  # a load has made it while checking
    rows: dict[str, int] = {}
    shards = 1
    for name in STATEMENTS:
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {_statement(name)}")
        reach("derive.table")
        if name == "account":
            loans = connection.execute("SELECT count(*) FROM account").fetchall()[0][0]
            shards = max(1, -(-int(loans) // loans_a_shard))
        if name in DERIVED:
            rows[name] = sum(_write(connection, name, folder / name, shards))
        if name in _LARGE:
            connection.execute(f"DROP TABLE {name}")
    return rows


def _statement(name: str) -> str:
    return files("sulah.intake").joinpath(f"{name}.sql").read_text("utf-8")


def _write(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, shards: int) -> Iterable[int]:
    """The table's rows shard by shard.  Each statement leaves them in the contract's order; cutting a shard out may lose it."""
    columns = ", ".join(f"x.{column.name}" for column in TABLES[name].columns)
    order = ", ".join(f"x.{column}" for column in TABLES[name].order)
    for shard in range(shards):
        mine = f"SELECT a.loan_key FROM account AS a WHERE a.bucket_key * {shards} // {BUCKETS} = {shard}"
        where = f"WHERE x.loan_key IN ({mine}) ORDER BY {order}" if shards > 1 else ""
        with durable(folder / f"{shard:04d}.parquet") as path:
            yield write_parquet(connection, f"SELECT {columns} FROM {name} AS x {where}", path)
        reach("derive.shard")


def _inputs(connection: duckdb.DuckDBPyConnection, parent: Path | None, as_of: date, policy: EntityPolicy) -> None:
    first = "true" if parent is None else "false"
    connection.execute(f"CREATE OR REPLACE TABLE intake_run AS SELECT DATE {literal(as_of.isoformat())} AS as_of, {first} AS first_load")
    connection.register("policy_day_count", policy.arrow("day_count"))
    connection.execute(
        "CREATE OR REPLACE VIEW quarantined_key AS SELECT DISTINCT table_name, record_key FROM quarantine WHERE severity = 'row'"
    )
    for name in PORTFOLIO:
        _previous(connection, name, sorted((parent / name).glob("*.parquet")) if parent else [])
    for name in _PREVIOUS_ACCEPTED:
        path = parent / "accepted" / f"{name}.parquet" if parent else None
        _previous(connection, name, [path] if path and path.is_file() else [])


def _previous(connection: duckdb.DuckDBPyConnection, name: str, paths: list[Path]) -> None:
    if paths:
        view_of_files(connection, f"previous_{name}", paths)
        return
    ddl = TABLES[name].ddl().replace(f"CREATE TABLE {name}", f"CREATE OR REPLACE TABLE previous_{name}")
    connection.execute(ddl)
