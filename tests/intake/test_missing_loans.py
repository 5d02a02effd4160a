"""What a load leaves out is not paid: loans, schedules and receipts that a later extract lacks are carried as they were."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.paper import Extract, book, loan
from tests.shelf import Shelf

DAY = date(2026, 2, 20)
DUES = [(f"2025-{month:02d}-05", 1000) for month in range(2, 13)] + [("2026-01-05", 1000), ("2026-02-05", 1000)]


def npa(*more: tuple[str, object]) -> Extract:
    """A loan unpaid since 5 Oct 2025, so NPA since 3 Jan 2026."""
    return loan("A", DUES, [*((str(due[0]), 1000) for due in DUES[:8]), *more], borrower="BA")


GOOD = loan("Z", DUES, [(str(due[0]), 1000) for due in DUES])


def row(shelf: Shelf, folder: Path, table: str, loan_id: str = "A") -> dict[str, Any]:
    """The row of a loan in a table of a day."""
    return next(row for row in shelf.rows(folder, table) if row["loan_id"] == loan_id)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Both loans, one day committed."""
    shelf = Shelf(tmp_path)
    shelf.accept(DAY, book(npa(), GOOD))
    shelf.stand(DAY, commit=True)
    return shelf


def test_a_loan_that_vanishes_goes_on_ageing_and_nobody_works_it(shelf: Shelf) -> None:
    """Not paid, not gone: marked missing since that load, its receipts kept, its person left alone."""
    load = shelf.accept(DAY + timedelta(1), book(GOOD))
    folder = shelf.stand(DAY + timedelta(1), commit=True)
    assert row(shelf, folder, "position")["dpd"] == (DAY - date(2025, 10, 5)).days + 2
    assert row(shelf, folder, "position")["paid_paise"] == 800_000
    assert row(shelf, folder, "classification")["npa_on"] == date(2026, 1, 3)
    assert row(shelf, load, "account")["missing_since"] == DAY + timedelta(1)
    plan = shelf.rows(folder, "treatment")[0]
    assert (plan["worked_by"], plan["hold_reason"]) == ("nobody", "missing_from_extract")


def test_a_loan_that_comes_back_keeps_its_npa_until_all_arrears_are_paid(shelf: Shelf) -> None:
    """Part-paid to 50 days and away for a day: still NPA since 3 Jan."""
    shelf.accept(DAY + timedelta(1), book(GOOD))
    shelf.stand(DAY + timedelta(1), commit=True)
    load = shelf.accept(DAY + timedelta(2), book(npa(("2026-02-21", 3000)), GOOD))
    back = row(shelf, shelf.stand(DAY + timedelta(2), commit=True), "classification")
    assert (back["npa_on"], back["upgraded_on"], back["borrower_dpd"]) == (date(2026, 1, 3), None, 49)
    assert row(shelf, load, "account")["missing_since"] is None


def test_a_good_loan_away_for_a_day_is_not_taken_for_npa(shelf: Shelf) -> None:
    """Its receipts keep the day on which they became known."""
    shelf.accept(DAY + timedelta(1), book(npa()))
    shelf.stand(DAY + timedelta(1), commit=True)
    shelf.accept(DAY + timedelta(3), book(npa(), GOOD))
    back = row(shelf, shelf.stand(DAY + timedelta(3), commit=True), "classification", "Z")
    assert (back["asset_class"], back["upgraded_on"]) == ("standard", None)


def test_a_loan_whose_instalments_vanish_is_not_upgraded(shelf: Shelf) -> None:
    """No rows is no re-schedule: the schedule stands, and the loan is marked unreliable."""
    bare = npa()
    load = shelf.accept(DAY + timedelta(1), {**book(bare, GOOD), "instalment": GOOD["instalment"]})
    folder = shelf.stand(DAY + timedelta(1), commit=True)
    assert row(shelf, folder, "classification")["npa_on"] == date(2026, 1, 3)
    assert row(shelf, folder, "position")["overdue_paise"] == 500_000
    assert row(shelf, load, "account")["schedule_unreliable"] is True


