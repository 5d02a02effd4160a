"""Turn the accepted rows of a load into the tables that the portfolio reads, in shards of borrowers."""

import json
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path

import duckdb

from sulah.adapters.book.delta import Delta
from sulah.adapters.book.durable import durable
from sulah.adapters.book.layers import BASE_FILE, LOANS_FILE, LoadRows, rows_of_load, shards_of, view_of_load
from sulah.adapters.book.one_shard import BUCKETS, may_cut, prepare_inputs, prepare_shards, shown
from sulah.adapters.engines.duck import literal, write_parquet
from sulah.contracts.registry import TABLES
from sulah.intake.codes import NOT_APPLIED
from sulah.kernel.points import reach, register
from sulah.policy.load import EntityPolicy

LOANS_A_SHARD = 500_000
SLACK_BPS = 1000
"""By how many loans in ten thousand the shards of a base may be too large for what lies beside it."""
PORTFOLIO = ("account", "due", "receipt", "relief_window")
"""The derived tables that days read; the next load reads them too."""

DERIVED = (*PORTFOLIO, "touched")
STATEMENTS = ("account", "schedule_change", "due", "receipt_change", "receipt", "relief_window", "touched")
"""What is worked out, in order; sums and changes are not kept."""

_LARGE = ("due", "receipt")
"""Tables that nothing reads once they are written; their rows are let go at once."""
KNOWN_BEFORE = ("instalment", "repayment")
"""The accepted tables of the load before that are read again."""

register("derive.table", "derive.shard", "delta.loans_written", "delta.base_named")


def derive(
    connection: duckdb.DuckDBPyConnection,
    *,
    folder: Path,
    parent: Path | None,
    as_of: date,
    policy: EntityPolicy,
    loans_a_shard: int = LOANS_A_SHARD,
    delta: Delta | None = None,
) -> dict[str, int]:
    """Write account, due, receipt, relief_window and touched of a load into its folder; the rows of each, written in it.

    The connection holds the accepted rows of every extract table under its contract name, and quarantine.
    parent is the folder of the load this one stands on: what was known before is taken from there, so that an entry
    counts from the day it became known (design 3, "what is known when").  Of a delta the statements see the held loans
    alone, and the rows at rest are added where a table is written.
    """
    _inputs(connection, parent, as_of, policy, delta)
    connection.execute(f"CREATE TABLE IF NOT EXISTS schedule_sum AS {_statement('schedule_sum')}")  # a load has made it while checking
    rows: dict[str, int] = {}
    shards, cut = 1, False
    for name in STATEMENTS:
        if cut and name in _LARGE:
            rows[name] = sum(_write_by_shard(connection, name, folder / name, parent, shards))
            continue
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {_statement(name)}")
        reach("derive.table")
        if name == "account":
            _whole_account(connection, delta)
            loans = int(connection.execute("SELECT count(*) FROM whole_account").fetchall()[0][0])
            shards = len(shards_of(delta.base)) if delta and delta.base else shards_for(loans, loans_a_shard)
            if cut := (delta is None or delta.everything) and may_cut(parent, shards):
                prepare_shards(connection, parent, shards)
        if name in DERIVED:
            rows[name] = sum(_write(connection, name, _with_rest(connection, name, delta), folder / name, shards))
        if name in _LARGE:
            connection.execute(f"DROP TABLE {name}")
    if delta is not None and delta.base is not None:
        _write_layer(connection, folder, delta)
    return rows


