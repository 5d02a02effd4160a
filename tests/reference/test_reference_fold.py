"""The reference's class over time, and what it knows when, on examples worked by hand."""

from datetime import date, timedelta

import pytest

from tests.reference.fold import Reference
from tests.reference.paper import Table, book, instalments, loan, relief, repayment
from tests.reference.rates import ReferencePolicy
from tests.reference.standing import Standing

MONTHLY_2025 = [(f"2025-{month:02d}-01", 900, 100) for month in range(1, 13)]
YEAR_LOAN = {"disbursed_on": "2024-12-01", "principal": "10800"}


def told(*loads: tuple[str, dict[str, Table]], entity_type: str = "nbfc_mfi", policy: ReferencePolicy | None = None) -> Reference:
    """A reference that has accepted these loads."""
    reference = Reference(entity_type, policy)
    for as_of, extract in loads:
        reference.accept(date.fromisoformat(as_of), extract)
    return reference


def at(reference: Reference, as_of: str, loan_id: str = "L1") -> Standing:
    """Where a loan stands on a day-end."""
    return reference.stand(date.fromisoformat(as_of))[loan_id]


def one_due(*repayments: dict[str, str], due: str = "2025-01-01", **terms: str) -> dict[str, Table]:
    """A loan with a single instalment of 1,000."""
    return book([loan("L1", disbursed_on="2023-11-01", **terms)], instalments("L1", [(due, 900, 100)]), list(repayments))


@pytest.mark.parametrize(
    ("entity_type", "due", "before", "limit"),
    [
        ("nbfc_mfi", "2025-01-01", "2025-03-31", 90),
        ("nbfc_bl", "2025-06-01", "2025-09-28", 120),
        ("nbfc_bl", "2024-06-01", "2024-10-28", 150),
    ],
)
def test_npa_begins_when_dpd_passes_the_limit_and_not_on_it(entity_type: str, due: str, before: str, limit: int) -> None:
    """On the limit the borrower is SMA-2; one day-end later NPA."""
    reference = told((due, one_due(due=due)), entity_type=entity_type)
    on_it = at(reference, before)
    after = at(reference, (date.fromisoformat(before) + timedelta(1)).isoformat())
    assert (on_it.dpd, on_it.sma, on_it.npa_on) == (limit, "sma_2", None)
    assert (after.dpd, after.sma, after.npa_on, after.asset_class) == (limit + 1, "none", after.as_of, "sub_standard")


def test_on_the_switch_day_of_the_glide_path_all_between_the_limits_become_npa_together() -> None:
    """91 days on 31 March 2026 is NPA for a base-layer NBFC that evening; the evening before, 90 of at most 120."""
    reference = told(("2026-03-01", one_due(due="2025-12-31")), entity_type="nbfc_bl")
    assert at(reference, "2026-03-30").npa_on is None
    switched = at(reference, "2026-03-31")
    assert (switched.dpd, switched.npa_on) == (91, date(2026, 3, 31))
    older = told(("2026-03-01", one_due(due="2025-12-05")), entity_type="nbfc_bl")
    assert (at(older, "2026-03-30").npa_on, at(older, "2026-03-31").npa_on) == (None, date(2026, 3, 31))


def test_only_the_last_rupee_of_all_arrears_upgrades_and_a_new_default_makes_npa_again() -> None:
    """Twelve instalments of 2025, none paid; 5,000 on 5 May leaves nothing, one paisa less does not; then silence again."""
    terms, dues = loan("L1", **YEAR_LOAN), instalments("L1", MONTHLY_2025)
    short = told(("2025-05-05", book([terms], dues, [repayment("R1", "L1", "2025-05-05", "4999.99")])))
    assert (at(short, "2025-05-05").npa_on, at(short, "2025-05-05").dpd) == (date(2025, 4, 1), 5)
    paid = told(("2025-05-05", book([terms], dues, [repayment("R1", "L1", "2025-05-05", "5000")])))
    upgraded = at(paid, "2025-05-05")
    assert (upgraded.npa_on, upgraded.upgraded_on, upgraded.asset_class) == (None, date(2025, 5, 5), "standard")
    assert (at(paid, "2025-08-29").npa_on, at(paid, "2025-08-29").upgraded_on) == (None, date(2025, 5, 5))
    assert (at(paid, "2025-08-30").npa_on, at(paid, "2025-08-30").upgraded_on) == (date(2025, 8, 30), None)


