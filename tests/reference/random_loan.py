"""One random loan: its terms, schedule versions and payments as the lender's successive extracts show them."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sulah.kernel.money import rupees_of
from tests.reference.oddities import Oddities
from tests.reference.random_receipts import Payer, Row, Sights
from tests.reference.random_schedule import Due, corrected, extract_rows, first_schedule, rescheduled

Block = list[tuple[int, list[Row]]]
"""The rows of one valid_from as they look from a load on."""

FREQUENCIES = ("weekly", "weekly", "fortnightly", "four_weekly", "monthly", "monthly", "irregular")
VOIDS = ("bounced_later", "changed_amount", "changed_date", "vanished")
PAYING = (*VOIDS, "reversal", "bounced_from_start", "booked_late", "booked_before_own_date", "known_late")


@dataclass(slots=True)
class RandomLoan:
    """A loan of a random book; loads are numbered from 0."""

    random: Random
    oddities: Oddities
    loads: Sequence[date]
    loan_id: str
    borrower_id: str
    disbursed_on: date
    new_id: Callable[[], str]
    opening_on: date | None = None
    row: Row = field(default_factory=dict)
    changes: list[tuple[int, Row]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    repayments: list[Sights] = field(default_factory=list)
    lender_npa_on: date | None = None

    def __post_init__(self) -> None:
        """Live the whole life of the loan."""
        random, odd = self.random, self.oddities
        if self.opening_on and self.opening_on <= self.disbursed_on:
            self.opening_on = None
        principal = random.randint(20, 900) * random.choice([10000, 10000, 25050, 33333])
        frequency = random.choice(FREQUENCIES)
        ends_first = self.first == 0 and not self.opening_on and random.random() < odd.ended_first
        eased = self.opening_on is None and not ends_first and random.random() < odd.restructured
        total_only = random.random() < odd.total_only
        if eased or total_only:
            odd = odd.without("zero_due")
        dues = first_schedule(random, self.disbursed_on, frequency, principal, odd)
        if total_only:
            dues = self._bare(dues, principal)
        self.row = self._terms(principal, frequency, len(dues))
        segments = self._schedules(dues, total_only=total_only, eased=eased)
        last = self._statuses(ends_first=ends_first)
        paying = odd.without(*PAYING) if ends_first else odd.without(*VOIDS) if eased else odd
        payer = Payer(random, paying, self.loads, self.loan_id, self.new_id, self.disbursed_on, segments, last, self.opening_on)
        payer.tell()
        self.repayments = payer.sights
        if self.opening_on:
            self._open(payer, principal)

    @property
    def first(self) -> int:
        """The number of the first load that has the loan."""
        return bisect_left(self.loads, self.disbursed_on)

    def shown(self, load: int) -> Row:
        """The loan's row in a load."""
        row = dict(self.row)
        for start, change in self.changes:
            if start <= load:
                row |= change
        return row

    def _bare(self, dues: list[Due], principal: int) -> list[Due]:
        """For a loan of which only totals are given: now and then the totals add up to less than the principal."""
        if self.random.random() < self.oddities.total_below_principal:
            return [Due(d.number, d.due_on, d.principal * 9 // 10, 0, 0) for d in dues]
        return dues

    def _terms(self, principal: int, frequency: str, count: int) -> Row:
        random = self.random
        row = {
            "loan_id": self.loan_id,
            "borrower_id": self.borrower_id,
            "product": random.choice(["JLG", "PL", "TW", "MSME"]),
            "branch_id": f"BR{random.randint(1, 5):02d}",
            "disbursed_on": self.disbursed_on.isoformat(),
            "principal": rupees_of(principal),
            "annual_rate_percent": random.choice(["12", "18.5", "24", ""]),
            "instalment_count": str(count),
            "frequency": random.choice([frequency, frequency, ""]),
            "secured": random.choice(["true", "false", ""]),
            "status": random.choice(["active", "active", ""]),
        }
        if random.random() < self.oddities.co_lent:
            row["co_lender"] = "BANK-A"
        if random.random() < self.oddities.moratorium:
            start = self.disbursed_on + timedelta(random.randint(10, 300))
            row |= {"moratorium_from": start.isoformat(), "moratorium_to": (start + timedelta(random.randint(10, 120))).isoformat()}
        return row

    def _schedules(self, dues: list[Due], *, total_only: bool, eased: bool) -> list[tuple[date, list[Due]]]:
        """Write the blocks of rows; the versions in force by the truth, for the payer to live by."""
        random, odd = self.random, self.oddities
        segments = [(self.disbursed_on, dues)]
        self.blocks.append([(self.first, extract_rows(self.loan_id, dues, None, total_only=total_only))])
        if eased:
            self._ease(segments, total_only=total_only)
        elif random.random() < odd.reschedule:
            for _ in range(2 if random.random() < odd.second_reschedule else 1):
                self._reschedule(segments, self._moment(segments[-1][0], dues), total_only=total_only)
        elif random.random() < odd.changed_rows and self.first + 1 < len(self.loads):
            load = random.randrange(self.first + 1, len(self.loads))
            changed = corrected(random, dues)
            self.blocks[-1].append((load, extract_rows(self.loan_id, changed, None, total_only=total_only)))
            segments.append((self.loads[load], changed))
        return segments

    def _moment(self, after: date, dues: list[Due]) -> date:
        return after + timedelta(self.random.randint(10, max(11, (dues[-1].due_on - after).days)))

    def _ease(self, segments: list[tuple[date, list[Due]]], *, total_only: bool) -> None:
        """A restructuring, mostly with a re-schedule of the same day."""
        random = self.random
        on = self._moment(self.disbursed_on, segments[0][1])
        load = max(self.first, bisect_left(self.loads, on)) + (random.random() < self.oddities.restructured_late)
        if on >= segments[0][1][-1].due_on or load >= len(self.loads):
            return
        self.changes.append((load, {"restructured_on": on.isoformat()}))
        if random.random() < 0.6:
            self._reschedule(segments, on, total_only=total_only)

    def _reschedule(self, segments: list[tuple[date, list[Due]]], valid_from: date, *, total_only: bool) -> None:
        """Add a block with valid_from; known ahead, in time or late; sometimes silently changed by a later load."""
        random, odd = self.random, self.oddities
        whole = total_only or random.random() < odd.whole_reschedule
        rows = rescheduled(random, segments[-1][1], valid_from, whole=whole)
        load = max(self.first, bisect_left(self.loads, valid_from))
        draw = random.random()
        if draw < odd.reschedule_ahead:
            load = max(self.first, load - 1)
        elif draw < odd.reschedule_ahead + odd.reschedule_late:
            load += 1
        known = valid_from if load == 0 else self.loads[min(load, len(self.loads) - 1)]
        if not rows or load >= len(self.loads) or max(valid_from, known) <= segments[-1][0]:
            return
        kept = [due for due in segments[-1][1] if due.number < rows[0].number]
        segments.append((max(valid_from, known), kept + rows))
        self.blocks.append([(load, extract_rows(self.loan_id, rows, valid_from, total_only=total_only))])
        if random.random() < odd.changed_rows and load + 1 < len(self.loads) and self.loads[load + 1] > valid_from:
            changed = corrected(random, rows)
            self.blocks[-1].append((load + 1, extract_rows(self.loan_id, changed, valid_from, total_only=total_only)))
            segments.append((self.loads[load + 1], kept + changed))

    def _statuses(self, *, ends_first: bool) -> date:
        """How the lender's status turns; the day after which nobody pays any more."""
        random, odd, count = self.random, self.oddities, len(self.loads)
        ended = random.choice(["closed", "closed", "settled", "sold"])
        if ends_first:
            self.row["status"] = ended
            return self.loads[0] - timedelta(random.randint(0, 200))
        if self.first == 0 and random.random() < odd.written_off_first:
            self.row["status"] = "written_off"
        later = random.randrange(self.first + 1, count) if self.first + 1 < count else count
        if later < count and random.random() < odd.ended_later:
            self.changes.append((later, {"status": ended}))
            return self.loads[later] if random.random() < 0.9 else self.loads[-1]
        if later < count and self.row["status"] != "written_off" and random.random() < odd.written_off_later:
            self.changes.append((later, {"status": "written_off"}))
            if later + 1 < count and random.random() < 0.25:
                self.changes.append((later + 1, {"status": "settled"}))
        return self.loads[-1]

    def _open(self, payer: Payer, principal: int) -> None:
        """Write what was paid before the history begins, and note since when the lender would call it NPA."""
        assert self.opening_on
        schedule = [dues for start, dues in payer.segments if start <= self.opening_on][-1]
        total = sum(due.total for due in schedule)
        of_principal = min(principal, payer.inside_opening * principal // total if total else 0)
        self.row |= {
            "opening_on": self.opening_on.isoformat(),
            "opening_principal_paid": rupees_of(of_principal),
            "opening_interest_paid": rupees_of(payer.inside_opening - of_principal),
        }
        paid = payer.inside_opening
        for due in schedule:
            paid -= due.total
            if paid < 0:
                if (self.opening_on - due.due_on).days + 1 > 90:
                    self.lender_npa_on = due.due_on + timedelta(90)
                break
