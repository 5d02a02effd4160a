"""Dimensions, bands, alerts, cohorts and the lender's ledger, each on a book that can be worked out by hand."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from tests.measures.stories import Told
from tests.paper import book, loan
from tests.policy.written import changed


@pytest.mark.parametrize(
    ("principal", "band"),
    [
        ("24999.99", "up to 25k"),
        ("25000", "up to 25k"),
        ("25000.01", "25k to 50k"),
        ("200000", "1 to 2 lakh"),
        ("200000.01", "above 2 lakh"),
    ],
)
def test_the_upper_end_belongs_to_the_ticket_band(tmp_path: Path, principal: str, band: str) -> None:
    """By the amount disbursed, not by what is left."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-12-01", principal)], principal=principal))
    assert [row["member"] for row in told.rows(told.day("2026-03-31"), "measure_day", dimension="ticket_band")] == [band]


def test_the_district_is_the_directorys_and_the_state_the_borrowers_own_first(tmp_path: Path) -> None:
    """A PIN code that the directory lacks has no district; nothing is guessed."""
    people = {"A": {"pincode": "560001", "state": "Goa"}, "B": {"pincode": "560001"}, "C": {"pincode": "999999"}}
    extract = book(*(loan(name, [("2026-12-01", 100)], person=person) for name, person in people.items()))
    extract["pin_directory"] = [{"pincode": "560001", "district": "Bengaluru", "state": "Karnataka"}]
    told = Told(tmp_path)
    told.load("2026-03-31", extract)
    rows = told.rows(told.day("2026-03-31"), "measure_day")
    found = {
        dimension: {row["member"]: row["loans"] for row in rows if row["dimension"] == dimension} for dimension in ("state", "district")
    }
    assert found == {"state": {"Goa": 1, "Karnataka": 1, "": 1}, "district": {"Bengaluru": 2, "": 1}}


def test_the_ledger_is_held_against_the_book_of_its_own_day(tmp_path: Path) -> None:
    """The whole book agrees, a product differs by a rupee, a total of another day is left alone."""
    lost = loan("W", [("2025-06-01", 300)], status="written_off", product="PL")
    extract = book(loan("A", [("2026-12-01", 100)]), loan("B", [("2026-12-01", 200)], product="JLG", branch_id="B1"), lost)
    day = "2026-03-31"
    extract["ledger_total"] = [
        {"as_of": day, "measure": "outstanding_principal", "amount": "300"},
        {"as_of": day, "measure": "outstanding_principal", "product": "JLG", "amount": "201"},
        {"as_of": day, "measure": "written_off_principal", "amount": "300"},
        {"as_of": day, "measure": "overdue", "branch_id": "NONE", "amount": "0"},
        {"as_of": day, "measure": "loans", "number": 3},
        {"as_of": day, "measure": "provision", "branch_id": "B1", "amount": "1"},
        {"as_of": "2026-03-30", "measure": "overdue", "amount": "5"},
    ]
    told = Told(tmp_path)
    told.load(day, extract)
    rows = told.rows(told.day(day), "ledger_match")
    told_by = {
        (row["measure"], row["product"], row["branch_id"]): (row["difference_paise"], row["difference_number"], row["agrees"])
        for row in rows
    }
    assert told_by == {
        ("outstanding_principal", "", ""): (0, None, True),
        ("outstanding_principal", "JLG", ""): (-100, None, False),
        ("written_off_principal", "", ""): (0, None, True),
        ("overdue", "", "NONE"): (0, None, True),
        ("loans", "", ""): (None, -1, False),
        ("provision", "", "B1"): (None, None, None),
    }