def test_a_charge_left_unpaid_holds_back_the_upgrade() -> None:
    """Principal and interest are paid; one rupee of charge is not."""
    dues = instalments("L1", [("2025-01-01", 900, 100, 1)])
    held = told(("2025-05-01", book([loan("L1", disbursed_on="2024-12-01")], dues, [repayment("R1", "L1", "2025-05-01", "1000")])))
    assert (at(held, "2025-05-01").npa_on, at(held, "2025-05-01").overdue_charge_paise) == (date(2025, 4, 1), 100)


def test_a_loan_disbursed_to_an_npa_borrower_is_npa_from_its_disbursal() -> None:
    """L1 is NPA from 1 April to 1 June 2025; L2 goes out on 10 May, L3 on the day of the upgrade."""
    loans = [
        loan("L1", disbursed_on="2024-12-01"),
        loan("L2", disbursed_on="2025-05-10"),
        loan("L3", disbursed_on="2025-06-01"),
        loan("M1", "B2", disbursed_on="2025-05-10"),
    ]
    dues = [*instalments("L1", [("2025-01-01", 900, 100)])]
    for name in ("L2", "L3", "M1"):
        dues += instalments(name, [("2026-01-01", 900, 100)])
    reference = told(("2025-06-01", book(loans, dues, [repayment("R1", "L1", "2025-06-01", "1000")])))
    reference.stand(date(2025, 5, 31))
    late = reference.stand(date(2025, 5, 31))
    assert {name: row.npa_on for name, row in late.items()} == {"L1": date(2025, 4, 1), "L2": date(2025, 5, 10), "M1": None}
    assert (late["L2"].dpd, late["L2"].borrower_dpd, late["L2"].bucket, late["L2"].asset_class) == (0, 151, "current", "sub_standard")
    after = reference.stand(date(2025, 6, 1))
    up = date(2025, 6, 1)
    assert {name: row.upgraded_on for name, row in after.items()} == {"L1": up, "L2": up, "L3": None, "M1": None}


def test_a_bounce_brings_the_old_due_date_back_but_never_rewrites_the_days_before() -> None:
    """Paid on 31 March, bounced on 10 April: that evening dpd is 100 and NPA begins."""
    bounced = repayment("R2", "L1", "2025-04-10", "1000", reverses_id="R1", status="bounced")
    reference = told(("2025-04-30", one_due(repayment("R1", "L1", "2025-03-31", "1000", status="bounced"), bounced)))
    assert [at(reference, day).dpd for day in ("2025-03-30", "2025-03-31", "2025-04-09", "2025-04-10")] == [89, 0, 0, 100]
    assert at(reference, "2025-04-30").npa_on == date(2025, 4, 10)


def test_a_bounced_row_that_nothing_undoes_never_counts_or_counts_until_the_change_is_known() -> None:
    """R1 was bounced when first seen; R2 was posted in January and is shown as bounced by the load of 1 March."""
    posted = repayment("R2", "L1", "2025-01-01", "400")
    bounced = {**posted, "status": "bounced"}
    never = repayment("R1", "L1", "2025-01-01", "600", status="bounced")
    reference = told(("2025-02-01", one_due(never, posted)), ("2025-03-01", one_due(never, bounced)))
    assert [at(reference, day).paid_paise for day in ("2025-02-01", "2025-02-28", "2025-03-01")] == [400_00, 400_00, 0]
    assert at(reference, "2025-03-01").last_paid_on is None
    booked = told(("2025-02-01", one_due(posted)), ("2025-03-01", one_due({**bounced, "booked_at": "2025-02-20T10:00:00"})))
    assert [at(booked, day).paid_paise for day in ("2025-02-19", "2025-02-20")] == [400_00, 0]


def test_a_changed_amount_and_a_vanished_row_count_from_the_day_the_change_is_known() -> None:
    """400 becomes 500 with the load of 1 March and is gone with the load of 1 April."""
    first, second = repayment("R1", "L1", "2025-01-01", "400"), repayment("R1", "L1", "2025-01-01", "500")
    reference = told(("2025-02-01", one_due(first)), ("2025-03-01", one_due(second)), ("2025-04-01", one_due()))
    days = ("2025-01-01", "2025-02-28", "2025-03-01", "2025-03-31", "2025-04-01")
    assert [at(reference, day).paid_paise for day in days] == [400_00, 400_00, 500_00, 500_00, 0]


