"""How the simulated lender lends: products, people, centres and groups, one loan at a time with its whole life of payments."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from sulah.kernel.dates import add_months
from sulah.kernel.terms import Frequency
from sulah.simulation.account import Account, Bounce, Due, Mandate, Person, Receipt, Version
from sulah.simulation.behaviour import Habit, Payment, live
from sulah.simulation.luck import days_late, happens, weighted
from sulah.simulation.places import BANKS, OCCUPATIONS, Branch, Pin
from sulah.simulation.schedule import STEP_DAYS, amortise, dues_of, monthly_dates, weekly_dates


@dataclass(frozen=True, slots=True)
class Product:
    """One product: ticket sizes in rupees, yearly rate in basis points, rhythms as (frequency, instalments, weight), charge in paise."""

    code: str
    tickets: tuple[int, ...]
    rate_bps: int
    rhythms: tuple[tuple[tuple[Frequency, int], int], ...]
    secured: bool = False
    charge: int = 0
    channel: str = "branch"


JLG = Product(
    "jlg",
    (25_000, 30_000, 35_000, 40_000, 45_000, 50_000),
    2240,
    (((Frequency.WEEKLY, 50), 70), ((Frequency.FORTNIGHTLY, 26), 15), ((Frequency.FOUR_WEEKLY, 24), 15)),
    channel="centre",
)
PERSONAL = Product("personal", (40_000, 60_000, 75_000, 100_000), 2400, (((Frequency.MONTHLY, 18), 1), ((Frequency.MONTHLY, 24), 1)))
TWO_WHEELER = Product(
    "two_wheeler",
    (65_000, 80_000, 95_000),
    2100,
    (((Frequency.MONTHLY, 24), 1), ((Frequency.MONTHLY, 36), 1)),
    secured=True,
    charge=59_00,
    channel="dealer",
)
MSME = Product(
    "msme", (150_000, 200_000, 300_000, 500_000), 1950, (((Frequency.MONTHLY, 36), 1),), secured=True, charge=118_00, channel="connector"
)


@dataclass(frozen=True, slots=True)
class Meeting:
    """When a centre meets: weekday 0 = Monday, and the rhythm that its groups repay in."""

    weekday: int
    rhythm: tuple[Frequency, int]


def moment(stream: Random, day: date, first_hour: int = 9, last_hour: int = 17) -> datetime:
    """A moment of a day in working hours."""
    return datetime.combine(day, time(stream.randrange(first_hour, last_hour + 1), stream.randrange(60), stream.randrange(60)))


def person_of(stream: Random, branch: Branch, pin: Pin, borrower_id: str, known_on: date, *, women: int) -> Person:
    """Draw one fictitious person who lives near the middle of a PIN code; women = how many of a thousand are."""
    woman = happens(stream, women)
    first = stream.choice(branch.women if woman else branch.men)
    surname = stream.choice(branch.surnames)
    income = stream.randrange(8, 25) * 1000_00
    reachable = happens(stream, 950)
    return Person(
        borrower_id=borrower_id,
        name=f"{first} {surname}",
        phone=f"5{stream.randrange(10**9):09d}" if reachable else "",
        language=branch.languages[0] if happens(stream, 850) else branch.languages[1],
        gender="female" if woman else "male",
        born_on=add_months(known_on, -12 * (21 + stream.randrange(35)) - stream.randrange(12)),
        occupation=weighted(stream, OCCUPATIONS),
        monthly_income=income,
        address=f"House {stream.randrange(1, 400)}, Ward {stream.randrange(1, 20)}, {pin.place}, {branch.district}",
        pincode=pin.code,
        state=branch.state,
        latitude=pin.latitude + stream.randrange(-90, 91),
        longitude=pin.longitude + stream.randrange(-90, 91),
        known_on=known_on,
        phone_2=f"5{stream.randrange(10**9):09d}" if happens(stream, 200) else "",
        household_id=f"H{borrower_id[1:]}",
    )


def account_of(
    stream: Random,
    product: Product,
    person: Person,
    branch: Branch,
    loan_id: str,
    disbursed_on: date,
    officer_id: str,
    meeting: Meeting | None,
) -> Account:
    """Draw one loan of a product with its schedule; a group loan is repaid at its centre's meetings, in its rhythm."""
    frequency, count = meeting.rhythm if meeting else weighted(stream, product.rhythms)
    principal = stream.choice(product.tickets) * 100
    if meeting is None:
        dates = monthly_dates(disbursed_on, weighted(stream, ((5, 50), (3, 15), (7, 15), (10, 15), (31, 5))), count)
        parts = amortise(principal, product.rate_bps, 30, count)
    else:
        dates = weekly_dates(disbursed_on, meeting.weekday, frequency, count)
        parts = amortise(principal, product.rate_bps, STEP_DAYS[frequency], count)
    account = Account(
        loan_id=loan_id,
        borrower_id=person.borrower_id,
        product=product.code,
        branch_id=branch.branch_id,
        disbursed_on=disbursed_on,
        principal=principal,
        rate_bps=product.rate_bps,
        count=count,
        frequency=frequency,
        officer_id=officer_id,
        versions=[Version(disbursed_on, dues_of(dates, parts, charge=product.charge))],
        secured=product.secured,
        channel=product.channel,
    )
    if frequency is Frequency.MONTHLY and happens(stream, 900):
        account.mandate = _mandate_of(stream, account)
    return account


