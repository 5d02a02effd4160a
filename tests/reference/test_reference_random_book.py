"""The random lender sends what a lender could send, and the reference gives the same answer by both of its ways."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.kernel.money import paise_of
from tests.reference.fold import Reference
from tests.reference.oddities import NONE, Oddities
from tests.reference.random_book import COLUMNS, RandomBook
from tests.reference.standing import Standing

START = date(2025, 6, 30)


@pytest.fixture(scope="module")
def lender() -> RandomBook:
    """300 loans over five loads; simulated."""
    return RandomBook(7, 300, START, 5)


def both_ways(book: RandomBook, entity_type: str) -> tuple[dict[str, Standing], dict[str, Standing]]:
    """The last load's standings: all loads first and one stand, or load by load with each day committed."""
    at_once, by_load = Reference(entity_type), Reference(entity_type)
    for as_of, extract in book.extracts:
        at_once.accept(as_of, extract)
        by_load.accept(as_of, extract)
        by_load.commit(as_of)
    return at_once.stand(book.loads[-1]), by_load.stand(book.loads[-1])


def test_the_same_seed_gives_the_same_extracts_and_another_seed_others() -> None:
    """Twenty loans, two loads."""
    one, two, other = (RandomBook(seed, 20, START, 2) for seed in (1, 1, 2))
    assert one.extracts == two.extracts
    assert one.extracts != other.extracts


def test_no_entry_is_dated_after_its_load_and_no_key_comes_twice(lender: RandomBook) -> None:
    """In every load."""
    keys = {
        "borrower": ("borrower_id",),
        "loan": ("loan_id",),
        "instalment": ("loan_id", "number", "valid_from"),
        "repayment": ("repayment_id",),
        "relief": ("borrower_id", "pincode", "kind", "from_on"),
    }
    for as_of, extract in lender.extracts:
        assert max(row["paid_on"] for row in extract["repayment"]) <= as_of.isoformat()
        assert max(row["disbursed_on"] for row in extract["loan"]) <= as_of.isoformat()
        for table, columns in keys.items():
            assert set(Counter(tuple(row.get(column) for column in columns) for row in extract[table]).values()) == {1}
            assert {column for row in extract[table] for column in row} <= set(COLUMNS[table])


def test_a_reversal_names_an_entry_of_its_loan_and_leaves_it_at_nothing_or_more(lender: RandomBook) -> None:
    """In every load; no reversal is dated before what it undoes."""
    for _, extract in lender.extracts:
        entries = {row["repayment_id"]: row for row in extract["repayment"]}
        taken: dict[str, int] = defaultdict(int)
        for row in extract["repayment"]:
            if row.get("reverses_id"):
                target = entries[row["reverses_id"]]
                assert (target["loan_id"], target["paid_on"] <= row["paid_on"]) == (row["loan_id"], True)
                taken[row["reverses_id"]] += paise_of(row["amount"])
        assert all(amount <= paise_of(entries[key]["amount"]) for key, amount in taken.items())
        assert all(paise_of(row["amount"]) > 0 for row in extract["repayment"])


def test_the_heads_of_a_first_schedule_add_up_to_the_loan(lender: RandomBook) -> None:
    """Principal due of the rows without valid_from = principal of the loan, where heads are given."""
    _, extract = lender.extracts[0]
    principal: dict[str, int] = defaultdict(int)
    for row in extract["instalment"]:
        if "valid_from" not in row and "principal_due" in row:
            principal[row["loan_id"]] += paise_of(row["principal_due"])
    wanted = {row["loan_id"]: paise_of(row["principal"]) for row in extract["loan"] if row["loan_id"] in principal}
    assert principal == wanted


