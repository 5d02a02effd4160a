"""All that the loads taught about one loan, and what follows from it on a day-end."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sulah.kernel.dates import FOREVER
from tests.reference.ageing import Instalment, Window, in_order, oldest_unsettled, with_heads
from tests.reference.rows import GivenInstalment, GivenRepayment, Row, day, day_or_none, paise

ENDED = ("closed", "settled", "sold")
Rows = tuple[GivenInstalment, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that counts on day-ends from_on <= D < until_on; a reversal's amount is negative."""

    paid_on: date
    amount: int
    from_on: date
    until_on: date

    def counts(self, today: date) -> bool:
        """Does it count at this day-end?"""
        return self.from_on <= today < self.until_on


@dataclass(frozen=True, slots=True)
class Seen:
    """A repayment as one load showed it; None when the load no longer had it."""

    as_of: date
    in_first_load: bool
    row: GivenRepayment | None


def entries_of(history: list[Seen], *, undone: bool) -> list[Entry]:
    """The entries that one repayment id gives over all loads (ADR 2, 1-3); `undone` = another entry reverses it."""
    result: list[Entry] = []
    before: GivenRepayment | None = None
    for seen in history:
        row = seen.row
        if row is not None and before is not None and _same(row, before, undone=undone):
            before = row
            continue
        known = _known_on(seen, before, first=seen is history[0])
        if result:
            result[-1] = Entry(result[-1].paid_on, result[-1].amount, result[-1].from_on, min(known, result[-1].until_on))
        if row is not None and _is_money(row, undone=undone):
            result.append(Entry(row.paid_on, -row.amount if row.reverses_id else row.amount, max(row.paid_on, known), FOREVER))
        before = row
    return result


def _is_money(row: GivenRepayment, *, undone: bool) -> bool:
    return bool(row.reverses_id) or undone or row.status == "posted"


def _same(row: GivenRepayment, before: GivenRepayment, *, undone: bool) -> bool:
    money = _is_money(row, undone=undone) == _is_money(before, undone=undone)
    return money and (row.paid_on, row.amount, row.reverses_id) == (before.paid_on, before.amount, before.reverses_id)


def _known_on(seen: Seen, before: GivenRepayment | None, *, first: bool) -> date:
    """The day-end at which this sight of the entry became known."""
    booked = seen.row.booked_at if seen.row else ""
    if first:
        if booked:
            return day(booked)
        return seen.row.paid_on if seen.in_first_load and seen.row else seen.as_of
    changed = booked and before is not None and booked != before.booked_at
    return day(booked) if changed else seen.as_of


