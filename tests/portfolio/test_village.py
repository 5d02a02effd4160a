"""The village's people stand where their stories, worked out by hand, say; in one load and over ten daily ones."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from sulah.simulation.world import village_world
from tests.shelf import Shelf
from tests.village.cast import EXPECTED, LAST_DAY, ago, rows_on, village_rows


def by_loan(shelf: Shelf, folder: Path) -> dict[str, dict[str, Any]]:
    """Position and classification in one row a loan."""
    rows = {row["loan_id"]: row for row in shelf.rows(folder, "position")}
    for row in shelf.rows(folder, "classification"):
        rows[row["loan_id"]].update(row)
    return rows


@pytest.fixture(scope="module")
def one_load(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Path]:
    """The village as a lender's first load, on the last day."""
    shelf = Shelf(tmp_path_factory.mktemp("village"), EntityType.NBFC_MFI)
    shelf.accept(LAST_DAY, village_rows())
    return shelf, shelf.stand(LAST_DAY)


@pytest.fixture(scope="module")
def ten_loads(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shelf, Path]:
    """The same people, loaded and run every day for ten days."""
    shelf, world = Shelf(tmp_path_factory.mktemp("ten"), EntityType.NBFC_MFI), village_world(LAST_DAY)
    folder = Path()
    for back in range(9, -1, -1):
        day = LAST_DAY - timedelta(days=back)
        shelf.accept(day, rows_on(world, day))
        folder = shelf.stand(day, commit=True)
    return shelf, folder


@pytest.mark.parametrize("loan_id", sorted(EXPECTED))
@pytest.mark.parametrize("route", ["one_load", "ten_loads"])
def test_each_story_ends_where_it_was_worked_out_by_hand(request: pytest.FixtureRequest, route: str, loan_id: str) -> None:
    """dpd, elapsed days, overdue, bucket, SMA, class, NPA and upgrade dates of every person of the cast."""
    shelf, folder = request.getfixturevalue(route)
    row, expected = by_loan(shelf, folder)[loan_id], EXPECTED[loan_id]
    shown = (
        row["dpd"],
        row["dpd_elapsed"],
        row["overdue_paise"],
        row["bucket"],
        row["sma"],
        row["asset_class"],
        row["npa_on"],
        row["upgraded_on"],
    )
    assert shown == (
        expected.dpd,
        expected.dpd_elapsed,
        expected.overdue * 100,
        expected.bucket,
        expected.sma,
        expected.asset_class,
        ago(expected.npa_ago),
        ago(expected.upgraded_ago),
    )
    assert row["advance_paise"] == expected.advance * 100


def plan(shelf: Shelf, folder: Path, borrower_id: str) -> dict[str, Any] | None:
    """The plan of a person, or None when there is none."""
    return next((row for row in shelf.rows(folder, "treatment") if row["borrower_id"] == borrower_id), None)


def test_two_loans_of_one_person_make_one_plan(one_load: tuple[Shelf, Path]) -> None:
    """One person, one plan, led by the worse loan, over the dues of both."""
    rows = [row for row in one_load[0].rows(one_load[1], "treatment") if row["borrower_id"] == "V06"]
    assert len(rows) == 1
    assert rows[0]["lead_loan_id"] == "VIL-06B"
    assert rows[0]["stage"] == "npa"


def test_nobody_works_the_account_of_a_person_who_died(one_load: tuple[Shelf, Path]) -> None:
    """Death stops every treatment; the reason is said."""
    row = plan(*one_load, "V07")
    assert row is not None
    assert (row["worked_by"], row["hold_reason"]) == ("nobody", "deceased")


def test_a_person_who_is_not_overdue_has_no_plan(one_load: tuple[Shelf, Path]) -> None:
    """Regular payers are left alone."""
    assert plan(*one_load, "V01") is None


def test_the_book_leaves_nobody_without_class_and_ties(one_load: tuple[Shelf, Path]) -> None:
    """book_day counts every loan that has not ended exactly once, and its sums are those of position."""
    shelf, folder = one_load
    ended = {row["loan_id"] for row in shelf.rows(shelf.loads[-1], "account") if row["ended_on"]}
    positions = [row for row in shelf.rows(folder, "position") if row["loan_id"] not in ended]
    cells = shelf.rows(folder, "book_day")
    assert sum(cell["loans"] for cell in cells) == len(positions)
    for column in ("outstanding_principal_paise", "overdue_paise", "advance_paise"):
        assert sum(cell[column] for cell in cells) == sum(row[column] for row in positions)
