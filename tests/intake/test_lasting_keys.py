"""Keys last from load to load, and `touched` names every loan that a day has to work out anew."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.adapters.book.derive import DERIVED, PORTFOLIO
from tests.paper import Extract, book, loan
from tests.reference.random_book import RandomBook
from tests.shelf import Shelf

DAY = date(2026, 3, 1)
DUES = [("2026-02-01", 1000), ("2026-04-05", 1000)]
OF_THE_LENDER = {"lms_dpd", "lms_dpd_count", "lms_class", "lms_npa_on", "extract_on"}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty shelf."""
    return Shelf(tmp_path)


def keys(shelf: Shelf, load: Path) -> dict[str, tuple[int, int]]:
    """Loan and person key by loan."""
    return {row["loan_id"]: (row["loan_key"], row["borrower_key"]) for row in shelf.rows(load, "account")}


def touched(shelf: Shelf, load: Path) -> set[str]:
    """The loans that a load names as touched."""
    return {row["loan_id"] for row in shelf.rows(load, "touched")}


def two(*more: Extract, paid: tuple[tuple[str, object], ...] = (), **terms: Any) -> Extract:
    """Loans A (with these payments and terms) and B, and more."""
    return book(loan("A", DUES, paid, **terms), loan("B", DUES), *more)


def test_a_first_load_numbers_loans_and_people_from_one_and_touches_all(shelf: Shelf) -> None:
    load = shelf.accept(DAY, two(loan("C", DUES, borrower="B-A")))
    assert sorted(loan_key for loan_key, _ in keys(shelf, load).values()) == [1, 2, 3]
    assert {borrower_key for _, borrower_key in keys(shelf, load).values()} == {1, 2}
    assert touched(shelf, load) == {"A", "B", "C"}


def test_new_loans_take_the_next_keys_and_nobody_else_changes_theirs(shelf: Shelf) -> None:
    before = keys(shelf, shelf.accept(DAY, two()))
    load = shelf.accept(DAY + timedelta(1), two(loan("0", DUES, borrower="0"), loan("A2", DUES, borrower="B-A")))
    after = keys(shelf, load)
    assert {name: after[name] for name in before} == before
    assert {after["0"][0], after["A2"][0]} == {3, 4}
    assert (after["A2"][1], after["0"][1]) == (before["A"][1], 3)
    assert touched(shelf, load) == {"0", "A2"}


def test_a_loan_that_changes_hands_keeps_its_key_and_takes_the_key_of_its_new_person(shelf: Shelf) -> None:
    before = keys(shelf, shelf.accept(DAY, two()))
    load = shelf.accept(DAY + timedelta(1), two(borrower="B-B"))
    assert keys(shelf, load)["A"] == (before["A"][0], before["B"][1])
    assert touched(shelf, load) == {"A"}


def test_a_loan_that_is_missing_and_comes_back_keeps_its_key_and_is_touched_both_times(shelf: Shelf) -> None:
    before = keys(shelf, shelf.accept(DAY, two()))
    away = shelf.accept(DAY + timedelta(1), loan("B", DUES))
    back = shelf.accept(DAY + timedelta(2), two())
    assert keys(shelf, away) == keys(shelf, back) == before
    assert [touched(shelf, load) for load in (away, back)] == [{"A"}, {"A"}]


def test_a_second_load_of_a_date_gives_new_loans_the_same_keys(shelf: Shelf) -> None:
    """Both stand on the load of the day before."""
    shelf.accept(DAY, two())
    whole = two(loan("C", DUES), loan("D", DUES))
    once = keys(shelf, shelf.accept(DAY + timedelta(1), whole))
    other = Shelf(shelf.root / "other")
    other.loads = shelf.loads[:1]
    assert keys(other, other.accept(DAY + timedelta(1), whole)) == once