def test_every_oddity_occurs_and_each_can_be_switched_off() -> None:
    """What 1,500 loans show, and what none shows where everybody pays on the day."""

    def shown(book: RandomBook) -> dict[str, int]:
        first, last = book.extracts[0][1], book.extracts[-1][1]
        older = {row["repayment_id"]: row for row in first["repayment"]}
        newer = {row["repayment_id"]: row for row in last["repayment"]}
        kept = [(older[key], newer[key]) for key in older.keys() & newer.keys()]
        return {
            "total_only": sum("total_due" in row for row in last["instalment"]),
            "charge": sum("charge_due" in row for row in last["instalment"]),
            "zero_due": sum(row.get("principal_due") == row.get("interest_due") == "0.00" for row in last["instalment"]),
            "valid_from": sum("valid_from" in row for row in last["instalment"]),
            "reversal": sum("reverses_id" in row for row in newer.values()),
            "bounced": sum(row["status"] == "bounced" for row in older.values()),
            "vanished": len(older.keys() - newer.keys()),
            "amount": sum(a["amount"] != b["amount"] for a, b in kept),
            "date": sum(a["paid_on"] != b["paid_on"] for a, b in kept),
            "status": sum(a["status"] != b["status"] for a, b in kept),
            "booked": sum("booked_at" in row for row in newer.values()),
            "ended": sum(row["status"] in {"closed", "settled", "sold"} for row in first["loan"]),
            "written_off": sum(row["status"] == "written_off" for row in first["loan"]),
            "restructured": sum("restructured_on" in row for row in last["loan"]),
            "opening": sum("opening_on" in row for row in last["loan"]),
            "moratorium": sum("moratorium_from" in row for row in last["loan"]),
            "co_lender": sum("co_lender" in row for row in last["loan"]),
            "relief": len(last["relief"]),
            "deceased": sum("deceased_on" in row for row in last["borrower"]),
        }

    assert min(shown(RandomBook(3, 1500, START, 4)).values()) > 0
    assert max(count for name, count in shown(RandomBook(3, 100, START, 3, NONE)).items()) == 0


def test_about_three_borrowers_in_five_have_one_loan() -> None:
    """And the others up to four."""
    book = RandomBook(5, 1500, START, 1, NONE)
    loans = Counter(Counter(loan.borrower_id for loan in book.loans).values())
    assert 0.55 < loans[1] / sum(loans.values()) < 0.65
    assert set(loans) == {1, 2, 3, 4}


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), entity_type=st.sampled_from(["nbfc_mfi", "nbfc_bl", "sfb"]))
def test_all_loads_first_or_day_by_day_the_answer_is_the_same(seed: int, entity_type: str) -> None:
    """Where no entry is delivered later than it was booked: every column of every loan."""
    book = RandomBook(seed, 25, START, 5, Oddities().without("known_late"))
    at_once, by_load = both_ways(book, entity_type)
    assert at_once == by_load


def test_what_was_worked_out_for_one_day_never_leaks_into_another() -> None:
    """A reference asked for every day of two months says the same as fresh ones asked for single days of them."""
    book = RandomBook(11, 25, START, 4)
    daily = Reference("nbfc_mfi")
    for as_of, extract in book.extracts:
        daily.accept(as_of, extract)
    for number in range(60):
        today = START + timedelta(number)
        found = daily.stand(today)
        if number % 15 == 0:
            fresh = Reference("nbfc_mfi")
            for as_of, extract in book.extracts:
                fresh.accept(as_of, extract)
            assert found == fresh.stand(today)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_paisa_received_is_settled_or_unallocated_and_no_column_contradicts_another(seed: int) -> None:
    """Whatever the oddities."""
    book = RandomBook(seed, 25, START, 4)
    for row in both_ways(book, "nbfc_mfi")[1].values():
        assert row.paid_paise == row.allocated_paise + row.unallocated_paise
        assert row.overdue_paise == row.overdue_principal_paise + row.overdue_interest_paise + row.overdue_charge_paise
        assert (row.overdue_paise > 0) == (row.oldest_unpaid_due_on is not None) == (row.instalments_overdue > 0)
        assert row.overdue_paise == 0 or row.advance_paise == 0
        assert row.dpd >= row.dpd_elapsed >= 0
        assert row.dpd <= row.borrower_dpd
        assert row.npa_on is None or (row.sma, row.upgraded_on) == ("none", None)


def test_the_files_hold_what_the_extract_holds(lender: RandomBook, tmp_path: Path) -> None:
    """CSV with the columns in order; an absent value is an empty cell."""
    _, extract = lender.extracts[-1]
    lender.write(tmp_path / "load", extract)
    for table, columns in COLUMNS.items():
        with (tmp_path / "load" / f"{table}.csv").open(newline="") as file:
            reader = csv.DictReader(file)
            rows = [{column: value for column, value in row.items() if value} for row in reader]
        assert tuple(reader.fieldnames or ()) == columns
        assert rows == [{column: value for column, value in row.items() if value} for row in extract[table]]
