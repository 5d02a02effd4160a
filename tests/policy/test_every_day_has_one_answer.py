"""Exactly one bucket and exactly one class for every days-past-due, every kind of lender and every date."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.dates import FOREVER
from sulah.kernel.terms import EntityType
from sulah.policy.check import BEGINNING, change_days
from sulah.policy.load import load_policy
from sulah.policy.rows import Row
from sulah.policy.worked import answer, answers, question_of, work

POLICY = load_policy()
DPDS = range(2001)

entities = st.sampled_from(list(EntityType))
days = st.dates(BEGINNING, FOREVER)
money = st.integers(0, 10**13)


@cache
def in_force(entity: EntityType, table: str, on: date) -> tuple[Row, ...]:
    """The rows in force, read once."""
    return tuple(row for row in POLICY.for_entity(entity).tables[table] if row.in_force(on))


def around(entity: EntityType, table: str) -> list[date]:
    """The day before, of and after every change, from the beginning on."""
    moved = {day + timedelta(days=step) for day in change_days(POLICY, entity, table) for step in (-1, 0, 1)}
    return sorted(day for day in moved if day >= BEGINNING)


@pytest.mark.parametrize("entity", EntityType)
@pytest.mark.parametrize("table", ["bucket", "asset_limit"])
def test_every_dpd_has_exactly_one_row_on_the_days_around_every_change(entity: EntityType, table: str) -> None:
    """frappe/lending gives an empty class for a dpd between two ranges; here there is none."""
    for on in around(entity, table):
        rows = in_force(entity, table, on)
        counts = {dpd: sum(answers(row, {"dpd": dpd}) for row in rows) for dpd in DPDS}
        assert set(counts.values()) == {1}, (on, [dpd for dpd, count in counts.items() if count != 1][:5])


@given(entity=entities, on=days, dpd=st.integers(0, 999_999))
def test_any_dpd_on_any_day_has_one_bucket_and_one_class(entity: EntityType, on: date, dpd: int) -> None:
    """Far beyond two thousand days, too."""
    assert answer(in_force(entity, "bucket", on), {"dpd": dpd}).values["bucket"]
    assert answer(in_force(entity, "asset_limit", on), {"dpd": dpd}).values["class"]


@given(entity=entities, on=days, first=st.integers(0, 3000), more=st.integers(0, 3000))
def test_more_days_past_due_never_make_a_better_class_or_bucket(entity: EntityType, on: date, first: int, more: int) -> None:
    """The order of classes is the order of days."""
    order = ("standard", "sma_0", "sma_1", "sma_2", "npa")
    classes = [order.index(str(answer(in_force(entity, "asset_limit", on), {"dpd": dpd}).values["class"])) for dpd in (first, first + more)]
    places = [int(str(answer(in_force(entity, "bucket", on), {"dpd": dpd}).values["place"])) for dpd in (first, first + more)]
    assert classes == sorted(classes)
    assert places == sorted(places)


@given(entity=entities, on=days, months=st.integers(0, 9999))
def test_any_age_of_an_npa_has_one_asset_class(entity: EntityType, on: date, months: int) -> None:
    """Months since npa_on, without end."""
    expected = "sub_standard" if months < 12 else "doubtful_1" if months < 24 else "doubtful_2" if months < 48 else "doubtful_3"
    assert answer(in_force(entity, "asset_age", on), {"months": months}).values["asset_class"] == expected


@given(entity=entities, on=days, dpd=st.integers(1, 5000), npa=st.booleans(), product=st.text(max_size=12), ticket=money)
def test_anybody_overdue_has_exactly_one_plan(entity: EntityType, on: date, dpd: int, npa: bool, product: str, ticket: int) -> None:
    """Whatever the product is called and however high the ticket."""
    row = answer(in_force(entity, "stage", on), {"dpd": dpd, "npa": npa, "product": product, "ticket_paise": ticket})
    assert row.values["npa"] is npa


@given(paid=money, principal=money, interest=money, charge=money, row=st.sampled_from(POLICY.tables["waterfall"]))
def test_every_waterfall_settles_all_that_it_can_and_no_paisa_more(paid: int, principal: int, interest: int, charge: int, row: Row) -> None:
    """The parts add up to the payment or to the dues, whichever is less; a later head gets nothing while an earlier one is open."""
    dues = {"principal": principal, "interest": interest, "charge": charge}
    parts = work(row, {"paid_paise": paid, **{f"{head}_paise": due for head, due in dues.items()}})
    assert sum(parts[f"{head}_paise"] for head in dues) == min(paid, sum(dues.values()))
    order = sorted(dues, key=lambda head: int(str(row.values[f"{head}_place"])))
    for earlier, later in pairwise(order):
        assert parts[f"{later}_paise"] == 0 or parts[f"{earlier}_paise"] == dues[earlier]


@given(base=money, row=st.sampled_from(POLICY.tables["provision"]))
def test_a_provision_is_the_base_times_the_rate_to_half_a_paisa_up(base: int, row: Row) -> None:
    """Never more than the base, never off by more than half a paisa."""
    provision = work(row, {"base_paise": base})["provision_paise"]
    exact = base * int(str(row.values["rate_bps"]))
    assert 0 <= provision <= base
    assert -5_000 < provision * 10_000 - exact <= 5_000


@pytest.mark.parametrize(
    ("months", "received", "over"), [(11, 10_00, False), (12, 9_99, False), (12, 10_00, True), (13, 10_01, True), (0, 0, False)]
)
def test_the_watch_ends_when_both_time_and_money_are_there(months: int, received: int, over: bool) -> None:
    """One month or one paisa short is short."""
    given_figures = {"months": months, "outstanding_paise": 100_00, "received_paise": received}
    assert work(POLICY.rule("RST-WATCH"), given_figures)["watch_over"] is over


@pytest.mark.parametrize(("moved", "held"), [(199, False), (200, False), (201, True)])
def test_a_load_is_held_above_the_threshold_and_not_at_it(moved: int, held: bool) -> None:
    """A fall of exactly twenty percent passes."""
    assert work(POLICY.rule("LDT-ROWS-FALL"), {"code": "rows_fall", "base": 1000, "moved": moved})["held"] is held


@pytest.mark.parametrize(
    ("window", "overlap", "whole"),
    [
        (("2025-12-01", "2026-01-09"), 50, 50),  # over before the arrears began
        (("2025-12-22", "2026-01-10"), 49, 30),  # touches their first day
        (("2026-01-10", "2026-01-19"), 40, 40),
        (("2026-02-28", "2026-03-31"), 49, 49),  # cut at the day-end
        (("2026-03-01", "2026-03-31"), 50, 50),  # not begun yet
        (("2025-01-01", "2026-12-31"), 0, 0),
    ],
)
def test_a_window_that_stops_the_count_takes_off_its_overlap_or_the_whole_of_it(window: tuple[str, str], overlap: int, whole: int) -> None:
    """Due on 10 Jan 2026, seen on 28 Feb 2026: 50 days without a window."""
    row = POLICY.rule("DAY-OVERLAP")
    asked = {"due_on": "2026-01-10", "day_end": "2026-02-28", "window_from": window[0], "window_to": window[1]}
    question = question_of("day_count", asked)
    assert work(row, question)["dpd"] == overlap
    assert work(replace(row, values={**row.values, "pause_rule": "whole_window"}), question)["dpd"] == whole


def test_a_question_that_no_row_or_two_rows_answer_is_an_error_and_no_empty_class() -> None:
    """A programmer's error: the check has refused such a policy before."""
    rows = POLICY.tables["bucket"]
    with pytest.raises(LookupError, match="no row answers"):
        answer(rows[1:], {"dpd": 0})
    with pytest.raises(LookupError, match="both BKT-CURRENT and BKT-CURRENT"):
        answer((rows[0], *rows), {"dpd": 0})
