"""Take a promise to pay: written down, quiet until its day, the older one on the loan replaced.

Older is what was said earlier.  A promise that comes in after one that was said later is written down as replaced by that one, and
keeps nobody quiet: the end does not hang on the order in which a provider delivers.
"""

from datetime import datetime, time, timedelta

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.reserve_contact import lock_person
from sulah.actions.contact.rulebook import Rulebook
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Role, StopEvent
from sulah.records.audit import write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.turn import turn
from sulah.resolution.promise import Offered, PromiseState, Taken, taken


class PromiseRefusedError(Refusal):
    """The promise cannot be taken as it is; the words say why."""


def take_promise(
    person: str,
    loan_id: str,
    offered: Offered,
    *,
    channel: Channel,
    book: Rulebook,
    by: Actor,
    clock: Clock,
    heard: Heard | None = None,
) -> Promise:
    """Take a promise of a person on a loan; PromiseRefusedError where a person must agree to it first.

    Nobody asks for money on the loan until the end of the day promised (stop `promise`): what waits in the outbox is withdrawn.  The same
    message makes one promise.  Of promises on a loan the one said last is open, the others are replaced, in whatever order they come in.
    A promise heard was made when it was said: its day is judged by that, and so is what was paid since.
    """
    hold_role(by, DESK | {Role.AGENCY}, "take a promise")
    hold_reach(by, person)
    with turn(), transaction.atomic():
        lock_person(person)
        known = Promise.objects.filter(heard=heard).first() if heard is not None else None
        if known is not None:
            return known
        now = clock()
        at = heard.said_at if heard is not None else now
        overdue = _overdue(person, loan_id)
        made = taken(offered, said_on=at.astimezone(IST).date(), overdue_paise=overdue, longest_days=_longest(book, at))
        if isinstance(made, str):
            raise PromiseRefusedError(made)
        promise = Promise(person=person, loan_id=loan_id, made_at=at, channel=channel.value, heard=heard, taken_by=by.name)
        return _written(promise, made, overdue, book, by, now)


def _written(promise: Promise, made: Taken, overdue: int, book: Rulebook, by: Actor, now: datetime) -> Promise:
    promise.due_on, promise.amount_paise, promise.whole, promise.overdue_paise = made.due_on, made.amount_paise, made.whole, overdue
    if _later_said(promise):
        promise.state, promise.ended_at, promise.ended_by = PromiseState.REPLACED, now, by.name
    else:
        end_promise(promise.loan_id, PromiseState.REPLACED, by, now)
        promise.stop = _quiet(promise, book, by, now)
    promise.save()
    after = {"promise": promise.pk, "loan": promise.loan_id, "due_on": made.due_on.isoformat(), "amount_paise": made.amount_paise}
    more = {"state": str(promise.state)} if promise.state == PromiseState.REPLACED else {}
    write_audit(at=now, actor=by.name, act="promise.take", subject=f"borrower:{promise.person}", after=after | more)
    return promise


def _quiet(promise: Promise, book: Rulebook, by: Actor, now: datetime) -> Stop | None:
    """The stop until the day promised is over; none where it is over already, because the word of it came late."""
    until = datetime.combine(promise.due_on + timedelta(1), time.min, IST)
    if until <= now:
        return None
    struck = Struck(person=promise.person, loan_ids=(promise.loan_id,))
    (stop,) = raise_stop(StopEvent.PROMISE, struck, reason="promised to pay", book=book, by=by, clock=lambda: now, until=until)
    return stop


def _later_said(promise: Promise) -> bool:
    """Was another promise on the loan said after this one?  Of the same second the event ids decide, which do not change with delivery."""
    others = Promise.objects.filter(loan_id=promise.loan_id, made_at__gte=promise.made_at).select_related("heard")
    return any(_place(other) > _place(promise) for other in others)


def _place(promise: Promise) -> tuple[datetime, str, str]:
    heard = promise.heard
    return (promise.made_at, heard.provider, heard.event_id) if heard is not None else (promise.made_at, "", "")


def end_promise(
    loan_id: str, state: PromiseState, by: Actor, now: datetime, paid_paise: int | None = None, *, quiet_ends: bool = True
) -> Promise | None:
    """End the open promise of a loan, and the quiet that it gave; None where there is none.  Inside a transaction of the caller.

    quiet_ends: False leaves the quiet until its own end, because whoever ends the promise may not lift it.
    """
    promise = Promise.objects.select_for_update().filter(loan_id=loan_id, state=PromiseState.OPEN).first()
    if promise is None:
        return None
    promise.state, promise.paid_paise, promise.ended_at, promise.ended_by = state, paid_paise, now, by.name
    promise.save(update_fields=["state", "paid_paise", "ended_at", "ended_by"])
    stop = promise.stop
    if quiet_ends and stop is not None and stop.lifted_at is None and (stop.until is None or stop.until > now):
        stop.lifted_at, stop.lifted_by, stop.lift_reason = now, by.name, f"the promise is {state.replace('_', ' ')}"
        stop.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    after = {"promise": promise.pk, "state": str(state), "paid_paise": paid_paise}
    write_audit(at=now, actor=by.name, act="promise.end", subject=f"borrower:{promise.person}", after=after)
    return promise


def _overdue(person: str, loan_id: str) -> int:
    """What may be demanded on the loan of the person, by the last published book; PromiseRefusedError where the loan is not theirs."""
    standing = Standing.objects.filter(pk=person).first()
    loan = next((loan for loan in (standing.loans if standing else []) if loan["loan_id"] == loan_id), None)
    if loan is None:
        raise PromiseRefusedError("The book has no such loan of this person.")
    return int(loan["demand_paise"] or 0)


def _longest(book: Rulebook, now: datetime) -> int:
    rows = [row for row in book.policy.in_force("contact_stop", now.astimezone(IST).date()) if row["event"] == StopEvent.PROMISE.value]
    return min((int(str(row["days"])) for row in rows), default=0)
