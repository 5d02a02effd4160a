"""Withdraw a promise that was none, or that the person took back; whoever asks gives the reason."""

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.actions.contact.raise_stop import may_lift
from sulah.actions.contact.reserve_contact import lock_person
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.talk.take_promise import PromiseRefusedError, end_promise
from sulah.kernel.dates import Clock
from sulah.records.audit import write_audit
from sulah.records.contact.promise import Promise
from sulah.records.turn import turn
from sulah.resolution.promise import PromiseState


def withdraw_promise(promise_id: int, *, reason: str, book: Rulebook, by: Actor, clock: Clock) -> Promise:
    """Withdraw an open promise; PromiseRefusedError without a reason, or where it is open no more.

    The quiet that it gave ends with it only where the actor's role may lift it (row STP-PROMISE): nobody who collects ends by a form the
    days in which a person is not asked.
    """
    hold_role(by, DESK, "withdraw a promise")
    if not reason.strip():
        raise PromiseRefusedError("Give the reason. It stands in the audit trail.")
    found = Promise.objects.filter(pk=promise_id).first()
    if found is None:
        raise PromiseRefusedError("There is no such open promise.")
    hold_reach(by, found.person)
    with turn(), transaction.atomic():
        lock_person(found.person)
        now = clock()
        still = Promise.objects.filter(pk=promise_id, state=PromiseState.OPEN).exists()
        ends = found.stop is not None and may_lift(found.stop, book, by, now)
        ended = end_promise(found.loan_id, PromiseState.WITHDRAWN, by, now, quiet_ends=ends) if still else None
        if ended is None:
            raise PromiseRefusedError("There is no such open promise.")
        after = {"promise": promise_id, "reason": reason.strip()[:300]}
        write_audit(at=now, actor=by.name, act="promise.withdraw", subject=f"borrower:{found.person}", after=after)
    return ended


def quiet_stands(promise: Promise) -> bool:
    """Does the quiet of a promise that ended still hold?"""
    return promise.stop is not None and promise.stop.lifted_at is None
