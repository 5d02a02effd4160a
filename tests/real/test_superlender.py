"""A real digital lender's three extracts, files unchanged, through the real command line; every figure recomputed from the CSVs alone."""

import csv
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.parity.test_reference import apart
from tests.real.command import DATA, Said, done, new_lender, sulah
from tests.reference.fold import Reference

BOOK = DATA / "superlender"
DAYS = ("2017-02-27", "2017-02-28", "2017-03-31")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not BOOK.is_dir(), reason="the real data lies beside the repository, not in it")]


class Journey:
    """The lender after its three days: what each command said, the tables of each day, the CSVs read plainly."""

    def __init__(self, root: Path) -> None:
        self.root = new_lender(root, "superlender")
        self.loaded: dict[str, dict[str, Any]] = {}
        self.rows: dict[str, dict[str, dict[str, Any]]] = {}
        for day in DAYS:
            self.loaded[day] = done("load", BOOK / day, "--as-of", day, "--lender", root)
            if day == DAYS[-1]:
                self.held_day: Said = sulah("day", "--as-of", day, "--lender", root)
                self.approved = done("approve", "--lender", root, "--note", "month-end run-off, seen")
            self.day = done("day", "--as-of", day, "--lender", root)
            self.rows[day] = self._tables(day)

    def _tables(self, day: str) -> dict[str, dict[str, Any]]:
        """Position and classification of a day by loan, as exported."""
        rows: dict[str, dict[str, Any]] = defaultdict(dict)
        for table in ("position", "classification"):
            out = self.root / f"{table}.{day}.parquet"
            done("export", table, "--as-of", day, "--out", out, "--lender", self.root)
            for row in pq.read_table(out).to_pylist():
                rows[row["loan_id"]].update(row)
        return dict(rows)


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """Load, day; load, day; load, held, day on the old extract, approve, day."""
    return Journey(tmp_path_factory.mktemp("superlender") / "book")


