"""What can be checked of a lender's book at any time: every file against its digest, every sum against its parts."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.models.functions import Collate

from sulah.adapters.book.backup_records import wrong_pages
from sulah.adapters.book.durable import altered
from sulah.adapters.book.erased import wrong_erasures
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.published import CONTENT
from sulah.adapters.book.retention import is_retired, retired_paths
from sulah.adapters.book.written_off import wrong_ledger
from sulah.adapters.engines.duck import connect, view_of_files
from sulah.adapters.log.against_records import wrong_log
from sulah.daycycle.binding import check_statements
from sulah.daycycle.ledger import files_of, last_day
from sulah.kernel.terms import LoadState
from sulah.policy.check import check_policy, refusals
from sulah.policy.load import load_contact_policy, load_policy
from sulah.records.damage import damaged_record
from sulah.records.dayrun import DayRun
from sulah.records.load import Load
from sulah.records.seal import DamagedRecordError, sealed_models, sealed_rows
from sulah.records.supplement import Supplement
from sulah.records.workitem import WorkItem

SUMMED = ("position", "classification", "worklist")
"""Tables of a day that the invariants look at."""

INVARIANTS = {
    "receipts = settled + unallocated": "SELECT count(*) FROM position AS p WHERE p.paid_paise <> p.allocated_paise + p.unallocated_paise",
    "overdue = its heads": (
        "SELECT count(*) FROM position AS p WHERE p.overdue_paise <> "
        "p.overdue_principal_paise + p.overdue_interest_paise + p.overdue_charge_paise"
    ),
    "nothing negative": (
        "SELECT count(*) FROM position AS p WHERE least(p.outstanding_principal_paise, "
        "p.overdue_principal_paise, p.overdue_interest_paise, p.overdue_charge_paise, "
        "p.advance_paise, p.unallocated_paise, p.dpd, p.dpd_elapsed) < 0"
    ),
    "days past due only with arrears": (
        "SELECT count(*) FROM position AS p WHERE (p.overdue_paise > 0) <> (p.oldest_unpaid_due_on IS NOT NULL) "
        "OR (p.dpd > 0 AND p.overdue_paise = 0)"
    ),
    "every position is classified": (
        "SELECT count(*) FROM position AS p LEFT JOIN classification AS c ON c.loan_id = p.loan_id "
        "WHERE c.bucket IS NULL OR c.asset_class IS NULL"
    ),
    "one worklist row a person": "SELECT count(*) - count(DISTINCT w.borrower_id) FROM worklist AS w",
}


def digests_of_day(run: DayRun) -> dict[str, str]:
    """The SHA-256 of each file of a committed day, by its path in the day's folder."""
    return {entry["file"]: entry["sha256"] for entries in run.tables.values() for entry in entries}


def digests_of_load(load: Load) -> dict[str, str]:
    """The SHA-256 of each file of a load, by its path in the load's folder."""
    return dict(load.report.get("digests", {}))


def wrong_with(lender: Lender) -> dict[str, list[str]]:
    """Everything that can be checked, by part (statements, policy, records, files, sums, ledger, log, erasures): words for what is wrong.

    Where the records themselves are damaged, files, sums, the ledger and the log are not looked at: there is nothing to hold them against.
    """
    books = (load_policy(lender.policy), load_contact_policy(lender.policy))
    wrong = {
        "statements": [f"{finding.file}: {finding.words}" for finding in check_statements()],
        "policy": [f"{finding.file}: {finding.words}" for book in books for finding in refusals(check_policy(book))],
        "records": wrong_records(lender),
        "files": [],
        "sums": [],
        "ledger": [],
        "log": [],
        "erasures": [],
    }
    if not wrong["records"]:
        wrong |= {"files": wrong_files(lender), "sums": wrong_sums(lender), "ledger": wrong_ledger(), "log": wrong_log(lender)}
        wrong["erasures"] = wrong_erasures(lender)
    return wrong


def wrong_records(lender: Lender) -> list[str]:
    """Rows of the database that are not what was written: broken pages, seals that do not fit, open work that no day published."""
    wrong = _wrong_pages(lender)
    for model in sealed_models():
        try:
            for _ in sealed_rows(model):
                pass
        except DamagedRecordError as error:
            wrong.append(str(error))
        except (DatabaseError, ValueError, TypeError) as error:
            if not damaged_record(error):
                raise
            wrong.append(f"A {model.NAMED} in the database cannot be read ({error}). Restore the lender from its backup.")
    return wrong or _wrong_work()


