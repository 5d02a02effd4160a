"""A day that takes over yesterday's rows ends in the same rows as one that works everything out."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from sulah.contracts.shape import Scope
from sulah.daycycle.steps import STEPS
from sulah.kernel.terms import EntityType
from tests.depth import so_many, some_of
from tests.paper import book, loan
from tests.reference.random_book import RandomBook
from tests.shelf import Shelf

COMPARED = tuple(step.table for step in STEPS if step.table != "stale" and step.scope is Scope.PERSON)
FIRST = date(2024, 2, 20)


def differences(shelf: Shelf, one: Path, other: Path) -> list[str]:
    """The tables whose rows are not the same, in order, in both days."""
    return [table for table in COMPARED if shelf.rows(one, table) != shelf.rows(other, table)]


@pytest.mark.parametrize(("seed", "entity"), some_of([(71, "nbfc_bl"), (72, "nbfc_mfi")], 1))
def test_what_is_carried_over_is_what_would_come_out(tmp_path: Path, seed: int, entity: str) -> None:
    """Random books with every oddity, three shards: on the day of each load, the days after it, and after a leap."""
    made = RandomBook(seed, 400, FIRST, so_many(4, 2))
    shelf = Shelf(tmp_path, EntityType(entity), loans_a_shard=150)
    worked_out = []
    for as_of, extract in made.extracts:
        shelf.accept(as_of, extract)
        for day in (as_of, as_of + timedelta(1), as_of + timedelta(2), as_of + timedelta(5)):
            whole = shelf.stand(day, carry=False)
            carried = shelf.stand(day, commit=True)
            assert differences(shelf, whole, carried) == [], day
            worked_out.append((len(shelf.rows(carried, "stale")), len(shelf.rows(carried, "state"))))
    assert all(stale <= loans for stale, loans in worked_out)
    assert sum(stale * 2 < loans for stale, loans in worked_out) >= so_many(8, 3), "hardly anything was carried over"


def test_a_loan_is_worked_out_on_its_own_dates_and_when_it_is_touched(tmp_path: Path) -> None:
    """One day before a due nothing, on the due date that loan alone; with a receipt in the next load again; else nobody."""
    due = ("2026-04-03", 1000)
    quiet, paid = loan("QUIET", [("2026-12-31", 1000)]), loan("PAID", [due])
    shelf = Shelf(tmp_path)
    shelf.accept(date(2026, 4, 1), book(quiet, paid))

    def stale(day: date) -> list[str]:
        folder = shelf.stand(day, commit=True)
        names = {row["loan_key"]: row["loan_id"] for row in shelf.rows(shelf.loads[-1], "account")}
        return [names[row["loan_key"]] for row in shelf.rows(folder, "stale")]

    assert sorted(stale(date(2026, 4, 1))) == ["PAID", "QUIET"]
    assert stale(date(2026, 4, 2)) == []
    assert stale(date(2026, 4, 3)) == ["PAID"]
    shelf.accept(date(2026, 4, 4), book(quiet, loan("PAID", [due], [("2026-04-04", 400)])))
    assert stale(date(2026, 4, 4)) == ["PAID"]
    assert stale(date(2026, 4, 5)) == []
