"""Read what lies in the inbox and act on it, in batches; the same event twice, late or out of order ends in the same rows."""

from datetime import datetime

from django.db import transaction

from sulah.actions.contact_borrower import Ledger
from sulah.actions.report_message import report_message
from sulah.actions.take_callback import subject_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.outreach.channel import Report
from sulah.outreach.sms.wire import UnreadableReportError, read_report
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox
from sulah.records.turn import turn

register("inbox.processing", "inbox.processed")

MOST = 200


def process_inbox(ledger: Ledger, vault: Vault, clock: Clock) -> int:
    """Process up to MOST events in one transaction; how many.

    A message that somebody else holds just now is left for the next time: this never waits for a row while it holds others.
    """
    now = clock()
    if not Inbox.objects.filter(processed_at=None).exists():
        return 0
    with turn(), transaction.atomic():
        waiting = Inbox.objects.filter(processed_at=None).order_by("id").select_for_update(skip_locked=True)
        events = list(waiting[:MOST])
        if not events:
            return 0
        named = [event.reference for event in events if event.reference]
        known = Outbox.objects.filter(reference__in=named).order_by("id")
        rows = {row.reference: row for row in known.select_for_update(skip_locked=True)}
        held = set(Outbox.objects.filter(reference__in=set(named) - set(rows)).values_list("reference", flat=True))
        done = [event for event in events if event.reference not in held]
        for event in done:
            event.outcome, event.words = _applied(ledger, vault, event, rows.get(event.reference), now)
            event.processed_at = now
        Inbox.objects.bulk_update(done, ["outcome", "words", "processed_at"])
        reach("inbox.processing")
    reach("inbox.processed")
    return len(done)


def _applied(ledger: Ledger, vault: Vault, event: Inbox, row: Outbox | None, now: datetime) -> tuple[str, str]:
    """The outcome of one event, and why in words where nothing could be done with it."""
    try:
        report: Report = read_report(vault.unseal(subject_of(event.provider, event.event_id), event.sealed).encode("latin-1"))
    except UnreadableReportError as error:
        return "unreadable", str(error)[:300]
    if row is None:
        return "unknown_message", "No message of ours has this reference."
    return report_message(ledger, row, event.provider, report, evidence="callback", now=now), report.error[:300]
