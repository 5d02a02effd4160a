"""When a load is held: only beyond a limit, never at it."""

import pytest

from sulah.intake.verdict import Limits, Measure, reasons_to_hold

BEFORE = Measure({"loan": 1000}, 100_000)


@pytest.mark.parametrize(("rows", "held"), [(801, False), (800, False), (799, True), (5000, False), (0, True)])
def test_rows_may_fall_by_a_fifth(rows: int, held: bool) -> None:
    assert bool(reasons_to_hold(Measure({"loan": rows}, 100_000), BEFORE, rows=rows, quarantined=0, limits=Limits())) is held


@pytest.mark.parametrize(("overdue", "held"), [(125_000, False), (125_001, True), (75_000, False), (74_999, True)])
def test_overdue_may_move_by_a_quarter_either_way(overdue: int, held: bool) -> None:
    assert bool(reasons_to_hold(Measure({"loan": 1000}, overdue), BEFORE, rows=1000, quarantined=0, limits=Limits())) is held


@pytest.mark.parametrize(("refused", "held"), [(49, False), (50, False), (51, True)])
def test_one_row_in_twenty_may_be_refused(refused: int, held: bool) -> None:
    assert bool(reasons_to_hold(Measure({"loan": 950}, 0), None, rows=1000, quarantined=refused, limits=Limits())) is held


def test_a_table_that_vanished_is_named() -> None:
    said = reasons_to_hold(
        Measure({"loan": 1000}, 0), Measure({"loan": 1000, "repayment": 7}, 0), rows=1000, quarantined=0, limits=Limits()
    )
    assert "repayment: 0 rows, 7 before" in said[0]


@pytest.mark.parametrize(
    ("different", "compared", "is_held"), [(20, 20, False), (21, 4200, False), (21, 4199, True), (21, 21, True), (0, 0, False)]
)
def test_differing_days_past_due_hold_beyond_both_the_share_and_the_count(different: int, compared: int, is_held: bool) -> None:
    measure = Measure({"loan": compared}, 0, compared, different)
    found = reasons_to_hold(measure, None, rows=compared, quarantined=0, limits=Limits())
    assert bool(found) is is_held
    assert all(f"{different} of {compared:,} loans" in words for words in found)
