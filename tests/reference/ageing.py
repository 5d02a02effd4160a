"""One loan's arithmetic: splitting totals, settling oldest first, and counting day-ends past due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.kernel.dates import add_months
from sulah.kernel.money import split
from tests.reference.rows import GivenInstalment

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Instalment:
    """What falls due on a day, or what is left of it, by head, in paise."""

    number: int
    due_on: date
    principal: int
    interest: int
    charge: int

    @property
    def total(self) -> int:
        """All heads together."""
        return self.principal + self.interest + self.charge


@dataclass(frozen=True, slots=True)
class Window:
    """Day-ends left out of dpd, both ends inclusive, while known (known_on <= D < unknown_on)."""

    from_on: date
    to_on: date
    known_on: date
    unknown_on: date


def with_heads(given: Iterable[GivenInstalment], principal_left: int) -> list[Instalment]:
    """Instalments in order of due date, then number; totals split into principal and interest (ADR 2, 7).

    The totals share, pro rata by largest remainder, the principal that no given head takes; the rest of each is interest.

    >>> [(i.principal, i.interest) for i in with_heads([GivenInstalment(n, date(2026, n, 1), None, 40) for n in (1, 2, 3)], 100)]
    [(34, 6), (33, 7), (33, 7)]
    """
    rows = sorted(given, key=lambda row: (row.due_on, row.number))
    bare = [row for row in rows if row.heads is None]
    totals = [row.total for row in bare]
    share = min(max(0, principal_left - sum(row.heads[0] for row in rows if row.heads)), sum(totals))
    parts = split(share, totals) if sum(totals) else [0] * len(totals)
    principal_of = {row.number: part for row, part in zip(bare, parts, strict=True)}
    return [
        Instalment(row.number, row.due_on, *row.heads)
        if row.heads
        else Instalment(row.number, row.due_on, principal_of[row.number], row.total - principal_of[row.number], 0)
        for row in rows
    ]


def in_order(instalments: Iterable[Instalment]) -> list[Instalment]:
    """Order of settling: due date, then number."""
    return sorted(instalments, key=lambda instalment: (instalment.due_on, instalment.number))


def left_after(schedule: Sequence[Instalment], paid: int, heads: Sequence[str]) -> list[Instalment]:
    """What is left of each instalment when `paid` settles oldest first, heads inside an instalment in the order given.

    >>> due = [Instalment(1, date(2026, 1, 1), 70, 30, 0), Instalment(2, date(2026, 2, 1), 70, 30, 0)]
    >>> [(i.principal, i.interest) for i in left_after(due, 120, ("interest", "principal", "charge"))]
    [(0, 0), (70, 10)]
    """
    left = []
    for instalment in schedule:
        rest = {"principal": instalment.principal, "interest": instalment.interest, "charge": instalment.charge}
        for head in heads:
            taken = min(paid, rest[head])
            rest[head] -= taken
            paid -= taken
        left.append(Instalment(instalment.number, instalment.due_on, **rest))
    return left


def oldest_unsettled(schedule: Sequence[Instalment], paid: int) -> date | None:
    """Due date of the first instalment that `paid` does not fully settle, future ones included; None when all are."""
    for instalment in schedule:
        if instalment.total > paid:
            return instalment.due_on
        paid -= instalment.total
    return None


def merged(windows: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    """Windows of which no two overlap, in order.

    >>> merged([(date(2026, 1, 5), date(2026, 1, 9)), (date(2026, 1, 1), date(2026, 1, 5))])
    [(datetime.date(2026, 1, 1), datetime.date(2026, 1, 9))]
    """
    result: list[tuple[date, date]] = []
    for first, last in sorted(windows):
        if result and first <= result[-1][1]:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def day_ends(first: date, last: date, windows: Iterable[Window], *, pause_rule: str, known_at: date) -> int:
    """Day-ends in [first, last] less those in windows known on `known_at`; never below zero (ADR 2, 9).

    `pause_rule` inside_window leaves out the day-ends inside; whole_window takes away the whole of each window that
    touches [first, last], up to the last day, whether it began before the first or not.

    >>> window = Window(date(2025, 12, 30), date(2026, 1, 3), date(2025, 12, 30), date(9999, 12, 31))
    >>> rules = ("inside_window", "whole_window")
    >>> [day_ends(date(2026, 1, 1), date(2026, 1, 10), [window], pause_rule=rule, known_at=date(2026, 1, 10)) for rule in rules]
    [7, 5]
    """
    if first > last:
        return 0
    days = (last - first).days + 1
    known = [(w.from_on, w.to_on) for w in windows if w.known_on <= known_at < w.unknown_on]
    for from_on, to_on in merged(known):
        if from_on <= last and to_on >= first:
            begin = from_on if pause_rule == "whole_window" else max(from_on, first)
            days -= (min(to_on, last) - begin).days + 1
    return max(0, days)


def whole_months(start: date, end: date) -> int:
    """Whole months from start to end, month-ends clipped: the most months that start can go on without passing end.

    >>> whole_months(date(2024, 2, 29), date(2025, 2, 28)), whole_months(date(2025, 1, 15), date(2025, 2, 14))
    (12, 0)
    """
    months = 0
    while add_months(start, months + 1) <= end:
        months += 1
    return months
