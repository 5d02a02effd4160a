"""A worker's round: claim, send, read the inbox, ask for fates; and the clock and book that must be right before it sends anything."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, close_old_connections, connection

from sulah.actions.contact_borrower import Sender, contact_borrower
from sulah.actions.process_inbox import process_inbox
from sulah.actions.resolve_messages import recover, resolve_messages
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener
from sulah.kernel.points import reach, register
from sulah.records.contact.outbox import OutboxClock
from sulah.records.contact.queue import PUT_BACK, claim, latest_instant

register("outbox.claimed")

APART = timedelta(minutes=2)
"""How far the clock may stand from the database server's."""

NOTED_EVERY = timedelta(seconds=20)
"""How often a worker that has nothing to send notes the time all the same, so that a clock put back meanwhile is found out."""

_TROUBLES = 20


@dataclass(slots=True)
class Round:
    """What one round did: outcomes of claimed messages, events read, things heard and acted on, fates asked for, rows recovered.

    held says why nothing was sent; passing: that ends without anybody's doing.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    events: int = 0
    asked: int = 0
    heard: int = 0
    recovered: int = 0
    held: str = ""
    passing: bool = False

    @property
    def idle(self) -> bool:
        """Was there nothing to do?"""
        return not (self.outcomes or self.events or self.asked or self.heard or self.recovered)


def work_round(sender: Sender, listener: Listener | None = None) -> Round:
    """One round: what came in is acted on before anything goes out; short enough that a stop is never far behind.

    Nothing is sent while people do not stand as the last committed day says: who paid yesterday is not asked today.  By a clock that is
    wrong no lease is called over and no fate settled either: what another worker has in its hand would go twice.
    """
    now = sender.clock()
    wrong = clock_fault(now)
    done = Round(held=wrong)
    if not wrong:
        latest_instant(now, apart=NOTED_EVERY)
        done.recovered = recover(sender)
        done.held = sender.ledger.behind(sender.clock)
        done.passing = bool(done.held)
    done.events = process_inbox(sender.ledger, sender.configured, sender.vault, sender.clock)
    if listener is not None:
        done.heard = answer_heard(listener)
    if not done.held:
        _send(sender, done)
    if not wrong:
        done.asked = resolve_messages(sender)
    return done


def _send(sender: Sender, done: Round) -> None:
    """Claim some messages and send each that may go."""
    now = sender.clock()
    rows = claim(f"{sender.worker}:{now.isoformat()}", now, sender.limits.batch, sender.limits.lease_seconds)
    if rows:
        latest_instant(now)
        reach("outbox.claimed")
    for row in rows:
        done.outcomes[contact_borrower(sender, row)] += 1


def clock_fault(now: datetime) -> str:
    """Why the clock must not be trusted, in words; empty where nothing speaks against it.

    Hours, days and caps hang on the clock: one that stands before what was already done was put back, and one that differs from the
    database server's is wrong on one of the two machines.  Then nothing is sent until somebody has looked.
    """
    mark = OutboxClock.objects.filter(pk=1).first()
    if mark is not None and now < mark.latest_at - PUT_BACK:
        return (
            f"This machine's clock says {now.isoformat(timespec='seconds')}, but a worker read "
            f"{mark.latest_at.isoformat(timespec='seconds')} on it before: it was put back, or "
            "stood wrong then. Nothing is sent before that time. Set the clock right."
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            server: datetime = cursor.fetchone()[0]
        if abs(server - now) > APART:
            return (
                f"This machine's clock says {now.isoformat(timespec='seconds')} and the database server's "
                f"{server.isoformat(timespec='seconds')}. Nothing is sent while they differ. Set both right (NTP)."
            )
    return ""


def work(
    sender: Sender,
    listener: Listener | None = None,
    *,
    once: bool,
    over: Callable[[], bool],
    wait: Callable[[], None],
    tell: Callable[[Round], None],
) -> Counter[str]:
    """Rounds until over() says so, or with once until there is nothing left to do now; the outcomes of all rounds.

    A database that does not answer, or that made this worker give way, is tried again after a wait; after some times the fault is raised.
    """
    total: Counter[str] = Counter()
    troubles = 0
    while not over():
        close_old_connections()
        try:
            done = work_round(sender, listener)
        except OperationalError:
            troubles += 1
            if troubles >= _TROUBLES:
                raise
            wait()
            continue
        troubles = 0
        total += done.outcomes
        tell(done)
        if done.idle or (done.held and not done.events):
            if once and not done.passing:
                return total
            wait()
    return total
