"""A whole simulated lender from one seed: branches, centres, people, loans and everything that happened, told once and filtered by day."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from sulah.simulation.account import Account, Centre, Collection, Contact, Person, Promise, Relief
from sulah.simulation.behaviour import Habit, Spell, habit_of
from sulah.simulation.cast import village_on
from sulah.simulation.lending import JLG, MSME, PERSONAL, TWO_WHEELER, Meeting, Product, account_of, pay, person_of
from sulah.simulation.luck import happens, luck, weighted
from sulah.simulation.mischief import bend_after, bend_before
from sulah.simulation.places import BRANCHES, FLOODED_PINCODE, LENDER, MADHUBANI, WEEKDAYS, Branch
from sulah.simulation.trail import collections, contacts_and_promises
from sulah.simulation.village import CENTRES, FLOOD_FROM_AGO

HISTORY_DAYS = 365
DAILY_DAYS = 120
LEAST_LOANS = 100
MIGRATED_AGO = 270
MEETING_TIMES = ("09:00", "09:30", "10:00", "10:30", "11:00", "11:30")
MIX = ((JLG, 72), (PERSONAL, 12), (TWO_WHEELER, 9), (MSME, 7))
"""Of a hundred loans, so many of each product."""


@dataclass(slots=True, eq=False)
class World:
    """Everything that is true of the simulated lender; first_day begins the history, day_one the daily life, last_day ends both."""

    seed: int
    last_day: date
    lender: str = LENDER
    people: list[Person] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    centres: list[Centre] = field(default_factory=list)
    reliefs: list[Relief] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    collections: list[Collection] = field(default_factory=list)
    spoiled: bool = True

    @property
    def first_day(self) -> date:
        """The first day of the history."""
        return self.day_one - timedelta(days=HISTORY_DAYS)

    @property
    def day_one(self) -> date:
        """The first day of daily life."""
        return self.last_day - timedelta(days=DAILY_DAYS - 1)

    @property
    def migrated_on(self) -> date:
        """The day-end on which one branch came over from another system."""
        return self.last_day - timedelta(days=MIGRATED_AGO)


def build_world(seed: int, last_day: date, *, loans: int = 5000) -> World:
    """The world of a seed, about so many loans and the village among them; the same seed gives the same world on every machine.

    Raises ValueError for fewer than 100 loans: too few to plant every oddity once.
    """
    if loans < LEAST_LOANS:
        raise ValueError(f"a world needs at least {LEAST_LOANS} loans; for the village alone use village_world")
    world = World(seed, last_day)
    habits: dict[str, Habit] = {}
    for branch in BRANCHES:
        _branch(world, branch, loans // len(BRANCHES), habits)
    _guarantees(world)
    bend_before(seed, world.accounts, world.centres, world.reliefs, world.people, last_day)
    for account in world.accounts:
        pay(luck(seed, "life", account.loan_id), account, habits[account.loan_id], until=last_day)
    bend_after(seed, world.accounts, last_day, world.migrated_on, {branch.branch_id for branch in BRANCHES if branch.migrated})
    people = {person.borrower_id: person for person in world.people}
    world.contacts, world.promises = contacts_and_promises(seed, world.accounts, people, world.day_one, last_day)
    world.collections = collections(seed, world.accounts, last_day - timedelta(days=60), last_day)
    _settle_village(world)
    return world


def village_world(last_day: date) -> World:
    """The village alone, without bad rows: what tests read."""
    world = World(0, last_day, spoiled=False)
    _settle_village(world)
    return world


def _settle_village(world: World) -> None:
    cast = village_on(world.last_day)
    world.people += cast.people
    world.accounts += cast.accounts
    world.centres += CENTRES
    world.reliefs += cast.reliefs
    world.contacts += cast.contacts
    world.promises += cast.promises


def _branch(world: World, branch: Branch, loans: int, habits: dict[str, Habit]) -> None:
    """Fill a branch: centres until the group loans are out, then the individual loans."""
    groups = loans * MIX[0][1] // 100
    number = 0
    centre_number = 0
    while number < groups:
        centre_number += 1
        number = _centre(world, branch, centre_number, number, habits)
    for product, share in MIX[1:]:
        for _ in range(loans * share // 100):
            number += 1
            _individual(world, branch, product, number, habits)


def _centre(world: World, branch: Branch, centre_number: int, number: int, habits: dict[str, Habit]) -> int:
    """One centre with two to four groups of five to eight; a group's loans go out on one day.  Returns the last loan number used."""
    stream = luck(world.seed, "centre", branch.code, centre_number)
    pin = stream.choice(branch.pins)
    weekday = stream.randrange(5)
    officer_id = f"O-{branch.code}-{1 + (centre_number - 1) // 9:02d}"
    centre = Centre(
        centre_id=f"C-{branch.code}-{centre_number:03d}",
        branch_id=branch.branch_id,
        name=f"{pin.place} {WEEKDAYS[weekday]} {centre_number}",
        weekday=weekday,
        time=stream.choice(MEETING_TIMES),
        pincode=pin.code,
        latitude=pin.latitude + stream.randrange(-60, 61),
        longitude=pin.longitude + stream.randrange(-60, 61),
        officer_id=officer_id,
    )
    world.centres.append(centre)
    meeting = Meeting(weekday, weighted(stream, JLG.rhythms))
    for group in range(1, 2 + stream.randrange(3) + 1):
        disbursed_on = _disbursal(stream, world)
        for _ in range(5 + stream.randrange(4)):
            number += 1
            member_luck = luck(world.seed, "person", branch.code, number)
            person = person_of(member_luck, branch, pin, f"B{branch.code}{number:05d}", disbursed_on, women=985)
            person.centre_id, person.group_id = centre.centre_id, f"{centre.centre_id}-G{group}"
            _lend(world, branch, JLG, person, (number, officer_id), meeting, habits)
            world.people.append(person)
    return number


