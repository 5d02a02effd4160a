"""The reference's ageing on examples worked by hand and on cases that others published."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference.ageing import Window, day_ends, left_after, with_heads
from tests.reference.fold import Reference
from tests.reference.paper import book, instalments, loan, relief, repayment
from tests.reference.rates import ReferencePolicy
from tests.reference.rows import GivenInstalment
from tests.reference.standing import Standing

CASES = Path(__file__).resolve().parents[2].parent / "shared" / "cases"
FOREVER = date(9999, 12, 31)


def cases(name: str) -> list[dict[str, object]]:
    """The cases of a file that we did not write."""
    if not CASES.exists():
        return []
    return list(json.loads((CASES / name).read_text())["cases"])


def alone(extract: dict[str, list[dict[str, str]]], as_of: str, entity_type: str = "nbfc_mfi") -> Standing:
    """Where loan L1 stands when this extract is the lender's first load."""
    reference = Reference(entity_type)
    reference.accept(date.fromisoformat(as_of), extract)
    return reference.stand(date.fromisoformat(as_of))["L1"]


@pytest.mark.parametrize("case", cases("rbi_sma_npa_dates.json"), ids=lambda case: case["id"])
def test_the_regulators_own_dates_come_out(case: dict[str, object]) -> None:
    """Due on 31 March, never paid: SMA-0 that night, SMA-1 on day 31, SMA-2 on day 61, NPA on day 91."""
    due = str(case["due_date"])
    found = alone(book([loan("L1", disbursed_on="2021-01-01")], instalments("L1", [(due, 1000, 0)])), str(case["day_end_of"]))
    said = "NPA" if found.npa_on else {"sma_0": "SMA-0", "sma_1": "SMA-1", "sma_2": "SMA-2"}[found.sma]
    assert said == case["expected"]["classification"]  # type: ignore[index]
    assert (found.dpd, found.dpd_elapsed) == (case["dpd_inclusive"], case["days_since_due"])


FRAPPE = cases("frappe_dpd_npa.json")


@pytest.mark.parametrize("case", [c for c in FRAPPE if "schedule" in c], ids=lambda case: case["id"])
def test_an_indian_lender_systems_dpd_series_comes_out(case: dict[str, object]) -> None:
    """Frappe Lending's day-by-day series; its two older cases count elapsed days."""
    dues = [(row["due_date"], row.get("total_due", 1000), 0) for row in case["schedule"]]  # type: ignore[attr-defined]
    paid = [repayment(f"R{n}", "L1", p["date"], p["amount"]) for n, p in enumerate(case["payments"]) if p["date"] <= case["as_of"]]  # type: ignore[arg-type, var-annotated]
    found = alone(book([loan("L1", disbursed_on="2022-12-01")], instalments("L1", dues), paid), str(case["as_of"]))
    counted = found.dpd_elapsed if case["convention"] == "exclusive" else found.dpd
    assert counted == case["expected"]["dpd"]  # type: ignore[index]


@pytest.mark.parametrize("case", [c for c in FRAPPE if "tranche" in c], ids=lambda case: case["id"])
def test_each_tranche_is_aged_from_its_own_first_due_date(case: dict[str, object]) -> None:
    """The instalment is met only by the last payment of the case."""
    due = sum(p["amount"] for p in case["payments"])  # type: ignore[attr-defined]
    paid = [repayment(f"R{n}", "L1", p["date"], p["amount"]) for n, p in enumerate(case["payments"]) if p["date"] <= case["as_of"]]  # type: ignore[arg-type, var-annotated]
    found = alone(book([loan("L1", disbursed_on="2024-09-01")], instalments("L1", [(case["first_due"], due, 0)]), paid), str(case["as_of"]))
    assert found.dpd == case["expected"]["dpd"]  # type: ignore[index]


