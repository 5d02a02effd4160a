"""Ask providers what became of messages: of hand-overs without an answer, of sent ones that nobody reported on, and once of those that a
report calls undelivered, because a later report that they arrived may have been lost.

Found: it was sent.  Known not to be there (a whole look-up, long enough after the hand-over): the contact is failed and the message may
go again, inside the caps.  No answer: it counts as sent and is never sent again; after the days that a look-up reaches back it stays so.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from sulah.actions.contact_borrower import Sender
from sulah.actions.report_message import report_message
from sulah.kernel.points import reach, register
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, ContactState
from sulah.outreach.channel import Handed, LookUp
from sulah.outreach.patience import wait_seconds
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.queue import end, expired, hold, not_known, put_back
from sulah.records.turn import turn

register("outbox.looked_up", "outbox.resolved")

MOST = 500
REACH = timedelta(days=3)
"""How long a fate is asked for: as far back as providers' logs are asked."""

_ASKED = (SendState.AMBIGUOUS, SendState.SENT, SendState.UNDELIVERED)


def recover(sender: Sender) -> int:
    """What workers that ended left behind: claims go back to the queue, hand-overs become ambiguous and counted; how many rows."""
    now = sender.clock()
    back, unanswered = expired(now)
    for row in unanswered:
        with turn(), transaction.atomic():
            hold(row)
            if row.contact_id is not None:
                sender.ledger.settle(row.contact_id, ContactState.AMBIGUOUS, evidence="worker", at=now, provider=row.provider)
            if not not_known(row, now, now, "The worker that handed it over ended before the answer was written down."):
                transaction.set_rollback(True)  # the answer came after all
    return back + len(unanswered)


def resolve_messages(sender: Sender) -> int:
    """Ask for the fate of those whose time to ask has come; how many rows were asked for."""
    rows: dict[tuple[Channel, str], list[Outbox]] = defaultdict(list)
    for row in _due(sender.clock()):
        if Channel(row.channel) in sender.channels:
            rows[Channel(row.channel), row.provider].append(row)
    for (channel, provider), asked in rows.items():
        handed = [Handed(row.reference, row.handed_at, row.provider_reference) for row in asked if row.handed_at is not None]
        found = sender.channels[channel].look_up(provider, handed)
        reach("outbox.looked_up")
        for row in sorted(asked, key=lambda row: row.pk):
            with turn(), transaction.atomic():
                hold(row)
                _resolved(sender, row, found, sender.clock())
            reach("outbox.resolved")
    return sum(len(asked) for asked in rows.values())


def _due(now: datetime) -> list[Outbox]:
    """Those whose time has come and that no other worker asks for just now: whoever asks first puts them off for a minute."""
    due = Outbox.objects.filter(look_at__lte=now, state__in=_ASKED).order_by("look_at", "id")
    if not due.exists():
        return []
    with turn(), transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True)[:MOST])
        Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(look_at=now + timedelta(seconds=60))
    return rows


def _resolved(sender: Sender, row: Outbox, found: LookUp, now: datetime) -> None:
    report = found.reports.get(row.reference)
    if report is not None:
        after = sender.limits.ask_after
        if report_message(sender.ledger, row, row.provider, report, evidence="look_up", now=now, ask_after=after) == "applied":
            return
    age = now - (row.handed_at or now)
    settled = timedelta(seconds=sender.channels[Channel(row.channel)].settles_seconds(row.provider))
    if report is None and row.state == SendState.AMBIGUOUS and found.whole and settled <= age < REACH:
        _not_there(sender, row, now)
        return
    over = age >= REACH or row.state == SendState.UNDELIVERED
    ask = None if over else now + timedelta(seconds=wait_seconds(f"{sender.seed}:{row.reference}", 2 + row.attempts))
    if not over and row.state == SendState.SENT:
        ask = now + max(age, timedelta(seconds=sender.limits.ask_after))  # after 15 minutes, then 30, 60 ...
    Outbox.objects.filter(pk=row.pk, fence=row.fence, state=row.state).update(look_at=ask)


def _not_there(sender: Sender, row: Outbox, now: datetime) -> None:
    """The provider never had it: the contact does not count, and the message may go again."""
    if row.contact_id is not None:
        sender.ledger.settle(row.contact_id, ContactState.FAILED, evidence="look_up", at=now, provider=row.provider)
    if row.attempts >= sender.limits.attempts:
        moved = end(row, SendState.FAILED, now, "No gateway has it, and it was tried as often as allowed.")
    else:
        moved = put_back(row, now, now, "The gateway never had it.")
    if not moved:
        transaction.set_rollback(True)  # a report came meanwhile
