"""What the statements of the large derived tables read when they are worked out shard by shard: a shard's part of each input.

The parts stand under the names of the inputs in a schema that is searched first, so the statements stay as they are.  A shard of the
load before is read from its own file; only the rows of loans whose person lies in another shard now are taken from elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sulah.adapters.book.layers import rows_of_load
from sulah.contracts.registry import TABLES

BUCKETS = 4096
_MOST_PASSES = 4
"""A first load has no part of the instalments for a shard and reads them all for each: beyond so many shards a sort is cheaper."""
_SCHEMA = "one_shard"


def may_cut(parent: Path | None, shards: int) -> bool:
    """Are the large tables worked out shard by shard: has the load before as many shards, or a first load only a few?"""
    if shards == 1 or parent is None:
        return 1 < shards <= _MOST_PASSES
    return all(len(rows_of_load(parent, table).files) == shards for table in ("account", "due", "receipt"))


def prepare_shards(connection: duckdb.DuckDBPyConnection, parent: Path | None, shards: int) -> None:
    """Make loan_shard (where each loan of whole_account lies), and the rows of the load before that now lie in another shard."""
    connection.execute(f"CREATE SCHEMA {_SCHEMA}")
    shard = f"CAST({{0}}.bucket_key * {shards} // {BUCKETS} AS INTEGER)"
    connection.execute(f"CREATE TABLE loan_shard AS SELECT a.loan_key, {shard.format('a')} AS shard FROM whole_account AS a")
    if parent is None:
        return
    before = f"SELECT o.loan_key, {shard.format('o')} AS shard FROM previous_account AS o"
    connection.execute(
        "CREATE TABLE moved_loan AS SELECT n.loan_key, n.shard FROM loan_shard AS n "
        f"INNER JOIN ({before}) AS b ON b.loan_key = n.loan_key AND b.shard <> n.shard"
    )


def prepare_inputs(connection: duckdb.DuckDBPyConnection, name: str, parent: Path | None) -> None:
    """Read once what every shard of a table needs a part of: instalments of changed schedules, rows that change their shard."""
    if parent is None:
        return
    if name == "due":
        columns = ", ".join(f"i.{column}" for column in TABLES["instalment"].names)
        changed = f"SELECT {columns} FROM main.instalment AS i INNER JOIN main.schedule_change AS c ON c.loan_id = i.loan_id"
        connection.execute(f"CREATE TABLE {_SCHEMA}.instalment AS {changed}")
    moved = f"SELECT {_listed(name)} FROM previous_{name} AS r WHERE r.loan_key IN (SELECT m.loan_key FROM moved_loan AS m)"
    if connection.execute("SELECT 1 FROM moved_loan LIMIT 1").fetchall():
        connection.execute(f"CREATE TABLE moved_{name} AS {moved}")
    else:
        connection.execute(f"CREATE TABLE moved_{name} AS {moved} LIMIT 0")


@contextmanager
def shown(connection: duckdb.DuckDBPyConnection, name: str, shard: int, parent: Path | None) -> Iterator[None]:
    """Show the inputs of a table as far as they belong to one shard, while its statement runs."""
    change = _schedules(shard) if name == "due" else _entries(shard)
    connection.execute(f"CREATE OR REPLACE VIEW {_SCHEMA}.{'schedule' if name == 'due' else 'receipt'}_change AS {change}")
    if parent is not None:
        connection.execute(f"CREATE OR REPLACE VIEW {_SCHEMA}.previous_{name} AS {_before(connection, name, shard, parent)}")
    connection.execute(f"SET search_path = '{_SCHEMA},main'")
    try:
        yield
    finally:
        connection.execute("SET search_path = 'main'")


def _listed(name: str) -> str:
    return ", ".join(f"r.{column}" for column in TABLES[name].names)


def _before(connection: duckdb.DuckDBPyConnection, name: str, shard: int, parent: Path) -> str:
    """What the load before knew of the loans that lie in this shard now."""
    own = f"SELECT {_listed(name)} FROM {rows_of_load(parent, name, f'{shard:04d}.parquet').relation()} AS r"
    if not connection.execute("SELECT 1 FROM moved_loan LIMIT 1").fetchall():
        return own
    here = f"SELECT m.loan_key FROM main.moved_loan AS m WHERE m.shard = {shard}"
    come = f"SELECT {_listed(name)} FROM main.moved_{name} AS r WHERE r.loan_key IN ({here})"
    return f"{own} WHERE r.loan_key NOT IN (SELECT m.loan_key FROM main.moved_loan AS m) UNION ALL {come}"


def _schedules(shard: int) -> str:
    columns = "c.loan_key, c.loan_id, c.disbursed_on, c.principal_paise, c.new_loan, c.composed"
    return (
        f"SELECT {columns} FROM main.schedule_change AS c INNER JOIN main.loan_shard AS n ON n.loan_key = c.loan_key AND n.shard = {shard}"
    )


def _entries(shard: int) -> str:
    """Changes of receipts: what is new in this shard, and what no longer counts wherever it stood."""
    columns = "c.old_id, c.new_loan_key, c.old_loan_key, c.paid_on, c.amount_paise, c.entry, c.reverses_id, c.mode, c.officer_id"
    return (
        f"SELECT CASE WHEN n.shard = {shard} THEN c.new_id END AS new_id, {columns}, c.change_known_on, c.known_on "
        "FROM main.receipt_change AS c LEFT JOIN main.loan_shard AS n ON n.loan_key = c.new_loan_key "
        f"WHERE n.shard = {shard} OR c.old_id IS NOT NULL"
    )
