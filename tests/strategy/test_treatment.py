"""The stage ladder: which treatment, on which day, for whom; and who is left alone."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.kernel.terms import EntityType
from tests.paper import book, loan
from tests.shelf import Shelf

DAY = date(2026, 3, 31)


def plans(tmp_path: Path, *loans: Any, entity: EntityType = EntityType.NBFC_ML) -> dict[str, dict[str, Any]]:
    """borrower -> plan of the day."""
    shelf = Shelf(tmp_path, entity)
    shelf.accept(DAY, book(*loans))
    return {row["borrower_id"]: row for row in shelf.rows(shelf.stand(DAY), "treatment")}


def due(dpd: int, rupees: int = 1000) -> tuple[str, int]:
    """A due that stands at so many days past due on the day."""
    return ((DAY - timedelta(days=dpd - 1)).isoformat(), rupees)


@pytest.mark.parametrize(
    ("dpd", "treatment", "worked_by"),
    [
        (1, "digital_reminder", "system"),
        (30, "digital_reminder", "system"),
        (31, "digital_sequence_self_service", "system"),
        (45, "digital_sequence_self_service", "system"),
        (46, "agent_call_restructuring_talk", "agent"),
        (60, "agent_call_restructuring_talk", "agent"),
        (61, "senior_agent_call", "senior_agent"),
        (75, "senior_agent_call", "senior_agent"),
        (76, "settlement_talk_legal_warning_visit", "field"),
        (90, "settlement_talk_legal_warning_visit", "field"),
        (91, "npa_recovery_plan", "senior_agent"),
        (400, "npa_recovery_plan", "senior_agent"),
    ],
)
def test_the_ladder_changes_step_on_its_day(tmp_path: Path, dpd: int, treatment: str, worked_by: str) -> None:
    """Before, at and after each step of the ladder."""
    row = plans(tmp_path, loan("L", [due(dpd)]))["B-L"]
    assert (row["treatment"], row["worked_by"], row["dpd"]) == (treatment, worked_by, dpd)


@pytest.mark.parametrize(("rupees", "treatment"), [(99_999, "senior_agent_call"), (100_000, "field_visit_high_ticket")])
def test_a_high_ticket_is_visited_from_its_limit_on(tmp_path: Path, rupees: int, treatment: str) -> None:
    """₹1,00,000 outstanding and day 61: a visit; one rupee less: a call."""
    assert plans(tmp_path, loan("L", [due(61, rupees)]))["B-L"]["treatment"] == treatment


@pytest.mark.parametrize("product", ["JLG", "jlg-weekly", "MFI_2"])
def test_group_loans_are_spoken_of_at_the_centre_first(tmp_path: Path, product: str) -> None:
    """Microfinance products have rows of their own, before the general ones."""
    assert plans(tmp_path, loan("L", [due(5)], product=product))["B-L"]["channel"] == "centre_meeting"


def test_an_underscore_of_a_product_code_is_no_wild_card(tmp_path: Path) -> None:
    """Codes are compared as they are."""
    assert plans(tmp_path, loan("L", [due(5)], product="XJLG"))["B-L"]["channel"] != "centre_meeting"


def test_one_plan_for_a_person_led_by_the_worst_loan(tmp_path: Path) -> None:
    """Three loans, two overdue: one row, the sum of their dues, the ticket over all."""
    rows = plans(
        tmp_path,
        loan("A", [due(10, 500)], borrower="B"),
        loan("Z", [due(50, 700)], borrower="B"),
        loan("C", [("2026-12-31", 900)], borrower="B"),
    )
    assert list(rows) == ["B"]
    row = rows["B"]
    assert (row["lead_loan_id"], row["dpd"], row["loans_overdue"]) == ("Z", 50, 2)
    assert (row["overdue_paise"], row["outstanding_principal_paise"]) == (120_000, 210_000)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"person": {"deceased_on": "2026-03-31"}}, "deceased"),
        ({"relief": [{"kind": "calamity", "from_on": "2026-03-31", "to_on": "2026-03-31"}]}, "calamity"),
        ({"moratorium_from": "2026-03-01", "moratorium_to": "2026-03-31"}, "moratorium"),
        ({"principal": "999"}, "schedule_unreliable"),
    ],
)
def test_nobody_acts_where_a_hold_stands(tmp_path: Path, terms: dict[str, Any], reason: str) -> None:
    """Death, relief on the day, a moratorium, a schedule that contradicts itself."""
    row = plans(tmp_path, loan("L", [due(20)], **terms))["B-L"]
    assert (row["worked_by"], row["hold_reason"]) == ("nobody", reason)


@pytest.mark.parametrize(
    "terms",
    [
        {"relief": [{"kind": "calamity", "from_on": "2026-03-01", "to_on": "2026-03-30"}]},
        {"moratorium_from": "2026-02-01", "moratorium_to": "2026-03-30"},
        {"person": {"deceased_on": "2026-04-01"}},
    ],
)
def test_a_hold_ends_with_its_last_day(tmp_path: Path, terms: dict[str, Any]) -> None:
    """One day outside the window the ladder goes on."""
    assert plans(tmp_path, loan("L", [due(20)], **terms))["B-L"]["hold_reason"] is None


@pytest.mark.parametrize("status", ["closed", "settled", "sold"])
def test_loans_that_ended_are_not_worked(tmp_path: Path, status: str) -> None:
    """Nothing is demanded, so nobody is asked."""
    assert plans(tmp_path, loan("L", [due(20)], status=status)) == {}


def test_a_base_layer_loan_past_ninety_days_but_not_npa_has_a_plan(tmp_path: Path) -> None:
    """On the glide path day 100 was not NPA before 31 Mar 2026: the ladder has a row for it."""
    shelf = Shelf(tmp_path, EntityType.NBFC_BL)
    day = date(2026, 3, 30)
    shelf.accept(day, book(loan("L", [((day - timedelta(days=99)).isoformat(), 1000)])))
    folder = shelf.stand(day)
    assert shelf.rows(folder, "classification")[0]["asset_class"] == "standard"
    assert shelf.rows(folder, "treatment")[0]["treatment"] == "settlement_talk_legal_warning_visit"


def test_the_worklist_of_a_branch_begins_with_those_nearest_to_npa(tmp_path: Path) -> None:
    """Not yet NPA by days, then NPA by amount, then the held."""
    shelf = Shelf(tmp_path, EntityType.NBFC_ML)
    shelf.accept(
        DAY,
        book(
            loan("N", [due(120, 9000)], branch_id="BR"),
            loan("H", [due(88)], branch_id="BR", person={"deceased_on": "2026-03-01"}),
            loan("A", [due(10)], branch_id="BR"),
            loan("B", [due(89)], branch_id="BR"),
            loan("O", [due(3)], branch_id="OTHER"),
        ),
    )
    rows = shelf.rows(shelf.stand(DAY), "worklist")
    assert [row["lead_loan_id"] for row in rows if row["branch_id"] == "BR"] == ["B", "A", "N", "H"]
    assert [row["rank"] for row in rows] == [1, 2, 3, 4, 1]
