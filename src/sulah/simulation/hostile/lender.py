"""The small good lender that every case spoils in one place: ten borrowers, ten loans of twelve instalments, on two business dates.

All of it is simulated.  Ids have leading zeros and one has 17 digits, as lenders' ids do.  On 31 March 2026 loan 0001002 is 17 days past
due, 0001003 is 45 and 0001004 is 106; the others are paid to date.
"""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import date

Rows = list[dict[str, str]]
Tables = dict[str, Rows]
Files = dict[str, bytes]

YESTERDAY, TODAY, TOMORROW = date(2026, 3, 30), date(2026, 3, 31), date(2026, 4, 1)
LONG_ID = "30000000000000017"
LOANS = (*(f"000100{n}" for n in range(1, 10)), LONG_ID)
PEOPLE = tuple(f"0070{n:02d}" for n in range(1, 11))
DUES = tuple(date(2025 + (month > 12), (month - 1) % 12 + 1, 15) for month in range(11, 23))
UNPAID = {LOANS[1]: 1, LOANS[2]: 2, LOANS[3]: 4}
"""Loan -> instalments due by now that nobody paid."""
_NAMES = (
    *("Asha Devi", "Ravi Kumar", "Lakshmi Bai", "Imran Sheikh", "Meena Kumari"),
    *("Joseph Thomas", "Sunita Patil", "Gopal Das", "Farida Bano", "Kamala Devi"),
)


def good(as_of: date = TODAY) -> Tables:
    """The good extract of a business date, to be spoilt; the lender's own days past due move with the date."""
    return {
        "borrower": [
            {
                "borrower_id": person,
                "name": name,
                "phone": f"98450010{n:02d}",
                "language": "hi",
                "pincode": f"8471{n:02d}",
                "state": "Bihar",
            }
            for n, (person, name) in enumerate(zip(PEOPLE, _NAMES, strict=True), start=1)
        ],
        "loan": [_loan(loan, person, as_of) for loan, person in zip(LOANS, PEOPLE, strict=True)],
        "instalment": [
            {"loan_id": loan, "number": str(n), "due_on": due.isoformat(), "principal_due": "1000.00", "interest_due": "100.00"}
            for loan in LOANS
            for n, due in enumerate(DUES, start=1)
        ],
        "repayment": [
            {"repayment_id": f"R-{loan[-4:]}-{n}", "loan_id": loan, "paid_on": due.isoformat(), "amount": "1100.00", "mode": "cash"}
            for loan in LOANS
            for n, due in enumerate(DUES[: 5 - UNPAID.get(loan, 0)], start=1)
        ],
    }


def _loan(loan: str, person: str, as_of: date) -> dict[str, str]:
    unpaid = UNPAID.get(loan, 0)
    dpd = (as_of - DUES[5 - unpaid]).days + 1 if unpaid else 0
    return {
        "loan_id": loan,
        "borrower_id": person,
        "product": "JLG",
        "branch_id": "BR-1",
        "disbursed_on": "2025-10-15",
        "principal": "12000.00",
        "instalment_count": "12",
        "frequency": "monthly",
        "status": "active",
        "lms_dpd": str(dpd),
        "lms_dpd_count": "inclusive",
    }


def spoilt(table: str, row: int, as_of: date = TODAY, **cells: str) -> Tables:
    """The good extract with some cells of one row (from 0) changed."""
    tables = good(as_of)
    tables[table][row].update(cells)
    return tables


def made(change: Callable[[Tables], object], as_of: date = TODAY) -> Tables:
    """The good extract after a change to it."""
    tables = good(as_of)
    change(tables)
    return tables


def text_of(rows: Rows, delimiter: str = ",", end: str = "\n") -> str:
    """Rows as CSV text, columns in the order in which they first appear."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, delimiter=delimiter, lineterminator=end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def files(tables: Tables, other: Mapping[str, bytes | None] | None = None) -> Files:
    """One CSV a table; other gives files by name that replace or join them, None takes one away."""
    whole: dict[str, bytes | None] = {f"{name}.csv": text_of(rows).encode() for name, rows in tables.items()}
    whole |= other or {}
    return {name: content for name, content in whole.items() if content is not None}


def csv_bytes(table: str, tables: Tables | None = None, **how: str) -> bytes:
    """One table of the good extract (or of the tables given) as UTF-8 CSV."""
    return text_of((tables or good())[table], **how).encode()