@pytest.mark.parametrize("case", [c for c in FRAPPE if c.get("kind") == "borrower_contagion"], ids=lambda case: case["id"])
def test_a_borrowers_loans_are_npa_together_and_upgraded_together(case: dict[str, object]) -> None:
    """A is 93 days past due and B one: both NPA; paying A alone upgrades neither; paying both upgrades both."""
    as_of = str(case["as_of"])
    dues = {"A": "2024-04-05", "B": "2024-07-05"}
    rows = [row for name, due in dues.items() for row in instalments(name, [(due, 1000, 0)])]
    cleared = [each["id"] for each in case["loans"] if each["oldest_unpaid_due"] is None]  # type: ignore[attr-defined]
    paid = [repayment(f"R{name}", name, as_of, 1000) for name in cleared]
    reference = Reference("nbfc_mfi")
    reference.accept(
        date.fromisoformat(as_of), book([loan("A", disbursed_on="2024-01-01"), loan("B", disbursed_on="2024-01-01")], rows, paid)
    )
    found = reference.stand(date.fromisoformat(as_of))
    assert {f"{name}_npa": row.npa_on is not None for name, row in found.items()} == {
        key: value
        for key, value in case["expected"].items()  # type: ignore[attr-defined]
        if key != "borrower_npa"
    }


def test_a_part_payment_settles_the_oldest_first_and_its_heads_in_the_order_of_policy() -> None:
    """Two of three instalments of 700 + 300 + 50 are due; 1,500 is paid."""
    dues = [(f"2026-0{month}-05", 700, 300, 50) for month in (1, 2, 3)]
    paid = [repayment("R1", "L1", "2026-02-05", "1500")]
    found = alone(book([loan("L1", disbursed_on="2025-12-01", principal="2100")], instalments("L1", dues), paid), "2026-02-10")
    assert (found.overdue_principal_paise, found.overdue_interest_paise, found.overdue_charge_paise) == (550_00, 0, 50_00)
    assert (found.overdue_paise, found.instalments_overdue, found.oldest_unpaid_due_on) == (600_00, 1, date(2026, 2, 5))
    assert (found.outstanding_principal_paise, found.dpd, found.dpd_elapsed) == (1250_00, 6, 5)
    assert (found.next_due_on, found.last_paid_on) == (date(2026, 3, 5), date(2026, 2, 5))


def test_one_paisa_short_is_unpaid_and_a_rupee_too_much_is_an_advance() -> None:
    """An instalment of 1,000 due on the 5th."""
    dues = instalments("L1", [("2026-01-05", 900, 100), ("2026-02-05", 900, 100)])
    short = alone(book([loan("L1")], dues, [repayment("R1", "L1", "2026-01-05", "999.99")]), "2026-01-05")
    over = alone(book([loan("L1")], dues, [repayment("R1", "L1", "2026-01-05", "1001")]), "2026-01-05")
    full = alone(book([loan("L1")], dues, [repayment("R1", "L1", "2026-01-05", "3000")]), "2026-02-05")
    assert (short.dpd, short.overdue_paise, short.sma) == (1, 1, "sma_0")
    assert (over.dpd, over.advance_paise, over.unallocated_paise, over.oldest_unpaid_due_on) == (0, 100, 0, None)
    assert (full.advance_paise, full.unallocated_paise, full.allocated_paise) == (1000_00, 1000_00, 2000_00)


def test_an_instalment_of_nothing_is_never_unpaid() -> None:
    """The first instalment of a holiday is zero; the second is due tomorrow."""
    found = alone(book([loan("L1")], instalments("L1", [("2026-01-05", 0, 0), ("2026-03-05", 900, 100)])), "2026-03-04")
    assert (found.dpd, found.overdue_paise, found.instalments_overdue, found.next_due_on) == (0, 0, 0, date(2026, 3, 5))


