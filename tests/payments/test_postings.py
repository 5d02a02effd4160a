"""Double entry: sums of zero, balances as folds, receipts and what undoes them exactly."""

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.payments.posting import (
    COUNTER,
    HEADS,
    OWN,
    Account,
    Balance,
    Entry,
    EntryKind,
    Posting,
    UnbalancedError,
    balance_of,
    open_from,
)
from sulah.payments.settle import TooMuchError, claim_of, opening_of, receipt_of, taken_back, undone
from sulah.payments.trial import trial_of

START = date(2026, 3, 31)
ORDERS = st.permutations(HEADS)
PAISE = st.integers(0, 10_00_000_00)
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["fee", "interest", "receipt", "undo", "undo_fee"]),
        st.integers(1, 5_00_000),
        st.integers(0, 400),
        st.integers(0, 9),
    ),
    max_size=25,
)


def opened(principal: int, interest: int, charge: int, excess: int = 0) -> Entry:
    """An account taken over."""
    return Entry(EntryKind.OPENING, START, START, opening_of(Balance(principal, interest, charge, excess)), "1")


def played(opening: Entry, moves: list[tuple[str, int, int, int]], order: list[Account]) -> list[Entry]:
    """A history: each move posted against all entries before it, some of them back-dated, some undoing an earlier one."""
    entries = [opening]
    for number, (what, paise, after, which) in enumerate(moves, start=2):
        on = START + timedelta(days=after)
        known = START + timedelta(days=number * 3)
        undone_keys = {entry.reverses for entry in entries}
        receipts = [entry for entry in entries if entry.kind is EntryKind.RECEIPT and entry.key not in undone_keys]
        fees = [entry for entry in entries if entry.kind is EntryKind.FEE and entry.key not in undone_keys]
        reverses = ""
        if what == "undo" and receipts:
            named = receipts[which % len(receipts)]
            on, reverses = max(on, named.effective_on), named.key
            kind, postings = EntryKind.REVERSAL, undone(named, order)
        elif what == "undo_fee" and fees:
            named = fees[which % len(fees)]
            on, reverses = max(on, named.effective_on), named.key
            kind, postings = EntryKind.REVERSAL, taken_back(named, open_from(entries, on))
        elif what == "receipt":
            kind, postings = EntryKind.RECEIPT, receipt_of(paise, open_from(entries, on), order)
        elif what == "interest":
            signed = paise if which else -paise
            kind, postings = EntryKind.INTEREST, claim_of(EntryKind.INTEREST, Account.INTEREST, signed, open_from(entries, on))
        else:
            kind, postings = EntryKind.FEE, claim_of(EntryKind.FEE, Account.CHARGE, paise, open_from(entries, on))
        entries.append(Entry(kind, on, known, postings, str(number), reverses))
    return entries


@given(PAISE, PAISE, PAISE, MOVES, ORDERS)
def test_every_entry_of_any_history_adds_up_to_zero_and_the_trial_balance_ties(p: int, i: int, c: int, moves: list, order: list) -> None:
    entries = played(opened(p, i, c), moves, order)
    assert all(sum(posting.paise for posting in entry.postings) == 0 for entry in entries)
    told = trial_of([entries])
    assert told.ties
    assert told.balance == balance_of(entries)
    received = -sum(entry.counter.paise for entry in entries if entry.counter.account is Account.RECEIVED)
    claims = -sum(entry.counter.paise for entry in entries if entry.counter.account is not Account.RECEIVED)
    assert balance_of(entries).net == claims + received


@given(PAISE, PAISE, PAISE, MOVES, ORDERS)
def test_no_account_is_below_zero_on_any_day_of_any_history(p: int, i: int, c: int, moves: list, order: list) -> None:
    """Money beyond what is owed is excess, and never a head below zero (M3)."""
    entries = played(opened(p, i, c), moves, order)
    for day in {entry.effective_on for entry in entries}:
        standing = balance_of(entries, day)
        assert min(standing.principal, standing.interest, standing.charge, standing.excess) >= 0


@given(PAISE, MOVES, ORDERS, st.integers(0, 400), st.randoms(use_true_random=False))
def test_the_order_of_recording_does_not_matter_to_the_balance_at_a_date(
    p: int, moves: list, order: list, after: int, luck: random.Random
) -> None:
    entries = played(opened(p, 100, 100), moves, order)
    shuffled = entries[:]
    luck.shuffle(shuffled)
    day = START + timedelta(days=after)
    assert balance_of(shuffled, day) == balance_of(entries, day)
    assert balance_of(shuffled, known_on=day) == balance_of(entries, known_on=day)


