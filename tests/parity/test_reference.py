"""The statements against the naive reference, row by row: random books with every oddity, days in a row and in leaps."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sulah.kernel.terms import EntityType
from tests.depth import some_of
from tests.reference.fold import Reference
from tests.reference.random_book import RandomBook
from tests.reference.standing import Standing
from tests.shelf import Shelf

COLUMNS = (
    *("outstanding_principal_paise", "overdue_paise", "overdue_principal_paise", "overdue_interest_paise", "overdue_charge_paise"),
    *("instalments_overdue", "oldest_unpaid_due_on", "dpd", "dpd_elapsed", "paid_paise", "allocated_paise", "unallocated_paise"),
    *("advance_paise", "last_paid_on", "bucket", "sma", "asset_class", "npa_on", "upgraded_on", "borrower_dpd", "months_npa"),
)
FIRST = date(2024, 2, 20)
"""The first load: before the base layer's first switch (31 Mar 2024), with month-ends and a leap day behind it."""


BOOKS = [
    *((11, "nbfc_bl"), (12, "nbfc_mfi"), (13, "sfb"), (14, "nbfc_bl")),
    *((15, "bank"), (16, "nbfc_ml"), (17, "nbfc_bl"), (18, "nbfc_mfi")),
]
"""Seed and kind of lender of the books of 2,500 loans."""


def apart(ours: Mapping[str, Mapping[str, Any]], theirs: Mapping[str, Standing]) -> dict[str, Any]:
    """Where the two differ: a count and one example for each column; nothing when they agree on every loan."""
    assert set(ours) == set(theirs)
    wrong: Counter[str] = Counter()
    example: dict[str, Any] = {}
    for loan_id, row in ours.items():
        for column in COLUMNS:
            if row[column] != getattr(theirs[loan_id], column):
                wrong[column] += 1
                example.setdefault(column, (loan_id, row[column], getattr(theirs[loan_id], column)))
    return {column: (count, example[column]) for column, count in wrong.items()}


def by_loan(shelf: Shelf, folder: Path) -> dict[str, dict[str, Any]]:
    """Position and classification of a day in one row a loan."""
    rows = {row["loan_id"]: row for row in shelf.rows(folder, "position")}
    for row in shelf.rows(folder, "classification"):
        rows[row["loan_id"]].update(row)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "entity"),
    some_of(BOOKS, 2),
)
def test_random_books_agree_row_by_row(tmp_path: Path, seed: int, entity: str) -> None:
    """2,500 loans each, five loads: each committed in turn (leaps of weeks), then days in a row by the increment."""
    book = RandomBook(seed, 2500, FIRST, 5)
    shelf, reference = Shelf(tmp_path, EntityType(entity), loans_a_shard=1000), Reference(entity)
    for as_of, extract in book.extracts:
        shelf.accept(as_of, extract)
        reference.accept(as_of, extract)
        assert apart(by_loan(shelf, shelf.stand(as_of, commit=True)), reference.stand(as_of)) == {}
        reference.commit(as_of)
    last = book.extracts[-1][0]
    for day in (last + timedelta(1), last + timedelta(2), last + timedelta(33)):
        assert apart(by_loan(shelf, shelf.stand(day, commit=True)), reference.stand(day)) == {}
        reference.commit(day)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "entity"), [(21, "nbfc_bl"), (22, "nbfc_mfi")])
def test_the_first_day_of_a_lender_folds_all_of_its_history(tmp_path: Path, seed: int, entity: str) -> None:
    """All loads accepted, one day: NPA entry and upgrade come from every day-end of the past, not from the day alone."""
    book = RandomBook(seed, 1500, FIRST, 4)
    shelf, reference = Shelf(tmp_path, EntityType(entity)), Reference(entity)
    for as_of, extract in book.extracts:
        shelf.accept(as_of, extract)
        reference.accept(as_of, extract)
    as_of = book.extracts[-1][0]
    rows = by_loan(shelf, shelf.stand(as_of))
    assert apart(rows, reference.stand(as_of)) == {}
    assert sum(row["npa_on"] is not None and row["npa_on"] < as_of - timedelta(30) for row in rows.values()) > 50


@pytest.mark.slow
def test_every_day_of_a_year_agrees(tmp_path: Path) -> None:
    """366 day-ends in a row over a base-layer NBFC, two limit switches and a 29 February among them."""
    book = RandomBook(31, 150, date(2024, 2, 20), 1, history_days=300)
    as_of, extract = book.extracts[0]
    shelf, reference = Shelf(tmp_path, EntityType.NBFC_BL), Reference("nbfc_bl")
    shelf.accept(as_of, extract)
    reference.accept(as_of, extract)
    memory = None
    for number in range(366):
        day = as_of + timedelta(number)
        rows, after = shelf.quick(day, memory)
        assert apart(rows, reference.stand(day)) == {}, day
        reference.commit(day)
        memory = (day, after)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(1000, 10**9), entity=st.sampled_from(["nbfc_bl", "nbfc_mfi", "bank"]), gap=st.integers(1, 120))
def test_any_random_book_agrees_in_leaps_and_in_steps(tmp_path_factory: pytest.TempPathFactory, seed: int, entity: str, gap: int) -> None:
    """A property over seeds: one leap over several day-ends equals the same days one by one, and both the reference."""
    book = RandomBook(seed, 40, FIRST, 2)
    shelf, reference = Shelf(tmp_path_factory.mktemp("book"), EntityType(entity)), Reference(entity)
    for as_of, extract in book.extracts:
        shelf.accept(as_of, extract)
        reference.accept(as_of, extract)
    start = book.extracts[-1][0]
    rows, memory = shelf.quick(start, None)
    assert apart(rows, reference.stand(start)) == {}
    reference.commit(start)
    leap, _ = shelf.quick(start + timedelta(gap), (start, memory))
    assert apart(leap, reference.stand(start + timedelta(gap))) == {}
