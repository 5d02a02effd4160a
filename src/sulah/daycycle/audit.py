"""What can be checked of a lender's book at any time: every file against its digest, every sum against its parts."""

from sulah.adapters.book.durable import sha256_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.engines.duck import connect, view_of_files
from sulah.daycycle.ledger import files_of
from sulah.records.dayrun import DayRun

INVARIANTS = {
    "receipts = settled + unallocated": "SELECT count(*) FROM position AS p WHERE p.paid_paise <> p.allocated_paise + p.unallocated_paise",
    "overdue = its heads": (
        "SELECT count(*) FROM position AS p WHERE p.overdue_paise <> "
        "p.overdue_principal_paise + p.overdue_interest_paise + p.overdue_charge_paise"
    ),
    "nothing negative": (
        "SELECT count(*) FROM position AS p WHERE least(p.overdue_principal_paise, p.overdue_interest_paise, p.overdue_charge_paise, "
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


def wrong_files(lender: Lender) -> list[str]:
    """Files of committed days that are missing or whose bytes have changed, in words."""
    wrong = []
    for run in DayRun.objects.all():
        for entry in (entry for entries in run.tables.values() for entry in entries):
            path = lender.book / run.path / entry["file"]
            if not path.is_file():
                wrong.append(
                    f"{run.as_of}: {entry['file']} is missing. Restore it from the backup, or rebuild: sulah replay --as-of {run.as_of}"
                )
            elif sha256_of(path) != entry["sha256"]:
                wrong.append(f"{run.as_of}: {entry['file']} was changed after the day was committed. Restore it from the backup.")
    return wrong


def wrong_sums(lender: Lender) -> list[str]:
    """Invariants that a committed day breaks, in words with counts."""
    wrong = []
    for run in DayRun.objects.all():
        connection = connect()
        for table in ("position", "classification", "worklist"):
            view_of_files(connection, table, files_of(lender, run, table))
        for name, query in INVARIANTS.items():
            count = connection.execute(query).fetchall()[0][0]
            if count:
                wrong.append(f"{run.as_of}: {name}: {count} rows say otherwise.")
        connection.close()
    return wrong