def test_a_pause_that_does_not_count_leaves_its_day_ends_out_and_one_that_counts_does_not() -> None:
    """Due 1 January, as of 31 January: 31 day-ends, 10 of them in the pause, two windows overlapping."""
    plain = book([loan("L1")], instalments("L1", [("2026-01-01", 900, 100)]))
    paused = {
        **plain,
        "relief": [relief("2026-01-11", "2026-01-18", "false"), relief("2026-01-15", "2026-01-20", "false", kind="calamity")],
    }
    counting = {**plain, "relief": [relief("2026-01-11", "2026-01-20", "true")]}
    elsewhere = {**plain, "relief": [{**relief("2026-01-11", "2026-01-20", "false"), "borrower_id": "", "pincode": "560001"}]}
    here = {**plain, "relief": [{**relief("2026-01-11", "", "false"), "borrower_id": "", "pincode": "700001"}]}
    assert [alone(x, "2026-01-31").dpd for x in (plain, paused, counting, elsewhere, here)] == [31, 21, 31, 31, 10]
    assert alone(paused, "2026-01-31").dpd_elapsed == 20


def test_a_window_known_later_takes_days_out_only_from_the_day_it_is_known() -> None:
    """The second load, of 31 January, tells of a pause from the 11th to the 20th."""
    plain = book([loan("L1")], instalments("L1", [("2026-01-01", 900, 100)]))
    reference = Reference("nbfc_mfi")
    reference.accept(date(2026, 1, 5), plain)
    reference.accept(date(2026, 1, 31), {**plain, "relief": [relief("2026-01-11", "2026-01-20", "false")]})
    assert [reference.stand(date(2026, 1, day))["L1"].dpd for day in (5, 30, 31)] == [5, 30, 21]


def test_the_moratorium_of_the_loan_is_a_window_only_where_the_policy_says_so() -> None:
    """Ten days of moratorium in January."""
    row = loan("L1", moratorium_from="2026-01-11", moratorium_to="2026-01-20")
    extract = book([row], instalments("L1", [("2026-01-01", 900, 100)]))
    found = []
    for counts in (True, False):
        reference = Reference("nbfc_mfi", ReferencePolicy(moratorium_counts=counts))
        reference.accept(date(2026, 1, 31), extract)
        found.append(reference.stand(date(2026, 1, 31))["L1"].dpd)
    assert found == [31, 21]


@given(
    windows=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(0, 60)), max_size=5),
    first=st.integers(0, 60),
    length=st.integers(0, 60),
)
def test_the_count_of_day_ends_is_what_looking_at_each_day_finds(windows: list[tuple[int, int, int]], first: int, length: int) -> None:
    """Each day of the span is counted unless a known window holds it."""
    origin = date(2026, 1, 1)
    start, today = origin + timedelta(first), origin + timedelta(first + length)
    found = [Window(origin + timedelta(a), origin + timedelta(a + b), origin + timedelta(k), FOREVER) for a, b, k in windows]
    days = [start + timedelta(n) for n in range(length + 1)]
    plain = sum(not any(w.known_on <= today and w.from_on <= day <= w.to_on for w in found) for day in days)
    assert day_ends(start, today, found, pause_rule="inside_window", known_at=today) == plain


@given(
    totals=st.lists(st.integers(0, 5000), min_size=1, max_size=12),
    principal=st.integers(0, 40000),
    paid=st.integers(0, 50000),
)
def test_no_paisa_is_lost_in_splitting_and_settling(totals: list[int], principal: int, paid: int) -> None:
    """Heads add up to the totals, principal to the loan's, and what is taken plus what is left to what was due."""
    rows = [GivenInstalment(n, date(2026, 1, 1) + timedelta(n), None, total) for n, total in enumerate(totals, 1)]
    schedule = with_heads(rows, principal)
    left = left_after(schedule, paid, ("interest", "principal", "charge"))
    assert [i.total for i in schedule] == totals
    assert sum(i.principal for i in schedule) == min(principal, sum(totals))
    assert sum(i.total for i in schedule) - sum(i.total for i in left) == min(paid, sum(totals))
    assert all(min(i.principal, i.interest, i.charge) >= 0 for i in [*schedule, *left])
