"""Interest after a write-off: day counts, month ends, rates that change, rounding, and runs that repeat."""

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.kernel.interest import half_up, simple_interest
from sulah.payments.accrual import Accrued, Rate, accruals
from sulah.payments.posting import HEADS, Account, Entry, EntryKind, balance_of, open_from
from sulah.payments.settle import claim_of, receipt_of
from tests.payments.test_postings import opened

START = date(2026, 3, 31)


def always(bps: int, basis: str = "actual_365") -> Callable[[date], Rate]:
    """One rate on every day."""
    return lambda _: Rate(bps, basis, "R")


def posted(entries: list[Entry], found: list[Accrued]) -> list[Entry]:
    """The entries with what an accrual found posted."""
    whole = list(entries)
    for one in found:
        postings = claim_of(EntryKind.INTEREST, Account.INTEREST, one.paise, open_from(whole, one.on))
        whole.append(Entry(EntryKind.INTEREST, one.on, one.on, postings, f"i{len(whole)}"))
    return whole


def paid(entries: list[Entry], on: date, paise: int) -> Entry:
    """A receipt on a day."""
    return Entry(EntryKind.RECEIPT, on, on, receipt_of(paise, open_from(entries, on), HEADS), f"r{len(entries)}")


def test_nothing_accrues_where_the_rate_is_zero() -> None:
    assert accruals([opened(1_00_000_00, 0, 0)], always(0), (), date(2027, 3, 31)) == []


def test_each_month_rounds_and_the_year_ties_to_the_exact_year() -> None:
    """Twelve whole-paisa months of 10% on ₹33.33 make exactly the year's interest, half up."""
    found = accruals([opened(3333, 0, 0)], always(1000), (), date(2027, 3, 31))
    assert [one.on for one in found][:2] == [date(2026, 4, 30), date(2026, 5, 31)]
    assert len(found) == 12
    assert sum(one.paise for one in found) == half_up(Fraction(3333, 10)) == 333


@pytest.mark.parametrize(
    ("after", "until", "basis", "paise"),
    [
        (date(2027, 12, 31), date(2028, 12, 31), "actual_365", 12_032_88),  # 366 days of 365
        (date(2027, 12, 31), date(2028, 12, 31), "actual_actual", 12_000_00),
        (date(2028, 2, 28), date(2028, 2, 29), "actual_actual", 32_79),  # one day of 366
        (date(2028, 2, 28), date(2028, 2, 29), "actual_365", 32_88),
        (date(2027, 12, 31), date(2028, 1, 1), "actual_actual", 32_79),  # the first day of a leap year is its own
        (date(2028, 12, 30), date(2028, 12, 31), "actual_actual", 32_79),
        (date(2026, 3, 31), date(2026, 3, 31), "actual_365", 0),
    ],
)
def test_days_are_counted_by_the_basis_leap_days_included(after: date, until: date, basis: str, paise: int) -> None:
    """12% a year on ₹1,00,000."""
    assert half_up(simple_interest(1_00_000_00, 1200, basis, after, until)) == paise


def test_a_rate_that_changes_in_mid_month_counts_from_its_own_day() -> None:
    """12% up to 14 April, 6% from the 15th on: 14 days and 16 days."""

    def rate(day: date) -> Rate:
        return Rate(600, "actual_365", "NEW") if day >= date(2026, 4, 15) else Rate(1200, "actual_365", "OLD")

    found = accruals([opened(36500_00, 0, 0)], rate, [date(2026, 4, 15)], date(2026, 4, 30))
    assert [(one.on, one.paise, one.rules) for one in found] == [(date(2026, 4, 30), 14 * 12_00 + 16 * 6_00, ("OLD", "NEW"))]


def test_interest_runs_on_principal_alone() -> None:
    """Not on interest, not on charges (PEN-CAP), and the months do not compound."""
    bare = accruals([opened(1_00_000_00, 0, 0)], always(1200), (), date(2027, 3, 31))
    laden = accruals([opened(1_00_000_00, 50_000_00, 25_000_00)], always(1200), (), date(2027, 3, 31))
    assert laden == bare
    assert sum(one.paise for one in bare) == 12_000_00


def test_a_receipt_lowers_the_principal_from_the_day_after_it() -> None:
    entries = [opened(36500_00, 0, 0)]
    entries.append(paid(entries, date(2026, 4, 10), 18250_00))
    (april,) = accruals(entries, always(1000), (), date(2026, 4, 30))
    assert april.paise == 10 * 10_00 + 20 * 5_00


def test_two_runs_equal_one_and_parts_equal_the_whole() -> None:
    """Run by the month, in the middle of months, or once for the year: the same interest at every month-end."""
    opening = [opened(98_765_43, 0, 0)]
    once = posted(opening, accruals(opening, always(1375), (), date(2027, 3, 31)))
    assert accruals(once, always(1375), (), date(2027, 3, 31)) == []
    steps = list(opening)
    for days in (10, 17, 45, 46, 200, 365):
        steps = posted(steps, accruals(steps, always(1375), (), START + timedelta(days=days)))
    assert balance_of(steps) == balance_of(once)


@given(
    st.integers(1, 5_00_000_00),
    st.integers(0, 3600),
    st.lists(st.tuples(st.integers(1, 380), st.integers(1, 1_00_000_00)), max_size=6),
    st.integers(1, 400),
    st.sampled_from(["actual_365", "actual_actual"]),
)
def test_a_repeated_run_posts_nothing_whatever_came_before(
    principal: int, bps: int, receipts: list[tuple[int, int]], days: int, basis: str
) -> None:
    """Receipts come between runs, back-dated ones too; after a run the next one finds nothing, and no account is below zero."""
    entries, rate = [opened(principal, 0, 0)], always(bps, basis)
    until = START + timedelta(days=days)
    for after, paise in receipts:
        entries = posted(entries, accruals(entries, rate, (), until))
        entries.append(paid(entries, START + timedelta(days=after), paise))
    entries = posted(entries, accruals(entries, rate, (), until))
    assert accruals(entries, rate, (), until) == []
    for day in {entry.effective_on for entry in entries}:
        standing = balance_of(entries, day)
        assert min(standing.principal, standing.interest, standing.charge, standing.excess) >= 0


def test_a_receipt_that_becomes_known_late_is_mended_by_the_next_run() -> None:
    """Interest of April was accrued and paid; then a receipt of 10 April turns up: what was paid too much is the borrower's."""
    entries = posted([opened(36500_00, 0, 0)], accruals([opened(36500_00, 0, 0)], always(1000), (), date(2026, 4, 30)))
    order = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
    entries.append(
        Entry(EntryKind.RECEIPT, date(2026, 4, 30), START, receipt_of(300_00, open_from(entries, date(2026, 4, 30)), order), "a")
    )
    assert balance_of(entries).interest == 0
    entries.append(
        Entry(EntryKind.RECEIPT, date(2026, 4, 10), START, receipt_of(18250_00, open_from(entries, date(2026, 4, 10)), order), "b")
    )
    (mended,) = accruals(entries, always(1000), (), date(2026, 4, 30))
    assert mended.paise == -20 * 5_00
    whole = posted(entries, [mended])
    assert balance_of(whole).interest == 0
    assert balance_of(whole).excess == 100_00
    assert accruals(whole, always(1000), (), date(2026, 4, 30)) == []