def test_what_comes_late_counts_from_the_day_it_was_known() -> None:
    """In a first load without booking times the own date; with them the booking; in a later load that load's as_of."""
    own, booked = repayment("R1", "L1", "2025-01-05", "100"), repayment("R2", "L1", "2025-01-05", "200", booked_at="2025-01-09 08:00:00")
    late = repayment("R3", "L1", "2025-01-07", "300")
    reference = told(("2025-01-10", one_due(own, booked)), ("2025-01-20", one_due(own, booked, late)))
    days = ("2025-01-04", "2025-01-05", "2025-01-09", "2025-01-19", "2025-01-20")
    assert [at(reference, day).paid_paise for day in days] == [0, 100_00, 300_00, 300_00, 600_00]
    assert at(reference, "2025-01-20").last_paid_on == date(2025, 1, 7)


def test_a_reschedule_replaces_from_its_lowest_number_on_at_the_day_it_is_known() -> None:
    """From 15 March on, numbers 3 to 12 move by three months; the load of 20 March is the first to say so."""
    terms, dues = loan("L1", **YEAR_LOAN), instalments("L1", MONTHLY_2025)
    paid = [repayment("R1", "L1", "2025-01-01", "2000")]
    moved = instalments("L1", [(f"2025-{month:02d}-01", 900, 100) for month in range(6, 13)], first=3, valid_from="2025-03-15")
    known = told(("2025-03-10", book([terms], dues, paid)), ("2025-03-20", book([terms], [*dues, *moved], paid)))
    assert [at(known, day).dpd for day in ("2025-03-01", "2025-03-19", "2025-03-20", "2025-05-31", "2025-06-01")] == [1, 19, 0, 0, 1]
    ahead = told(("2025-03-10", book([terms], [*dues, *moved], paid)))
    ahead_later = told(("2025-03-05", book([terms], dues, paid)), ("2025-03-10", book([terms], [*dues, *moved], paid)))
    for told_ahead in (ahead, ahead_later):
        assert [at(told_ahead, day).dpd for day in ("2025-03-14", "2025-03-15")] == [14, 0]
    silent = told(
        ("2025-03-10", book([terms], dues, paid)),
        ("2025-03-20", book([terms], instalments("L1", [*MONTHLY_2025[:2], *MONTHLY_2025[5:]]), paid)),
    )
    assert [at(silent, day).dpd for day in ("2025-03-19", "2025-03-20")] == [19, 0]


def test_a_loan_that_ended_is_not_demanded_from_the_load_that_says_so() -> None:
    """NPA since 1 April; settled by the load of 1 June; before that, and if written off, the claim goes on."""
    ended = told(("2025-05-01", one_due()), ("2025-06-01", one_due(status="settled")))
    assert (at(ended, "2025-05-31").dpd, at(ended, "2025-05-31").npa_on) == (151, date(2025, 4, 1))
    gone = at(ended, "2025-06-01")
    assert (gone.dpd, gone.overdue_paise, gone.outstanding_principal_paise, gone.npa_on) == (0, 0, 0, None)
    assert (gone.upgraded_on, gone.asset_class, gone.sma) == (None, "standard", "none")
    off = at(told(("2025-05-01", one_due()), ("2025-06-01", one_due(status="written_off"))), "2025-06-01")
    assert (off.dpd, off.asset_class, off.npa_on, off.overdue_paise) == (152, "loss", date(2025, 4, 1), 1000_00)
    first = told(("2025-05-01", one_due(repayment("R1", "L1", "2025-02-10", "10"), status="closed")))
    assert [at(first, day).dpd for day in ("2025-02-09", "2025-02-10")] == [40, 0]


def test_a_restructuring_is_npa_at_once_until_a_year_of_performance_and_a_tenth_repaid() -> None:
    """Eased on 15 March 2025 with 9,000 owed; the first instalment after is of 1 April, so the watch lasts to 1 April 2026 at least."""
    dues = instalments("L1", [(f"2025-{m:02d}-01", 900, 100) for m in range(1, 13)] + [("2026-12-01", 0, 100)])
    on_time = [repayment(f"R{m}", "L1", f"2025-{m:02d}-01", "1000") for m in range(1, 13)]
    reference = told(("2026-06-01", book([loan("L1", **YEAR_LOAN, restructured_on="2025-03-15")], dues, on_time)))
    assert [at(reference, day).npa_on for day in ("2025-03-14", "2025-03-15")] == [None, date(2025, 3, 15)]
    assert [at(reference, day).upgraded_on for day in ("2026-03-31", "2026-04-01")] == [None, date(2026, 4, 1)]
    strict = ReferencePolicy(watch_percent=120)
    never = told(("2026-06-01", book([loan("L1", **YEAR_LOAN, restructured_on="2025-03-15")], dues, on_time)), policy=strict)
    assert at(never, "2026-06-01").npa_on == date(2025, 3, 15)