def shards_for(loans: int, loans_a_shard: int) -> int:
    """How many shards a load of so many loans is cut into.

    >>> shards_for(0, 10), shards_for(10, 10), shards_for(11, 10)
    (1, 1, 2)
    """
    return max(1, -(-loans // loans_a_shard))


def fit_beside(loans: int, loans_a_shard: int, shards: int) -> bool:
    """May a load of so many loans lie beside a base of so many shards?  Its shards are those of the base; a little too large is no matter.

    >>> fit_beside(1_001_000, 500_000, 2), fit_beside(1_100_001, 500_000, 2), fit_beside(400_000, 500_000, 2)
    (True, False, False)
    """
    return shards_for(loans, loans_a_shard) >= shards and loans * 10_000 <= shards * loans_a_shard * (10_000 + SLACK_BPS)


def _statement(name: str) -> str:
    return files("sulah.intake").joinpath(f"{name}.sql").read_text("utf-8")


def _whole_account(connection: duckdb.DuckDBPyConnection, delta: Delta | None) -> None:
    """The accounts of all loans: a loan at rest is as it was, told by this load's extract unless it is missing."""
    names = TABLES["account"].names
    columns = ", ".join(f"x.{name}" for name in names)
    if delta is None or delta.everything:
        connection.execute(f"CREATE OR REPLACE VIEW whole_account AS SELECT {columns} FROM account AS x")
        return
    told = {
        "extract_on": "CASE WHEN a.missing_since IS NULL THEN (SELECT n.as_of FROM intake_run AS n) ELSE a.extract_on END AS extract_on"
    }
    resting = delta.resting_derived("account", ", ".join(told.get(name, f"a.{name}") for name in names))
    cut = delta.base is not None and len(shards_of(delta.base)) > 1  # each shard is put in order where it is cut out
    order = "" if cut else " ORDER BY loan_key"
    connection.execute(f"CREATE TABLE whole_account AS {resting} UNION ALL SELECT {columns} FROM account AS x{order}")


def _with_rest(connection: duckdb.DuckDBPyConnection, name: str, delta: Delta | None) -> str:
    """The table whose rows are written: the statement's own, or one with the rows at rest."""
    if name == "account":
        return "whole_account"
    columns = ", ".join(f"a.{column}" for column in TABLES[name].names)
    resting = delta.resting_derived(name, columns) if delta and name != "touched" else ""
    if not resting:
        return name
    order = ", ".join(TABLES[name].order)
    connection.execute(f"CREATE OR REPLACE TABLE whole_{name} AS {resting} UNION ALL SELECT {columns} FROM {name} AS a ORDER BY {order}")
    return f"whole_{name}"


def _write(connection: duckdb.DuckDBPyConnection, name: str, made: str, folder: Path, shards: int) -> Iterable[int]:
    """The rows of a table shard by shard.  Each statement leaves them in the contract's order; cutting a shard out may lose it."""
    columns = ", ".join(f"x.{column.name}" for column in TABLES[name].columns)
    order = ", ".join(f"x.{column}" for column in TABLES[name].order)
    apart = shards > 1 and name in _LARGE
    for shard in range(shards):
        mine = f"SELECT a.loan_key FROM whole_account AS a WHERE a.bucket_key * {shards} // {BUCKETS} = {shard}"
        here = f"x.bucket_key * {shards} // {BUCKETS} = {shard}" if name == "account" else f"x.loan_key IN ({mine})"
        where = f"WHERE {here} ORDER BY {order}" if shards > 1 else ""
        source = f"SELECT {columns} FROM {made} AS x {where}"
        if apart:  # whether a column may be empty is then told from the rows of the file alone, as where each shard is worked out apart
            connection.execute(f"CREATE OR REPLACE TABLE one_of_{name} AS {source}")
            source = f"SELECT {columns} FROM one_of_{name} AS x"
        with durable(folder / f"{shard:04d}.parquet") as path:
            yield write_parquet(connection, source, path)
        reach("derive.shard")
    if apart:
        connection.execute(f"DROP TABLE one_of_{name}")
    if made.startswith("whole_") and name != "account":
        connection.execute(f"DROP TABLE {made}")


def _write_by_shard(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, parent: Path | None, shards: int) -> Iterable[int]:
    """Work out and write a large table one shard after the other: its rows are sorted once, and never all in memory."""
    columns = ", ".join(f"x.{column.name}" for column in TABLES[name].columns)
    prepare_inputs(connection, name, parent)
    for shard in range(shards):
        with shown(connection, name, shard, parent):
            connection.execute(f"CREATE TABLE main.{name} AS {_statement(name)}")
        reach("derive.table")
        with durable(folder / f"{shard:04d}.parquet") as path:
            yield write_parquet(connection, f"SELECT {columns} FROM {name} AS x", path)
        connection.execute(f"DROP TABLE {name}")
        reach("derive.shard")


def _write_layer(connection: duckdb.DuckDBPyConnection, folder: Path, delta: Delta) -> None:
    """Name the base, and the loans whose rows lie here."""
    here = f"SELECT c.loan_id FROM closure_loan AS c UNION SELECT y.loan_id FROM ({delta.earlier_layer()}) AS y"
    loans = f"SELECT a.loan_key, a.loan_id FROM whole_account AS a WHERE a.loan_id IN ({here}) ORDER BY a.loan_key"
    with durable(folder / LOANS_FILE) as path:
        write_parquet(connection, loans, path)
    reach("delta.loans_written")
    with durable(folder / BASE_FILE) as path:
        path.write_text(json.dumps({"base": delta.base.name if delta.base else ""}) + "\n", encoding="utf-8")
    reach("delta.base_named")


def _inputs(connection: duckdb.DuckDBPyConnection, parent: Path | None, as_of: date, policy: EntityPolicy, delta: Delta | None) -> None:
    first = "true" if parent is None else "false"
    connection.execute(f"CREATE OR REPLACE TABLE intake_run AS SELECT DATE {literal(as_of.isoformat())} AS as_of, {first} AS first_load")
    connection.register("policy_day_count", policy.arrow("day_count"))
    not_applied = ", ".join(literal(code) for code in NOT_APPLIED)
    connection.execute(
        "CREATE OR REPLACE VIEW quarantined_key AS SELECT DISTINCT table_name, record_key FROM quarantine "
        f"WHERE severity = 'row' AND coalesce(code, '') NOT IN ({not_applied})"
    )
    for name in (*PORTFOLIO, *KNOWN_BEFORE):
        _previous(connection, name, rows_of_load(parent, name) if parent else LoadRows(name, ()), delta)
    known = f"FROM {rows_of_load(parent, 'account').relation()} AS o" if parent else "FROM previous_account AS o"
    connection.execute(
        f"CREATE OR REPLACE TABLE known_person AS SELECT o.borrower_id, max(o.borrower_key) AS borrower_key {known} GROUP BY o.borrower_id"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE last_key AS SELECT CAST(coalesce(max(o.loan_key), 0) AS INTEGER) AS loan_key, "
        f"CAST(coalesce(max(o.borrower_key), 0) AS INTEGER) AS borrower_key {known}"
    )


def _previous(connection: duckdb.DuckDBPyConnection, name: str, rows: LoadRows, delta: Delta | None) -> None:
    """What the load before knew, under previous_<table>; of a delta that of the held loans."""
    if not rows.files:
        ddl = TABLES[name].ddl().replace(f"CREATE TABLE {name}", f"CREATE OR REPLACE TABLE previous_{name}")
        connection.execute(ddl)
    elif delta is None or delta.everything:
        view_of_load(connection, f"previous_{name}", rows)
    elif name in KNOWN_BEFORE and delta.accepted_before.get(name):  # read already: they were checked again
        connection.execute(f"CREATE OR REPLACE VIEW previous_{name} AS FROM {delta.held_table(name)}")
    else:
        held = "closure_key" if name in PORTFOLIO else "closure_loan"
        by = "loan_key" if name in PORTFOLIO else "loan_id"
        columns = ", ".join(f"r.{column}" for column in TABLES[name].names)
        wanted = f"SELECT {columns} FROM {rows.relation()} AS r WHERE r.{by} IN (SELECT c.{by} FROM {held} AS c)"
        connection.execute(f"CREATE OR REPLACE TABLE previous_{name} AS {wanted}")
