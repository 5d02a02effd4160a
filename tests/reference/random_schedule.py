"""Random repayment schedules: how a lender writes down what falls due when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from sulah.kernel.dates import add_months
from sulah.kernel.money import rupees_of, split
from tests.reference.oddities import Oddities

STEPS = {"weekly": 7, "fortnightly": 14, "four_weekly": 28}
COUNTS = {"weekly": (16, 50), "fortnightly": (10, 26), "four_weekly": (6, 14), "monthly": (4, 24), "irregular": (3, 9)}


@dataclass(frozen=True, slots=True)
class Due:
    """One instalment of the truth, paise by head."""

    number: int
    due_on: date
    principal: int
    interest: int
    charge: int

    @property
    def total(self) -> int:
        """All heads together."""
        return self.principal + self.interest + self.charge


def due_dates(random: Random, disbursed_on: date, frequency: str, count: int, oddities: Oddities) -> list[date]:
    """Due dates in order; monthly ones keep their day (29, 30, 31 too) and are clipped at month-ends."""
    wait = random.randint(30, 120) if random.random() < oddities.gap_before_first else 0
    if frequency == "monthly":
        anchor = random.choice([disbursed_on.day, 5, 10, 28, 29, 30, 31])
        return [add_months(disbursed_on + timedelta(wait), month, anchor_day=anchor) for month in range(1, count + 1)]
    if frequency == "irregular":
        dates, today = [], disbursed_on + timedelta(wait)
        for _ in range(count):
            today += timedelta(random.randint(5, 75))
            dates.append(today)
        return dates
    step = STEPS[frequency]
    return [disbursed_on + timedelta(wait + step * (n + 1)) for n in range(count)]


def first_schedule(random: Random, disbursed_on: date, frequency: str, principal: int, oddities: Oddities) -> list[Due]:
    """The schedule at disbursal: principal in parts that add up, flat interest, and the oddities of instalments."""
    count = random.randint(*COUNTS[frequency])
    dates = due_dates(random, disbursed_on, frequency, count, oddities)
    if random.random() < oddities.same_due_date and count > 2:
        place = random.randrange(1, count)
        dates[place] = dates[place - 1]
    weights = [1] * count if random.random() < 0.7 else [random.randint(1, 5) for _ in range(count)]
    if random.random() < oddities.zero_due and count > 2:
        for place in random.sample(range(count - 1), min(2, count - 1)):
            weights[place] = 0
    interest = principal * random.randint(6, 26) // 100
    charged = random.random() < oddities.charges
    parts = zip(split(principal, weights), split(interest, weights), weights, strict=True)
    return [
        Due(n, due_on, p, i, random.choice([0, 0, 1180, 5000, 59]) if charged and w else 0)
        for n, (due_on, (p, i, w)) in enumerate(zip(dates, parts, strict=True), 1)
    ]


def rescheduled(random: Random, schedule: Sequence[Due], valid_from: date, *, whole: bool) -> list[Due]:
    """The rows of a re-schedule: from the first number due after valid_from on, or all of them; principal adds up as before."""
    lowest = 1 if whole else min((due.number for due in schedule if due.due_on > valid_from), default=0)
    old = [due for due in schedule if due.number >= lowest]
    if not lowest or not old:
        return []
    later = timedelta(random.choice([7, 14, 30, 61, 91]))
    dates = [due.due_on + later if due.due_on > valid_from else due.due_on for due in old]
    step = random.choice([7, 14, 28, 30])
    dates += [dates[-1] + timedelta(step * (n + 1)) for n in range(random.choice([0, 0, 1, 3]))]
    weights = [1] * len(dates)
    principal = split(sum(due.principal for due in old), weights)
    interest = split(sum(due.interest for due in old) * random.choice([100, 100, 104, 110]) // 100, weights)
    charges = [due.charge for due in old] + [0] * (len(dates) - len(old))
    rows = zip(dates, principal, interest, charges, strict=True)
    return [Due(lowest + n, *row) for n, row in enumerate(rows)]


def corrected(random: Random, rows: Sequence[Due]) -> list[Due]:
    """The same rows silently changed: later dates from a number on, or more interest, or a charge."""
    place = random.randrange(len(rows))
    kind = random.choice(["dates", "interest", "charge"])
    if kind == "dates":
        days = timedelta(random.choice([1, 3, 10, 30]))
        return [replace(due, due_on=due.due_on + days) if n >= place else due for n, due in enumerate(rows)]
    field = "interest" if kind == "interest" else "charge"
    return [replace(due, **{field: getattr(due, field) + 333}) if n == place else due for n, due in enumerate(rows)]


def extract_rows(loan_id: str, dues: Sequence[Due], valid_from: date | None, *, total_only: bool) -> list[dict[str, str]]:
    """The rows as the lender writes them: rupee text, ISO dates, empty columns left away."""
    rows = []
    for due in dues:
        row = {"loan_id": loan_id, "number": str(due.number), "due_on": due.due_on.isoformat()}
        if total_only:
            row["total_due"] = rupees_of(due.total)
        else:
            row |= {"principal_due": rupees_of(due.principal), "interest_due": rupees_of(due.interest)}
            if due.charge:
                row["charge_due"] = rupees_of(due.charge)
        if valid_from:
            row["valid_from"] = valid_from.isoformat()
        rows.append(row)
    return rows
