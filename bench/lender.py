"""A simulated lender for `sulah day`: two loads of one book, of yesterday and of today, with the records that `sulah load` leaves.

Today is the heaviest due day of the month.  Yesterday's load is the same book without what became known today; today's
`touched` names the loans of which anything became known today.  Simulated: no lender's loans.
"""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from bench.book import AS_OF
from sulah.adapters.book.durable import digests_of
from sulah.adapters.engines.duck import connect, literal, write_parquet

YESTERDAY = AS_OF - timedelta(1)
_TABLES = ("account", "due", "receipt", "relief_window")
_NEVER = "DATE '9999-12-31'"
_NEWS = "SELECT loan_key FROM receipt WHERE known_on = {day} UNION SELECT loan_key FROM receipt WHERE void_on = {day} UNION "
_NEWS += "SELECT loan_key FROM due WHERE in_force_from = {day} UNION SELECT loan_key FROM account WHERE ended_on = {day} UNION "
_NEWS += "SELECT loan_key FROM relief_window WHERE known_on = {day}"


def make_lender(root: Path, book: Path, database: str = "") -> Path:
    """The folder of a lender with both loads accepted; made anew."""
    folder = root / "lender"
    shutil.rmtree(folder, ignore_errors=True)
    said = [sys.executable, "-m", "sulah.cli.main", "init", str(folder), "--name", "Simulated", "--entity", "nbfc_ml", "--simulated"]
    subprocess.run(said, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    if database:
        settings = folder / "lender.toml"
        settings.write_text(settings.read_text().replace('# url = ""', f'url = "{database}"'))
    for day in (YESTERDAY, AS_OF):
        write_load(book, folder / "book" / "loads" / f"{day}.1", day)
    _record(folder)
    return folder


def write_load(book: Path, folder: Path, day: date) -> None:
    """The load of a day: derived tables shard by shard, and the accepted rows that book steps read."""
    connection = connect(memory_mb=8000)
    for shard in sorted(path.name for path in (book / "account").glob("*.parquet")):
        for table in _TABLES:
            connection.execute(f"CREATE OR REPLACE VIEW {table} AS FROM read_parquet({literal(str(book / table / shard))})")
        for table, statement in _as_known(f"DATE {literal(day.isoformat())}").items():
            _write(connection, statement, folder / table / shard)
    for table in ("account", "receipt"):
        connection.execute(f"CREATE OR REPLACE VIEW {table} AS FROM read_parquet({literal(str(folder / table / '*.parquet'))})")
    for table, statement in _accepted(f"DATE {literal(day.isoformat())}").items():
        _write(connection, statement, folder / "accepted" / f"{table}.parquet")


def _as_known(day: str) -> dict[str, str]:
    """The book as it was known at a day-end."""
    touched = f"loan_key IN ({_NEWS.format(day=day)})" if day.endswith(f"'{AS_OF}'") else "true"
    ended = f"ended_on > {day}"
    return {
        "account": f"SELECT * REPLACE (CASE WHEN {ended} THEN 'active' ELSE status END AS status, "
        f"CASE WHEN {ended} THEN NULL ELSE ended_on END AS ended_on) FROM account",
        "due": f"SELECT * REPLACE (CASE WHEN in_force_to > {day} THEN {_NEVER} ELSE in_force_to END AS in_force_to) FROM due "
        f"WHERE in_force_from <= {day}",
        "receipt": f"SELECT * REPLACE (CASE WHEN void_on > {day} THEN {_NEVER} ELSE void_on END AS void_on) FROM receipt "
        f"WHERE known_on <= {day}",
        "relief_window": f"FROM relief_window WHERE known_on <= {day}",
        "touched": f"SELECT loan_key, loan_id FROM account WHERE {touched} ORDER BY loan_key",
    }


def _accepted(day: str) -> dict[str, str]:
    """Repayments as the extract had them, a gateway's payments of three days, a PIN-code directory, ledger totals."""
    posted = "FROM receipt AS r JOIN account AS a ON a.loan_key = r.loan_key WHERE r.entry <> 'opening'"
    return {
        "repayment": "SELECT r.repayment_id, a.loan_id, r.paid_on, abs(r.amount_paise) AS amount_paise, r.mode, 'posted' AS status, "
        f"r.reverses_id, CAST(r.known_on AS TIMESTAMP) AS booked_at, r.officer_id {posted} ORDER BY r.repayment_id",
        "collection": "SELECT 'gateway' AS source, 'G' || r.repayment_id AS reference, a.loan_id, r.paid_on, r.amount_paise, r.mode "
        f"{posted} AND r.mode = 'upi' AND r.amount_paise > 0 AND r.paid_on > {day} - 3 ORDER BY ALL",
        "pin_directory": "SELECT DISTINCT pincode, 'District ' || substr(pincode, 3, 2) AS district, state FROM account ORDER BY pincode",
        "ledger_total": f"SELECT {day} AS as_of, 'loans' AS measure, '' AS product, '' AS branch_id, "
        "CAST(NULL AS BIGINT) AS amount_paise, CAST(count(*) AS INTEGER) AS number FROM account",
    }


def _write(connection: duckdb.DuckDBPyConnection, statement: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(connection, statement, path)


def _record(folder: Path) -> None:
    """Both loads accepted in the database of the lender, with the digests of their files."""
    from sulah.adapters.book.layout import open_lender
    from sulah.records.connect import bring_up_to_date, connect_records

    lender = open_lender(folder)
    connect_records(lender.root, lender.database)
    bring_up_to_date()
    from sulah.records.load import Load

    parent = None
    for day in (YESTERDAY, AS_OF):
        name = f"{day}.1"
        report = {"digests": digests_of(lender.loads / name), "accepted": {}, "overdue_paise": 0, "files": [], "codes": []}
        parent = Load.objects.create(
            id=name,
            as_of=day,
            version=1,
            parent=parent,
            state="accepted",
            content_sha256=name,
            code_version="bench",
            path=f"loads/{name}",
            report=report,
            loaded_at=datetime.combine(day, datetime.min.time(), UTC),
            loaded_by="bench",
        )


def main(words: list[str]) -> None:
    """`python -m bench.lender ROOT BOOK [DATABASE]`: says where the lender lies."""
    root, book, *database = words
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
    sys.stdout.write(json.dumps({"folder": str(make_lender(Path(root), Path(book), *database))}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