@dataclass(slots=True)
class LoanFile:
    """One loan over all loads; lists of (day-end from which it is so, value) grow load by load."""

    loan_id: str
    disbursed_on: date
    row: Row = field(default_factory=dict)
    opening_on: date | None = None
    lms_npa_on: date | None = None
    begins_on: date = date.min
    statuses: list[tuple[date, str]] = field(default_factory=list)
    ended_on: date | None = None
    restructurings: list[tuple[date, date | None]] = field(default_factory=list)
    moratoria: list[tuple[date, date | None, date | None]] = field(default_factory=list)
    schedules: dict[date | None, list[tuple[date, Rows]]] = field(default_factory=dict)
    repayments: dict[str, list[Seen]] = field(default_factory=dict)
    windows: list[Window] = field(default_factory=list)
    _entries: list[Entry] | None = None
    _turns: list[date] | None = None
    _schedule: dict[int, list[Instalment]] = field(default_factory=dict)
    _oldest: dict[int, date | None] = field(default_factory=dict)

    def forget(self) -> None:
        """Drop what was worked out; called when a load taught something."""
        self._entries, self._turns = None, None
        self._schedule.clear()
        self._oldest.clear()

    @property
    def principal(self) -> int:
        """Principal disbursed, paise."""
        return paise(self.row["principal"])

    def read(self, row: Row) -> None:
        """Take over the row of a load; the terms are those of the last load."""
        self.row = row
        self.opening_on = day_or_none(row.get("opening_on") or "")
        self.lms_npa_on = day_or_none(row.get("lms_npa_on") or "")
        self.begins_on = self.opening_on or self.disbursed_on

    def entries(self) -> list[Entry]:
        """All money of the loan, the opening receipt included (ADR 2, 4)."""
        if self._entries is None:
            rows = [seen.row for history in self.repayments.values() for seen in history if seen.row]
            undone = {row.reverses_id for row in rows if row.reverses_id}
            found = [e for key, history in self.repayments.items() for e in entries_of(history, undone=key in undone)]
            opening = self.opening_on
            if opening:
                found = [entry for entry in found if entry.paid_on > opening]
                inside = paise(self.row.get("opening_principal_paid") or "") + paise(self.row.get("opening_interest_paid") or "")
                found += [Entry(opening, inside, opening, FOREVER)] if inside else []
            self._entries = found
        return self._entries

    def paid(self, today: date) -> int:
        """The sum of what counts, never below zero."""
        return max(0, sum(entry.amount for entry in self.entries() if entry.counts(today)))

    def last_paid_on(self, today: date) -> date | None:
        """Own date of the last receipt that counts."""
        return max((e.paid_on for e in self.entries() if e.amount > 0 and e.counts(today)), default=None)

    def _turn(self, today: date) -> int:
        """Number of days up to today on which money or schedule turned; between two turns nothing changes."""
        if self._turns is None:
            money = {d for entry in self.entries() for d in (entry.from_on, entry.until_on)}
            self._turns = sorted(money | {start for group in self.schedules.values() for start, _ in group})
        return bisect_right(self._turns, today)

    def schedule(self, today: date) -> list[Instalment]:
        """The version in force at the day-end, in the order of settling (ADR 2, 6-7)."""
        version = sum(start <= today for group in self.schedules.values() for start, _ in group)
        if version not in self._schedule:
            self._schedule[version] = self._compose(today)
        return self._schedule[version]

    def _compose(self, today: date) -> list[Instalment]:
        first = self._group(None, today)
        schedule = with_heads(first, self.principal)
        begun = [(group[0][0], valid_from) for valid_from, group in self.schedules.items() if valid_from and group[0][0] <= today]
        for _, valid_from in sorted(begun):
            rows = self._group(valid_from, today)
            if rows:
                lowest = min(row.number for row in rows)
                kept = [instalment for instalment in schedule if instalment.number < lowest]
                schedule = kept + with_heads(rows, self.principal - sum(instalment.principal for instalment in kept))
        return in_order(schedule)

    def _group(self, valid_from: date | None, today: date) -> Rows:
        return _in_force(self.schedules.get(valid_from, []), today) or ()

    def oldest_unsettled(self, today: date) -> date | None:
        """Due date of the oldest instalment that is not fully settled, future ones included."""
        turn = self._turn(today)
        if turn not in self._oldest:
            self._oldest[turn] = oldest_unsettled(self.schedule(today), self.paid(today))
        return self._oldest[turn]

    def status(self, today: date) -> str:
        """The status known at the day-end."""
        return _in_force(self.statuses, today) or "active"

    def demanded(self, today: date) -> bool:
        """Is anything demanded: not yet closed, settled or sold (ADR 2, 10)?"""
        return self.ended_on is None or today < self.ended_on

    def restructured_on(self, today: date) -> date | None:
        """The restructuring known at the day-end and not later than it."""
        value = _in_force(self.restructurings, today)
        return value if value and value <= today else None

    def restructured_today(self, today: date) -> bool:
        """Does a restructuring begin to count at this very day-end?"""
        return any(value is not None and max(known, value) == today for known, value in self.restructurings)

    def moratorium_windows(self) -> list[Window]:
        """The moratorium of the loan's own row as windows, each while it was known."""
        ends = [known for known, _, _ in self.moratoria[1:]] + [FOREVER]
        pairs = zip(self.moratoria, ends, strict=True)
        return [Window(from_on, to_on or FOREVER, known, until) for (known, from_on, to_on), until in pairs if from_on]

    def ends_in_first_load(self) -> date:
        """Own date of the last receipt, the disbursal if none: when a loan that came already ended had ended."""
        return max((entry.paid_on for entry in self.entries() if entry.amount > 0), default=self.disbursed_on)


def _in_force(history: Iterable[tuple[date, T]], today: date) -> T | None:
    """The last value that holds from today or earlier."""
    result: T | None = None
    for start, value in history:
        if start <= today:
            result = value
    return result
