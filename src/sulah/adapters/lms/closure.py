"""Which loans and people a delta can change: told from what was sent, what was refused before, and what is accepted.

A loan is worked on again when a row of its own is sent or was refused; when a repayment that is sent (or the one that it reverses)
stands on it; when its person's row, or a window of relief of its person or PIN code, is sent or was refused; and when its person
shares a telephone number with one whose row is sent.  Nothing else of the load before can come out otherwise (ADR 8).
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from sulah.adapters.book.delta import Delta
from sulah.adapters.book.vault import Vault
from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.phones import written_one_way
from sulah.contracts.registry import EXTRACT

_ON_LOAN = ("loan", "instalment", "repayment")
_CLOSED = "SELECT c.borrower_id FROM closure_person AS c"


def close(connection: duckdb.DuckDBPyConnection, delta: Delta, vault: Vault) -> None:
    """Make closure_loan, closure_person and named_<table> from the rows in shaped_<table>: those sent and those refused before."""
    for table in delta.named:
        key = ", ".join(identifier(name) for name in EXTRACT[table].key)
        connection.execute(f"CREATE TABLE named_{table} AS SELECT DISTINCT {key} FROM shaped_{table}")
    _close_people(connection, delta, vault)
    account = delta.rows("account").relation()
    parts = [f"SELECT loan_id FROM shaped_{table}" for table in _ON_LOAN]
    if delta.everything:
        parts += [f"SELECT a.loan_id FROM {account} AS a"]
    else:
        parts += [*_met_entries(connection, delta, account), *_of_people_and_places(account)]
    found = f"SELECT DISTINCT loan_id FROM ({' UNION ALL '.join(parts)}) WHERE loan_id IS NOT NULL"
    connection.execute(f"CREATE TABLE closure_loan AS {found}")
    held_keys = f"SELECT a.loan_key FROM {account} AS a WHERE a.loan_id IN (SELECT c.loan_id FROM closure_loan AS c)"
    connection.execute(f"CREATE TABLE closure_key AS {held_keys}")
    for name, column in (("loan", "loan_id"), ("borrower", "borrower_id")):
        if resting := delta.resting(name, f"a.{column}"):
            connection.execute(f"INSERT INTO rest_{name} {resting}")


def _met_entries(connection: duckdb.DuckDBPyConnection, delta: Delta, account: str) -> Iterable[str]:
    """Loans of accepted repayments whose id is named by a row, as its own or as the one it reverses; of missing loans, their receipts'."""
    ids = "SELECT repayment_id AS id FROM shaped_repayment UNION SELECT reverses_id FROM shaped_repayment"
    connection.execute(f"CREATE TABLE named_entry AS SELECT id FROM ({ids}) WHERE id IS NOT NULL")
    if not connection.execute("SELECT count(*) FROM named_entry").fetchall()[0][0]:
        return
    met = "IN (SELECT n.id FROM named_entry AS n)"
    if delta.rows("repayment").files:
        yield f"SELECT r.loan_id FROM {delta.rows('repayment').relation()} AS r WHERE r.repayment_id {met}"
    missing = f"FROM {account} AS a WHERE a.missing_since IS NOT NULL"
    if connection.execute(f"SELECT count(*) {missing}").fetchall()[0][0]:
        receipts = f"SELECT r.loan_key FROM {delta.rows('receipt').relation()} AS r WHERE r.repayment_id {met}"
        yield f"SELECT a.loan_id {missing} AND a.loan_key IN ({receipts})"


def _of_people_and_places(account: str) -> Iterable[str]:
    people = "SELECT borrower_id FROM closure_person UNION SELECT borrower_id FROM shaped_relief WHERE borrower_id IS NOT NULL"
    yield f"SELECT a.loan_id FROM {account} AS a WHERE a.borrower_id IN ({people})"
    yield f"SELECT a.loan_id FROM {account} AS a WHERE a.pincode IN (SELECT s.pincode FROM shaped_relief AS s WHERE s.pincode IS NOT NULL)"


def _close_people(connection: duckdb.DuckDBPyConnection, delta: Delta, vault: Vault) -> None:
    """People whose rows are sent or were refused, and those who share a number with them, before or after: their standing may change."""
    connection.execute("CREATE TABLE closure_person AS SELECT DISTINCT borrower_id FROM shaped_borrower WHERE borrower_id IS NOT NULL")
    if not delta.rows("borrower").files:
        return
    accepted = f"FROM {delta.rows('borrower').relation()} AS a"
    if delta.everything or "borrower" in delta.full:
        connection.execute(f"INSERT INTO closure_person SELECT a.borrower_id {accepted} WHERE a.borrower_id NOT IN ({_CLOSED})")
        return
    if not connection.execute("SELECT count(*) FROM closure_person").fetchall()[0][0]:
        return
    numbers = _numbers(connection, delta.parent / "borrower_private.parquet", vault)
    connection.register("numbers_before", numbers)
    connection.execute("CREATE TABLE number_before AS SELECT borrower_id, number FROM numbers_before")
    connection.unregister("numbers_before")
    moved = (
        f"SELECT {written_one_way('phone')} AS number FROM shaped_borrower UNION "
        f"SELECT {written_one_way('phone_2')} FROM shaped_borrower UNION "
        f"SELECT b.number FROM number_before AS b WHERE b.borrower_id IN ({_CLOSED})"
    )
    connection.execute(
        "INSERT INTO closure_person SELECT DISTINCT b.borrower_id FROM number_before AS b "
        f"WHERE b.number IN ({moved}) AND b.borrower_id NOT IN ({_CLOSED})"
    )
    connection.execute(f"INSERT INTO rest_phone SELECT number, borrower_id FROM number_before WHERE borrower_id NOT IN ({_CLOSED})")
    connection.execute("DROP TABLE number_before")


def _numbers(connection: duckdb.DuckDBPyConnection, path: Path, vault: Vault) -> pa.Table:
    """Every telephone number of the load before, opened, with its borrower; they stay in memory."""
    found: list[tuple[str, str]] = []
    read = connection.execute(f"SELECT borrower_id, sealed FROM read_parquet({literal(str(path))})")
    while rows := read.fetchmany(50_000):
        for (borrower_id, _), opened in zip(rows, vault.open_people(rows), strict=True):
            found += [(borrower_id, number) for number in (opened.get("phone"), opened.get("phone_2")) if number]
    return pa.table(
        {"borrower_id": pa.array([one for one, _ in found], pa.string()), "number": pa.array([number for _, number in found], pa.string())}
    )
