"""What is known when: receipts, schedules and windows over successive loads, as ADR 2 says, point by point."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.paper import Extract, loan
from tests.shelf import Shelf

FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 10)
DUES = [("2026-02-01", 1000), ("2026-03-05", 1000)]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty shelf."""
    return Shelf(tmp_path)


def paid_on(shelf: Shelf, day: date) -> int:
    """Net receipts that count on the day, of the only loan."""
    rows = shelf.rows(shelf.stand(day, remember=False), "position")
    return int(rows[0]["paid_paise"])


def with_rows(extract: Extract, **tables: list[dict[str, Any]]) -> Extract:
    """The extract with some tables replaced."""
    return {**extract, **tables}


def entry(name: str, day: str, amount: str, **more: str) -> dict[str, str]:
    """A repayment row."""
    return {"repayment_id": name, "loan_id": "L", "paid_on": day, "amount": amount, **more}


def test_a_first_load_is_known_on_its_own_dates(shelf: Shelf) -> None:
    """History comes with the first load: an entry counts from its own date."""
    shelf.accept(FIRST, loan("L", DUES, [("2026-02-10", 400)]))
    assert [paid_on(shelf, date(2026, 2, day)) for day in (9, 10, 11)] == [0, 40_000, 40_000]


def test_a_late_known_entry_counts_from_the_load_that_brings_it(shelf: Shelf) -> None:
    """Dated 10 Feb, first seen on 10 Mar: it counts from 10 Mar."""
    shelf.accept(FIRST, loan("L", DUES))
    shelf.accept(SECOND, loan("L", DUES, [("2026-02-10", 400)]))
    assert [paid_on(shelf, date(2026, 3, day)) for day in (8, 9, 10)] == [0, 0, 40_000]


