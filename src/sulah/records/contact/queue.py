"""How the outbox moves: each step is one conditional update, so that of many workers one makes it and the others see that they lost."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from sulah.kernel.sending import SEEN, SendState, outranked_by
from sulah.records.contact.outbox import Outbox, OutboxClock
from sulah.records.turn import turn

MOST = 500
"""Rows that one look at what was left behind takes at a time."""

PUT_BACK = timedelta(minutes=1)
"""How far a clock may stand before what a worker read on it already."""

_DUE = "SELECT id FROM records_outbox WHERE state = 'queued' AND not_before <= %s ORDER BY priority, not_before, id LIMIT %s "
_CLAIM = (
    "UPDATE records_outbox SET state = 'claimed', claimed_by = %s, fence = fence + 1, lease_until = %s, changed_at = %s "
    "WHERE state = 'queued' AND {among} RETURNING id"
)
_AMONG = {"sqlite": f"id IN ({_DUE})", "postgresql": f"id = ANY (ARRAY({_DUE} FOR UPDATE SKIP LOCKED))"}
"""ARRAY(...) is worked out once; PostgreSQL may run an IN (... LIMIT) again for each row, and would take more than asked for."""


class ClockPutBackError(Exception):
    """The clock stands before the claim of a message: nothing may be decided by it."""


def claim(by: str, now: datetime, most: int, lease_seconds: int) -> list[Outbox]:
    """Claim up to `most` messages whose time has come, in order, in one statement; by names this claim and no other."""
    until = now + timedelta(seconds=lease_seconds)
    given = [connection.ops.adapt_datetimefield_value(moment) for moment in (until, now, now)]
    with turn(), connection.cursor() as cursor:
        cursor.execute(_CLAIM.format(among=_AMONG[connection.vendor]), [by, *given, most])
        ids = [row[0] for row in cursor.fetchall()]
    mine = Outbox.objects.filter(pk__in=ids, state=SendState.CLAIMED, claimed_by=by)
    return list(mine.order_by("priority", "not_before", "id"))


def since_claim(row: Outbox, now: datetime) -> datetime:
    """The time, unless the clock was put back since the message was claimed (its changed_at): ClockPutBackError."""
    if now < row.changed_at - PUT_BACK:
        raise ClockPutBackError
    return now


def expired(now: datetime) -> tuple[int, list[Outbox]]:
    """What a worker that ended left behind: how many claims went back to the queue, and the hand-overs whose lease has run out."""
    over = Outbox.objects.filter(lease_until__lt=now, state__in=(SendState.CLAIMED, SendState.SENDING)).order_by("id")
    if not over.exists():
        return 0, []
    with turn(), transaction.atomic():
        claims = list(over.filter(state=SendState.CLAIMED).select_for_update(skip_locked=True).values_list("pk", flat=True)[:MOST])
        back = Outbox.objects.filter(pk__in=claims, state=SendState.CLAIMED, lease_until__lt=now).update(
            state=SendState.QUEUED, fence=F("fence") + 1, claimed_by="", lease_until=None, changed_at=now
        )
    return back, list(over.filter(state=SendState.SENDING)[:MOST])


def hold(row: Outbox) -> None:
    """Hold a row until the transaction ends: rows are held before contacts, so that no two transactions wait for each other."""
    Outbox.objects.select_for_update().filter(pk=row.pk).values_list("pk").first()


def still_claimed(row: Outbox) -> bool:
    """Is the claim under which this row was read still the one that holds?"""
    return Outbox.objects.filter(pk=row.pk, state=SendState.CLAIMED, fence=row.fence).exists()


def hand_over(row: Outbox, *, provider: str, contact_id: int | None, now: datetime, lease_seconds: int) -> bool:
    """Mark a claimed message as being handed over; False when the claim was lost or the message was withdrawn meanwhile."""
    return bool(
        Outbox.objects.filter(pk=row.pk, state=SendState.CLAIMED, fence=row.fence).update(
            state=SendState.SENDING,
            provider=provider,
            contact_id=contact_id,
            attempts=F("attempts") + 1,
            handed_at=now,
            lease_until=now + timedelta(seconds=lease_seconds),
            changed_at=now,
        )
    )


def rewrite(row: Outbox, *, template: str, intent: dict[str, Any], sealed: str) -> bool:
    """Write down what a claimed message says now, before it is handed over; False when the claim was lost meanwhile."""
    mine = Outbox.objects.filter(pk=row.pk, state=SendState.CLAIMED, fence=row.fence)
    return bool(mine.update(template=template, intent=intent, sealed=sealed))


def put_back(row: Outbox, now: datetime, not_before: datetime, words: str, avoid: list[str] | None = None) -> bool:
    """Back into the queue: a claimed message, or one that is known not to have been taken; False when it moved on meanwhile."""
    mine = Outbox.objects.filter(pk=row.pk, fence=row.fence, state__in=(SendState.CLAIMED, SendState.SENDING, SendState.AMBIGUOUS))
    changes = {"avoid": avoid} if avoid is not None else {}
    return bool(
        mine.update(
            state=SendState.QUEUED,
            fence=F("fence") + 1,
            claimed_by="",
            lease_until=None,
            look_at=None,
            not_before=not_before,
            words=words[:300],
            changed_at=now,
            **changes,
        )
    )


def end(row: Outbox, state: SendState, now: datetime, words: str, ended_by: list[str] | None = None) -> bool:
    """Withdraw or fail a message that nobody has; False when it moved on meanwhile."""
    mine = Outbox.objects.filter(pk=row.pk, fence=row.fence, state__in=(SendState.CLAIMED, SendState.SENDING, SendState.AMBIGUOUS))
    return bool(mine.update(state=state, lease_until=None, look_at=None, words=words[:300], ended_by=ended_by or [], changed_at=now))


def not_known(row: Outbox, now: datetime, look_at: datetime, words: str) -> bool:
    """Mark a hand-over without an answer as ambiguous; False when an answer or a report came meanwhile."""
    mine = Outbox.objects.filter(pk=row.pk, fence=row.fence, state=SendState.SENDING)
    return bool(mine.update(state=SendState.AMBIGUOUS, lease_until=None, look_at=look_at, words=words[:300], changed_at=now))


def attest(row: Outbox, attested: SendState, provider_reference: str, now: datetime, look_at: datetime | None, words: str = "") -> bool:
    """Move a message up to what its provider attests, whatever else is thought of it; False when that was known already."""
    lower = Outbox.objects.filter(pk=row.pk, attempts__gt=0, state__in=outranked_by(attested))
    return bool(
        lower.update(
            state=attested,
            provider_reference=provider_reference,
            lease_until=None,
            look_at=look_at,
            words=words[:300],
            fence=F("fence") + 1,
            changed_at=now,
        )
    )


def seen(row: Outbox, words: str, now: datetime) -> bool:
    """Write down that the person saw a delivered message; False for other words, and where as much or more is known already."""
    if words not in SEEN:
        return False
    known = SEEN[SEEN.index(words) :]
    delivered = Outbox.objects.filter(pk=row.pk, state=SendState.DELIVERED).exclude(words__in=known)
    return bool(delivered.update(words=words, changed_at=now))


def charge(row: Outbox, charged: bool, charged_as: str) -> bool:
    """Write down what the provider says that it charges; False where that is known."""
    told = {"charged": charged, "charged_as": charged_as[:80]}
    return bool(Outbox.objects.filter(pk=row.pk).exclude(**told).update(**told))


def latest_instant(now: datetime, apart: timedelta = timedelta(0)) -> datetime:
    """The latest instant that any worker noted, this one included; what lies at most `apart` after it is not noted."""
    mark = OutboxClock.objects.filter(pk=1).first()
    if mark is None:
        OutboxClock.objects.bulk_create([OutboxClock(pk=1, latest_at=now)], ignore_conflicts=True)
        return now
    if mark.latest_at + apart < now:
        OutboxClock.objects.filter(pk=1, latest_at__lt=now).update(latest_at=now)
    return max(mark.latest_at, now)
