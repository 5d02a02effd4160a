"""Count anew what was answered, by product and place, channel and hour band: what hours of people of whom little is known rest on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from sulah.actions.contact.actor import Actor, hold_role, hold_whole_lender
from sulah.actions.contact.read_past import pasts_of
from sulah.actions.contact.read_people import standings_of
from sulah.actions.read_timing import EVERYBODY, group_of
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import ContactClass, Role
from sulah.outreach.timing import Counts
from sulah.policy.talk.steps import learned_by
from sulah.records.audit import write_audit
from sulah.records.contact.contact import Contact
from sulah.records.contact.learnt import AnswerCount
from sulah.records.contact.outbox import Outbox
from sulah.records.turn import turn

_AT_ONCE = 500


def learn_timing(*, by: Actor, clock: Clock) -> int:
    """Write the counts of the window down, the former ones replaced in one transaction; how many rows.  It reads no words of anybody."""
    hold_role(by, {Role.ADMINISTRATOR}, "learn hours from answers")
    hold_whole_lender(by, "learn hours from answers")
    now = clock()
    groups: dict[str, Counts] = {EVERYBODY: Counts()}
    for people in _people(now):
        standings, pasts = standings_of(people), pasts_of(people, now)
        for person in people:
            tries = pasts[person].tries()
            loans = standings[person].loans
            product = next((loan["product"] or "" for loan in loans if loan["open"]), "")
            for group in (EVERYBODY, group_of(product, standings[person].pincode)):
                groups.setdefault(group, Counts()).add(tries)
    rows = _rows(groups, now)
    with turn(), transaction.atomic():
        AnswerCount.objects.all().delete()
        AnswerCount.objects.bulk_create(rows, batch_size=500)
        after = {
            "groups": len(groups),
            "tried": sum(groups[EVERYBODY].tried.values()),
            "answered": sum(groups[EVERYBODY].answered.values()),
        }
        write_audit(at=now, actor=by.name, act="timing.learn", subject="timing", after=after)
    return len(rows)


def _people(now: datetime) -> Iterator[list[str]]:
    """Everybody to whom a message went, or who was called, within the window; some hundreds at a time, in order."""
    since = now - timedelta(days=learned_by("window_days"))
    written = Outbox.objects.filter(handed_at__gte=since).order_by().values_list("person")
    called = Contact.objects.filter(at__gte=since, contact_class=ContactClass.CALL).order_by().values_list("person")
    batch: list[str] = []
    for (person,) in written.union(called).order_by("person").iterator(2_000):
        batch.append(person)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(groups: dict[str, Counts], now: datetime) -> list[AnswerCount]:
    as_of = now.astimezone(IST).date()
    return [
        AnswerCount(group=group, channel=channel.value, band=band, tried=tried, answered=counts.answered[channel, band], as_of=as_of)
        for group, counts in sorted(groups.items())
        for (channel, band), tried in sorted(counts.tried.items())
    ]
