"""A small good extract that tests spoil in one place, and the checks run on it without a database."""

import copy
import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sulah.adapters.engines.duck import connect
from sulah.adapters.lms.files import Limits, find_files, open_sources
from sulah.adapters.lms.sift import refused_rows, sift, tie_out
from sulah.intake.load_report import FileTie
from sulah.intake.mapping import PLAIN, Mapping

AS_OF = date(2026, 3, 31)
Rows = list[dict[str, str]]

GOOD: dict[str, Rows] = {
    "borrower": [
        {"borrower_id": "B1", "name": "Asha Devi", "phone": "9000000001", "born_on": "1985-06-01", "pincode": "560001"},
        {"borrower_id": "B2", "name": "Ravi Kumar", "phone": "", "born_on": "", "pincode": "560002"},
    ],
    "loan": [
        {"loan_id": "L1", "borrower_id": "B1", "product": "JLG", "disbursed_on": "2026-01-01", "principal": "10000", "status": "active"},
        {"loan_id": "L2", "borrower_id": "B2", "product": "JLG", "disbursed_on": "2026-01-05", "principal": "20000.50", "status": ""},
    ],
    "instalment": [
        {"loan_id": "L1", "number": "1", "due_on": "2026-02-01", "principal_due": "5000", "interest_due": "100", "total_due": ""},
        {"loan_id": "L1", "number": "2", "due_on": "2026-05-01", "principal_due": "5000", "interest_due": "50", "total_due": "5050"},
        {"loan_id": "L2", "number": "1", "due_on": "2026-02-05", "principal_due": "", "interest_due": "", "total_due": "21000"},
    ],
    "repayment": [
        {
            "repayment_id": "R1",
            "loan_id": "L1",
            "paid_on": "2026-02-01",
            "amount": "5100",
            "reverses_id": "",
            "booked_at": "2026-02-01 10:00:00",
        },
        {"repayment_id": "R2", "loan_id": "L2", "paid_on": "2026-02-06", "amount": "0.05", "reverses_id": "", "booked_at": ""},
    ],
}


def good() -> dict[str, Rows]:
    """A copy of the good extract, to be spoilt."""
    return copy.deepcopy(GOOD)


def write(folder: Path, tables: dict[str, Rows]) -> Path:
    """Write one CSV a table; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns)
            writer.writeheader()
            writer.writerows(rows)
    return folder


@dataclass(frozen=True)
class Seen:
    """What the checks said: (table, row, field, code) of every refused row, codes of notes, tie-out, accepted ids."""

    refused: list[tuple[str, int, str, str]]
    noted: dict[str, int]
    ties: list[FileTie]
    accepted: dict[str, list[str]]

    @property
    def codes(self) -> set[str]:
        """The codes of refused rows."""
        return {code for _, _, _, code in self.refused}


def check(folder: Path, mapping: Mapping = PLAIN, as_of: date = AS_OF) -> Seen:
    """Run the checks on a folder; RefusedExtractError as in a load."""
    connection = connect()
    sources = open_sources(connection, find_files(folder, mapping), mapping, Limits())
    sifted = sift(connection, sources, mapping, as_of, progress=lambda _: None)
    ties = tie_out(connection, sifted, {})
    refused_rows(connection, sifted)
    refused = connection.execute("SELECT table_name, n, field, code FROM refused ORDER BY table_name, n, field, code").fetchall()
    twins = "SELECT code, count(1) FROM finding WHERE code = 'duplicate_identical' GROUP BY code"
    notes = connection.execute(f"{twins} UNION ALL SELECT code, count(1) FROM schedule_note GROUP BY code").fetchall()
    keys = {"borrower": "borrower_id", "loan": "loan_id", "repayment": "repayment_id", "instalment": "loan_id || '/' || number"}
    accepted = {
        name: [row[0] for row in connection.execute(f"SELECT {key} FROM good_{name} ORDER BY 1").fetchall()] for name, key in keys.items()
    }
    connection.close()
    return Seen([(row[0], row[1], row[2], row[3]) for row in refused], {row[0]: row[1] for row in notes}, ties, accepted)
