"""RBI, Frappe and Fineract day counts, classes, borrower spread and upgrade, through the real statements."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sulah.adapters.lms.fineract import effective_pauses, relief_day_ends
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_policy
from tests.cases.book import Case, add_loan, assertable, cases, day, empty, paise
from tests.shelf import Shelf

WHOLE_WINDOW = """
[[row]]
rule_id = "DAY-OVERLAP"
pause_rule = "whole_window"
moratorium_counts = true
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "A lender moving from Fineract keeps its count."
confidence = "POLICY"
verify = true
example = { given = { due_on = 2026-01-10, day_end = 2026-02-28, window_from = 2026-01-01, window_to = 2026-01-31 }, expect = { dpd = 19 } }
"""

RBI = assertable("rbi_sma_npa_dates")
FRAPPE = [case for case in assertable("frappe_dpd_npa") if "loans" not in case]
SPREAD = [case for case in assertable("frappe_dpd_npa") if "loans" in case]
DELINQUENCY = assertable("fineract_delinquency")
assertable("fineract_delinquency_set_aside")
CHARGEBACK = assertable("fineract_chargeback")
PAUSES = assertable("fineract_pause_windows")


class Days:
    """Every case's loan on one shelf; each day-end is run once, when first asked for."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self._folders: dict[date, Path] = {}
        self._rows: dict[tuple[date, str], dict[str, Any]] = {}
        self._tables: dict[tuple[date, str], list[dict[str, Any]]] = {}
        self.keys = {row["loan_id"]: row["loan_key"] for row in shelf.rows(shelf.loads[-1], "account")}
        self.dues = shelf.rows(shelf.loads[-1], "due")

    def _table(self, as_of: date, table: str) -> list[dict[str, Any]]:
        if (as_of, table) not in self._tables:
            self._tables[as_of, table] = self.shelf.rows(self._folders[as_of], table)
        return self._tables[as_of, table]

    def row(self, as_of: date, table: str, loan_id: str) -> Mapping[str, Any]:
        """The row of a loan on a day-end."""
        if as_of not in self._folders:
            self._folders[as_of] = self.shelf.stand(as_of)
        if (as_of, table) not in self._rows:
            self._rows[as_of, table] = {row["loan_id"]: row for row in self.shelf.rows(self._folders[as_of], table)}
        found: Mapping[str, Any] = self._rows[as_of, table][loan_id]
        return found

    def paused(self, as_of: date, loan_id: str) -> int:
        """Day-ends of a loan's windows up to the day."""
        key = self.keys[loan_id]
        self.row(as_of, "position", loan_id)
        windows = [row for row in self._table(as_of, "pause_window") if row["loan_key"] == key]
        return sum((row["to_on"] - row["from_on"]).days + 1 for row in windows)

    def unpaid(self, as_of: date, loan_id: str) -> list[tuple[int, int]]:
        """(elapsed days, unpaid paise) of each instalment whose due date has passed, from dues and the settled sum."""
        key = self.keys[loan_id]
        self.row(as_of, "position", loan_id)
        state = next(row for row in self._table(as_of, "state") if row["loan_key"] == key)
        dues = [row for row in self.dues if row["loan_key"] == key and row["due_on"] < as_of]
        total = {d["number"]: d["principal_paise"] + d["interest_paise"] + d["charge_paise"] for d in dues}
        parts = [((as_of - d["due_on"]).days, min(total[d["number"]], d["cum_due_paise"] - state["settled_paise"])) for d in dues]
        return [(days, left) for days, left in parts if left > 0]


def _dues(case: Case) -> list[dict[str, Any]]:
    heads = ("principal_due", "fees_due", "penalties_due", "interest_due")
    rows = []
    for row in case["schedule"]:
        if "total_due" in row or not any(name in row for name in heads):
            rows.append({"due_on": row["due_date"], "total_due": row.get("total_due", 1000.0)})
            continue
        charge = row["fees_due"] + row["penalties_due"]
        rows.append(
            {"due_on": row["due_date"], "principal_due": row["principal_due"], "interest_due": row["interest_due"], "charge_due": charge}
        )
    return rows


def _relief(case: Case) -> list[tuple[date, date]]:
    actions = [(a["action"], day(a["start"]), day(a["end"]) if a.get("end") else None) for a in case.get("delinquency_actions", [])]
    windows = [relief_day_ends(window) for window in effective_pauses(actions)]
    return [(first, last) for first, last in windows if first <= last]


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> Days:
    """All cases in one lender's book."""
    extract = empty()
    for case in RBI:
        add_loan(extract, case["id"], [{"due_on": case["due_date"], "total_due": 1000.0}], [])
    for case in [*FRAPPE, *DELINQUENCY]:
        payments = [(payment["date"], payment["amount"]) for payment in case["payments"]]
        # a tranche has no schedule: the file says on which day it is fully met, so its due is the sum of the payments
        met = [{"due_on": case.get("first_due"), "total_due": sum(amount for _, amount in payments)}]
        dues = _dues(case) if "schedule" in case else met
        add_loan(extract, case["id"], dues, payments)
        for first, last in _relief(case):
            extract["relief"].append({"borrower_id": f"b-{case['id']}", "kind": "pause", "from_on": first, "to_on": last, "counts": False})
    for case in CHARGEBACK:
        # Fineract adds a charge-back to what is due on its own date; the adapter's extract says so
        taken_back = [{"due_on": t["date"], "total_due": t["amount"]} for t in case["transactions"] if t["type"] == "chargeback"]
        paid = [(t["date"], t["amount"]) for t in case["transactions"] if t["type"] == "repayment"]
        add_loan(extract, case["id"], [*_dues(case), *taken_back], paid)
    for case in SPREAD:
        for loan in case["loans"]:
            oldest = loan["oldest_unpaid_due"]
            paid = [] if oldest else [(case["as_of"], 1000.0)]
            due_on = oldest or {"A": "2024-04-05", "B": "2024-07-05"}[loan["id"]]
            add_loan(extract, f"{case['id']}-{loan['id']}", [{"due_on": due_on, "total_due": 1000.0}], paid, borrower=f"b-{case['id']}")
    root = tmp_path_factory.mktemp("cases")
    (root / "policy").mkdir()
    (root / "policy" / "day_count.toml").write_text(WHOLE_WINDOW, "utf-8")
    shelf = Shelf(root, policy=load_policy(root / "policy").for_entity(EntityType.NBFC_ML))
    shelf.accept(date(2024, 12, 31), extract)
    return Days(shelf)