def test_a_restructuring_told_after_its_day_was_run_makes_npa_on_the_next(tmp_path: Path) -> None:
    """The day ran on yesterday's extract; the watch of the late one still means NPA."""
    shelf = Shelf(tmp_path)
    plain = loan("L", [("2026-06-30", 1000)])
    shelf.accept(DAY - timedelta(1), plain)
    shelf.stand(DAY, commit=True)
    shelf.accept(DAY, loan("L", [("2026-06-30", 1000)], restructured_on=DAY.isoformat()))
    one_on = shelf.stand(DAY + timedelta(1))
    leap = shelf.stand(DAY + timedelta(5))
    assert row(shelf, one_on, "classification", "L")["npa_on"] == DAY + timedelta(1)
    assert row(shelf, leap, "classification", "L")["npa_on"] == DAY + timedelta(1)


def test_a_migrated_loan_that_a_late_extract_brings_keeps_the_lenders_npa(tmp_path: Path) -> None:
    """Opening history and NPA date of the lender, first seen in an extract whose day had been run on an older one."""
    shelf = Shelf(tmp_path)
    shelf.accept(DAY - timedelta(1), GOOD)
    shelf.stand(DAY, commit=True)
    moved = loan(
        "M",
        [("2025-06-05", 1000), ("2026-02-10", 1000)],
        opening_on="2025-12-31",
        opening_principal_paid="1000",
        lms_npa_on="2025-11-01",
    )
    shelf.accept(DAY, book(GOOD, moved))
    assert row(shelf, shelf.stand(DAY + timedelta(1)), "classification", "M")["npa_on"] == date(2025, 11, 1)
    assert row(shelf, shelf.stand(DAY + timedelta(4)), "classification", "M")["npa_on"] == date(2025, 11, 1)


def test_a_schedule_of_what_was_left_at_the_opening_is_not_paid_by_the_opening(tmp_path: Path) -> None:
    """₹17,000 lent, ₹11,000 paid before 31 Dec, the rest listed: ₹6,000 outstanding and the first due unpaid."""
    shelf = Shelf(tmp_path)
    rest = [(f"2026-{month:02d}-05", 1000, 100) for month in range(1, 7)]
    terms = {"principal": "17000", "opening_on": "2025-12-31", "opening_principal_paid": "11000", "opening_interest_paid": "1100"}
    load = shelf.accept(DAY, loan("O", rest, **terms))
    folder = shelf.stand(DAY)
    position = row(shelf, folder, "position", "O")
    assert (position["dpd"], position["overdue_paise"], position["outstanding_principal_paise"]) == (47, 220_000, 600_000)
    account = row(shelf, load, "account", "O")
    assert (account["opening_apart"], account["schedule_unreliable"]) == (True, False)


def test_principal_that_a_re_schedule_adds_is_outstanding(tmp_path: Path) -> None:
    """Interest made principal in a re-schedule: nothing goes below zero, and the person stays on the worklist."""
    shelf = Shelf(tmp_path)
    extract = loan("L", [("2026-01-05", 1000)])
    more = [{"loan_id": "L", "number": 1, "due_on": "2026-02-10", "principal_due": "1150", "valid_from": "2026-01-20"}]
    paid = [{"repayment_id": "R", "loan_id": "L", "paid_on": "2026-02-12", "amount": "1100"}]
    shelf.accept(DAY, {**extract, "instalment": [*extract["instalment"], *more], "repayment": paid})
    folder = shelf.stand(DAY)
    assert row(shelf, folder, "position", "L")["outstanding_principal_paise"] == 5_000
    assert len(shelf.rows(folder, "treatment")) == 1


def test_a_day_on_an_older_extract_lets_the_lenders_figure_age(tmp_path: Path) -> None:
    """Yesterday's 15 is 16 today, and is no difference; what fell due since is ours to count."""
    shelf = Shelf(tmp_path)
    known = loan("K", [("2026-02-06", 1000)], lms_dpd=15, lms_dpd_count="inclusive")
    fresh = loan("F", [("2026-02-21", 1000)], lms_dpd=0, lms_dpd_count="inclusive")
    settled = loan("S", [("2026-02-06", 1000)], lms_dpd=0, lms_dpd_count="inclusive")
    shelf.accept(DAY, book(known, fresh, settled))
    folder = shelf.stand(DAY + timedelta(1))
    assert {r["loan_id"]: r["dpd"] for r in shelf.rows(folder, "contact_dpd")} == {"K": 16, "F": 1, "S": 0}
    assert shelf.rows(folder, "difference") == []
