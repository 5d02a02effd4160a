"""The simulated lender's ledger as extract rows: each row told once, with the days on which the lender would send it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from sulah.kernel.money import rupees_of
from sulah.simulation.account import Account, Bounce, Centre, Collection, Contact, Due, Person, Promise, Receipt, Relief
from sulah.simulation.places import BRANCHES, WEEKDAYS
from sulah.simulation.standing import Standings

DEMANDED = ("active", "written_off")


class Row(NamedTuple):
    """One line of a file: sent from one day until another (exclusive); paise = its readable amount, for the manifest."""

    sent_from: date
    sent_until: date
    paise: int
    text: str


def cell(words: str) -> str:
    """A CSV field, quoted when it must be.

    >>> cell("House 4, Ward 1"), cell("Salem")
    ('"House 4, Ward 1"', 'Salem')
    """
    if any(mark in words for mark in ',"\n\r'):
        return '"' + words.replace('"', '""') + '"'
    return words


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _degrees(ten_thousandths: int) -> str:
    """Degrees with four decimals; every simulated place lies north and east."""
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"


def person_rows(person: Person) -> Iterator[Row]:
    """A person, and once more from the day on which the lender learned of a death."""
    spells = [(person.known_on, date.max, "")]
    if person.deceased:
        died_on, told_on = person.deceased
        spells = [(person.known_on, told_on, ""), (told_on, date.max, _day(died_on))]
    for sent_from, sent_until, deceased_on in spells:
        fields = (
            person.borrower_id,
            cell(person.name),
            person.phone,
            person.phone_2,
            "",
            person.language,
            person.gender,
            _day(person.born_on),
            person.occupation,
            rupees_of(person.monthly_income),
            rupees_of(person.monthly_income * 15),
            cell(person.address),
            person.pincode,
            person.state,
            _degrees(person.latitude),
            _degrees(person.longitude),
            person.centre_id,
            person.group_id,
            person.household_id,
            deceased_on,
            person.consents,
        )
        yield Row(sent_from, sent_until, 0, ",".join(fields))


def loan_row(account: Account, standings: Standings, day: date) -> Row:
    """A loan as the lender sends it on a day, with the lender's own figures; those of an ended loan are left empty."""
    status = account.status_on(day)
    opening = account.opening if account.opening and account.opening.on <= day else None
    moratorium = account.moratorium if account.moratorium and account.moratorium[0] <= day else (None, None)
    lms = ("", "", "", "")
    if status in DEMANDED:
        standing = standings.on(day)
        lms = (str(standing.dpd_elapsed), "elapsed", standing.last_class, _day(standing.npa_on))
    fields = (
        account.loan_id,
        account.borrower_id,
        account.product,
        account.branch_id,
        _day(account.disbursed_on),
        rupees_of(account.principal),
        f"{account.rate_bps // 100}.{account.rate_bps % 100:02d}",
        str(account.count),
        account.frequency,
        "true" if account.secured else "false",
        account.officer_id,
        account.channel,
        status,
        _day(account.restructured_on) if account.restructured_on and account.restructured_on <= day else "",
        _day(moratorium[0]),
        _day(moratorium[1]),
        rupees_of(opening.principal) if opening else "",
        rupees_of(opening.interest) if opening else "",
        _day(opening.on) if opening else "",
        *lms,
        cell(account.co_lender),
    )
    return Row(account.disbursed_on, date.max, account.principal, ",".join(fields))


def due_rows(account: Account) -> Iterator[Row]:
    """Every instalment of every schedule, each version from the day on which it was agreed."""
    for version in account.versions:
        valid_from = _day(version.valid_from)
        for due in version.dues:
            yield Row(version.known_on, date.max, due.total, _due_text(account, due, valid_from))


def _due_text(account: Account, due: Due, valid_from: str) -> str:
    if account.totals_only:
        heads = f",,,{rupees_of(due.total)}"
    else:
        heads = f"{rupees_of(due.principal)},{rupees_of(due.interest)},{rupees_of(due.charge) if due.charge else ''},"
    return f"{account.loan_id},{due.number},{due.due_on.isoformat()},{heads},{valid_from}"


def receipt_rows(account: Account) -> Iterator[Row]:
    """Every entry from the day it was booked: garbled rows until somebody mends them, overwritten ones with their new status.

    Entries inside an opening amount are not sent, but for every 25th loan: a lender's export is never quite clean.
    """
    opening = account.opening
    hidden = opening and sum(map(ord, account.loan_id)) % 25
    for receipt in account.receipts:
        if opening and hidden and receipt.paid_on <= opening.on:
            continue
        ends = receipt.undone_at.date() if receipt.undone_at else date.max
        booked = receipt.booked_at.isoformat()
        starts = receipt.effective_on
        if receipt.garbled:
            words, mended_on = receipt.garbled
            yield Row(starts, mended_on, 0, _receipt_text(receipt, cell(words), receipt.status, booked))
            starts = mended_on
        amount = rupees_of(receipt.paise)
        yield Row(starts, ends, receipt.paise, _receipt_text(receipt, amount, receipt.status, booked))
        if receipt.undone_at:
            text = _receipt_text(receipt, amount, receipt.undone_status, receipt.undone_at.isoformat())
            yield Row(ends, date.max, receipt.paise, text)