def _mandate_of(stream: Random, account: Account) -> Mandate:
    largest = max(due.total for due in account.versions[0].dues)
    return Mandate(
        mandate_id=f"M-{account.loan_id}",
        loan_id=account.loan_id,
        kind=weighted(stream, (("nach", 78), ("upi_autopay", 18), ("card", 4))),
        max_paise=largest * 2,
        bank=stream.choice(BANKS),
        from_on=account.disbursed_on,
    )


def pay(stream: Random, account: Account, habit: Habit, *, until: date, after: date = date.min) -> None:
    """Let a loan live between two days: receipts, and bounces of the debits that failed."""
    dues = account.dues_on(until)
    paid = sum(receipt.signed for receipt in account.receipts)
    payments = live(stream, habit, dues, until=until, after=after, paid=paid)
    for payment in payments:
        account.receipts.append(receipt_of(stream, account, payment.paid_on, payment.paise, _mode(stream, account, payment), until=until))
    if account.mandate:
        _bounces(stream, account, account.mandate, payments, dues, (after, until))
    account.temper = habit.temper.name


def _mode(stream: Random, account: Account, payment: Payment) -> str:
    if account.mandate and payment.on_day:
        return account.mandate.kind
    if account.mandate:
        return weighted(stream, (("upi", 60), ("cash", 25), ("bank_transfer", 15)))
    return weighted(stream, (("cash", 82), ("upi", 18)))


def receipt_of(stream: Random, account: Account, paid_on: date, paise: int, mode: str, *, until: date) -> Receipt:
    """Book a payment: nearly always the same day, three in a hundred some days late, a few much later; numbered within the loan."""
    late = weighted(stream, ((0, 970), (1, 26), (2, 4)))
    days = 0 if not late else days_late(stream, 500, 5) if late == 1 else 8 + stream.randrange(15)
    if paid_on + timedelta(days=days) > until:
        days = 0
    return Receipt(
        repayment_id=account.next_entry_id(),
        loan_id=account.loan_id,
        paid_on=paid_on,
        paise=paise,
        mode=mode,
        booked_at=moment(stream, paid_on + timedelta(days=days)),
        officer_id=account.officer_id if mode == "cash" else "",
    )


def _bounces(
    stream: Random, account: Account, mandate: Mandate, payments: list[Payment], dues: tuple[Due, ...], window: tuple[date, date]
) -> None:
    """Every due date of the window that no debit or advance settled on the day was presented, and nearly always came back."""
    settled = {payment.window_on for payment in payments if payment.on_day}
    asked = {payment.window_on for payment in payments}
    last_on = max(asked, default=date.min)
    for due in dues:
        presented = due.due_on in asked or due.due_on > last_on
        if window[0] < due.due_on <= window[1] and presented and due.due_on not in settled and happens(stream, 800):
            account.bounces.append(
                Bounce(
                    bounce_id=f"B-{account.loan_id}-{due.number:03d}",
                    loan_id=account.loan_id,
                    presented_on=due.due_on,
                    paise=due.total,
                    reason_code=weighted(
                        stream, (("insufficient_funds", 85), ("account_closed", 4), ("mandate_cancelled", 5), ("technical", 6))
                    ),
                    mandate_id=mandate.mandate_id,
                )
            )