def given(day: str, file: str) -> list[dict[str, str]]:
    """The rows of one of the lender's own files."""
    with (BOOK / day / f"{file}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def paise(naira: str) -> int:
    """Hundredths of a naira text, exactly."""
    amount = Decimal(naira) * 100
    assert amount == int(amount)
    return int(amount)


def receipts(day: str) -> dict[str, int]:
    """Money received by loan up to a day, future-dated entries left out: the lender sends no status, so every entry is posted."""
    paid: dict[str, int] = defaultdict(int)
    for row in given(day, "repayments"):
        if row["paid_at"][:10] <= day:
            paid[row["loan_id"]] += paise(row["amount"])
    return paid


def naive_dpd(day: str) -> dict[str, int]:
    """Days past due of every loan by the plainest loop: money settles the oldest due date first, the due date itself is day 1."""
    dues: dict[str, list[tuple[str, int, int]]] = {row["loan_id"]: [] for row in given(day, "loans")}
    for row in given(day, "schedule"):
        dues[row["loan_id"]].append((row["due_date"], int(row["instalment_no"]), paise(row["amount_due"])))
    paid, today = receipts(day), date.fromisoformat(day)
    found: dict[str, int] = {}
    for loan_id, rows in dues.items():
        left, found[loan_id] = paid[loan_id], 0
        for due_on, _, amount in sorted(rows):
            left -= amount
            if left < 0:
                found[loan_id] = max(0, (today - date.fromisoformat(due_on)).days + 1)
                break
    return found


def test_the_first_two_extracts_are_accepted_and_march_is_held_for_its_swing(journey: Journey) -> None:
    """A held load is no failure: exit code 0, the reason in words, and what to do."""
    assert [journey.loaded[day]["state"] for day in DAYS] == ["accepted", "accepted", "held"]
    assert "The total overdue moved far from the load before" in journey.loaded[DAYS[2]]["reasons"][0]
    assert all(journey.loaded[day]["ties"] and journey.loaded[day]["quarantined"] == 0 for day in DAYS)
    again = sulah("load", BOOK / DAYS[2], "--as-of", DAYS[2], "--lender", journey.root)
    assert again.code == 0
    assert "Already loaded as 2017-03-31.1" in again.words


def test_before_approval_the_day_speaks_of_the_old_extract_and_of_the_load_that_waits(journey: Journey) -> None:
    assert journey.held_day.code == 0
    assert "from load 2017-02-28.1" in journey.held_day.words
    assert "The extract is 31 day(s) old: it speaks of 28 Feb 2017." in journey.held_day.words
    assert "Load 2017-03-31.1 is held and not used; decide about it with: sulah approve 2017-03-31.1" in journey.held_day.words


def test_after_approval_the_day_stands_on_march_and_replaces_the_earlier_run(journey: Journey) -> None:
    assert journey.approved["current"] == "2017-03-31.1"
    assert (journey.day["load"], journey.day["repeated"]) == ("2017-03-31.1", False)
    assert len(journey.rows[DAYS[2]]) == 8859


@pytest.mark.parametrize("day", DAYS)
def test_naira_tie_to_the_last_unit_in_total_and_loan_by_loan(journey: Journey, day: str) -> None:
    """The lender's own file, read with nothing but csv and Decimal, against the position."""
    rows, paid = journey.rows[day], receipts(day)
    assert len(rows) == len(given(day, "loans"))
    assert sum(row["paid_paise"] for row in rows.values()) == sum(paid.values())
    assert {loan_id: row["paid_paise"] for loan_id, row in rows.items()} == {loan_id: paid[loan_id] for loan_id in rows}
    assert set(paid) <= set(rows)
    assert all(row["paid_paise"] == row["allocated_paise"] + row["unallocated_paise"] for row in rows.values())
    assert sum(row["principal_paise"] for row in _loans(journey, day)) == sum(paise(row["principal"]) for row in given(day, "loans"))


def _loans(journey: Journey, day: str) -> list[dict[str, Any]]:
    out = journey.root / f"loan.{day}.parquet"
    done("export", "loan", "--as-of", day, "--out", out, "--lender", journey.root)
    found: list[dict[str, Any]] = pq.read_table(out).to_pylist()
    return found


@pytest.mark.parametrize("day", DAYS)
def test_every_loan_has_the_days_past_due_of_the_plainest_loop(journey: Journey, day: str) -> None:
    naive = naive_dpd(day)
    assert {loan_id: row["dpd"] for loan_id, row in journey.rows[day].items()} == naive
    assert sum(count > 0 for count in naive.values()) > 60  # the day has something to say


def test_the_naive_reference_agrees_row_by_row_on_all_three_days(journey: Journey) -> None:
    """Class, NPA dates, heads and all: the independent fold, fed with the lender's rows, in the order in which the days were run."""
    reference = Reference("nbfc_ml")
    for day in DAYS[:2]:
        reference.accept(date.fromisoformat(day), _mapped(day))
        assert apart(journey.rows[day], reference.stand(date.fromisoformat(day))) == {}
        reference.commit(date.fromisoformat(day))
    reference.accept(date.fromisoformat(DAYS[2]), _mapped(DAYS[2]))
    assert apart(journey.rows[DAYS[2]], reference.stand(date.fromisoformat(DAYS[2]))) == {}


def _mapped(day: str) -> dict[str, list[dict[str, str]]]:
    """The lender's rows under the contract's names, as the example mapping says."""
    return {
        "borrower": [{"borrower_id": row["borrower_id"]} for row in given(day, "borrowers")],
        "loan": [
            {name: row[name] for name in ("loan_id", "borrower_id", "disbursed_on")}
            | {"product": "NANO", "principal": f"{Decimal(row['principal']):.2f}"}
            for row in given(day, "loans")
        ],
        "instalment": [
            {
                "loan_id": row["loan_id"],
                "number": row["instalment_no"],
                "due_on": row["due_date"],
                "total_due": f"{Decimal(row['amount_due']):.2f}",
            }
            for row in given(day, "schedule")
        ],
        "repayment": [
            {"repayment_id": row["receipt_no"], "loan_id": row["loan_id"], "paid_on": row["paid_at"], "booked_at": row["paid_at"]}
            | {"amount": f"{Decimal(row['amount']):.2f}"}
            for row in given(day, "repayments")
        ],
    }


@pytest.mark.parametrize("day", DAYS)
def test_each_day_is_rebuilt_to_the_same_bytes(journey: Journey, day: str) -> None:
    replay = done("replay", "--as-of", day, "--lender", journey.root)
    assert (replay["different"], replay["published_same"], replay["notes"]) == ([], True, [])


def test_the_same_day_again_gives_the_same_bytes_and_check_finds_nothing(journey: Journey) -> None:
    assert done("day", "--as-of", DAYS[2], "--lender", journey.root)["repeated"]
    assert set(map(tuple, done("check", "--lender", journey.root)["wrong"].values())) == {()}


def test_the_exported_csv_ties_with_the_parquet(journey: Journey) -> None:
    """The same loans, the same money, read back with the csv module."""
    out = journey.root / "position.csv"
    rows = done("export", "position", "--as-of", DAYS[2], "--out", out, "--lender", journey.root)["rows"]
    with out.open(encoding="utf-8", newline="") as handle:
        read = list(csv.DictReader(handle))
    assert len(read) == rows == 8859
    kept = journey.rows[DAYS[2]]
    for name in ("paid_paise", "overdue_paise", "outstanding_principal_paise", "dpd"):
        assert {row["loan_id"]: int(row[name]) for row in read} == {loan_id: row[name] for loan_id, row in kept.items()}


def test_a_missed_business_date_is_filled_in_and_said(journey: Journey) -> None:
    """The day after the last extract: everything one day older, and a note that the extract is."""
    tomorrow = date.fromisoformat(DAYS[2]) + timedelta(1)
    said = sulah("day", "--as-of", tomorrow, "--lender", journey.root)
    assert said.code == 0
    assert "The extract is 1 day(s) old" in said.words
