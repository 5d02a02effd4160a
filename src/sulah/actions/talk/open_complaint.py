"""Open a complaint or a dispute with a number and a day by which it is answered, and close it with the answer."""

from datetime import timedelta

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_reach, hold_role
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Role
from sulah.policy.talk import task_rows
from sulah.records.audit import write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.task import Complaint

ENDS = ("answered", "frivolous")
_DAY = 24 * 60


class ComplaintRefusedError(Refusal):
    """The complaint cannot be closed; the words say why."""


def open_complaint(kind: str, person: str, channel: Channel, *, by: Actor, clock: Clock, heard: Heard | None = None) -> Complaint:
    """Open one; the same message opens it once.  Number: the letter of its kind, the day in India, and a running number.

    reply_by is the day of arrival and 30 days (row complaint_reply).
    """
    with transaction.atomic():
        known = Complaint.objects.filter(heard=heard).first() if heard is not None else None
        if known is not None:
            return known
        now = clock()
        today = now.astimezone(IST).date()
        made = Complaint(kind=kind, person=person, heard=heard, channel=channel.value, opened_at=now, opened_by=by.name)
        made.reply_by = today + timedelta(days=task_rows()["complaint_reply"].minutes // _DAY)
        made.number = f"{kind[0].upper()}-new-{now.timestamp():.6f}"[:24]
        made.save()
        made.number = f"{kind[0].upper()}{today:%y%m%d}-{made.pk}"
        made.save(update_fields=["number"])
        after = {"number": made.number, "kind": kind, "reply_by": made.reply_by.isoformat()}
        write_audit(at=now, actor=by.name, act="complaint.open", subject=f"borrower:{person}", after=after)
    return made


def close_complaint(number: str, end: str, words: str, *, by: Actor, clock: Clock) -> Complaint:
    """Close one as answered, or as frivolous with an officer's reason; only compliance does.  Its stop is lifted by itself nowhere."""
    hold_role(by, {Role.COMPLIANCE}, "close a complaint")
    if end not in ENDS or not words.strip():
        raise ComplaintRefusedError(f"Say how it ended ({' or '.join(ENDS)}) and in words what was answered.")
    with transaction.atomic():
        found = Complaint.objects.select_for_update().filter(number=number, state="open").first()
        if found is None:
            raise ComplaintRefusedError("There is no such open complaint.")
        hold_reach(by, found.person)
        found.state, found.closed_at, found.closed_by, found.words = end, clock(), by.name, words.strip()[:300]
        found.save(update_fields=["state", "closed_at", "closed_by", "words"])
        after = {"number": number, "state": end}
        write_audit(at=found.closed_at, actor=by.name, act="complaint.close", subject=f"borrower:{found.person}", after=after)
    return found
