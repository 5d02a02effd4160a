"""The stop switch on the outbox: what waits and is covered by a stop is withdrawn at once, set-based, inside the stop's own transaction.

Workers see a stop without this too, because the guard decides again before each hand-over; this takes it off the lists at once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from sulah.kernel.points import reach, register
from sulah.kernel.sending import WAITING, SendState
from sulah.kernel.terms import Channel, ContactClass, Purpose, StopScope
from sulah.records.contact.agent import Agent
from sulah.records.contact.outbox import Outbox, OutboxLoan
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent

register("stop.withdrawn")

BEFORE = timedelta(days=1)
"""How far back what a provider had accepted before a stop is counted."""


@dataclass(frozen=True, slots=True)
class Barred:
    """What stops of an event and scope bar: purposes still allowed, classes barred (None: all), and the id of their rule."""

    rule_id: str
    allowed: Collection[Purpose] = ()
    classes: Collection[ContactClass] | None = None


@dataclass(frozen=True, slots=True)
class StopTimes:
    """One stop as it worked: what it withdrew, the last hand-over that it forbids after it was durably taken in, and how much a
    provider had accepted in the day before it, which nobody can call back."""

    stop: StopEvent
    withdrawn: int
    sent_after: int
    last_send_at: datetime | None
    accepted_before: int

    @property
    def seconds(self) -> float:
        """From the durable intake of the stop to the last send after it; 0 where there was none."""
        return (self.last_send_at - self.stop.taken_at).total_seconds() if self.last_send_at else 0.0


def withdraw_covered(stop: StopEvent, barred: Barred, now: datetime) -> int:
    """Withdraw every waiting message that the stop covers and bars; how many.  Call it in the transaction that writes the stop."""
    waiting = _covered(stop, barred).filter(state__in=WAITING)
    if connection.features.has_select_for_update:  # held in one order, so that two stops at once do not wait for each other
        list(waiting.order_by("pk").select_for_update().values_list("pk", flat=True))
    withdrawn = waiting.update(
        state=SendState.WITHDRAWN,
        fence=F("fence") + 1,
        lease_until=None,
        look_at=None,
        stop=stop,
        ended_by=[barred.rule_id],
        words=f"Stopped: {stop.event.replace('_', ' ')}.",
        changed_at=now,
    )
    reach("stop.withdrawn")
    return withdrawn


def stop_times(stop: StopEvent, barred: Barred) -> StopTimes:
    """How fast a stop worked, from the rows of the outbox."""
    handed = _covered(stop, barred).filter(attempts__gt=0).exclude(state=SendState.FAILED)
    ended = stop.lifted_at or stop.until
    after = handed.filter(handed_at__gt=stop.taken_at, **({"handed_at__lt": ended} if ended else {}))
    return StopTimes(
        stop=stop,
        withdrawn=Outbox.objects.filter(stop=stop).count(),
        sent_after=after.count(),
        last_send_at=after.aggregate(last=Max("handed_at"))["last"],
        accepted_before=handed.filter(handed_at__lte=stop.taken_at, handed_at__gt=stop.taken_at - BEFORE).count(),
    )


def _covered(stop: StopEvent, barred: Barred) -> QuerySet[Outbox]:
    channels = [each for each in Channel if barred.classes is None or each.contact_class in barred.classes]
    return Outbox.objects.filter(_scope(stop), channel__in=channels).exclude(purpose__in=list(barred.allowed))


def _scope(stop: StopEvent) -> Q:
    """The rows that lie in a stop's scope; who is not known to live elsewhere, or to work for another agency, lies in it."""
    key = stop.key
    covers = {
        StopScope.NUMBER: Q(number_key=key),
        StopScope.CHANNEL: Q(person=stop.person, channel=key),
        StopScope.LOAN: Q(pk__in=OutboxLoan.objects.filter(loan_id=key).values("message")),
        StopScope.PERSON: Q(person=key),
        StopScope.HOUSEHOLD: Q(person__in=Standing.objects.filter(household=key).values("person")),
        StopScope.PINCODE: Q(~Exists(Standing.objects.filter(person=OuterRef("person")).exclude(pincode__in=("", key)))),
        StopScope.AGENT: Q(agent=key),
        StopScope.AGENCY: Q(agency=key) | ~Q(agent="") & Q(~Exists(Agent.objects.filter(pk=OuterRef("agent")).exclude(agency=key))),
        StopScope.CHANNEL_ALL: Q(channel=key),
        StopScope.LENDER: Q(),
    }
    return covers[StopScope(stop.scope)]
