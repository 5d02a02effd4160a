"""How simulated borrowers pay: a few types, spells of hardship, and one decision for every due date; figures chosen for a
plausible book, not fitted to anybody's borrowers (the fitted worlds come with the evaluation of policies).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from sulah.simulation.account import Due
from sulah.simulation.luck import days_late, happens, weighted

ROUND_PAISE = 10_00


@dataclass(frozen=True, slots=True)
class Temper:
    """A type of payer: in a thousand due dates so many are paid on the day, late, and in part; the rest are missed."""

    name: str
    on_day: int
    late: int
    part: int
    going_on: int = 500
    advance: int = 4


@dataclass(frozen=True, slots=True)
class Spell:
    """A time of hardship: of a thousand due dates in it so many see some money; afterwards arrears come down step by step."""

    from_on: date
    to_on: date
    some_money: int


@dataclass(frozen=True, slots=True)
class Habit:
    """One borrower's way with one loan: type, spells, and the salary day's distance from the due date in days."""

    temper: Temper
    spells: tuple[Spell, ...] = ()
    salary_lag: int = 0
    lean_months: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """Money on a day, paise; refused = a debit of the due date failed before it; window_on = the due date that asked for it."""

    paid_on: date
    paise: int
    window_on: date
    on_day: bool


TEMPERS = {
    "regular": Temper("regular", 981, 13, 3, 400, 5),
    "forgetful": Temper("forgetful", 800, 160, 20, 750, 2),
    "salary_day": Temper("salary_day", 860, 100, 20, 550, 3),
    "stressed": Temper("stressed", 930, 40, 20, 600, 0),
    "sinking": Temper("sinking", 930, 40, 20, 600, 0),
    "strategic": Temper("strategic", 985, 10, 3, 400, 0),
}
SHARES = (("regular", 680), ("forgetful", 115), ("stressed", 110), ("sinking", 55), ("strategic", 40))


def habit_of(stream: Random, disbursed_on: date, last_on: date, *, salaried: bool, lean_months: tuple[int, ...]) -> Habit:
    """Draw one borrower's habit for a loan that lives from its disbursal to its last due date."""
    name = weighted(stream, SHARES)
    if salaried and name == "regular" and happens(stream, 450):
        name = "salary_day"
    temper = TEMPERS[name]
    life = max(60, (last_on - disbursed_on).days)
    lag = weighted(stream, ((0, 70), (1, 15), (2, 10), (5, 5))) if salaried else 0
    if name == "stressed":
        start = disbursed_on + timedelta(days=30 + stream.randrange(life))
        return Habit(temper, (Spell(start, start + timedelta(days=21 + stream.randrange(56)), 300),), lag, lean_months)
    if name in ("sinking", "strategic"):
        start = disbursed_on + timedelta(days=(45 if name == "sinking" else 20) + stream.randrange(life))
        return Habit(temper, (Spell(start, date.max, 120 if name == "sinking" else 30),), lag, ())
    return Habit(temper, (), lag, lean_months)


def _windows(dues: Sequence[Due], until: date) -> Iterator[tuple[date, int, int, int]]:
    """Every due date up to a day with the days to the next, all dues so far and the instalment; then the same rhythm goes on."""
    so_far = 0
    gap = 30
    for place, due in enumerate(dues):
        if due.due_on > until:
            return
        so_far += due.total
        if place + 1 < len(dues):
            gap = max(1, (dues[place + 1].due_on - due.due_on).days)
        yield due.due_on, gap, so_far, due.total
    day = dues[-1].due_on + timedelta(days=gap)
    while day <= until:
        yield day, gap, so_far, dues[-1].total
        day += timedelta(days=gap)


def _some(stream: Random, owed: int, instalment: int) -> int:
    """A part of an instalment in round rupees, never more than what is owed."""
    part = instalment * stream.randrange(25, 80) // 100 // ROUND_PAISE * ROUND_PAISE
    return min(owed, max(ROUND_PAISE, part))


def _decide(stream: Random, habit: Habit, day: date, gap: int, owed: int, instalment: int) -> tuple[int, int] | None:
    """Delay in days and amount in paise of what the borrower pays for one due date; None when nothing."""
    spell = next((spell for spell in habit.spells if spell.from_on <= day <= spell.to_on), None)
    if spell:
        return (stream.randrange(gap), _some(stream, owed, instalment)) if happens(stream, spell.some_money) else None
    behind = owed > instalment * 3 // 2
    worth = min(owed, 2 * instalment) if behind and habit.temper.name in ("stressed", "sinking") else owed
    temper = habit.temper
    missing = 1000 - temper.on_day - temper.late - temper.part
    if day.month in habit.lean_months:
        missing *= 3
    choice = weighted(stream, (("on_day", temper.on_day), ("late", temper.late), ("part", temper.part), ("missed", missing)))
    if choice == "missed":
        return None
    if choice == "part":
        return stream.randrange(min(3, gap)), _some(stream, owed, instalment)
    if choice == "late":
        return min(gap - 1, days_late(stream, temper.going_on, 20)), worth
    if happens(stream, temper.advance) and not behind:
        return 0, worth + instalment * stream.randrange(1, 3)
    return min(gap - 1, habit.salary_lag), worth


def live(stream: Random, habit: Habit, dues: Sequence[Due], *, until: date, after: date = date.min, paid: int = 0) -> list[Payment]:
    """Every payment on a loan after one day and up to another, given what had been paid before; never more than the whole schedule.

    >>> from sulah.simulation.luck import luck
    >>> always = Habit(Temper("always", 1000, 0, 0, advance=0))
    >>> [p.paise for p in live(luck(1), always, [Due(1, date(2026, 1, 5), 100_00, 0)], until=date(2026, 2, 1))]
    [10000]
    """
    whole = sum(due.total for due in dues)
    payments: list[Payment] = []
    for day, gap, so_far, instalment in _windows(dues, until):
        owed = so_far - paid
        if day <= after or owed <= 0:
            continue
        decision = _decide(stream, habit, day, gap, owed, instalment)
        if decision is None:
            continue
        delay, paise = decision
        paise = min(paise, whole - paid)
        paid_on = day + timedelta(days=delay)
        if paid_on > until or paise <= 0:
            continue
        payments.append(Payment(paid_on, paise, day, delay == 0))
        paid += paise
        if paid >= whole:
            break
    return payments
