"""Tell by the book of a day which promises were kept: from the day they were made to the day promised, all of it, some, or nothing."""

from collections import Counter
from collections.abc import Sequence

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.talk.take_promise import end_promise
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.promised import paid_between
from sulah.adapters.book.reader import Day
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import Role
from sulah.records.contact.promise import Promise
from sulah.records.dayrun import DayRun
from sulah.records.turn import turn
from sulah.resolution.promise import PromiseState, state_of

_AT_ONCE = 2_000


def settle_promises(lender: Lender, run: DayRun, *, by: Actor, clock: Clock) -> Counter[PromiseState]:
    """Settle the open promises by a committed day; how many ended how.  The same day again changes nothing.

    A day that stands on an older extract knows payments only until then.
    """
    hold_role(by, {Role.ADMINISTRATOR}, "settle promises")
    hold_whole_lender(by, "settle promises")
    ended: Counter[PromiseState] = Counter()
    promises = list(Promise.objects.filter(state=PromiseState.OPEN).order_by("id"))
    with Day(run, lender) as day:
        for start in range(0, len(promises), _AT_ONCE):
            ended += _settled(day, run, promises[start : start + _AT_ONCE], by, clock)
    return ended


def _settled(day: Day, run: DayRun, promises: Sequence[Promise], by: Actor, clock: Clock) -> Counter[PromiseState]:
    paid = paid_between(day, [(each.pk, each.loan_id, each.made_at.astimezone(IST).date(), each.due_on) for each in promises])
    known_until = min(run.as_of, run.load.as_of)
    ended: Counter[PromiseState] = Counter()
    for promise in promises:
        if promise.pk not in paid:
            continue
        state = state_of(promise.amount_paise, promise.due_on, paid_paise=paid[promise.pk], known_until=known_until)
        if state is PromiseState.OPEN:
            continue
        with turn(), transaction.atomic():
            done = end_promise(promise.loan_id, state, by, clock(), paid[promise.pk])
        ended[state] += done is not None
    return ended
