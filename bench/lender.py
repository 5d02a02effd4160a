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

import pyarrow.parquet as pq

from bench.book import AS_OF, make_book, write_shards
from sulah.adapters.book.durable import digests_of
from sulah.adapters.book.layers import BASE_FILE, LAYERED, LOANS_FILE
from sulah.adapters.engines.duck import connect, literal, write_parquet

YESTERDAY = AS_OF - timedelta(1)
_TABLES = ("account", "due", "receipt", "relief_window")
_NEVER = "DATE '9999-12-31'"
_NEWS = "SELECT loan_key FROM receipt WHERE known_on = {day} UNION SELECT loan_key FROM receipt WHERE void_on = {day} UNION "
_NEWS += "SELECT loan_key FROM due WHERE in_force_from = {day} UNION SELECT loan_key FROM account WHERE ended_on = {day} UNION "
_NEWS += "SELECT loan_key FROM relief_window WHERE known_on = {day}"


def make_lender(root: Path, loans: int, seed: int, database: str = "", *, layers: bool = False) -> Path:
    """The folder of a lender with both loads accepted; made anew, from a book that is kept for the next.

    layers: today's load lies in layers on yesterday's, as a delta leaves it, and no book is kept: half the disk, for very large books.
    """
    folder = root / "lender"
    shutil.rmtree(folder, ignore_errors=True)
    said = [sys.executable, "-m", "sulah.cli.main", "init", str(folder), "--name", "Simulated", "--entity", "nbfc_ml", "--simulated"]
    subprocess.run(said, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    if database:
        settings = folder / "lender.toml"
        settings.write_text(settings.read_text().replace('# url = ""', f'url = "{database}"'))
    loads = {day: folder / "book" / "loads" / f"{day}.1" for day in (YESTERDAY, AS_OF)}
    if layers:
        write_both(root / "shard", loads, loans, seed)
    else:
        book = make_book(root, loans, seed)
        for day, load in loads.items():
            write_load(book, load, day)
    _record(folder)
    return folder


def write_load(book: Path, folder: Path, day: date) -> None:
    """The load of a day: derived tables shard by shard, and the accepted rows that book steps read."""
    with _Load(folder, day) as load:
        for shard in sorted(path.name for path in (book / "account").glob("*.parquet")):
            load.add(book, shard)


def write_both(scratch: Path, loads: dict[date, Path], loans: int, seed: int) -> None:
    """Both loads shard by shard, each shard of the book thrown away once it is in them."""
    with _Load(loads[YESTERDAY], YESTERDAY) as yesterday, _Load(loads[AS_OF], AS_OF, base=loads[YESTERDAY].name) as today:
        for shard, _ in write_shards(scratch, loans, seed):
            yesterday.add(scratch, shard)
            today.add(scratch, shard)
            for table in scratch.iterdir():
                (table / shard).unlink()
    shutil.rmtree(scratch)


class _Load:
    """A load written shard by shard; with a base it holds dues, receipts and repayments of the touched loans only."""

    def __init__(self, folder: Path, day: date, base: str = "") -> None:
        self._folder, self._day, self._base = folder, day, base
        self._connection = connect(memory_mb=4000)
        self._open: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> "_Load":
        return self

    def __exit__(self, *failed: object) -> None:
        for writer in self._open.values():
            writer.close()
        if not any(failed):
            self._finish()
        self._connection.close()

    def add(self, book: Path, shard: str) -> None:
        """Take in a shard of a book: receipts are numbered in the order of shards, so that files of the whole book stay in order."""
        day = f"DATE {literal(self._day.isoformat())}"
        for table in _TABLES:
            self._connection.execute(f"CREATE OR REPLACE VIEW {table} AS FROM read_parquet({literal(str(book / table / shard))})")
        mine = f"SELECT * FROM ({{}}) AS x WHERE x.loan_key IN ({_NEWS.format(day=day)})" if self._base else "{}"
        for table, statement in _as_known(day).items():
            path = self._folder / table / shard
            path.parent.mkdir(parents=True, exist_ok=True)
            write_parquet(self._connection, mine.format(statement) if table in LAYERED else statement, path)
            self._connection.execute(f"CREATE OR REPLACE VIEW known_{table} AS {statement}")
        mine = "SELECT * FROM ({}) AS x WHERE x.loan_id IN (SELECT loan_id FROM known_touched)" if self._base else "{}"
        for table, statement in _accepted(day).items():
            self._append(f"accepted/{table}.parquet", mine.format(statement) if table in LAYERED else statement)
        if self._base:
            self._append(LOANS_FILE, "SELECT loan_key, loan_id FROM known_touched")

    def _finish(self) -> None:
        """What is no sum of shards: the PIN-code directory, the lender's number of loans, the name of the base."""
        files = literal(str(self._folder / "account" / "*.parquet"))
        self._connection.execute(f"CREATE OR REPLACE VIEW account AS FROM read_parquet({files})")
        for table, statement in _of_the_book(f"DATE {literal(self._day.isoformat())}").items():
            write_parquet(self._connection, statement, self._folder / "accepted" / f"{table}.parquet")
        if self._base:
            (self._folder / BASE_FILE).write_text(json.dumps({"base": self._base}))

    def _append(self, name: str, statement: str) -> None:
        rows = self._connection.sql(statement).to_arrow_table()
        if name not in self._open:
            (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
            self._open[name] = pq.ParquetWriter(self._folder / name, rows.schema, compression="zstd", compression_level=1)
        self._open[name].write_table(rows, row_group_size=122_880)


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
    """Repayments of a shard as the extract had them, and a gateway's payments of three days."""
    posted = "FROM known_receipt AS r JOIN known_account AS a ON a.loan_key = r.loan_key WHERE r.entry <> 'opening'"
    return {
        "repayment": "SELECT r.repayment_id, a.loan_id, r.paid_on, abs(r.amount_paise) AS amount_paise, r.mode, 'posted' AS status, "
        f"r.reverses_id, CAST(r.known_on AS TIMESTAMP) AS booked_at, r.officer_id {posted} ORDER BY r.repayment_id",
        "collection": "SELECT 'gateway' AS source, 'G' || r.repayment_id AS reference, a.loan_id, r.paid_on, r.amount_paise, r.mode "
        f"{posted} AND r.mode = 'upi' AND r.amount_paise > 0 AND r.paid_on > {day} - 3 ORDER BY ALL",
    }


def _of_the_book(day: str) -> dict[str, str]:
    return {
        "pin_directory": "SELECT DISTINCT pincode, 'District ' || substr(pincode, 3, 2) AS district, state FROM account ORDER BY pincode",
        "ledger_total": f"SELECT {day} AS as_of, 'loans' AS measure, '' AS product, '' AS branch_id, "
        "CAST(NULL AS BIGINT) AS amount_paise, CAST(count(*) AS INTEGER) AS number FROM account",
    }


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
    """`python -m bench.lender ROOT LOANS SEED [--layers] [DATABASE]`: says where the lender lies; or `load BOOK FOLDER DAY`: one load."""
    if words[0] == "load":
        write_load(Path(words[1]), Path(words[2]), date.fromisoformat(words[3]))
        return
    root, loans, seed, *rest = words
    layers, database = "--layers" in rest, [word for word in rest if word != "--layers"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sulah.web.settings")
    sys.stdout.write(json.dumps({"folder": str(make_lender(Path(root), int(loans), int(seed), *database, layers=layers))}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
