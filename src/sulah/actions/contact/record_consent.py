"""Consent to a channel: given or withdrawn, each an entry of its own; the last one wins."""

from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Role
from sulah.records.audit import write_audit
from sulah.records.contact.wish import Consent

register("contact.consent_before_commit")

GIVERS = DESK
"""Who may write down that consent was given; that it was withdrawn, anybody who works with the person."""


class ConsentRefusedError(Refusal):
    """The entry cannot be made; the words say why."""


def give_consent(person: str, channel: Channel, *, source: str, by: Actor, clock: Clock, at: datetime | None = None) -> Consent:
    """Write down that a person opted in to a channel; source says how (a form, a call, a reply); at: when, if it was earlier."""
    hold_role(by, GIVERS, "write down consent")
    return _record(person, channel, source, by, clock, at, given=True)


def withdraw_consent(person: str, channel: Channel, *, source: str, by: Actor, clock: Clock, at: datetime | None = None) -> Consent:
    """Write down that a person opted out of a channel; it holds from the moment that this is committed."""
    hold_role(by, DESK | {Role.AGENCY, Role.LEGAL}, "write down that consent was withdrawn")
    return _record(person, channel, source, by, clock, at, given=False)


def _record(person: str, channel: Channel, source: str, by: Actor, clock: Clock, at: datetime | None, *, given: bool) -> Consent:
    hold_reach(by, person)
    if not source.strip():
        raise ConsentRefusedError("Say how you know: a form, a call, a reply. Nothing was written down.")
    with transaction.atomic():
        now = clock()
        if at is not None and at > now:
            raise ConsentRefusedError("Consent cannot be of a time to come. Give the time at which the person said so.")
        entry = Consent.objects.create(
            person=person, channel=channel.value, given=given, at=at or now, source=source, recorded_at=now, recorded_by=by.name
        )
        after = {"channel": channel.value, "given": given, "source": source, "at": entry.at.isoformat()}
        act = "consent.give" if given else "consent.withdraw"
        write_audit(at=now, actor=by.name, act=act, subject=f"borrower:{person}", after=after)
        reach("contact.consent_before_commit")
    return entry