@given(PAISE, PAISE, PAISE, st.integers(1, 30_00_000_00), ORDERS)
def test_a_reversed_receipt_restores_the_account_exactly(p: int, i: int, c: int, paise: int, order: list) -> None:
    """Head by head, the money beyond included (M7)."""
    opening = opened(p, i, c)
    paid = Entry(EntryKind.RECEIPT, START, START, receipt_of(paise, open_from([opening], START), order), "2")
    back = Entry(EntryKind.REVERSAL, START, START, undone(paid, order), "3", "2")
    assert balance_of([opening, paid, back]) == balance_of([opening])


@given(PAISE, PAISE, PAISE, st.integers(1, 30_00_000_00), st.integers(1, 30_00_000_00), ORDERS)
def test_a_part_undone_leaves_what_a_smaller_receipt_would_have_left(p: int, i: int, c: int, paise: int, less: int, order: list) -> None:
    part = 1 + less % paise
    opening = opened(p, i, c)
    paid = Entry(EntryKind.RECEIPT, START, START, receipt_of(paise, balance_of([opening]), order), "2")
    back = Entry(EntryKind.REVERSAL, START, START, undone(paid, order, (), part), "3", "2")
    smaller = [Entry(EntryKind.RECEIPT, START, START, receipt_of(paise - part, balance_of([opening]), order), "2")] if paise > part else []
    assert balance_of([opening, paid, back]) == balance_of([opening, *smaller])
    with pytest.raises(TooMuchError):
        undone(paid, order, (back,), paise - part + 1)


def test_parts_undone_one_after_the_other_undo_the_whole() -> None:
    order = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
    opening = opened(500, 100, 50)
    paid = Entry(EntryKind.RECEIPT, START, START, receipt_of(640, balance_of([opening]), order), "2")
    first = Entry(EntryKind.REVERSAL, START, START, undone(paid, order, (), 30), "3", "2")
    second = Entry(EntryKind.REVERSAL, START, START, undone(paid, order, (first,), 20), "4", "2")
    last = Entry(EntryKind.REVERSAL, START, START, undone(paid, order, (first, second)), "5", "2")
    assert balance_of([opening, paid, first, second, last]) == Balance(500, 100, 50)
    assert last.counter.paise == -590


def test_as_known_on_leaves_out_what_became_known_later() -> None:
    """A receipt of 5 April that became known on 9 April: the statement of 6 April did not have it, today's has."""
    order = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
    opening = opened(1000, 0, 0)
    late = Entry(EntryKind.RECEIPT, date(2026, 4, 5), date(2026, 4, 9), receipt_of(300, balance_of([opening]), order), "2")
    entries = [opening, late]
    assert balance_of(entries, date(2026, 4, 6)).principal == 700
    assert balance_of(entries, date(2026, 4, 6), known_on=date(2026, 4, 8)).principal == 1000
    assert balance_of(entries, date(2026, 4, 6), known_on=date(2026, 4, 9)).principal == 700
    assert balance_of(entries, date(2026, 4, 4)).principal == 1000


def test_a_back_dated_receipt_takes_no_head_below_zero_later() -> None:
    """What a later receipt has settled already is not settled twice: it becomes money beyond what is owed."""
    order = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
    opening = opened(1000, 0, 0)
    paid = Entry(EntryKind.RECEIPT, date(2026, 4, 20), START, receipt_of(800, balance_of([opening]), order), "2")
    earlier = receipt_of(500, open_from([opening, paid], date(2026, 4, 5)), order)
    assert [(posting.account, posting.paise) for posting in earlier] == [
        (Account.PRINCIPAL, -200),
        (Account.EXCESS, -300),
        (Account.RECEIVED, 500),
    ]


@pytest.mark.parametrize(
    "postings",
    [
        (Posting(Account.PRINCIPAL, 100), Posting(Account.RECEIVED, -99)),
        (Posting(Account.PRINCIPAL, 100), Posting(Account.INTEREST, -100)),
        (Posting(Account.PRINCIPAL, 100), Posting(Account.ACCRUED, -100)),
        (Posting(Account.PRINCIPAL, True), Posting(Account.RECEIVED, -1)),
        (Posting(Account.PRINCIPAL, 5), Posting(Account.RECEIVED, -4), Posting(Account.ACCRUED, -1)),
    ],
)
def test_an_entry_that_does_not_balance_cannot_be_made(postings: tuple[Posting, ...]) -> None:
    """A paisa off, no counter-account, that of another kind, a truth for a number, two counter-accounts."""
    with pytest.raises(UnbalancedError):
        Entry(EntryKind.RECEIPT, START, START, postings)


def test_every_kind_but_a_reversal_has_its_counter_account() -> None:
    assert set(COUNTER) == set(EntryKind) - {EntryKind.REVERSAL}
    assert set(OWN).isdisjoint(COUNTER.values())