def _receipt_text(receipt: Receipt, amount: str, status: str, booked: str) -> str:
    head = f"{receipt.repayment_id},{receipt.loan_id},{receipt.paid_on.isoformat()},{amount},{receipt.mode},{status}"
    return f"{head},{receipt.reverses_id},{booked},{receipt.officer_id}"


def contact_row(contact: Contact) -> Row:
    """One contact from the day it was made."""
    head = f"{contact.contact_id},{contact.borrower_id},{contact.at.isoformat()},{contact.channel},{contact.direction},{contact.loan_id}"
    seconds = "" if contact.seconds is None else str(contact.seconds)
    tail = f"{contact.party},{contact.number_used},{contact.outcome},{seconds},{contact.agent_id},,{contact.language}"
    return Row(contact.at.date(), date.max, 0, f"{head},{tail}")


def promise_row(promise: Promise) -> Row:
    """One promise from the day it was made."""
    text = f"{promise.promise_id},{promise.loan_id},{promise.made_at.isoformat()},{_day(promise.due_on)},{rupees_of(promise.paise)}"
    return Row(promise.made_at.date(), date.max, promise.paise, f"{text},{promise.taken_by},{promise.channel}")


def mandate_rows(account: Account) -> Iterator[Row]:
    """A mandate, active until the bank says otherwise."""
    mandate = account.mandate
    if mandate is None:
        return
    gone = min((b.presented_on for b in account.bounces if b.reason_code in ("account_closed", "mandate_cancelled")), default=date.max)
    head = f"{mandate.mandate_id},{mandate.loan_id},{mandate.kind},{rupees_of(mandate.max_paise)}"
    yield Row(mandate.from_on, gone, 0, f"{head},active,{mandate.bank}")
    if gone < date.max:
        yield Row(gone, date.max, 0, f"{head},cancelled,{mandate.bank}")


RETURN_CODES = (
    {"insufficient_funds": "Z9", "account_closed": "XH", "mandate_cancelled": "QM", "technical": "U30"},
    {"insufficient_funds": "04", "account_closed": "01", "mandate_cancelled": "21", "technical": "59"},
)
"""What a bank's return file says for each reason: on UPI and cards, and on NACH."""


def bounce_row(bounce: Bounce, kind: str) -> Row:
    """One failed debit from the day it was presented, with the code that the system of its mandate returns."""
    head = f"{bounce.bounce_id},{bounce.loan_id},{_day(bounce.presented_on)},{rupees_of(bounce.paise)}"
    code = RETURN_CODES[kind == "nach"][bounce.reason_code]
    text = f"{head},{code},{bounce.mandate_id}"
    return Row(bounce.presented_on, date.max, bounce.paise, text)


def guarantor_rows(account: Account) -> Iterator[Row]:
    """Everybody who stands surety for a loan, since its disbursal."""
    for borrower_id in account.guarantors:
        yield Row(account.disbursed_on, date.max, 0, f"{account.loan_id},{borrower_id},{_day(account.disbursed_on)}")


def centre_rows(centre: Centre) -> Iterator[Row]:
    """A centre, and once more from the day on which its meeting moved."""
    spells = [(date.min, date.max, centre.weekday)]
    if centre.moved:
        spells = [(date.min, centre.moved[0], centre.weekday), (centre.moved[0], date.max, centre.moved[1])]
    place = f"{centre.pincode},{_degrees(centre.latitude)},{_degrees(centre.longitude)},{centre.officer_id}"
    for sent_from, sent_until, weekday in spells:
        meeting = f"{WEEKDAYS[weekday]},{centre.time}"
        yield Row(sent_from, sent_until, 0, f"{centre.centre_id},{centre.branch_id},{cell(centre.name)},{meeting},{place}")


def relief_row(relief: Relief) -> Row:
    """One window of relief from the day it was entered."""
    counts = "true" if relief.counts else "false"
    text = f"{relief.borrower_id},{relief.pincode},{relief.kind},{_day(relief.from_on)},{_day(relief.to_on)},{counts}"
    return Row(relief.known_on, date.max, 0, text)


def collection_rows(collections: Iterable[Collection]) -> Iterator[Row]:
    """Payments of other sources from their own day."""
    for seen in collections:
        text = f"{seen.source},{seen.reference},{seen.loan_id},{_day(seen.paid_on)},{rupees_of(seen.paise)},{seen.mode}"
        yield Row(seen.paid_on, date.max, seen.paise, text)


def pin_rows(first_day: date) -> Iterator[Row]:
    """The PIN codes in which the lender works, with their districts, in order."""
    for place in sorted(f"{pin.code},{branch.district},{branch.state}" for branch in BRANCHES for pin in branch.pins):
        yield Row(first_day, date.max, 0, place)