def _individual(world: World, branch: Branch, product: Product, number: int, habits: dict[str, Habit]) -> None:
    """One individual loan; one in five personal loans goes to somebody who has a group loan already."""
    stream = luck(world.seed, "person", branch.code, number)
    disbursed_on = _disbursal(stream, world)
    if product is PERSONAL and happens(stream, 200):
        person = stream.choice([person for person in world.people if person.state == branch.state and person.centre_id])
    else:
        person = person_of(stream, branch, stream.choice(branch.pins), f"B{branch.code}{number:05d}", disbursed_on, women=420)
        world.people.append(person)
    person.known_on = min(person.known_on, disbursed_on)
    officer_id = f"O-{branch.code}-{30 + number % 8:02d}"
    member = person if person.known_on == disbursed_on else replace(person, known_on=disbursed_on)
    _lend(world, branch, product, member, (number, officer_id), None, habits)


def _lend(
    world: World,
    branch: Branch,
    product: Product,
    person: Person,
    place: tuple[int, str],
    meeting: Meeting | None,
    habits: dict[str, Habit],
) -> None:
    number, officer_id = place
    loan_id = f"L-{branch.code}-{product.code[:3].upper()}-{number:05d}"
    stream = luck(world.seed, "loan", loan_id)
    account = account_of(stream, product, person, branch, loan_id, person.known_on, officer_id, meeting)
    if product is MSME and happens(stream, 250):
        account.co_lender = "Partner Small Finance Bank (simulated)"
        account.totals_only = True
    last_on = min(world.last_day, account.versions[0].dues[-1].due_on)
    lean = (7, 8, 9) if branch is MADHUBANI else ()
    habit = habit_of(stream, account.disbursed_on, last_on, salaried=meeting is None, lean_months=lean)
    if person.pincode == FLOODED_PINCODE:
        flood_from = world.last_day - timedelta(days=FLOOD_FROM_AGO)
        flood = Spell(flood_from, flood_from + timedelta(days=45), 650)
        habit = replace(habit, spells=(flood, *habit.spells))
    habits[loan_id] = habit
    world.accounts.append(account)


def _disbursal(stream: Random, world: World) -> date:
    """A working day on which a loan goes out, evenly over the history and the daily life."""
    day = world.first_day + timedelta(days=stream.randrange(HISTORY_DAYS + DAILY_DAYS - 6))
    return day - timedelta(days=1) if day.weekday() == 6 else day


def _guarantees(world: World) -> None:
    """Somebody stands surety for business and vehicle loans: a neighbour of the same branch who has a loan of their own."""
    by_branch: dict[str, list[Account]] = {}
    for account in world.accounts:
        by_branch.setdefault(account.branch_id, []).append(account)
    for account in world.accounts:
        if account.product in (MSME.code, TWO_WHEELER.code):
            stream = luck(world.seed, "surety", account.loan_id)
            older = [other for other in by_branch[account.branch_id][:400] if other.disbursed_on <= account.disbursed_on]
            others = [other.borrower_id for other in older if other.borrower_id != account.borrower_id]
            if others and happens(stream, 700):
                account.guarantors = (stream.choice(others),)
