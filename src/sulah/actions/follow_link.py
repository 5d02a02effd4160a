"""Somebody followed the short address in a message of ours: it is noted, and leads to the payment page while that can be paid by."""

from django.db import transaction

from sulah.actions.contact.actor import Actor
from sulah.actions.talk.note_link_opened import LinkOpened, note_link_opened
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import Clock
from sulah.outreach.configured import Channels
from sulah.records.contact.link import ShortLink
from sulah.records.turn import turn


def leads_to(token: str, clock: Clock) -> str:
    """The payment page behind a short address, without noting anything; empty where it is over, or there is none."""
    short = ShortLink.objects.select_related("link").filter(token=token).first()
    if short is None or short.link.ended_at is not None or short.link.until <= clock():
        return ""
    return short.link.address


def follow_link(token: str, own_address: str, *, channels: Channels, vault: Vault, by: Actor, clock: Clock) -> str:
    """Note that somebody went on by a short address, and where it leads; empty where it is over, or there is none.

    own_address: the short address itself, as it stands in the message.  The first time brings the step of `link_opened`: one nudge, which
    a payment withdraws.
    """
    with turn(), transaction.atomic():
        short = ShortLink.objects.select_for_update(of=("self",)).select_related("link").filter(token=token).first()
        now = clock()
        if short is None or short.link.ended_at is not None or short.link.until <= now:
            return ""
        first = short.opened_at is None
        short.opened_at, short.last_at, short.times = short.opened_at or now, now, short.times + 1
        short.save()
    if first:
        opened = LinkOpened(token, own_address, short.message, short.link.loan_id, now)
        note_link_opened(opened, channels=channels, vault=vault, by=by, clock=clock)
    return str(short.link.address)