def test_the_tenth_that_a_watch_asks_for_is_reached_exactly_or_not() -> None:
    """8,100 is owed at restructuring: 810.00 after it ends the watch, 809.99 does not; nothing else is due before 2027."""
    for amount, npa in (("810", None), ("809.99", date(2025, 3, 15))):
        dues = instalments("L1", [*MONTHLY_2025[:3], ("2025-04-01", 0, "809.99"), ("2027-01-01", 8100, 0)])
        paid = [repayment("R1", "L1", "2025-03-01", "3000"), repayment("R2", "L1", "2025-04-01", amount)]
        reference = told(("2026-06-01", book([loan("L1", **YEAR_LOAN, restructured_on="2025-03-15")], dues, paid)))
        assert at(reference, "2026-06-01").npa_on == npa


def test_history_cut_at_an_opening_begins_with_the_lenders_npa_date() -> None:
    """Four of six instalments were due by 30 June, one paid; the lender says NPA since 1 May."""
    terms = {"opening_on": "2025-06-30", "opening_principal_paid": "900", "opening_interest_paid": "100", **YEAR_LOAN}
    dues = instalments("L1", MONTHLY_2025)
    inside = repayment("R0", "L1", "2025-06-30", "1000")
    later = repayment("R1", "L1", "2025-07-10", "6000")
    cut = told(("2025-07-31", book([loan("L1", lms_npa_on="2025-05-01", **terms)], dues, [inside, later])))
    assert (at(cut, "2025-06-30").paid_paise, at(cut, "2025-06-30").npa_on) == (1000_00, date(2025, 5, 1))
    assert (at(cut, "2025-07-10").npa_on, at(cut, "2025-07-10").upgraded_on) == (None, date(2025, 7, 10))
    unsaid = told(("2025-07-31", book([loan("L1", **terms)], dues, [inside])))
    assert at(unsaid, "2025-07-31").npa_on == date(2025, 6, 30)
    only_compared = told(("2025-02-10", one_due(lms_npa_on="2025-01-05")))
    assert at(only_compared, "2025-02-10").npa_on is None


def test_a_committed_day_is_never_rewritten_by_what_comes_to_light_later() -> None:
    """A payment booked on 20 March reaches us only on 10 April; NPA of 1 April was committed on the 5th, and stays its date."""
    hidden = repayment("R1", "L1", "2025-03-20", "999", booked_at="2025-03-20T09:00:00")
    rest = repayment("R2", "L1", "2025-03-20", "1", booked_at="2025-03-20T09:00:00")
    fresh = told(("2025-03-01", one_due()), ("2025-04-10", one_due(hidden, rest)))
    assert (at(fresh, "2025-04-10").npa_on, at(fresh, "2025-04-10").upgraded_on) == (None, None)
    daily = told(("2025-03-01", one_due()))
    daily.commit(date(2025, 4, 5))
    daily.accept(date(2025, 4, 10), one_due(hidden, rest))
    assert (at(daily, "2025-04-10").npa_on, at(daily, "2025-04-10").upgraded_on) == (None, date(2025, 4, 6))
    with pytest.raises(ValueError, match="before the last committed day"):
        daily.stand(date(2025, 4, 4))


def test_arrears_inside_a_pause_do_not_clear_an_npa_although_dpd_is_zero() -> None:
    """NPA since 1 April; then a whole-window pause makes dpd 0, but the thousand is still owed."""
    extract = one_due()
    extract["relief"] = [relief("2024-12-01", "2025-05-31", "false")]
    reference = told(("2025-04-15", one_due()), ("2025-05-01", extract), policy=ReferencePolicy(pause_rule="whole_window"))
    assert (at(reference, "2025-05-01").dpd, at(reference, "2025-05-01").npa_on) == (0, date(2025, 4, 1))


def test_the_age_of_an_npa_in_whole_months_gives_its_class() -> None:
    """NPA on 29 February 2024: a year later by the clipped month-end, doubtful."""
    reference = told(("2024-03-31", one_due(due="2023-12-01")))
    found = [at(reference, day).asset_class for day in ("2024-02-29", "2025-02-27", "2025-02-28", "2026-02-28", "2028-02-28", "2028-02-29")]
    assert found == ["sub_standard", "sub_standard", "doubtful_1", "doubtful_2", "doubtful_2", "doubtful_3"]
