"""Withdraw steps of a sequence that wait in the outbox although the person is no longer on it: the day's plan changed meanwhile.

What a stop covers is withdrawn by the stop itself; this is for people who moved to another treatment, were held, paid, or whose promise
ended, as the published day has it.  What a worker has in its hand is decided by the guard, as ever.
"""

from collections import Counter
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry, write_audit, write_audits
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.turn import turn
from sulah.records.workitem import WorkItem

register("steps.before_commit")

_DIGITAL = "digital"
_AT_ONCE = 500


def withdraw_steps(*, by: Actor, clock: Clock) -> Counter[str]:
    """Withdraw them; how many by sequence.  Each message has its entry in the audit trail; done again, it withdraws nothing."""
    hold_role(by, {Role.ADMINISTRATOR}, "withdraw steps of a sequence")
    hold_whole_lender(by, "withdraw steps of a sequence")
    steps = _waiting().order_by().values_list("step", flat=True).distinct()
    withdrawn: Counter[str] = Counter()
    for sequence in sorted({step.partition("/")[0] for step in steps}):
        gone, words = _gone(sequence)
        while some := list(gone.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
            done = _withdraw(gone, some, words, by, clock())
            withdrawn[sequence] += done
            if not done:  # somebody else moved them meanwhile
                break
    if withdrawn:
        write_audit(at=clock(), actor=by.name, act="sequence.withdraw", subject="outbox", after=dict(sorted(withdrawn.items())))
    return withdrawn


def _waiting() -> QuerySet[Outbox]:
    return Outbox.objects.filter(~Q(step=""), state=SendState.QUEUED)


def _gone(sequence: str) -> tuple[QuerySet[Outbox], str]:
    """The waiting messages of a sequence whose people are no longer on it, and the words for it."""
    mine = _waiting().filter(step__startswith=f"{sequence}/")
    on_list = WorkItem.objects.filter(borrower_id=OuterRef("person"), closed_on=None, hold_reason="")
    promises = Promise.objects.filter(person=OuterRef("person"))
    if sequence == "promise":
        return mine.filter(~Exists(promises.filter(state="open"))), "The promise is open no more."
    if sequence == "broken_promise":
        return mine.filter(
            ~Exists(on_list) | Exists(promises.filter(state="open"))
        ), "Nothing is overdue any more, or there is a new promise."
    if sequence == "pre_due":
        held = WorkItem.objects.filter(borrower_id=OuterRef("person"), closed_on=None)
        return mine.filter(Exists(held) | ~Exists(Standing.objects.filter(person=OuterRef("person")).exclude(digest=""))), (
            "Something is overdue now, or the person is on the book no more."
        )
    if sequence == "link_opened":
        return mine.filter(~Exists(on_list)), "Nothing is overdue any more."
    treated = on_list.filter(channel=_DIGITAL, treatment=sequence)
    return mine.filter(~Exists(treated)), f"The person is no longer on the treatment {sequence.replace('_', ' ')}."


def _withdraw(gone: QuerySet[Outbox], some: list[int], words: str, by: Actor, now: datetime) -> int:
    """Withdraw some messages in one transaction: those that still wait, and whose people are still not on the sequence."""
    with turn(), transaction.atomic():
        held = gone.filter(pk__in=some).order_by("pk")
        if connection.features.has_select_for_update:  # held in one order, as stops hold them
            list(held.select_for_update(of=("self",)).values_list("pk", flat=True))
        rows = list(held.values_list("pk", "reference", "person", "step"))
        done = Outbox.objects.filter(pk__in=[row[0] for row in rows], state=SendState.QUEUED).update(
            state=SendState.WITHDRAWN, fence=F("fence") + 1, lease_until=None, look_at=None, words=words, changed_at=now
        )
        write_audits(
            AuditEntry(
                at=now,
                actor=by.name,
                act="message.withdraw",
                subject=f"message:{reference}",
                after={"person": person, "step": step, "words": words},
            )
            for _, reference, person, step in rows
        )
        reach("steps.before_commit")
    return done