@pytest.mark.parametrize(
    ("after", "is_touched"),
    [
        (two(), False),
        (two(lms_dpd="5", lms_class="sma_0", lms_npa_on="2026-02-02"), False),
        (two(paid=(("2026-03-01", 5),)), True),
        (two(principal="2001"), True),
        (two(status="closed"), True),
        (two(restructured_on="2026-03-01"), True),
        (two(officer_id="new"), True),
        (two(relief=[{"kind": "pause", "from_on": "2026-03-01", "counts": False}]), True),
        (book(loan("A", [DUES[0], ("2026-04-06", 1000)]), loan("B", DUES)), True),
        (book(loan("A", DUES[:1], principal="2000"), loan("B", DUES)), True),
    ],
)
def test_a_loan_is_touched_when_anything_but_the_lenders_own_figures_changed(shelf: Shelf, after: Extract, is_touched: bool) -> None:
    shelf.accept(DAY, two())
    assert touched(shelf, shelf.accept(DAY + timedelta(1), after)) == ({"A"} if is_touched else set())


def test_a_receipt_taken_back_touches_its_loan(shelf: Shelf) -> None:
    shelf.accept(DAY, two(paid=(("2026-02-01", 5),)))
    assert touched(shelf, shelf.accept(DAY + timedelta(1), two())) == {"A"}


def rows_by_loan(shelf: Shelf, load: Path, table: str) -> dict[int, list[dict[str, Any]]]:
    """Rows of a derived table by loan_key, without the lender's own figures."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in shelf.rows(load, table):
        found.setdefault(row["loan_key"], []).append({name: value for name, value in row.items() if name not in OF_THE_LENDER})
    return found


def stirred(random: Random, extract: Extract, people: list[str]) -> Extract:
    """The extract with a few loans left out, a few given to another person, and a few rows refused on the way."""
    gone = {row["loan_id"] for row in extract["loan"] if random.random() < 0.04}
    rows = [dict(row) for row in extract["loan"] if row["loan_id"] not in gone]
    for row in rows:
        if random.random() < 0.04:
            row["borrower_id"] = random.choice(people)
    kept = {name: [row for row in extract[name] if row["loan_id"] not in gone] for name in ("instalment", "repayment")}
    return {**extract, **kept, "loan": rows}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_a_loan_that_is_not_touched_has_the_same_rows_as_in_the_load_before(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """Over chains of loads with every oddity, loans that vanish and return, and loans that change hands; two shards."""
    random = Random(seed)
    shelf = Shelf(tmp_path_factory.mktemp("chain"), loans_a_shard=30)
    chain = RandomBook(seed, 60, date(2025, 9, 1), 3, gap_days=12)
    before: dict[str, tuple[int, int]] = {}
    for as_of, extract in chain.extracts:
        people = [row["borrower_id"] for row in extract["borrower"]]
        load = shelf.accept(as_of, stirred(random, extract, people))
        after, names = keys(shelf, load), touched(shelf, load)
        assert {name: key for name, (key, _) in after.items() if name in before} == {name: key for name, (key, _) in before.items()}
        assert after.keys() - before.keys() <= names
        for table in PORTFOLIO if before else ():
            old, new = (rows_by_loan(shelf, folder, table) for folder in shelf.loads[-2:])
            differ = {name for name, (key, _) in after.items() if old.get(key) != new.get(key)}
            assert differ <= names, table
        before = after


def test_rows_of_a_shard_lie_by_key_and_all_loans_of_a_person_in_one_shard(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, loans_a_shard=20)
    chain = RandomBook(3, 80, date(2025, 9, 1), 3, gap_days=12)
    for as_of, extract in chain.extracts:
        load = shelf.accept(as_of, extract)
    places: dict[str, set[str]] = {}
    for name in DERIVED:
        for path in sorted((load / name).glob("*.parquet")):
            rows = pq.read_table(path)
            assert rows["loan_key"].to_pylist() == sorted(rows["loan_key"].to_pylist())
            if name == "account":
                for person in rows["borrower_id"].to_pylist():
                    places.setdefault(person, set()).add(path.name)
    assert len(places) > 20
    assert {len(where) for where in places.values()} == {1}
