"""Simulated receipts of one shard: on time, late, in parts, ahead, bounced and taken back, known late, or summed into an opening."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.loans import FOREVER, Days, Schedule

RECEIPT, REVERSAL, OPENING = range(3)
ENTRIES = ("receipt", "reversal", "opening")


@dataclass(frozen=True, slots=True)
class Receipts:
    """One value an entry, in the order of the book; `reverses` is the number of the entry undone, or -1."""

    loan: Days
    effective_on: Days
    void_on: Days
    amount_paise: Days
    paid_on: Days
    known_on: Days
    entry: Days
    number: Days
    reverses: Days


def draw_receipts(random: np.random.Generator, schedule: Schedule, opening_on: Days, as_of: int, first_number: int) -> Receipts:
    """Receipts against the first schedule of each loan; entries are numbered from first_number in the order of the book."""
    loan, paid_on, amount = _payments(random, schedule, len(opening_on), as_of)
    entry, undone = np.full(len(loan), RECEIPT), np.full(len(loan), -1)
    loan, paid_on, amount, entry, undone = _with_reversals(random, loan, paid_on, amount, entry, undone, as_of)
    keep = (paid_on <= as_of) & (paid_on > opening_on[loan])
    inside = (paid_on <= as_of) & (paid_on <= opening_on[loan])
    opened = np.bincount(loan[inside], weights=amount[inside], minlength=len(opening_on)).astype(np.int64)
    openings = np.flatnonzero(opened > 0)
    place = np.cumsum(keep) - 1
    undone = np.where(undone >= 0, np.where(keep[undone], place[undone], -1), -1)[keep]
    entry, amount = entry[keep], amount[keep]
    lost = (entry == REVERSAL) & (undone < 0)  # the entry it undoes lies inside the opening: its amount is there too
    amount = np.where(lost, 0, amount)
    loan, paid_on = np.concatenate([loan[keep], openings]), np.concatenate([paid_on[keep], opening_on[openings]])
    amount = np.concatenate([amount, opened[openings]])
    entry = np.concatenate([entry, np.full(len(openings), OPENING)])
    undone = np.concatenate([undone, np.full(len(openings), -1)])
    known_on = np.where((random.random(len(loan)) < 0.05) & (entry != OPENING), paid_on + random.integers(1, 4, size=len(loan)), paid_on)
    taken_back = (random.random(len(loan)) < 0.002) & (entry == RECEIPT)
    void_on = np.where(taken_back, known_on + 10, FOREVER)
    return _ordered(loan, paid_on, known_on, void_on, amount, entry, undone, first_number)


def _payments(random: np.random.Generator, schedule: Schedule, loans: int, as_of: int) -> tuple[Days, Days, Days]:
    first = schedule.in_force_from == np.repeat(
        schedule.in_force_from[np.searchsorted(schedule.loan, np.arange(loans))], np.bincount(schedule.loan)
    )
    rows = schedule.taken(first)
    due = np.bincount(rows.loan, weights=rows.due_on <= as_of, minlength=loans).astype(np.int64)
    behind = np.where(random.random(loans) < 0.075, random.geometric(0.22, size=loans), 0)  # instalments that delinquent loans owe
    ahead = np.where((behind == 0) & (random.random(loans) < 0.03), 2, 0)
    paid = rows.number <= (due - behind + ahead)[rows.loan]
    loan, due_on, total = rows.loan[paid], rows.due_on[paid], rows.total_paise[paid]
    chance = random.random(len(loan))
    late = np.where(
        chance < 0.86, 0, np.where(chance < 0.97, random.integers(1, 5, size=len(loan)), random.integers(5, 16, size=len(loan)))
    )
    paid_on = np.minimum(due_on, as_of - 3) + late
    parts = random.random(len(loan)) < 0.05
    half = np.where(parts, total // 2, total)
    rest = np.flatnonzero(parts & (random.random(len(loan)) < 0.98))
    later = paid_on[rest] + random.integers(1, 9, size=len(rest))
    return np.concatenate([loan, loan[rest]]), np.concatenate([paid_on, later]), np.concatenate([half, (total - half)[rest]])


def _with_reversals(
    random: np.random.Generator, loan: Days, paid_on: Days, amount: Days, entry: Days, undone: Days, as_of: int
) -> tuple[Days, Days, Days, Days, Days]:
    bounced: npt.NDArray[np.int64] = np.flatnonzero((random.random(len(loan)) < 0.005) & (paid_on <= as_of - 5))
    twice = (loan[bounced], loan[bounced])
    days = (paid_on[bounced] + 2, paid_on[bounced] + 5)
    amounts = (-amount[bounced], amount[bounced])
    entries = (np.full(len(bounced), REVERSAL), np.full(len(bounced), RECEIPT))
    undoes = (bounced, np.full(len(bounced), -1))
    return (
        np.concatenate([loan, *twice]),
        np.concatenate([paid_on, *days]),
        np.concatenate([amount, *amounts]),
        np.concatenate([entry, *entries]),
        np.concatenate([undone, *undoes]),
    )


def _ordered(
    loan: Days, paid_on: Days, known_on: Days, void_on: Days, amount: Days, entry: Days, undone: Days, first_number: int
) -> Receipts:
    effective_on = np.maximum(paid_on, known_on)
    order = np.lexsort((effective_on, loan))
    order = order[amount[order] != 0]
    number = np.full(len(loan), -1)
    number[order] = first_number + np.arange(len(order))
    reverses = np.where(undone >= 0, number[undone], -1)
    columns = (loan, effective_on, void_on, amount, paid_on, known_on, entry, number, reverses)
    return Receipts(*(column[order] for column in columns))
