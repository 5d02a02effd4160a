"""How each stop worked: read from the outbox and the rules in force, for the command line and for pages."""

from datetime import datetime

from django.db.models import Q

from sulah.actions.withdraw_covered import Barred, StopTimes, stop_times
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST
from sulah.records.contact.stop import StopEvent


def read_stops(rules: ContactRules, now: datetime, *, ended: bool = False) -> list[StopTimes]:
    """The stops in force, or with ended all of them, the latest first, each with its times."""
    stops = StopEvent.objects.order_by("-taken_at", "-id")
    if not ended:
        stops = stops.filter(Q(until=None) | Q(until__gt=now), lifted_at=None)
    return [stop_times(stop, barred_by(rules, stop, stop.taken_at)) for stop in stops]


def barred_by(rules: ContactRules, stop: StopEvent, at: datetime) -> Barred:
    """What the rules in force at an instant say that such a stop bars; where no row speaks of it, everything."""
    for rule in rules.on(at.astimezone(IST).date()).rules:
        row = rule.stop
        if row is not None and (row.event, row.scope) == (stop.event, stop.scope):
            return Barred(rule.rule_id, row.allowed, row.classes)
    return Barred(f"STOP-{stop.event}-{stop.scope}".upper())
