"""Where a simulated loan stands on a day, as the lender's own system works it out; that system is right for most loans, not for all.

It counts days as due date = day 0 (`elapsed`), looks at one loan at a time, forgets relief windows, and rewrites its past when a
receipt is booked late.  The quirks below are wrong on purpose, so that an honest second count has something to find.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sulah.kernel.terms import AssetClass, LoanStatus, Sma
from sulah.simulation.account import Account

QUIRKS = ("off_by_one", "late_posting", "upgrades_on_part_payment")
NPA_DAYS = 90
LATE_POSTING_DAYS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """The lender's figures of a loan on a day-end; overdue in paise; oldest = due date of the oldest unpaid instalment."""

    dpd_elapsed: int
    dpd: int
    overdue: int
    oldest: date | None
    last_class: str
    npa_on: date | None


class Standings:
    """The running totals of one loan, so that any day is two look-ups away."""

    def __init__(self, account: Account) -> None:
        self.account = account
        moves = [(receipt.effective_on, receipt.signed) for receipt in account.receipts]
        moves += [(receipt.undone_at.date(), -receipt.paise) for receipt in account.receipts if receipt.undone_at]
        moves.sort()
        self._days: list[date] = [day for day, _ in moves]
        self._paid: list[int] = []
        total = 0
        for _, paise in moves:
            total += paise
            self._paid.append(total)
        starts = [date.min, *(max(v.known_on, v.valid_from or v.known_on) for v in account.versions[1:])]
        self._starts = starts
        self._dues = [self._running(start) for start in starts]
        self._npa: list[tuple[date, date]] | None = None

    def _running(self, day: date) -> tuple[list[date], list[int]]:
        dues = sorted(self.account.dues_on(day), key=lambda due: (due.due_on, due.number))
        total = 0
        running = []
        for due in dues:
            total += due.total
            running.append(total)
        return [due.due_on for due in dues], running

    def _in_force(self, day: date) -> tuple[list[date], list[int]]:
        return self._dues[bisect_right(self._starts, day) - 1]

    def paid(self, day: date) -> int:
        """Net receipts that count on a day-end, paise."""
        place = bisect_right(self._days, day)
        return self._paid[place - 1] if place else 0

    def scheduled(self, day: date) -> int:
        """All dues of the schedule in force, paise."""
        return self._in_force(day)[1][-1]

    def due(self, day: date) -> int:
        """Dues of the day and earlier, paise."""
        dates, running = self._in_force(day)
        place = bisect_right(dates, day)
        return running[place - 1] if place else 0

    def oldest(self, day: date, *, paid_by: date | None = None) -> date | None:
        """Due date of the oldest instalment not fully paid, future ones included; None when all is paid."""
        dates, running = self._in_force(day)
        place = bisect_right(running, max(0, self.paid(paid_by or day)))
        return dates[place] if place < len(dates) else None

    def elapsed(self, day: date, *, paid_by: date | None = None) -> int:
        """Days since the oldest unpaid due date, 0 when nothing is overdue or only from today."""
        oldest = self.oldest(day, paid_by=paid_by)
        return max(0, (day - oldest).days) if oldest else 0

    def dpd(self, day: date) -> int:
        """Days past due by the day-end count, quirks left out."""
        oldest = self.oldest(day)
        return (day - oldest).days + 1 if oldest and oldest <= day else 0

    def _npa_spells(self) -> list[tuple[date, date]]:
        """Spells of NPA as [from, to): in at the 91st day-end, out when all arrears are paid (or, in a wrong system, earlier)."""
        changes = sorted({*self._days, *self._starts[1:], *([r] if (r := self.account.restructured_on) else [])})
        changes = [self.account.disbursed_on, *changes, date.max]
        spells: list[tuple[date, date]] = []
        since: date | None = None
        for day, following in pairwise(changes):
            oldest = self.oldest(day)
            if since and not self._keeps_npa(day, oldest):
                spells.append((since, day))
                since = None
            if since is None and day == self.account.restructured_on:
                since = day
            if since is None and oldest and oldest <= date.max - timedelta(days=NPA_DAYS):
                entry = max(day, oldest + timedelta(days=NPA_DAYS))
                since = entry if entry < following else None
        if since:
            spells.append((since, date.max))
        return spells

    def _keeps_npa(self, day: date, oldest: date | None) -> bool:
        if self.account.restructured_on and self.account.restructured_on <= day:
            return True
        if oldest is None or oldest > day:
            return False
        return not (self.account.quirk == "upgrades_on_part_payment" and (day - oldest).days < NPA_DAYS)

    def npa_on(self, day: date) -> date | None:
        """Since when the lender's system has the loan as NPA on a day; None when it has not."""
        if self._npa is None:
            self._npa = self._npa_spells()
        return next((since for since, until in self._npa if since <= day < until), None)

    def on(self, day: date) -> Standing:
        """The lender's figures of a day-end, quirks included."""
        quirk = self.account.quirk
        seen = day - timedelta(days=LATE_POSTING_DAYS) if quirk == "late_posting" else day
        oldest = self.oldest(day, paid_by=seen)
        overdue = max(0, self.due(day) - self.paid(seen))
        elapsed = self.elapsed(day, paid_by=seen)
        dpd = elapsed + 1 if oldest and oldest <= day else 0
        if quirk == "off_by_one" and elapsed:
            elapsed += 1
        npa_on = self.npa_on(day)
        return Standing(elapsed, dpd, overdue, oldest if dpd else None, self._class(day, dpd, npa_on), npa_on)

    def _class(self, day: date, dpd: int, npa_on: date | None) -> str:
        if self.account.status_on(day) is LoanStatus.WRITTEN_OFF:
            return AssetClass.LOSS
        if npa_on:
            return AssetClass.SUB_STANDARD if (day - npa_on).days < 365 else AssetClass.DOUBTFUL_1
        limits = ((0, Sma.NONE), (30, Sma.SMA_0), (60, Sma.SMA_1))
        band = next((sma for most, sma in limits if dpd <= most), Sma.SMA_2)
        return AssetClass.STANDARD if band is Sma.NONE else band
