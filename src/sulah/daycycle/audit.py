"""What can be checked of a lender's book at any time: every file against its digest, every sum against its parts."""

from pathlib import Path

from sulah.adapters.book.durable import altered
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.duck import connect, view_of_files
from sulah.daycycle.ledger import files_of
from sulah.kernel.terms import LoadState
from sulah.records.dayrun import DayRun
from sulah.records.load import Load

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


def wrong_files(lender: Lender) -> list[str]:
    """Files of standing loads and committed days that are missing or whose bytes have changed, in words."""
    wrong = []
    for load in Load.objects.filter(state__in=(LoadState.ACCEPTED, LoadState.HELD)):
        for name in altered(lender.book / load.path, digests_of_load(load)):
            wrong.append(f"Load {load.pk}: {name} {_fate(lender.book / load.path / name)}. Restore it from the backup.")
    for run in DayRun.objects.all():
        again = f"Restore it from the backup, or rebuild it: sulah replay --as-of {run.as_of} --out FOLDER"
        for name in altered(lender.book / run.path, digests_of_day(run)):
            wrong.append(f"{run.as_of}: {name} {_fate(lender.book / run.path / name)}. {again}")
    return wrong


def _fate(path: Path) -> str:
    return "was changed after it was written" if path.is_file() else "is missing"


def wrong_sums(lender: Lender) -> list[str]:
    """Invariants that a committed day breaks, in words with counts; a day whose files are not whole is left to wrong_files."""
    wrong = []
    for run in DayRun.objects.all():
        if altered(lender.book / run.path, {name: digest for name, digest in digests_of_day(run).items() if name.split("/")[0] in SUMMED}):
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
