"""Ours against the lender's, like with like; the lenient figure for contact; payments of several sources against postings."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from tests.paper import book, loan
from tests.shelf import Shelf

DAY = date(2026, 3, 31)
DUE_31 = ("2026-03-01", 1000)
"""Day 31 on 31 Mar, 30 days elapsed."""


def tables(tmp_path: Path, *loans: Any) -> tuple[Shelf, Path]:
    """A day over these loans."""
    shelf = Shelf(tmp_path, EntityType.NBFC_MFI)
    shelf.accept(DAY, book(*loans))
    return shelf, shelf.stand(DAY)


def differences(tmp_path: Path, *loans: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """(loan, field) -> difference."""
    shelf, folder = tables(tmp_path, *loans)
    return {(row["loan_id"], row["field"]): row for row in shelf.rows(folder, "difference")}


@pytest.mark.parametrize(("count", "dpd"), [("inclusive", 31), ("elapsed", 30), ("", 30)])
def test_like_is_compared_with_like(tmp_path: Path, count: str, dpd: int) -> None:
    """A lender that counts elapsed days is not a day off; one that does not say is taken to."""
    assert differences(tmp_path, loan("L", [DUE_31], lms_dpd=dpd, lms_dpd_count=count)) == {}


@pytest.mark.parametrize(
    ("terms", "cause"),
    [
        ({"lms_dpd": 30, "lms_dpd_count": "inclusive"}, "counted_the_other_way"),
        ({"lms_dpd": 32, "lms_dpd_count": "inclusive"}, "one_day_apart"),
        ({"lms_dpd": 60, "lms_dpd_count": "inclusive"}, "receipt_missing_at_lender"),
        ({"lms_dpd": 5, "lms_dpd_count": "inclusive"}, "unexplained"),
        ({"lms_dpd": 5, "lms_dpd_count": "inclusive", "principal": "900"}, "schedule_unreliable"),
    ],
)
def test_a_different_dpd_is_listed_with_its_likely_cause(tmp_path: Path, terms: dict[str, Any], cause: str) -> None:
    """Each kind of difference has its own code."""
    row = differences(tmp_path, loan("L", [DUE_31], person={"pincode": "847211"}, branch_id="BR1", **terms))[("L", "dpd")]
    assert row["cause"] == cause
    assert (row["ours"], row["theirs"], row["days_apart"]) == ("31", str(terms["lms_dpd"]), 31 - terms["lms_dpd"])
    assert (row["pincode"], row["branch_id"], row["overdue_paise"]) == ("847211", "BR1", 100_000)


def test_a_part_payment_taken_as_full_is_named(tmp_path: Path) -> None:
    """The lender shows 0 after a part payment; we do not."""
    row = differences(tmp_path, loan("L", [DUE_31], [("2026-03-10", 400)], lms_dpd=0))[("L", "dpd")]
    assert row["cause"] == "part_payment_taken_as_full"


def test_an_upgrade_on_part_payment_is_named(tmp_path: Path) -> None:
    """NPA with arrears still open, while the lender shows it as standard again."""
    dues = [("2025-10-01", 1000), ("2026-03-15", 1000)]
    found = differences(tmp_path, loan("L", dues, [("2026-03-20", 1000)], lms_dpd=16, lms_class="SMA-0"))
    assert found[("L", "class")]["cause"] == "upgraded_without_full_arrears"
    assert found[("L", "class")]["ours"] == "npa"


def test_npa_through_another_loan_of_the_borrower_is_named(tmp_path: Path) -> None:
    """The lender classes loan by loan; the rule classes the borrower."""
    bad = loan("BAD", [("2025-10-01", 1000)], borrower="B", lms_class="NPA")
    good = loan("GOOD", [("2026-06-30", 1000)], borrower="B", lms_class="Standard")
    assert differences(tmp_path, bad, good)[("GOOD", "class")]["cause"] == "other_loan_of_borrower"


@pytest.mark.parametrize(
    ("terms", "dpd", "source"),
    [
        ({}, 31, "ours"),
        ({"lms_dpd": 31, "lms_dpd_count": "inclusive"}, 31, "equal"),
        ({"lms_dpd": 30, "lms_dpd_count": "elapsed"}, 31, "equal"),
        ({"lms_dpd": 10, "lms_dpd_count": "inclusive"}, 10, "lender"),
        ({"lms_dpd": 0, "lms_dpd_count": "elapsed"}, 0, "lender"),
        ({"lms_dpd": 200, "lms_dpd_count": "inclusive"}, 31, "ours"),
    ],
)
def test_contact_uses_the_lower_of_the_two_figures(tmp_path: Path, terms: dict[str, Any], dpd: int, source: str) -> None:
    """In doubt the borrower is treated by the milder count."""
    shelf, folder = tables(tmp_path, loan("L", [DUE_31], **terms))
    row = shelf.rows(folder, "contact_dpd")[0]
    assert (row["dpd"], row["source"]) == (dpd, source)


def test_a_person_who_owes_nothing_by_the_lenders_figure_is_not_contacted(tmp_path: Path) -> None:
    """Our 31 against the lender's 0: a difference to clear up, not a reason to call."""
    shelf, folder = tables(tmp_path, loan("L", [DUE_31], lms_dpd=0))
    assert shelf.rows(folder, "treatment") == []
    assert len(shelf.rows(folder, "difference")) == 1


