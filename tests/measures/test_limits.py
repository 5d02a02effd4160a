"""What lies just outside each measure: limits of days, month-ends, loans that come, end, are written off or are not yet known."""

from datetime import date
from pathlib import Path

import pytest

from tests.measures.stories import Told, cells
from tests.paper import book, loan


@pytest.mark.parametrize(
    ("on", "over_30", "over_1"), [("2026-03-02", 0, 1), ("2026-03-30", 0, 1), ("2026-03-31", 1, 1), ("2026-03-01", 0, 0)]
)
def test_a_loan_is_in_par_30_from_day_31_and_in_par_1_from_day_2(tmp_path: Path, on: str, over_30: int, over_1: int) -> None:
    """Due on 1 Mar and unpaid: 30 Mar is day 30, 31 Mar is day 31; 1 Mar is day 1, which is not more than 1."""
    told = Told(tmp_path)
    told.load("2026-03-01", loan("L", [("2026-03-01", 100), ("2026-12-01", 900)]))
    row = told.measures(on)
    assert (row["par_30_loans"], row["par_1_loans"], row["principal_paise"]) == (over_30, over_1, 100_000)
    assert row["par_30_paise"] == 100_000 * over_30


def test_written_off_loans_stand_apart_from_par_efficiency_and_roll(tmp_path: Path) -> None:
    """What a loan pays that was written off before the month is a recovery."""
    lost = loan("W", [("2025-06-01", 1000)], [("2026-04-10", 50)], status="written_off")
    told = Told(tmp_path)
    told.load("2026-03-31", book(lost, loan("L", [("2026-12-01", 500)])))
    told.day("2026-03-31")
    row = told.measures("2026-04-10")
    assert (row["loans"], row["principal_paise"], row["par_180_loans"]) == (1, 50_000, 0)
    assert (row["written_off_loans"], row["written_off_paise"], row["recovered_paise"]) == (1, 95_000, 5_000)
    assert (row["open_loans"], row["open_arrears_paise"], row["applied_arrears_paise"]) == (1, 0, 0)


def test_closed_and_new_loans_have_a_place_of_their_own_in_the_matrix(tmp_path: Path) -> None:
    """Each row adds up to the opening book; a loan that closed leaves with its opening principal."""
    told = Told(tmp_path)
    stays, ends = loan("STAYS", [("2026-12-01", 500)]), loan("ENDS", [("2026-12-01", 300)])
    told.load("2026-03-31", book(stays, ends))
    told.day("2026-03-31")
    paid = loan("ENDS", [("2026-12-01", 300)], [("2026-04-05", 300)], status="closed")
    fresh = loan("FRESH", [("2026-12-01", 200)], disbursed_on="2026-04-02")
    learnt = loan("LEARNT", [("2026-12-01", 100)], disbursed_on="2026-01-02")
    told.load("2026-04-06", book(stays, paid, fresh, learnt))
    folder = told.day("2026-04-06")
    expected = {("current", "current"): 1, ("current", "closed"): 1, ("new", "current"): 1, ("arrived", "current"): 1}
    assert cells(told.rows(folder, "roll_cell")) == expected
    assert cells(told.rows(folder, "roll_move"), "before_place") == {("current", "closed"): 1, ("new", "current"): 2}
    row = told.rows(folder, "measure_day", dimension="product")[0]
    assert (row["open_loans"], row["open_principal_paise"], row["closed_loans"], row["closed_paise"]) == (2, 80_000, 1, 30_000)
    assert (row["same_loans"], row["new_loans"], row["new_paise"], row["unanchored_loans"]) == (1, 2, 30_000, 1)
    assert cells(told.rows(told.day("2026-05-02"), "roll_cell")) == {(None, "current"): 3}


@pytest.mark.parametrize("first", ["2026-03-30", "2026-04-01"])
def test_a_month_whose_opening_never_ran_has_no_anchor(tmp_path: Path, first: str) -> None:
    """Neither a first day inside a month nor a gap over a month-end makes one up; the next month-end mends it."""
    told = Told(tmp_path)
    told.load("2026-03-30", loan("L", [("2026-04-10", 100), ("2026-12-01", 900)], [("2026-04-10", 100)]))
    told.day(first)
    row = told.measures("2026-04-15")
    assert (row["open_on"], row["open_loans"], row["month_due_paise"], row["new_loans"]) == (None, 0, 0, 0)
    told.day("2026-04-30")
    row = told.measures("2026-05-01")
    assert (row["open_on"], row["open_loans"], row["same_loans"]) == (date(2026, 4, 30), 1, 1)


def test_an_anchor_is_not_carried_over_the_next_month_end(tmp_path: Path) -> None:
    """March ran from its anchor; the end of March did not run, so April has none."""
    told = Told(tmp_path)
    told.load("2026-02-28", loan("L", [("2026-12-01", 900)]))
    told.day("2026-02-28")
    assert told.measures("2026-03-30")["open_on"] == date(2026, 2, 28)
    assert told.measures("2026-04-01")["open_on"] is None


def test_the_leap_day_is_a_month_end(tmp_path: Path) -> None:
    """29 Feb 2024 opens March; 28 Feb does not."""
    told = Told(tmp_path)
    told.load("2024-02-28", loan("L", [("2024-12-01", 900)], disbursed_on="2024-01-01"))
    told.day("2024-02-28")
    assert told.measures("2024-02-29")["open_on"] is None
    assert told.measures("2024-03-01")["open_on"] == date(2024, 2, 29)


