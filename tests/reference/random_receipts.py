"""Random payment histories: how a borrower pays, and how a lender's table of repayments tells it load by load."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sulah.kernel.dates import add_months
from sulah.kernel.money import rupees_of
from tests.reference.oddities import Oddities
from tests.reference.random_schedule import Due

Row = dict[str, str]
Sights = list[tuple[int, Row | None]]
"""What a row looks like from a load (by number) on; None = gone."""

MODES = ("cash", "upi", "nach", "cheque", "")
UNDONE = ("bounced", "reversed")


@dataclass(slots=True)
class Payer:
    """One loan's borrower: pays by the truth, forgets, catches up; `sights` is what the lender's extracts show of it."""

    random: Random
    oddities: Oddities
    loads: Sequence[date]
    loan_id: str
    new_id: Callable[[], str]
    disbursed_on: date
    segments: list[tuple[date, list[Due]]]
    stops_after: date
    opening_on: date | None = None
    sights: list[Sights] = field(default_factory=list)
    inside_opening: int = 0
    _flows: list[tuple[date, int]] = field(default_factory=list)

    def owed(self, today: date) -> int:
        """Dues of today and earlier by the schedule in force, paise."""
        schedule = [dues for start, dues in self.segments if start <= today][-1]
        return sum(due.total for due in schedule if due.due_on <= today)

    def arrears(self, today: date) -> int:
        """Dues less what counts by today; negative for an advance."""
        return self.owed(today) - sum(amount for day, amount in self._flows if day <= today)

    def tell(self) -> None:
        """Live through all due dates, and through the months after the last one."""
        days = sorted({due.due_on for _, dues in self.segments for due in dues})
        days += [add_months(days[-1], n) for n in range(1, 13)]
        silent_until = date.min
        for due_on in days:
            if due_on < silent_until:
                continue
            if self.random.random() < self.oddities.silence:
                silent_until = due_on + timedelta(self.random.randint(20, 330))
                continue
            on = due_on + timedelta(self.random.choice([0, 0, 0, 0, 0, 0, 1, 2, 5, 12, 25]) if self.oddities.silence else 0)
            if self.disbursed_on <= on <= self.stops_after:
                self._pay(on, self._amount(on, due_on))

    def _amount(self, on: date, due_on: date) -> int:
        """What the borrower pays: the arrears to the paisa most of the time."""
        random, odd = self.random, self.oddities
        one = sum(due.total for due in self.segments[-1][1] if due.due_on == due_on)
        arrears = max(0, self.arrears(on))
        amount = arrears if random.random() < 0.75 else min(arrears, one)
        if random.random() < odd.part_payment:
            amount = amount * random.randint(20, 90) // 100
        elif random.random() < odd.one_paisa_short:
            amount -= 1
        elif random.random() < odd.advance:
            amount += one * random.randint(1, 3)
        elif random.random() < odd.overpayment:
            amount += random.randint(1, 500_000)
        return amount

    def _pay(self, on: date, amount: int) -> None:
        if amount <= 0:
            return
        row = {"repayment_id": self.new_id(), "loan_id": self.loan_id, "paid_on": on.isoformat(), "amount": rupees_of(amount)}
        row |= {"mode": self.random.choice(MODES), "status": self.random.choice(["posted", "posted", ""])}
        if self.opening_on and on <= self.opening_on:
            self.inside_opening += amount
            self._flows.append((on, amount))
            if self.random.random() < 0.2:
                self.sights.append([(0, row)])
            return
        place = self._place(on)
        booked = self._book(row, on)
        held_back = booked is not None and booked > self.loads[place]
        if held_back and self.random.random() >= self.oddities.booked_after_load and booked:
            place = bisect_left(self.loads, booked)
        elif not held_back and self.random.random() < self.oddities.known_late:
            place += 1
        if place >= len(self.loads):
            return
        known = booked or (on if place == 0 else self.loads[place])
        self._happen(row, on, amount, place, known, settled=held_back)

    def _happen(self, row: Row, on: date, amount: int, place: int, known: date, *, settled: bool) -> None:
        """Let a payment meet its fate; a `settled` one is simply posted."""
        fate = "posted" if settled else self._fate()
        if fate == "bounced_from_start":
            self.sights.append([(place, row | {"status": self.random.choice(UNDONE)})])
            return
        self._flows.append((max(on, known), amount))
        later = self.random.randint(place + 1, len(self.loads)) if place + 1 < len(self.loads) else len(self.loads)
        if fate == "reversal":
            self._reverse(row, on, amount, place)
        elif later < len(self.loads) and fate != "posted":
            self._change(row, on, amount, place, later, fate)
        else:
            self.sights.append([(place, row)])

    def _place(self, on: date) -> int:
        """The first load that can have an entry of that day."""
        return bisect_left(self.loads, on)

    def _book(self, row: Row, on: date) -> date | None:
        """Give the row a booking time, if it is to have one; the date of it."""
        random, odd = self.random, self.oddities
        if random.random() >= odd.booked:
            return None
        booked = on
        if random.random() < odd.booked_late:
            booked += timedelta(random.randint(1, 25))
        elif random.random() < odd.booked_before_own_date:
            booked = max(self.disbursed_on, on - timedelta(random.randint(1, 4)))
        row["booked_at"] = f"{booked.isoformat()}T{random.randint(0, 23):02d}:{random.randint(0, 59):02d}:00"
        return booked

    def _fate(self) -> str:
        draw = self.random.random()
        for fate in ("reversal", "bounced_from_start", "bounced_later", "changed_amount", "changed_date", "vanished"):
            draw -= float(getattr(self.oddities, fate))
            if draw < 0:
                return fate
        return "posted"

    def _reverse(self, row: Row, on: date, amount: int, place: int) -> None:
        """Add one or two entries that take the payment away, whole or in part; the entry's own status follows or does not."""
        random = self.random
        partial = random.random() < self.oddities.partial_reversal and amount > 2
        parts = [random.randint(1, amount // 2), random.randint(1, amount // 2)][: random.randint(1, 2)] if partial else [amount]
        shown: Sights = [(place, row)]
        for part in parts:
            day = on + timedelta(random.randint(0, 12))
            undo = {"repayment_id": self.new_id(), "loan_id": self.loan_id, "paid_on": day.isoformat(), "amount": rupees_of(part)}
            undo |= {"status": random.choice(["posted", "reversed", "bounced", ""]), "reverses_id": row["repayment_id"]}
            booked = self._book(undo, day)
            seen = max(place, self._place(max(day, booked or day)))
            if seen >= len(self.loads):
                continue
            known = booked or (day if seen == 0 else self.loads[seen])
            self._flows.append((max(day, known), -part))
            self.sights.append([(seen, undo)])
            if not partial and random.random() < 0.6:
                marked = row | {"status": random.choice(UNDONE)}
                shown = [(place, marked)] if seen == place else [(place, row), (seen, marked)]
        self.sights.append(shown)

    def _change(self, row: Row, on: date, amount: int, place: int, later: int, fate: str) -> None:
        """A later load shows the entry otherwise, or no longer."""
        random = self.random
        known, changed = self.loads[later], dict(row)
        if fate != "vanished" and random.random() < 0.5:
            span = (self.loads[later] - self.loads[later - 1]).days
            known = self.loads[later - 1] + timedelta(random.randint(1, span))
            changed["booked_at"] = f"{known.isoformat()}T11:00:00"
        self._flows.append((known, -amount))
        if fate == "vanished":
            self.sights.append([(place, row), (later, None)])
            return
        if fate == "bounced_later":
            changed["status"] = random.choice(UNDONE)
        else:
            new, day = amount, on
            if fate == "changed_amount":
                new = max(1, amount + random.choice([-1, 1, -amount // 2, 10000]))
            else:
                earliest = max(self.disbursed_on, (self.opening_on or date.min) + timedelta(1))
                day = min(self.loads[later], max(earliest, on + timedelta(random.choice([-5, -1, 1, 9]))))
            changed |= {"amount": rupees_of(new), "paid_on": day.isoformat()}
            self._flows.append((max(day, known), new))
        self.sights.append([(place, row), (later, changed)])