def seen(reference: str, paid_on: str, amount: str, source: str = "gateway") -> dict[str, Any]:
    """A payment as another source reports it."""
    return {"source": source, "reference": reference, "paid_on": paid_on, "amount": amount}


@pytest.mark.parametrize(
    ("reported", "outcomes"),
    [
        ([seen("a", "2026-03-10", "400.00")], {"a": "matched"}),
        ([seen("a", "2026-03-12", "400.00")], {"a": "date_differs"}),
        ([seen("a", "2026-03-13", "400.00")], {"a": "date_differs"}),
        ([seen("a", "2026-03-14", "400.00")], {"a": "orphan"}),
        ([seen("a", "2026-03-10", "399.99")], {"a": "amount_differs"}),
        ([seen("a", "2026-03-10", "400.00"), seen("b", "2026-03-10", "400.00")], {"a": "matched", "b": "duplicate"}),
        ([seen("a", "2026-03-10", "400.00"), seen("b", "2026-03-10", "400.00", "field")], {"a": "matched", "b": "matched"}),
    ],
)
def test_payments_meet_postings(tmp_path: Path, reported: list[dict[str, Any]], outcomes: dict[str, str]) -> None:
    """Matched, amount differs, date differs (up to three days), orphan, duplicate; two sources may report one payment."""
    shelf, folder = tables(tmp_path, loan("L", [DUE_31], [("2026-03-10", "400.00")], collections=reported))
    assert {row["reference"]: row["outcome"] for row in shelf.rows(folder, "payment_match")} == outcomes


def test_a_payment_of_an_unknown_loan_is_an_orphan(tmp_path: Path) -> None:
    """It is kept and listed, without a branch."""
    known = loan("L", [DUE_31])
    known["collection"].append({"loan_id": "NOBODY", **seen("x", "2026-03-10", "1.00")})
    shelf, folder = tables(tmp_path, known)
    row = shelf.rows(folder, "payment_match")[0]
    assert (row["outcome"], row["branch_id"], row["amount_paise"]) == ("orphan", None, 100)


@pytest.mark.parametrize("status", ["bounced", "reversed"])
def test_a_payment_does_not_meet_a_posting_that_bounced(tmp_path: Path, status: str) -> None:
    """The gateway says paid, the lender's entry says it was no money: not a match."""
    extract = loan("L", [DUE_31], [("2026-03-10", "400.00")], collections=[seen("a", "2026-03-10", "400.00")])
    extract["repayment"][0]["status"] = status
    shelf, folder = tables(tmp_path, extract)
    assert [row["outcome"] for row in shelf.rows(folder, "payment_match")] == ["orphan"]


def test_an_npa_date_that_only_the_lender_has_is_listed(tmp_path: Path) -> None:
    """Standard by our count, NPA by theirs, no class given: still a difference."""
    row = differences(tmp_path, loan("L", [DUE_31], lms_npa_on="2026-01-01"))[("L", "npa_on")]
    assert (row["ours"], row["theirs"], row["cause"]) == (None, "2026-01-01", "npa_at_lender_only")
