"""START: a person who wrote STOP wants to hear from us again on the channel by which she says so, and on no other.

Taken back are her own opt-outs of that channel that she said before, as the row STP-OPT-OUT has it (lifted_by = borrower), and on WhatsApp
her consent, where she had taken it back (WA-OPT asks for an opt-in that was not withdrawn).  Whatever else stops contact stands.
"""

from django.db import transaction

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.raise_stop import lift_stop
from sulah.actions.contact.record_consent import give_consent
from sulah.actions.contact.rulebook import Rulebook
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel, StopScope
from sulah.kernel.terms import StopEvent as StopKind
from sulah.records.contact.heard import Heard
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.wish import Consent

REASON = "said so (start)"


def restore(row: Heard, *, book: Rulebook, by: Actor, clock: Clock) -> bool:
    """Take back the STOP of the person who said this; False where there was none to take back.

    A STOP that was said later stands, however late this came: what was said last counts.
    """
    mine = {"event": StopKind.OPT_OUT.value, "scope": StopScope.CHANNEL.value, "key": row.channel, "person": row.person}
    with transaction.atomic():
        stops = [stop for stop in StopEvent.objects.filter(lifted_at=None, **mine).order_by("id") if _before(stop, row)]
        for stop in stops:
            lift_stop(stop.pk, reason=REASON, book=book, by=by, clock=clock)
        return _consented(row, by, clock) or bool(stops)


def _before(stop: StopEvent, row: Heard) -> bool:
    """Was it asked for before this was said?  By when it was said, where a message asked for it; else by when it was raised."""
    kind, _, number = stop.cause.partition(":")
    said = Heard.objects.filter(pk=int(number)).values_list("said_at", flat=True).first() if kind == "heard" else None
    return (said or stop.since) < row.said_at


def _consented(row: Heard, by: Actor, clock: Clock) -> bool:
    """On WhatsApp the consent is given anew where the last entry before takes it back; one that was never given is no STOP to undo."""
    if row.channel != Channel.WHATSAPP:
        return False
    last = Consent.objects.filter(person=row.person, channel=row.channel).order_by("-at", "-id").first()
    if last is None or last.given or last.at >= row.said_at:
        return False
    give_consent(row.person, Channel.WHATSAPP, source="reply", at=row.said_at, by=by, clock=clock)
    return True
