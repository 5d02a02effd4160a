"""Read what lies in the inbox and act on it, in batches; the same event twice, late or out of order ends in the same rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction

from sulah.actions.contact_borrower import Ledger
from sulah.actions.note_news import note_news
from sulah.actions.put_heard import put_heard
from sulah.actions.report_message import report_message
from sulah.actions.take_callback import kept_call, subject_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.outreach.channel import Heard, Report, Told, UnreadableReportError
from sulah.outreach.configured import Channels, hook_of
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.records.contact.contact import Contact
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox
from sulah.records.turn import turn

register("inbox.processing", "inbox.processed")

MOST = 200
PATIENCE = timedelta(minutes=5)
"""How long a report under the provider's own reference waits for ours: it may come before the answer that names it is written down."""

WAITS = "waits"
"""The outcome, until then, of a report whose message is not known yet."""

_WORST = ("unknown_message", "mismatch", "never_sent", "unhandled", "news", "heard", "applied", "repeated")
"""Outcomes, first the one that a person should look at."""


@dataclass(slots=True)
class _Opened:
    """An event with what it says; fault: why it says nothing."""

    event: Inbox
    said: tuple[Told, ...] = ()
    fault: str = ""

    @property
    def named(self) -> list[str]:
        """The messages of ours that it reports on."""
        return [one.reference for one in self.said if isinstance(one, Report) and one.reference]

    @property
    def nameless(self) -> list[tuple[str, str]]:
        """Provider and its own reference of the messages that it reports on without ours."""
        return [(self.event.provider, one.provider_reference) for one in self.said if isinstance(one, Report) and not one.reference]


def process_inbox(ledger: Ledger, channels: Channels, vault: Vault, clock: Clock) -> int:
    """Process up to MOST events in one transaction; how many.

    An event that speaks of a message that somebody else holds just now is left for the next time: this never waits for a row while it
    holds others.  What people said is written down here and answered afterwards, one by one.
    """
    now = clock()
    note_news(channels, vault, clock)
    if not Inbox.objects.filter(processed_at=None).exists():
        return 0
    with turn(), transaction.atomic():
        waiting = Inbox.objects.filter(processed_at=None).order_by("id").select_for_update(skip_locked=True)
        events = chain(waiting.exclude(outcome=WAITS)[:MOST], waiting.filter(outcome=WAITS)[:MOST])
        opened = [_opened(channels, vault, event) for event in events]
        if not opened:
            return 0
        _name(opened)
        named = {name for one in opened for name in one.named}
        known = Outbox.objects.filter(reference__in=named).order_by("id")
        rows = {row.reference: row for row in known.select_for_update(skip_locked=True)}
        held = set(Outbox.objects.filter(reference__in=named - set(rows)).values_list("reference", flat=True))
        early = [one for one in opened if one.nameless and one.event.received_at > now - PATIENCE]
        for one in early:
            one.event.outcome = WAITS
        done = [one for one in opened if not held & set(one.named) and one not in early]
        for one in done:
            one.event.outcome, one.event.words = _applied(ledger, vault, one, rows, now)
            one.event.processed_at = now
        Inbox.objects.bulk_update([one.event for one in (*done, *early)], ["outcome", "words", "processed_at"])
        reach("inbox.processing")
    reach("inbox.processed")
    return len(done)


def _opened(channels: Channels, vault: Vault, event: Inbox) -> _Opened:
    hook = hook_of(channels, event.channel, event.provider)
    if hook is None:
        return _Opened(event, fault="The provider is set up no more.")
    text = vault.unseal(subject_of(event.provider, event.event_id), event.sealed)
    try:
        return _Opened(event, hook.read(kept_call(text, event.headers)))
    except UnreadableReportError as error:
        return _Opened(event, fault=str(error)[:300])


def _name(opened: Iterable[_Opened]) -> None:
    """Give reports that carry the provider's reference only the reference of ours that it stands for, where a contact has it."""
    theirs = {pair for one in opened for pair in one.nameless}
    if not theirs:
        return
    told = Contact.objects.filter(provider__in={name for name, _ in theirs}, provider_ref__in={ref for _, ref in theirs})
    contacts = {pk: (provider, ref) for pk, provider, ref in told.values_list("pk", "provider", "provider_ref")}
    rows = Outbox.objects.filter(contact_id__in=contacts).values_list("contact_id", "reference")
    ours = {contacts[contact]: reference for contact, reference in rows}
    for one in opened:
        one.said = tuple(
            replace(each, reference=ours.get((one.event.provider, each.provider_reference), ""))
            if isinstance(each, Report) and not each.reference
            else each
            for each in one.said
        )


def _applied(ledger: Ledger, vault: Vault, one: _Opened, rows: Mapping[str, Outbox], now: datetime) -> tuple[str, str]:
    """The outcome of one event, and why in words where nothing could be done with it; of several things in it, the worst."""
    if one.fault:
        return "unreadable", one.fault
    outcomes = [_of(ledger, vault, one.event, each, rows, now) for each in one.said]
    return min(outcomes, key=lambda outcome: _WORST.index(outcome[0]), default=("unhandled", "It holds nothing that we act on."))


def _of(ledger: Ledger, vault: Vault, event: Inbox, said: Told, rows: Mapping[str, Outbox], now: datetime) -> tuple[str, str]:
    if isinstance(said, Heard):
        return ("heard" if put_heard(vault, event, said, now) else "repeated"), ""
    if isinstance(said, PlatformNews):
        return ("unhandled" if said.kind is NewsKind.UNHANDLED else "news"), said.words[:300]
    row = rows.get(said.reference)
    if row is None:
        return "unknown_message", "No message of ours has this reference."
    return report_message(ledger, row, event.provider, said, evidence="callback", now=now), said.error[:300]