def test_booked_at_says_when_an_entry_became_known(shelf: Shelf) -> None:
    """Booked on 5 Mar: it counts from 5 Mar, neither from its own date nor from the load's."""
    shelf.accept(FIRST, loan("L", DUES))
    shelf.accept(SECOND, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400", booked_at="2026-03-05T18:00:00")]))
    assert [paid_on(shelf, date(2026, 3, day)) for day in (4, 5)] == [0, 40_000]


def test_a_bounce_after_receipt_stops_counting_on_the_day_it_became_known(shelf: Shelf) -> None:
    """Posted in one load, bounced in the next: the days between are not rewritten."""
    shelf.accept(FIRST, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400")]))
    shelf.accept(SECOND, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400", status="bounced")]))
    assert [paid_on(shelf, date(2026, 3, day)) for day in (9, 10)] == [40_000, 0]


def test_an_entry_bounced_when_first_seen_never_counts(shelf: Shelf) -> None:
    """It was never money."""
    shelf.accept(FIRST, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400", status="bounced")]))
    assert paid_on(shelf, FIRST) == 0


def test_a_reversal_undoes_exactly_what_it_names_from_its_own_day(shelf: Shelf) -> None:
    """The receipt counts until then, whatever its own status says."""
    rows = [entry("R", "2026-02-10", "400", status="reversed"), entry("X", "2026-02-20", "400", status="reversed", reverses_id="R")]
    shelf.accept(FIRST, with_rows(loan("L", DUES), repayment=rows))
    assert [paid_on(shelf, date(2026, 2, day)) for day in (10, 19, 20)] == [40_000, 40_000, 0]


def test_a_changed_amount_is_the_old_entry_taken_back_and_the_new_one_added(shelf: Shelf) -> None:
    """400 becomes 40 on the day of the load that says so."""
    shelf.accept(FIRST, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400")]))
    shelf.accept(SECOND, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "40")]))
    assert [paid_on(shelf, date(2026, 3, day)) for day in (9, 10)] == [40_000, 4_000]


def test_an_entry_that_vanishes_stops_counting_and_one_in_quarantine_does_not(shelf: Shelf) -> None:
    """Gone from a full extract: taken back.  Refused for a bad field: what was known stands."""
    shelf.accept(FIRST, with_rows(loan("L", DUES), repayment=[entry("R", "2026-02-10", "400"), entry("S", "2026-02-11", "1")]))
    shelf.accept(SECOND, loan("L", DUES), refused=[("repayment", "S")])
    assert [paid_on(shelf, date(2026, 3, day)) for day in (9, 10)] == [40_100, 100]


def overdue(shelf: Shelf, day: date) -> tuple[int, int]:
    """(overdue paise, dpd) of the only loan on the day."""
    row = shelf.rows(shelf.stand(day, remember=False), "position")[0]
    return row["overdue_paise"], row["dpd"]


def versions(dues: list[tuple[str, int]], again: list[tuple[int, str, int]], valid_from: str) -> Extract:
    """A loan with a re-schedule: rows (number, due_on, rupees) that take effect on valid_from."""
    extract = loan("L", dues)
    more = [
        {"loan_id": "L", "number": n, "due_on": day, "principal_due": str(rupees), "valid_from": valid_from} for n, day, rupees in again
    ]
    return {**extract, "instalment": [*extract["instalment"], *more]}


def test_a_re_schedule_counts_from_the_day_it_takes_effect(shelf: Shelf) -> None:
    """From its lowest number on it replaces what was in force; before that day the old rows stand."""
    shelf.accept(FIRST, versions(DUES, [(1, "2026-06-01", 1500), (2, "2026-07-01", 500)], "2026-02-15"))
    assert overdue(shelf, date(2026, 2, 14)) == (100_000, 14)
    assert overdue(shelf, date(2026, 2, 15)) == (0, 0)
    assert overdue(shelf, date(2026, 6, 1)) == (150_000, 1)


def test_a_re_schedule_told_late_counts_from_the_load_that_tells_it(shelf: Shelf) -> None:
    """valid_from 15 Feb, first seen on 10 Mar."""
    shelf.accept(FIRST, loan("L", DUES))
    shelf.accept(SECOND, versions(DUES, [(1, "2026-06-01", 2000)], "2026-02-15"))
    assert overdue(shelf, date(2026, 3, 9)) == (200_000, 37)
    assert overdue(shelf, date(2026, 3, 10)) == (0, 0)


def test_rows_changed_without_a_date_count_from_the_load_that_changes_them(shelf: Shelf) -> None:
    """A silent change is a change on that day, never a rewriting of the past."""
    shelf.accept(FIRST, loan("L", DUES))
    shelf.accept(SECOND, loan("L", [("2026-04-01", 1000), ("2026-05-01", 1000)]))
    assert overdue(shelf, date(2026, 3, 9))[0] == 200_000
    assert overdue(shelf, date(2026, 3, 10)) == (0, 0)


def test_a_loan_with_a_refused_instalment_keeps_the_schedule_it_had(shelf: Shelf) -> None:
    """A row in quarantine is no re-schedule; the loan is marked unreliable until it is mended."""
    shelf.accept(FIRST, loan("L", DUES))
    extract = loan("L", DUES)
    folder = shelf.accept(SECOND, {**extract, "instalment": extract["instalment"][:1]}, refused=[("instalment", "L|2|")])
    assert overdue(shelf, SECOND)[0] == 200_000
    assert shelf.rows(folder, "account")[0]["schedule_unreliable"] is True


def test_opening_amounts_are_one_receipt_and_older_receipts_lie_inside_it(shelf: Shelf) -> None:
    """₹1,000 paid before 15 Feb, of which the extract still shows ₹300: they count once."""
    extract = loan(
        "L",
        [("2026-02-01", 1000, 100), ("2026-03-05", 1000)],
        [("2026-02-10", 300), ("2026-02-16", 50)],
        opening_on="2026-02-15",
        opening_principal_paid="900",
        opening_interest_paid="100",
    )
    shelf.accept(FIRST, extract)
    assert [paid_on(shelf, date(2026, 2, day)) for day in (14, 15, 16)] == [0, 100_000, 105_000]


def test_totals_are_split_so_that_principal_adds_up(shelf: Shelf) -> None:
    """₹1,000 lent, three totals of ₹400: 333.34 + 333.33 + 333.33 of principal, the rest interest, and the loan says so."""
    extract = loan("L", [("2026-02-01", 0)], principal="1000")
    rows = [{"loan_id": "L", "number": n, "due_on": f"2026-0{n + 1}-01", "total_due": "400"} for n in (1, 2, 3)]
    folder = shelf.accept(FIRST, {**extract, "instalment": rows})
    dues = shelf.rows(folder, "due")
    assert [row["principal_paise"] for row in dues] == [33_334, 33_333, 33_333]
    assert [row["cum_due_paise"] for row in dues] == [40_000, 80_000, 120_000]
    account = shelf.rows(folder, "account")[0]
    assert (account["split_imputed"], account["schedule_unreliable"]) == (True, False)
