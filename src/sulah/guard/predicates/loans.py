"""What the book says of the loans named: overdue, due soon, the amount demanded, the words of law, and how old the book is."""

from datetime import datetime

from sulah.guard.case import Case, active, clear_from, ist_instant
from sulah.guard.facts import Loan, Stop
from sulah.guard.predicates.said import NO, UNKNOWN, YES, Said, not_before
from sulah.guard.rule import ContactRule
from sulah.kernel.terms import StopEvent, StopScope


def overdue(_rule: ContactRule, case: Case) -> Said:
    """A loan named has something overdue on the book, and no stop of the event `paid` is active for it."""
    if any(loan and (loan.overdue_paise or 0) > 0 and not _paid(loan, case) for loan in case.named):
        return YES
    if any(loan is None or loan.overdue_paise is None for loan in case.named):
        return UNKNOWN
    late = [loan for loan in case.named if loan and (loan.overdue_paise or 0) > 0]
    return not_before(_earliest([clear_from(_paid_stops(loan, case), case.at) for loan in late]))


def _paid(loan: Loan, case: Case) -> bool:
    return any(active(stop, case.at) for stop in _paid_stops(loan, case))


def _paid_stops(loan: Loan, case: Case) -> list[Stop]:
    """The stops that say that this loan, or the person as a whole, has paid."""
    keys = {StopScope.LOAN: loan.loan_id, StopScope.PERSON: case.facts.person.person_id}
    return [stop for stop in case.facts.stops if stop.event is StopEvent.PAID and keys.get(stop.scope) == stop.key]


def due_soon(rule: ContactRule, case: Case) -> Said:
    """A loan named falls due within the next `days` days, not today, and has nothing overdue; less than nothing is a credit."""
    waits = []
    unknown = False
    for loan in case.named:
        if loan is None or loan.overdue_paise is None or loan.next_due_on is None:
            unknown = True
        elif loan.overdue_paise <= 0:
            ahead = (loan.next_due_on - case.today).days
            if 0 < ahead <= rule.days:
                return YES
            waits.append(ist_instant(loan.next_due_on.toordinal() - rule.days) if ahead > rule.days > 0 else None)
    return UNKNOWN if unknown else not_before(_earliest(waits))


def demand(_rule: ContactRule, case: Case) -> Said:
    """The amount named is, to the paisa, what the ledger demands on the loans named."""
    if case.intent.amount_paise is None:
        return YES
    demands = [loan.demand_paise if loan else None for loan in case.named]
    known = [amount for amount in demands if amount is not None]
    if len(known) < len(demands):
        return UNKNOWN
    return YES if sum(known) == case.intent.amount_paise else NO


def book_age(rule: ContactRule, case: Case) -> Said:
    """The book is of a day at most `days` days before the IST date."""
    day = case.facts.book_as_of
    if day is None:
        return UNKNOWN
    return YES if (case.today - day).days <= rule.days else NO


def legal_language(_rule: ContactRule, case: Case) -> Said:
    """Words of law need the legal desk's approval and an IST date on or before the limitation date of every loan named."""
    if case.intent.legal_words is None:
        return UNKNOWN
    if not case.intent.legal_words:
        return YES
    limits = [loan.limitation_on if loan else None for loan in case.named]
    if not case.intent.legal_approved or any(limit is not None and case.today > limit for limit in limits):
        return NO
    return UNKNOWN if None in limits else YES


def _earliest(instants: list[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)
