"""Provisions by entity: legs per loan, per instalment where the rule needs it, and the larger way once for the book."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from tests.paper import book, loan
from tests.shelf import Shelf

DAY = date(2026, 3, 31)


def legs(tmp_path: Path, entity: EntityType, *loans: Any) -> tuple[dict[tuple[str, str], tuple[int, int]], dict[str, tuple[int, bool]]]:
    """(loan, leg) -> (base, provision), and leg -> (provision, counted) of the book."""
    shelf = Shelf(tmp_path, entity)
    shelf.accept(DAY, book(*loans))
    folder = shelf.stand(DAY)
    mine = {(row["loan_id"], row["leg"]): (row["base_paise"], row["provision_paise"]) for row in shelf.rows(folder, "provisioning")}
    return mine, {row["leg"]: (row["provision_paise"], row["counted"]) for row in shelf.rows(folder, "provision_book")}


@pytest.mark.parametrize(
    ("entity", "secured", "due_on", "leg", "provision"),
    [
        (EntityType.SFB, "false", "2026-06-30", "standard", 400),  # 0.40% of ₹1,000
        (EntityType.SFB, "true", "2025-12-01", "secured", 15_000),  # NPA on 1 Mar 2026: 15%
        (EntityType.SFB, "false", "2025-12-01", "unsecured", 25_000),
        (EntityType.NBFC_ML, "false", "2025-12-01", "unsecured", 10_000),
        (EntityType.NBFC_BL, "false", "2026-06-30", "standard", 250),
        (EntityType.NBFC_ML, "false", "2026-06-30", "standard", 400),
    ],
)
def test_a_loan_is_provided_by_its_class_and_security(
    tmp_path: Path, entity: EntityType, secured: str, due_on: str, leg: str, provision: int
) -> None:
    """₹1,000 outstanding, one due: the rate of the class and leg of that kind of lender."""
    mine, whole = legs(tmp_path, entity, loan("L", [(due_on, 1000)], secured=secured))
    assert mine == {("L", leg): (100_000, provision)}
    assert whole["total"] == (provision, True)


def test_a_written_off_loan_is_provided_in_full(tmp_path: Path) -> None:
    """Loss: all of what is outstanding."""
    mine, _ = legs(tmp_path, EntityType.SFB, loan("L", [("2024-01-01", 1000)], status="written_off"))
    assert mine[("L", "unsecured")] == (100_000, 100_000)


@pytest.mark.parametrize(
    ("due_on", "leg"), [("2025-12-31", "instalments_91_179"), ("2025-10-04", "instalments_91_179"), ("2025-10-03", "instalments_180")]
)
def test_an_instalment_moves_leg_on_its_day(tmp_path: Path, due_on: str, leg: str) -> None:
    """31 Dec is day 91 on 31 Mar; 4 Oct is day 179, 3 Oct day 180."""
    mine, _ = legs(tmp_path, EntityType.NBFC_MFI, loan("L", [(due_on, 1000)]))
    assert [key for key in mine if key[1].startswith("instalments")] == [("L", leg)]


def test_an_instalment_of_ninety_days_is_in_no_leg(tmp_path: Path) -> None:
    """Overdue more than 90 days: day 90 is not."""
    mine, _ = legs(tmp_path, EntityType.NBFC_MFI, loan("L", [("2026-01-01", 1000)]))
    assert set(mine) == {("L", "portfolio")}


def test_the_larger_way_is_taken_once_for_the_book(tmp_path: Path) -> None:
    """1% of the whole portfolio against 50% and 100% of aged instalments: compared over the book, not loan by loan."""
    bad = loan("BAD", [("2025-12-01", 100), ("2026-12-31", 900)])
    good = loan("GOOD", [("2026-12-31", 10_000)])
    mine, whole = legs(tmp_path, EntityType.NBFC_MFI, bad, good)
    assert mine[("BAD", "instalments_91_179")] == (10_000, 5_000)
    assert whole["portfolio"] == (11_000, True)
    assert whole["instalments_91_179"] == (5_000, False)
    assert whole["total"] == (11_000, True)


def test_a_part_payment_leaves_only_the_unpaid_part_in_the_leg(tmp_path: Path) -> None:
    """The base is what is unpaid of the instalment, not the whole of it."""
    mine, _ = legs(tmp_path, EntityType.NBFC_MFI, loan("L", [("2025-10-01", 1000)], [("2025-10-05", "999.99")]))
    assert mine[("L", "instalments_180")] == (1, 1)


def test_a_written_off_loan_is_no_part_of_the_portfolio_of_an_mfi(tmp_path: Path) -> None:
    """It left the books: neither way counts it."""
    mine, whole = legs(
        tmp_path, EntityType.NBFC_MFI, loan("W", [("2024-01-01", 1000)], status="written_off"), loan("L", [("2026-12-31", 100)])
    )
    assert {key[0] for key in mine} == {"L"}
    assert whole["total"] == (100, True)


def test_day_ends_of_a_window_do_not_age_an_instalment(tmp_path: Path) -> None:
    """121 day-ends since 1 Dec, 40 of them inside a window that does not count: 81, so in no leg."""
    window = {"kind": "calamity", "from_on": "2026-01-01", "to_on": "2026-02-09", "counts": False}
    mine, _ = legs(tmp_path, EntityType.NBFC_MFI, loan("L", [("2025-12-01", 1000)], relief=[window]))
    assert set(mine) == {("L", "portfolio")}


def test_two_windows_that_begin_together_are_not_made_one(tmp_path: Path) -> None:
    """A short one that stops the count and a long one that does not: only the short one is taken off."""
    stops = {"kind": "calamity", "from_on": "2026-01-01", "to_on": "2026-01-10", "counts": False}
    goes_on = {"kind": "calamity", "from_on": "2026-01-01", "to_on": "2026-03-31", "counts": True}
    shelf = Shelf(tmp_path, EntityType.NBFC_MFI)
    shelf.accept(DAY, loan("L", [("2025-12-01", 1000)], relief=[stops, goes_on]))
    assert shelf.rows(shelf.stand(DAY), "position")[0]["dpd"] == 121 - 10