def test_a_month_end_shows_its_whole_month_and_opens_the_next(tmp_path: Path) -> None:
    """On 31 Mar the month is March, opened by 28 Feb; on 1 Apr it is April, opened by 31 Mar."""
    dues = [("2026-03-31", 100), ("2026-04-01", 100), ("2026-12-01", 800)]
    told = Told(tmp_path)
    told.load("2026-02-28", loan("L", dues, [("2026-03-31", 100)]))
    told.day("2026-02-28")
    march, april = told.measures("2026-03-31"), told.measures("2026-04-01")
    assert (march["open_on"], march["month_due_paise"], march["applied_due_paise"]) == (date(2026, 2, 28), 10_000, 10_000)
    assert (april["open_on"], april["month_due_paise"], april["applied_due_paise"]) == (date(2026, 3, 31), 10_000, 0)


@pytest.mark.parametrize(
    ("paid", "to_arrears", "to_dues", "ahead"),
    [
        ("999.99", 99_999, 0, 0),
        ("1000", 100_000, 0, 0),
        ("1000.01", 100_000, 1, 0),
        ("1500", 100_000, 50_000, 0),
        ("1500.01", 100_000, 50_000, 1),
    ],
)
def test_receipts_go_to_the_opening_arrears_then_to_the_dues_then_ahead(
    tmp_path: Path, paid: str, to_arrears: int, to_dues: int, ahead: int
) -> None:
    """Arrears of 1,000, dues of the month 500."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-03-01", 1000), ("2026-04-10", 500), ("2026-12-01", 500)], [("2026-04-10", paid)]))
    told.day("2026-03-31")
    row = told.measures("2026-04-30")
    assert (row["open_arrears_paise"], row["month_due_paise"]) == (100_000, 50_000)
    assert (row["applied_arrears_paise"], row["applied_due_paise"], row["ahead_paise"]) == (to_arrears, to_dues, ahead)


def test_an_advance_of_before_the_month_is_told_apart(tmp_path: Path) -> None:
    """300 paid ahead in March settle a part of April's 500; 100 more come in April."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-04-10", 500), ("2026-12-01", 500)], [("2026-03-20", 300), ("2026-04-10", 100)]))
    told.day("2026-03-31")
    row = told.measures("2026-04-30")
    assert (row["open_advance_paise"], row["from_advance_paise"], row["applied_due_paise"], row["ahead_paise"]) == (
        30_000,
        30_000,
        40_000,
        0,
    )


def test_a_reversal_takes_away_what_the_receipt_had_settled(tmp_path: Path) -> None:
    """The receipt of March is reversed in April: the arrears of the opening (none) are minus what it had settled."""
    told = Told(tmp_path)
    story = loan("L", [("2026-03-01", 400), ("2026-12-01", 600)], [("2026-03-01", 400)])
    story["repayment"].append({"repayment_id": "REV", "loan_id": "L", "paid_on": "2026-04-05", "amount": "400", "reverses_id": "L-R1"})
    told.load("2026-03-31", story)
    told.day("2026-03-31")
    row = told.measures("2026-04-05")
    assert (row["open_arrears_paise"], row["applied_arrears_paise"], row["applied_due_paise"]) == (0, -40_000, 0)


def test_easing_terms_collects_nothing(tmp_path: Path) -> None:
    """Arrears of 1,000 are re-scheduled in April: they stay the opening's arrears; the month's dues are those of the new schedule."""
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", [("2026-03-01", 1000), ("2026-12-01", 1000)]))
    told.day("2026-03-31")
    eased = loan("L", [("2026-04-20", 200), ("2026-12-01", 1800)])
    told.load("2026-04-10", eased)
    row = told.measures("2026-04-25")
    assert (row["open_arrears_paise"], row["applied_arrears_paise"], row["month_due_paise"], row["applied_due_paise"]) == (
        100_000,
        0,
        20_000,
        0,
    )


@pytest.mark.parametrize("gap", [False, True])
def test_a_loan_that_ended_owes_nothing_from_that_day_on(tmp_path: Path, *, gap: bool) -> None:
    """Settled on 15 Apr: the due of the 10th counts, that of the 20th does not; the same with no day run between."""
    dues = [("2026-04-10", 100), ("2026-04-20", 100), ("2026-12-01", 800)]
    told = Told(tmp_path)
    told.load("2026-03-31", loan("L", dues))
    told.day("2026-03-31")
    if not gap:
        told.day("2026-04-14")
    told.load("2026-04-15", loan("L", dues, status="settled"))
    if not gap:
        told.day("2026-04-15")
    row = told.measures("2026-04-25")
    assert (row["month_due_paise"], row["closed_loans"], row["loans"]) == (10_000, 1, 0)


def test_a_restated_past_does_not_move_the_opening(tmp_path: Path) -> None:
    """A receipt of March that becomes known in April is a receipt of April."""
    told = Told(tmp_path)
    dues = [("2026-03-01", 500), ("2026-12-01", 500)]
    told.load("2026-03-31", loan("L", dues))
    told.day("2026-03-31")
    told.load("2026-04-03", loan("L", dues, [("2026-03-20", 500)]))
    row = told.measures("2026-04-03")
    assert (row["open_arrears_paise"], row["applied_arrears_paise"]) == (50_000, 50_000)
    assert (row["open_principal_paise"], row["back_loans"]) == (100_000, 1)