def _wrong_pages(lender: Lender) -> list[str]:
    """What SQLite finds by itself.  PostgreSQL looks at its own pages, where its data checksums are on."""
    if lender.database:
        return []
    try:
        with closing(sqlite3.connect(f"{lender.sqlite.as_uri()}?mode=rw", uri=True)) as pages:
            found = wrong_pages(pages)
    except sqlite3.DatabaseError as error:
        found = [str(error)]
    return [f"{lender.sqlite.name}: {words}. Restore the lender from its backup." for words in found]


def _wrong_work() -> list[str]:
    """The open items must be, to the last sign, the worklist that the last day published."""
    last = last_day()
    total = sha256()
    order = Collate("borrower_id", "C" if connection.vendor == "postgresql" else "BINARY")
    try:
        rows = WorkItem.objects.filter(closed_on=None).order_by(order).values_list("borrower_id", *CONTENT)
        for row in rows.iterator(chunk_size=5000):
            total.update(("\x1f".join(str(value) for value in row) + "\n").encode())
    except (DatabaseError, ValueError, TypeError) as error:
        if not damaged_record(error):
            raise
        return [f"An open item of work cannot be read ({error}). Restore the lender from its backup."]
    if total.hexdigest() == (last.published if last else sha256().hexdigest()):
        return []
    named = f"the worklist that the day {last.as_of} published" if last else "empty, as before a first day"
    return [f"The open items of work are not {named}. Restore the lender from its backup."]


def wrong_files(lender: Lender) -> list[str]:
    """Files of standing loads and committed days that are missing or whose bytes have changed, in words; not what retention removed."""
    wrong = []
    retired = retired_paths()
    for load in Load.objects.filter(state__in=(LoadState.ACCEPTED, LoadState.HELD)):
        for name in _altered(lender, load.path, digests_of_load(load), retired):
            wrong.append(f"Load {load.pk}: {name} {_fate(lender.book / load.path / name)}. Restore it from the backup.")
        if not is_retired(load.path, retired):
            wrong += _wrong_report(lender, load)
    for extra in Supplement.objects.all():
        for name in _altered(lender, extra.path, dict(extra.report.get("digests", {})), retired):
            wrong.append(f"Supplement {extra.pk}: {name} {_fate(lender.book / extra.path / name)}. Restore it from the backup.")
    for run in DayRun.objects.all():
        again = f"Restore it from the backup, or rebuild it: sulah replay --as-of {run.as_of} --out FOLDER"
        for name in _altered(lender, run.path, digests_of_day(run), retired):
            wrong.append(f"{run.as_of}: {name} {_fate(lender.book / run.path / name)}. {again}")
    return wrong


def _altered(lender: Lender, path: str, digests: dict[str, str], retired: frozenset[str]) -> list[str]:
    return altered(lender.book / path, {name: digest for name, digest in digests.items() if not is_retired(f"{path}/{name}", retired)})


def _wrong_report(lender: Lender, load: Load) -> Iterator[str]:
    """report.json is the copy for people of what the row says: both must say the same, to the byte."""
    path = lender.book / load.path / "report.json"
    text = json.dumps(load.report, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if not path.is_file() or path.read_bytes() != text.encode():
        yield f"Load {load.pk}: report.json {_fate(path)}. The load's own row holds the same report; restore the file from the backup."


def _fate(path: Path) -> str:
    return "was changed after it was written" if path.is_file() else "is missing"


def wrong_sums(lender: Lender) -> list[str]:
    """Invariants that a committed day breaks, in words with counts; a day whose files are not whole is left to wrong_files."""
    wrong = []
    retired = retired_paths()
    for run in DayRun.objects.all():
        if is_retired(run.path, retired) or altered(
            lender.book / run.path, {name: digest for name, digest in digests_of_day(run).items() if name.split("/")[0] in SUMMED}
        ):
            continue
        connection = connect()
        for table in SUMMED:
            view_of_files(connection, table, files_of(lender, run, table))
        for name, query in INVARIANTS.items():
            count = connection.execute(query).fetchall()[0][0]
            if count:
                wrong.append(f"{run.as_of}: {name}: {count} rows say otherwise.")
        connection.close()
    return wrong
