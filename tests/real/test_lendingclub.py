"""A known answer: the lender's own status of 10,000 loans against our days past due; future-dated rows are held as rows."""

import csv
import gzip
from collections import Counter, defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.parity.test_reference import apart
from tests.real.command import DATA, done, new_lender
from tests.reference.fold import Reference

BOOK = DATA / "lendingclub"
AS_OF = "2018-06-30"
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BOOK.is_dir(), reason="the real data lies beside the repository, not in it")]


class Book:
    """The lender after its one day, by loan, with the lender's own status beside it."""

    def __init__(self, root: Path) -> None:
        self.root = new_lender(root, "lendingclub")
        self.loaded = done("load", BOOK, "--as-of", AS_OF, "--lender", root)
        done("day", "--as-of", AS_OF, "--lender", root)
        self.rows: dict[str, dict[str, Any]] = defaultdict(dict)
        for table in ("position", "classification"):
            out = root / f"{table}.parquet"
            done("export", table, "--as-of", AS_OF, "--out", out, "--lender", root)
            for row in pq.read_table(out).to_pylist():
                self.rows[row["loan_id"]].update(row)
        self.status = {row["loan_id"]: row["loan_status"] for row in given("loans")}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Load and day, once."""
    return Book(tmp_path_factory.mktemp("lendingclub") / "book")


def given(file: str) -> list[dict[str, str]]:
    """The rows of one of the lender's own CSV files."""
    with gzip.open(BOOK / f"{file}.csv.gz", "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def rupees(text: str) -> str:
    """An amount rounded half up to two decimals, as the mapping declares for receipts."""
    return str(Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_UP))


def late(book: Book, column: str) -> Counter[str]:
    """How many loans of each of the lender's statuses are 31 days late or more by a count of ours."""
    return Counter(book.status[loan_id] for loan_id, row in book.rows.items() if row[column] >= 31)


def test_no_current_loan_is_31_days_late_and_98_percent_of_the_late_ones_are(book: Book) -> None:
    """By both counts; the status itself is used for closed and charged-off only, never for lateness."""
    of = Counter(book.status.values())
    for column in ("dpd", "dpd_elapsed"):
        found = late(book, column)
        for status in ("Current", "Late (31-120 days)"):
            print(f"{column} >= 31: {status} {found[status]} of {of[status]}")
        assert found["Current"] == 0
        assert found["Late (31-120 days)"] * 100 >= 98 * of["Late (31-120 days)"]
    assert of["Late (31-120 days)"] > 50


def test_future_dated_receipts_are_held_as_rows_and_nothing_else_is(book: Book) -> None:
    """Counted independently; their rupees are outside the position, the others are in it to the last paisa."""
    future = [row for row in given("repayments") if row["paid_at"] > AS_OF]
    codes = {(code["table"], code["code"]): code["count"] for code in book.loaded["codes"]}
    assert codes == {("repayment", "future_dated"): len(future)}
    assert len(future) > 2000
    assert book.loaded["state"] == "accepted"
    counted = sum(Decimal(rupees(row["amount"])) for row in given("repayments") if row["paid_at"] <= AS_OF)
    assert sum(row["paid_paise"] for row in book.rows.values()) == counted * 100
    assert all(row["paid_paise"] == row["allocated_paise"] + row["unallocated_paise"] for row in book.rows.values())


def test_the_naive_reference_agrees_on_all_ten_thousand_loans(book: Book) -> None:
    """NPA, charge-off and closing included, from the accepted rows."""
    reference, as_of = Reference("nbfc_ml"), date.fromisoformat(AS_OF)
    reference.accept(as_of, _mapped())
    assert apart(book.rows, reference.stand(as_of)) == {}


def _mapped() -> dict[str, list[dict[str, str]]]:
    """The lender's rows under the contract's names, as the example mapping says, without the rows held as future-dated."""
    status = {"Fully Paid": "closed", "Charged Off": "written_off"}
    schedule = pq.read_table(BOOK / "schedule.parquet").to_pylist()
    return {
        "borrower": [{"borrower_id": row["loan_id"]} for row in given("loans")],
        "loan": [
            {"loan_id": row["loan_id"], "borrower_id": row["loan_id"], "product": row["loan_purpose"], "disbursed_on": row["issued"]}
            | {"principal": rupees(row["loan_amount"]), "status": status.get(row["loan_status"], "active")}
            for row in given("loans")
        ],
        "instalment": [
            {"loan_id": row["loan_id"], "number": str(row["instalment_no"]), "due_on": row["due_date"].isoformat()}
            | {"principal_due": rupees(repr(row["principal_due"])), "interest_due": rupees(repr(row["interest_due"]))}
            for row in schedule
        ],
        "repayment": [
            {"repayment_id": f"{row['loan_id']}-{row['paid_at']}", "loan_id": row["loan_id"], "paid_on": row["paid_at"]}
            | {"amount": rupees(row["amount"])}
            for row in given("repayments")
            if row["paid_at"] <= AS_OF
        ],
    }
