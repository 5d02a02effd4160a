"""Brings the village to life: from the table of stories to people, loans, receipts, contacts and promises on real dates."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sulah.kernel.dates import add_months
from sulah.kernel.terms import LoanStatus, RepaymentStatus
from sulah.simulation.account import Account, Bounce, Contact, Due, Mandate, Person, Promise, Receipt, Relief, Version
from sulah.simulation.places import BRANCHES, FLOODED_PINCODE, Branch
from sulah.simulation.village import FLOOD_FROM_AGO, FLOOD_KNOWN_AGO, FLOOD_TO_AGO, STORIES, VILLAGERS, Paid, Story, Villager


@dataclass(frozen=True, slots=True)
class Cast:
    """The village on real dates."""

    people: tuple[Person, ...]
    accounts: tuple[Account, ...]
    reliefs: tuple[Relief, ...]
    contacts: tuple[Contact, ...]
    promises: tuple[Promise, ...]


def village_on(last_day: date) -> Cast:
    """The whole village as it stands on a last day T.

    >>> len(village_on(date(2026, 11, 22)).people)
    16
    """
    accounts = tuple(_account(story, last_day) for story in STORIES)
    flood = Relief(
        "calamity",
        _ago(last_day, FLOOD_FROM_AGO),
        _ago(last_day, FLOOD_TO_AGO),
        counts=False,
        known_on=_ago(last_day, FLOOD_KNOWN_AGO),
        pincode=FLOODED_PINCODE,
    )
    people = tuple(_person(villager, last_day, accounts) for villager in VILLAGERS)
    return Cast(people, accounts, (flood,), _contacts(last_day), _promises(last_day))


def _ago(last_day: date, days: int) -> date:
    return last_day - timedelta(days=days)


def _at(last_day: date, days: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(_ago(last_day, days), time(hour, minute))


def _branch_of(story: Story) -> Branch:
    return next(villager.branch for villager in VILLAGERS if villager.borrower_id == story.borrower_id)


def _person(villager: Villager, last_day: date, accounts: tuple[Account, ...]) -> Person:
    pin = next(pin for branch in BRANCHES for pin in branch.pins if pin.code == villager.pincode)
    place = VILLAGERS.index(villager) + 1
    return Person(
        borrower_id=villager.borrower_id,
        name=villager.name,
        phone=f"50000001{place:02d}",
        language=villager.language,
        gender=villager.gender,
        born_on=date(1976 + place, 1 + place % 12, 10 + place),
        occupation=villager.occupation,
        monthly_income=15_000_00,
        address=f"House {place}, Ward 1, {pin.place}, {villager.branch.district}",
        pincode=pin.code,
        state=villager.branch.state,
        latitude=pin.latitude + place,
        longitude=pin.longitude - place,
        known_on=min(account.disbursed_on for account in accounts if account.borrower_id == villager.borrower_id),
        centre_id=villager.centre_id,
        group_id=f"{villager.centre_id}-G1" if villager.centre_id else "",
        household_id=f"H-{villager.borrower_id}",
        deceased=(_ago(last_day, villager.died[0]), _ago(last_day, villager.died[1])) if villager.died else None,
    )


def _first_dues(story: Story, last_day: date) -> tuple[Due, ...]:
    if story.monthly_on:
        # The ninth instalment is the latest that has fallen due, so that the story is always in mid-life.
        latest = date(last_day.year, last_day.month, story.monthly_on)
        latest = latest if latest <= last_day else add_months(latest, -1)
        dates = [add_months(latest, place - 8) for place in range(story.count)]
    else:
        dates = [_ago(last_day, story.first_ago - story.step * place) for place in range(story.count)]
    return tuple(Due(number, day, story.principal * 100, story.interest * 100) for number, day in enumerate(dates, start=1))


def _versions(story: Story, last_day: date) -> list[Version]:
    dues = _first_dues(story, last_day)
    versions = [Version(dues[0].due_on - timedelta(days=max(story.step, 7)), dues)]
    if story.eased and story.restructured_ago is not None:
        first, count, principal, interest, first_ago = story.eased
        eased = tuple(
            Due(first + place, _ago(last_day, first_ago - story.step * place), principal * 100, interest * 100) for place in range(count)
        )
        on = _ago(last_day, story.restructured_ago)
        versions.append(Version(on, eased, on))
    return versions


def _account(story: Story, last_day: date) -> Account:
    branch = _branch_of(story)
    versions = _versions(story, last_day)
    account = Account(
        loan_id=story.loan_id,
        borrower_id=story.borrower_id,
        product=story.product,
        branch_id=branch.branch_id,
        disbursed_on=versions[0].known_on,
        principal=story.principal * story.count * 100,
        rate_bps=2240,
        count=story.count,
        frequency=story.frequency,
        officer_id=f"O-{branch.code}-00",
        versions=versions,
        secured=story.secured,
        channel="centre" if story.product == "jlg" else "branch",
        temper="village",
        quirk=story.quirk,
    )
    if story.restructured_ago is not None:
        account.restructured_on = _ago(last_day, story.restructured_ago)
    if story.written_off_ago is not None:
        account.ended = (LoanStatus.WRITTEN_OFF, _ago(last_day, story.written_off_ago))
    if story.closed_ago is not None:
        account.ended = (LoanStatus.CLOSED, _ago(last_day, story.closed_ago))
    account.receipts = _receipts(story, account, last_day)
    _debits(story, account, last_day)
    return account


def _receipts(story: Story, account: Account, last_day: date) -> list[Receipt]:
    dues = {due.number: due for due in account.dues_on(last_day)}
    receipts: list[Receipt] = []
    for paid in story.paid:
        for number in range(paid.first, paid.last + 1):
            paid_on = _ago(last_day, paid.on) if paid.on is not None else dues[number].due_on + timedelta(days=paid.late)
            if paid_on <= last_day:
                receipts.append(_receipt(account, number, paid_on, dues[number].total, paid))
    if story.returned:
        number, ago = story.returned
        original = receipts[number - 1]
        undo = _receipt(account, len(receipts) + 1, _ago(last_day, ago), original.paise, Paid(0, 0, mode=original.mode))
        undo.status, undo.reverses_id = RepaymentStatus.BOUNCED, original.repayment_id
        receipts.append(undo)
    return receipts


def _receipt(account: Account, number: int, paid_on: date, total: int, paid: Paid) -> Receipt:
    return Receipt(
        repayment_id=f"R-{account.loan_id}-{number:03d}",
        loan_id=account.loan_id,
        paid_on=paid_on,
        paise=total * paid.share[0] // paid.share[1],
        mode=paid.mode,
        booked_at=datetime.combine(paid_on + timedelta(days=paid.booked_after), time(11, 15)),
        officer_id=account.officer_id if paid.mode == "cash" else "",
    )


def _debits(story: Story, account: Account, last_day: date) -> None:
    if not story.refused:
        return
    account.mandate = Mandate(f"M-{story.loan_id}", story.loan_id, "nach", 7400_00, "SBI", account.disbursed_on)
    dues = {due.number: due for due in account.dues_on(last_day)}
    account.bounces = [
        Bounce(
            f"B-{story.loan_id}-{number:03d}",
            story.loan_id,
            dues[number].due_on,
            dues[number].total,
            "insufficient_funds",
            f"M-{story.loan_id}",
        )
        for number in story.refused
    ]


_CONTACTS = (
    # (person, loan, days before T, hour, channel, direction, outcome, seconds)
    ("V03", "VIL-03", 30, 11, "call", "out", "no_answer", None),
    ("V03", "VIL-03", 22, 16, "call", "out", "no_answer", None),
    ("V03", "VIL-03", 9, 10, "sms", "out", "delivered", None),
    ("V04", "VIL-04", 20, 10, "call", "out", "number_not_in_service", None),
    ("V04", "VIL-04", 13, 10, "call", "out", "number_not_in_service", None),
    ("V05", "VIL-05", 12, 9, "call", "out", "refused", 45),
    ("V05", "VIL-05", 6, 17, "call", "out", "refused", 20),
    ("V05", "VIL-05", 4, 12, "call", "in", "complaint", 310),
    ("V06", "VIL-06B", 15, 11, "call", "out", "promise", 180),
    ("V07", "VIL-07", 5, 15, "visit", "out", "deceased", None),
    ("V08", "VIL-08", 27, 14, "call", "in", "hardship", 240),
    ("V13", "VIL-13", 11, 12, "call", "out", "promise", 150),
)


def _contacts(last_day: date) -> tuple[Contact, ...]:
    languages = {villager.borrower_id: villager.language for villager in VILLAGERS}
    return tuple(
        Contact(
            contact_id=f"K-VIL-{place:03d}",
            borrower_id=person,
            at=_at(last_day, ago, hour),
            channel=channel,
            direction=direction,
            loan_id=loan,
            outcome=outcome,
            number_used="" if channel == "visit" else f"50000001{person[1:]}",
            seconds=seconds,
            agent_id="A-01",
            party="family" if outcome == "deceased" else "borrower" if seconds else "",
            language=languages[person],
        )
        for place, (person, loan, ago, hour, channel, direction, outcome, seconds) in enumerate(_CONTACTS, start=1)
    )


def _promises(last_day: date) -> tuple[Promise, ...]:
    """Anita Jadhav's promise was broken, Vijay Shinde's was kept to the rupee."""
    return (
        Promise("P-VIL-001", "VIL-06B", _at(last_day, 15, 11, 3), _ago(last_day, 10), 4800_00, "A-01", "call"),
        Promise("P-VIL-002", "VIL-13", _at(last_day, 11, 12, 2), _ago(last_day, 10), 4 * 3700_00, "A-01", "call"),
    )
