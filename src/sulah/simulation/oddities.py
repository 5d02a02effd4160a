"""The oddities of a real book, planted on purpose: each function bends the life of one loan in one way, and nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random

from sulah.kernel.dates import add_months
from sulah.kernel.terms import Frequency, LoanStatus, RepaymentStatus
from sulah.simulation.account import Account, Opening, Receipt, Version
from sulah.simulation.behaviour import TEMPERS, Habit
from sulah.simulation.lending import moment, pay, receipt_of
from sulah.simulation.luck import happens
from sulah.simulation.schedule import STEP_DAYS, amortise, dues_of
from sulah.simulation.standing import Standings

STEADY = Habit(TEMPERS["regular"])
GARBLED = ("twelve hundred", "1,2OO.00", "Rs 950/-", "#REF!", "n.a.")


def shift_dues(account: Account, from_on: date, *, days: int = 0, months: int = 0) -> None:
    """Re-schedule: every instalment due from a day on moves by days or months, as a version that is valid from that day."""
    moved = tuple(
        due._replace(due_on=add_months(due.due_on, months) + timedelta(days=days))
        for due in account.dues_on(from_on)
        if due.due_on >= from_on
    )
    if moved:
        account.versions.append(Version(from_on, moved, from_on))


def grant_moratorium(account: Account, from_on: date, months: int = 3) -> None:
    """Three months without instalments, agreed beforehand: the schedule moves, and the loan says so."""
    shift_dues(account, from_on, months=months)
    account.moratorium = (from_on, add_months(from_on, months) - timedelta(days=1))


def cut(account: Account, on: date) -> None:
    """Forget what happens to a loan after a day-end, so that its life can go on differently."""
    account.receipts = [receipt for receipt in account.receipts if receipt.effective_on <= on]
    account.bounces = [bounce for bounce in account.bounces if bounce.presented_on <= on]


def turn(stream: Random, account: Account, on: date, paise: int, habit: Habit | None, until: date) -> None:
    """Bend a life on a day: a lump of money is paid, and from then on the borrower pays by another habit (none: no more)."""
    cut(account, on)
    if paise > 0:
        lump = receipt_of(stream, account, on, paise, "bank_transfer", until=on)
        account.receipts.append(lump)
    if habit:
        name = account.temper
        pay(stream, account, habit, until=until, after=on)
        account.temper = name


def restructure(stream: Random, account: Account, on: date, until: date) -> None:
    """Ease the terms in difficulty: what is left of the principal is spread over half as many instalments more."""
    cut(account, on)
    paid = Standings(account).paid(on)
    dues = account.dues_on(on)
    left = list(dues)
    while left and paid >= left[0].total:
        paid -= left.pop(0).total
    count = len(left) + len(left) // 2
    step = STEP_DAYS.get(Frequency(account.frequency), 30)
    parts = amortise(sum(due.principal for due in left), account.rate_bps, step, count)
    if account.frequency == Frequency.MONTHLY:
        dates = [add_months(on, place + 1) for place in range(count)]
    else:
        dates = [on + timedelta(days=28 + step * place) for place in range(count)]
    account.versions.append(Version(on, dues_of(dates, parts, first_number=left[0].number), on))
    account.restructured_on = on
    turn(stream, account, on, 0, STEADY, until)


def settle(stream: Random, account: Account, on: date) -> None:
    """One payment of two fifths of what is left ends the claim."""
    standings = Standings(account)
    left = standings.scheduled(on) - standings.paid(on)
    turn(stream, account, on, left * 2 // 5 // 100_00 * 100_00, None, on)
    account.ended = (LoanStatus.SETTLED, on)


def preclose(stream: Random, account: Account, on: date) -> None:
    """The borrower pays all principal that is left, future interest is not charged, and the loan is closed."""
    standings = Standings(account)
    left = sum(due.principal for due in account.dues_on(on) if due.due_on > on) + standings.due(on) - standings.paid(on)
    turn(stream, account, on, left, None, on)
    account.ended = (LoanStatus.CLOSED, on)


def finish(account: Account) -> None:
    """Close a loan on the day on which its whole schedule is paid."""
    paid = 0
    entries = sorted(account.receipts, key=lambda receipt: receipt.effective_on)
    for receipt in entries:
        paid += receipt.signed
    if account.ended is None and entries and paid >= sum(due.total for due in account.dues_on(date.max)):
        account.ended = (LoanStatus.CLOSED, entries[-1].effective_on)


def move_over(account: Account, on: date) -> None:
    """The branch came over from another system: what was paid by that day is an opening amount, interest first within an instalment."""
    if account.disbursed_on > on:
        return
    for receipt in account.receipts:
        if receipt.paid_on <= on < receipt.booked_at.date():
            # Booked late, but before the books came over: otherwise the money would be in neither of the two.
            receipt.booked_at = datetime.combine(on, receipt.booked_at.time())
    standings = Standings(account)
    left = standings.paid(on)
    principal = interest = 0
    for due in account.dues_on(on):
        part = min(left, due.interest + due.charge)
        interest += part
        rest = min(left - part, due.principal)
        principal += rest
        left -= part + rest
    account.opening = Opening(on, principal, interest + left, standings.npa_on(on))


def undo_by_entry(stream: Random, account: Account, receipt: Receipt, days: int, status: RepaymentStatus, until: date) -> None:
    """Book an entry that undoes a receipt some days later; nothing when that day has not come."""
    on = receipt.effective_on + timedelta(days=days)
    if on > until:
        return
    undo = Receipt(
        repayment_id=account.next_entry_id(),
        loan_id=account.loan_id,
        paid_on=on,
        paise=receipt.paise,
        mode=receipt.mode,
        booked_at=moment(stream, on),
        status=status,
        reverses_id=receipt.repayment_id,
    )
    account.receipts.append(undo)
    _pay_again(stream, account, receipt, on, until)


def undo_by_status(stream: Random, account: Account, receipt: Receipt, days: int, until: date) -> None:
    """Overwrite the row of a cheque that came back: the same id, status bounced, a later booked_at."""
    on = receipt.effective_on + timedelta(days=days)
    if on > until:
        return
    receipt.mode = "cheque"
    receipt.undone_at = moment(stream, on)
    _pay_again(stream, account, receipt, on, until)


def _pay_again(stream: Random, account: Account, receipt: Receipt, on: date, until: date) -> None:
    """Most people make a refused payment good in cash within two weeks."""
    again_on = on + timedelta(days=4 + stream.randrange(10))
    if again_on <= until and happens(stream, 800):
        account.receipts.append(receipt_of(stream, account, again_on, receipt.paise, "cash", until=until))


def post_twice(stream: Random, account: Account, receipt: Receipt, until: date) -> None:
    """Post a receipt a second time by mistake, and reverse the copy two days later."""
    copy = replace(receipt, repayment_id=account.next_entry_id())
    on = copy.effective_on + timedelta(days=2)
    if on > until:
        return
    account.receipts.append(copy)
    undo = Receipt(
        repayment_id=account.next_entry_id(),
        loan_id=account.loan_id,
        paid_on=on,
        paise=copy.paise,
        mode=copy.mode,
        booked_at=moment(stream, on),
        status=RepaymentStatus.REVERSED,
        reverses_id=copy.repayment_id,
    )
    account.receipts.append(undo)


def garble(stream: Random, receipts: Sequence[Receipt], days: int) -> None:
    """Let the amount of some receipts be unreadable in the extract for a few days, until somebody mends the row."""
    for receipt in receipts:
        receipt.garbled = (stream.choice(GARBLED), receipt.effective_on + timedelta(days=days))
