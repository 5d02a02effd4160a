"""What a person sent us, and how many persons a platform lets us message: two facts that channels bring."""

from datetime import datetime

from django.db import transaction

from sulah.actions.contact.actor import OFFICE, Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel
from sulah.records.audit import write_audit
from sulah.records.contact.contact import Inbound
from sulah.records.contact.tier import ChannelTier


def note_inbound(person: str, channel: Channel, *, reference: str, at: datetime, by: Actor, clock: Clock) -> Inbound:
    """Write down that a person wrote or called; the same reference of a channel is one entry.  Only the machine hears them."""
    hold_role(by, (), "write down what a channel brought")
    with transaction.atomic():
        now = clock()
        said = {"person": person, "at": at, "recorded_at": now}
        entry, fresh = Inbound.objects.get_or_create(channel=channel.value, reference=reference, defaults=said)
        if fresh:
            after = {"channel": channel.value, "reference": reference, "at": at.isoformat()}
            write_audit(at=now, actor=by.name, act="inbound.note", subject=f"borrower:{person}", after=after)
    return entry


def set_tier(channel: Channel, most: int, *, by: Actor, clock: Clock) -> ChannelTier:
    """Write down how many different persons the portfolio may message outside sessions in 24 hours, as the platform says."""
    hold_role(by, OFFICE, "set the tier of a channel")
    hold_whole_lender(by, "set the tier of a channel")
    if most < 0:
        raise ValueError("a tier is zero or more persons")
    with transaction.atomic():
        now = clock()
        tier = ChannelTier.objects.select_for_update().filter(pk=channel.value).first() or ChannelTier(channel=channel.value)
        before = {"most": tier.most} if tier.most is not None else {}
        tier.most, tier.changed_at, tier.changed_by = most, now, by.name
        tier.save()
        write_audit(at=now, actor=by.name, act="tier.set", subject=f"channel:{channel.value}", before=before, after={"most": most})
    return tier
