"""Take in what a provider sends to our door: kept whole and on the disk before it is acknowledged; read and acted on afterwards.

Many events share one commit: whoever comes while one is being written waits for the next, and then all that came are written together.
"""

import json
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from itertools import pairwise
from threading import Lock, Thread
from typing import Generic, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import F

from sulah.adapters.book.vault import RAW, Vault
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.outreach.channel import Report, UnreadableReportError
from sulah.outreach.configured import Channels, hook_of, largest_of
from sulah.outreach.http import Call
from sulah.records.contact.inbox import Inbox, InboxRefused, put_in
from sulah.records.turn import turn

register("inbox.before_commit", "inbox.kept")

MOST = 1_000
"""Events of one commit."""

_HEADERS = ("content-type", "user-agent")
W = TypeVar("W")
Refusals = tuple[str, date, str]
"""What refusals are counted by: provider, day in India and why."""


def _held() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True)
class _Waiting:
    """An event on its way to the disk; woken when it is kept, when it failed, or when it is its turn to write what waits.

    asleep: held until whoever waits is woken, and taken again by the waking: a bare lock, the least that a thread can wait on.
    after: who is woken next.  One wakes the other: hundreds who are woken at once would spend their time on contending for the interpreter.
    """

    row: Inbox
    asleep: Lock = field(default_factory=_held)
    kept: bool = False
    error: BaseException | None = None
    after: "_Waiting | None" = None

    def sleep(self) -> None:
        """Until woken; then wake the next."""
        self.asleep.acquire()
        if self.after is not None:
            self.after.asleep.release()


@dataclass(slots=True)
class InboxWriter:
    """Writes events to the inbox, many a commit; one a process, used by all its threads.

    Whoever comes while nobody writes, writes; whoever comes meanwhile waits, and the first of them writes all that came.
    """

    _pending: "deque[_Waiting]" = field(default_factory=deque)
    _refused: "Counter[Refusals]" = field(default_factory=Counter)
    _gate: Lock = field(default_factory=Lock)
    _writing: bool = False

    def keep(self, row: Inbox) -> None:
        """Return when the event is committed and on the disk; an error of the database is raised to everybody who waited for it."""
        mine = _Waiting(row)
        with self._gate:
            self._pending.append(mine)
            first, self._writing = not self._writing, True
        if first:
            self._write(mine)
            return
        try:
            mine.sleep()
        except BaseException:  # interrupted: others stand behind it, so somebody is woken and writes in its place
            Thread(target=self._stand_in, args=(mine,)).start()
            raise
        self._woken(mine)
        if mine.error is not None:
            raise mine.error

    def _stand_in(self, mine: _Waiting) -> None:
        mine.sleep()
        self._woken(mine)

    def _woken(self, mine: _Waiting) -> None:
        """Nothing more to do for what was kept or failed; else it is its turn."""
        if mine.error is None and not mine.kept:
            self._write(mine)

    def refuse(self, provider: str, day: date, why: str) -> None:
        """Count a callback that was turned away; where somebody writes just now, the next commit takes it along."""
        with self._gate:
            self._refused[provider, day, why] += 1
            busy, self._writing = self._writing, True
        if not busy:
            self._write()

    def _write(self, mine: _Waiting | None = None) -> None:
        """Write what waits, wake those whose events it was, all but the one that writes, and hand the turn on."""
        with self._gate:
            batch = [self._pending.popleft() for _ in range(min(MOST, len(self._pending)))]
        try:
            self._commit(batch)
        except BaseException as error:
            for each in batch:
                each.error = error
            raise
        else:
            for each in batch:
                each.kept = True
        finally:
            asleep = [each for each in batch if each is not mine]
            for each, after in pairwise(asleep):
                each.after = after
            for each in asleep[:1]:
                each.asleep.release()
            with self._gate:
                self._writing = bool(self._pending)
                if self._pending:
                    self._pending[0].asleep.release()

    def _commit(self, batch: list[_Waiting]) -> None:
        with self._gate:
            refused, self._refused = self._refused, Counter()
        try:
            keep_events([each.row for each in batch], refused)
        except BaseException:
            with self._gate:
                self._refused += refused  # counted with the next commit
            raise


def keep_events(rows: Sequence[Inbox], refused: Mapping[Refusals, int]) -> None:
    """Put events and counts of what was turned away on the disk, in one commit."""
    with turn(), transaction.atomic():
        put_in(rows)
        for (provider, day, why), count in refused.items():
            row, _ = InboxRefused.objects.get_or_create(provider=provider, day=day, why=why)
            InboxRefused.objects.filter(pk=row.pk).update(count=F("count") + count)
        reach("inbox.before_commit")
    reach("inbox.kept")


class Turned(NamedTuple):
    """A callback that is not kept: the HTTP status and text to answer with, and why it was turned away, where that is counted."""

    status: int
    text: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Door(Generic[W]):
    """What the door needs to know: channels, vault, writer and clock."""

    channels: Channels
    vault: Vault
    writer: W
    clock: Clock

    def largest(self, section: str) -> int:
        """Bytes that one callback of a channel may have."""
        return largest_of(self.channels, section)

    def take(self: "Door[InboxWriter]", section: str, provider: str, call: Call) -> tuple[int, str]:
        """Take one callback; the HTTP status and text to answer with.

        200 kept, or greeted back; 401 forged; 404 no such provider; 405 a method that it does not use; 413 too large.
        """
        now = self.clock()
        came = self.admit(section, provider, call, now)
        if isinstance(came, Inbox):
            self.writer.keep(came)
            return 200, ""
        if came.why:
            self.writer.refuse(provider, now.astimezone(IST).date(), came.why)
        return came.status, came.text

    def admit(self, section: str, provider: str, call: Call, now: datetime) -> Inbox | Turned:
        """The event that a callback is, sealed, to be kept; or what it is answered with."""
        hook = hook_of(self.channels, section, provider)
        if hook is None:
            return Turned(404)
        if call.method not in hook.methods:
            return Turned(405)
        greeting = hook.greet(call)
        if greeting is not None:
            return Turned(200, greeting)
        if not hook.genuine(call):
            return Turned(401, why="forged")
        if len(call.body) > self.largest(section):
            return Turned(413, why="too_large")
        try:
            said = hook.read(call)
        except UnreadableReportError:
            said = ()
        one = said[0] if len(said) == 1 else None
        event = one.event_id if one else f"raw-{sha256(_whole(call)).hexdigest()[:40]}"
        return Inbox(
            channel=section,
            provider=provider,
            event_id=event,
            reference=one.reference if isinstance(one, Report) else "",
            sealed=self.vault.seal_until(RAW, now.astimezone(IST).date(), subject_of(provider, event), written(call)),
            headers={name: call.headers[name][:200] for name in _HEADERS if name in call.headers},
            received_at=now,
        )


def written(call: Call) -> str:
    """A call as it is kept: method, query and body; headers are kept apart, and a secret in the address is not kept."""
    query = {name: value for name, value in call.query.items() if name != "key"}
    return json.dumps({"method": call.method, "query": query, "body": call.body.decode("latin-1")})


def kept_call(text: str, headers: Mapping[str, str]) -> Call:
    """The call that was kept."""
    held = json.loads(text)
    return Call(held["method"], held["query"], headers, held["body"].encode("latin-1"))


def _whole(call: Call) -> bytes:
    return written(call).encode()


def subject_of(provider: str, event_id: str) -> str:
    """What the seal of a callback is bound to."""
    return f"inbox|{provider}|{event_id}"