@pytest.mark.parametrize(("band", "least", "sides"), [(4_999, 1, {"above"}), (5_000, 1, set()), (4_999, 2, {"above"}), (4_999, 3, set())])
def test_a_cohort_is_told_of_when_more_than_its_band_rolled(tmp_path: Path, band: int, least: int, sides: set[str]) -> None:
    """Two current loans of 1,000, one of them overdue since 5 Apr: 50.00% rolled."""
    policy = changed("RBD-CURRENT", forward_to_bps=band, least_loans=least).for_entity(EntityType.NBFC_ML)
    told = Told(tmp_path, policy=policy)
    told.load("2026-03-31", book(loan("A", [("2026-04-05", 1000)]), loan("B", [("2026-12-01", 1000)])))
    told.day("2026-03-31")
    rows = told.rows(told.day("2026-04-06"), "roll_alert", dimension="total")
    assert {row["side"] for row in rows} == sides
    assert all((row["open_principal_paise"], row["forward_paise"], row["open_loans"]) == (200_000, 100_000, 2) for row in rows)


def test_a_roll_below_its_band_is_told_of_when_the_month_is_over(tmp_path: Path) -> None:
    """On 29 Apr there is a day left in which loans may roll; on the 30th there is none."""
    policy = changed("RBD-CURRENT", forward_from_bps=100, least_loans=1).for_entity(EntityType.NBFC_ML)
    told = Told(tmp_path, policy=policy)
    told.load("2026-03-31", loan("A", [("2026-12-01", 1000)]))
    told.day("2026-03-31")
    assert told.rows(told.day("2026-04-29"), "roll_alert", dimension="total") == []
    assert [row["side"] for row in told.rows(told.day("2026-04-30"), "roll_alert", dimension="total")] == ["below"]


def test_a_loan_enters_a_cohort_once_with_the_figures_of_that_day(tmp_path: Path) -> None:
    """Over 30 days on 31 Mar, cured in April, over again in June: its cohort is March's, and all it paid since counts."""
    dues = [("2026-03-01", 500), ("2026-05-01", 300), ("2026-12-01", 200)]
    told = Told(tmp_path)
    told.load("2026-03-15", loan("L", dues, [("2026-04-02", 500), ("2026-06-10", 100)]))
    for day in ("2026-03-30", "2026-03-31", "2026-04-10"):
        folder = told.day(day)
    assert _cohort(told, folder) == [("2026-03", False, 100_000, 50_000, 50_000, 1)]
    assert _cohort(told, told.day("2026-06-15")) == [("2026-03", False, 100_000, 50_000, 60_000, 0)]


def test_loans_that_were_bad_when_the_book_began_stand_apart(tmp_path: Path) -> None:
    """Nobody knows here when they entered."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2025-12-01", 500)]))
    assert [row[:2] for row in _cohort(told, told.day("2026-03-31"))] == [("2026-03", True)]


def _cohort(told: Told, folder: Path) -> list[tuple[Any, ...]]:
    names = ("entered_in", "seen_late", "entry_principal_paise", "entry_overdue_paise", "collected_paise", "current_loans")
    return [tuple(row[name] for name in names) for row in told.rows(folder, "cohort_day", dimension="product", mark="par_30")]


def test_what_a_roll_costs_is_the_provision_now_less_that_of_the_opening(tmp_path: Path) -> None:
    """₹1,000 standard at 0.40% becomes sub-standard, unsecured, at 10%: 9,600 paise more."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-01-01", 400), ("2026-12-01", 600)]))
    told.day("2026-03-31")
    rows = [row for row in told.rows(told.day("2026-04-01"), "roll_cell") if row["dimension"] == "product"]
    assert [(row["open_place"], row["place"], row["open_provision_paise"], row["provision_paise"]) for row in rows] == [
        ("61-90", "91-180", 400, 10_000)
    ]


def test_a_day_of_before_measures_leaves_the_next_without_an_anchor(tmp_path: Path) -> None:
    """A lender that moves to this version has no row of the day before: no anchor, nobody taken for new."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-12-01", 500)]))
    told.day("2026-03-31")
    told.shelf.days[date(2026, 3, 31)] = {
        k: v for k, v in told.shelf.days[date(2026, 3, 31)].items() if k not in ("loan_day", "arrears_entry")
    }
    row = told.measures("2026-04-01")
    assert (row["open_on"], row["new_loans"]) == (None, 0)