def test_the_shared_cases_are_there() -> None:
    """Without the folder beside the project the cases below would silently be none."""
    assert len(RBI) >= 14
    assert len(FRAPPE) + len(SPREAD) >= 20
    assert len(DELINQUENCY) >= 32
    assert cases("fineract_allocation")


@pytest.mark.parametrize("case", RBI, ids=lambda case: case["id"])
def test_rbi_day_end_class(days: Days, case: Case) -> None:
    """SMA and NPA change on the day-end that RBI's example states."""
    as_of = day(case["day_end_of"])
    row = days.row(as_of, "classification", case["id"])
    shown = "NPA" if row["asset_class"] != "standard" else row["sma"].upper().replace("_", "-")
    assert shown == case["expected"]["classification"]
    assert days.row(as_of, "position", case["id"])["dpd"] == case["dpd_inclusive"]
    assert days.row(as_of, "position", case["id"])["dpd_elapsed"] == case["days_since_due"]


@pytest.mark.parametrize("case", FRAPPE, ids=lambda case: case["id"])
def test_frappe_days_past_due(days: Days, case: Case) -> None:
    """Inclusive cases equal dpd, exclusive ones dpd_elapsed."""
    row = days.row(day(case["as_of"]), "position", case["id"])
    assert row["dpd" if case["convention"].startswith("inclusive") else "dpd_elapsed"] == case["expected"]["dpd"]


@pytest.mark.parametrize("case", SPREAD, ids=lambda case: case["id"])
def test_frappe_npa_is_the_borrowers(days: Days, case: Case) -> None:
    """One loan past the limit takes all along; the upgrade waits for all arrears of all loans."""
    for loan in ("A", "B"):
        row = days.row(day(case["as_of"]), "classification", f"{case['id']}-{loan}")
        assert (row["npa_on"] is not None) == case["expected"][f"{loan}_npa"]


@pytest.mark.parametrize("case", [case for case in DELINQUENCY if case["kind"] == "loan_level"], ids=lambda case: case["id"])
def test_fineract_loan_delinquency(days: Days, case: Case) -> None:
    """Past-due days ignore pauses; delinquent days are elapsed days less pauses and the lender's grace."""
    as_of, expected = day(case["as_of"]), case["expected"]
    unpaid = days.unpaid(as_of, case["id"])
    past_due = max((elapsed for elapsed, _ in unpaid), default=0)
    counted = days.row(as_of, "position", case["id"])["dpd_elapsed"] if unpaid else 0
    assert past_due == expected["past_due_days"]
    assert max(0, counted - case["grace_on_arrears_days"]) == expected["delinquent_days"]
    assert sum(left for _, left in unpaid) == paise(expected["delinquent_amount"])


@pytest.mark.parametrize("case", [case for case in DELINQUENCY if case["kind"] == "installment_level"], ids=lambda case: case["id"])
def test_fineract_instalment_delinquency(days: Days, case: Case) -> None:
    """Unpaid rupees by the age of each instalment, pauses taken off."""
    as_of = day(case["as_of"])
    paused = days.paused(as_of, case["id"])
    amounts: dict[str, int] = {}
    for elapsed, left in days.unpaid(as_of, case["id"]):
        for band in case["ranges"]:
            if band["min_days"] <= elapsed - paused <= (band["max_days"] or 10**6):
                amounts[band["name"]] = amounts.get(band["name"], 0) + left
    assert amounts == {name: paise(value) for name, value in case["expected"]["range_amounts"].items()}


@pytest.mark.parametrize("case", CHARGEBACK, ids=lambda case: case["id"])
def test_fineract_chargeback(days: Days, case: Case) -> None:
    """A charge-back re-opens the balance on its own date."""
    row = days.row(day(case["as_of"]), "position", case["id"])
    assert row["overdue_paise"] == paise(case["expected"]["total_overdue"])
    assert row["dpd_elapsed"] == case["expected"]["delinquent_days"]


@pytest.mark.parametrize("case", PAUSES, ids=lambda case: case["id"])
def test_fineract_pause_windows(case: Case) -> None:
    """A resume cuts short only the pause that contains it."""
    actions = [(kind, day(start), day(end) if end else None) for kind, start, end in case["actions"]]
    assert effective_pauses(actions) == [(day(first), day(last)) for first, last in case["expected_effective"]]
