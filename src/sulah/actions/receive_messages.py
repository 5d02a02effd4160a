"""Take in what comes over a bound connection: on the disk before it is acknowledged, parts of a long message put together from there.

Each part is kept as it comes; whoever brings the last one keeps the whole message as well.  So parts may come in any order, twice, over
several connections, before and after a restart: the whole is one event, made of the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from threading import Thread

from django.db import DatabaseError, connection
from django.db.models import QuerySet

from sulah.actions.take_callback import InboxWriter, kept_call, subject_of, written
from sulah.adapters.book.vault import RAW, Vault
from sulah.adapters.smpp.link import Keep
from sulah.adapters.smpp.receiver import Receiver, Tell
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.outreach.configured import Channels
from sulah.outreach.smpp.settings import SmppSettings
from sulah.outreach.sms.settings import Provider, SmsSettings
from sulah.outreach.sms.smpp import PartKey, content_of, event_id_of, kept, part_key
from sulah.records.contact.inbox import Inbox
from sulah.records.turn import turn

PART, JOINED = "part", "joined"
"""The outcome of a part: it waits for the others, and only the whole is read; then it has been put together."""

LONGEST_WAIT = timedelta(hours=1)
"""After so long the missing parts are waited for no more: what there is of the message is read, with its gaps marked."""

_LOOK_SECONDS = 60.0

REACH = timedelta(days=1)
"""How long the parts of one message are looked for: later the same reference is used for another."""


class NothingToReceiveError(Refusal):
    """No gateway of lender.toml brings messages over a connection of its own."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps what SMPP gateways bring."""

    vault: Vault
    writer: InboxWriter
    clock: Clock

    def keep_for(self, provider: Provider) -> Keep | None:
        """Keeps one deliver_sm of this gateway; None for a gateway that brings nothing over a connection."""
        return partial(self.keep, provider.name, provider.smpp) if provider.smpp is not None else None

    def keep(self, provider: str, smpp: SmppSettings, octets: bytes) -> None:
        """Return when it is committed, and the whole message with it where this was the part that was missing."""
        now = self.clock()
        key = part_key(octets)
        try:
            if key is None:
                self._put(provider, event_id_of(octets, now, smpp.same_within), octets, now)
            else:
                self._keep_part(provider, key, octets, now)
        except DatabaseError:
            connection.close()  # the next one opens a new connection; this one is not acknowledged, so it comes again
            raise

    def release(self) -> int:
        """Let what there is of messages be read whose other parts did not come in LONGEST_WAIT; how many messages."""
        now = self.clock()
        rows = Inbox.objects.filter(outcome=PART, received_at__lte=now - LONGEST_WAIT)
        names = {(row.provider, row.event_id[:_SERIES]) for row in rows}
        for provider, series in names:
            self._put_together(provider, series, self._waiting(provider, series, now - 2 * REACH), now, gaps=True)
        return len(names)

    def _keep_part(self, provider: str, key: PartKey, octets: bytes, now: datetime) -> None:
        series = _series(key)
        name = f"{series}{key.number:03d}-{content_of(octets)}"
        if _of(provider, name).filter(outcome=JOINED, received_at__gte=now - REACH).exists():
            return  # brought again after the whole was put together
        self._put(provider, f"{name}-{now.astimezone(IST):%Y%m%d}", octets, now, PART)
        there = self._waiting(provider, series, now - REACH)
        if len(there) == key.total:
            self._put_together(provider, series, there, now)

    def _put_together(self, provider: str, series: str, rows: list[Inbox], now: datetime, *, gaps: bool = False) -> None:
        """Keep a message beside its parts, then mark them; killed between the two, it is kept again under the same id, so once."""
        texts = [self.vault.unseal(subject_of(provider, row.event_id), row.sealed) for row in rows]
        whole = b"".join(kept_call(text, {}).body for text in texts)
        self._put(provider, f"smpp-whole-{sha256(whole).hexdigest()[:40]}", whole, now, gaps=gaps)
        with turn():
            _of(provider, series).filter(outcome=PART).update(outcome=JOINED)

    def _put(self, provider: str, event: str, octets: bytes, now: datetime, outcome: str = "", *, gaps: bool = False) -> None:
        sealed = self.vault.seal_until(
            RAW, now.astimezone(IST).date(), subject_of(provider, event), written(kept(octets, event, gaps=gaps))
        )
        done_at = now if outcome else None
        row = Inbox(channel="sms", provider=provider, event_id=event, sealed=sealed, received_at=now, processed_at=done_at, outcome=outcome)
        self.writer.keep(row)

    def _waiting(self, provider: str, series: str, since: datetime) -> list[Inbox]:
        """The parts of a message that came since then and wait, in their order, of each the latest."""
        rows = _of(provider, series).filter(outcome=PART, received_at__gte=since).order_by("id")
        latest = {row.event_id[_SERIES : _SERIES + 3]: row for row in rows}
        return [row for _, row in sorted(latest.items())]


def _of(provider: str, begins: str) -> QuerySet[Inbox]:
    """The events of a provider whose id begins so, asked as a range, which the index answers.

    What follows is digits and hyphens, and a letter stands behind those in every collation of a database.
    """
    return Inbox.objects.filter(provider=provider, event_id__gte=begins, event_id__lt=f"{begins}z")


def _series(key: PartKey) -> str:
    """What the parts of one message have in common in their event ids."""
    named = "|".join((key.sender, key.to, str(key.reference), str(key.total)))
    return f"smpp-part-{sha256(named.encode()).hexdigest()[:24]}-"


_SERIES = len("smpp-part--") + 24
"""Letters that the event ids of one message's parts have in common."""


def receive_smpp(channels: Channels, keeper: Keeper, *, only: str, wait: Callable[[float], bool], tell: Tell) -> None:
    """Receive from every SMPP gateway, or from the one named, until wait(seconds) is True; NothingToReceiveError where there is none."""
    found = [one.settings for one in channels.values() if isinstance(one.settings, SmsSettings)]
    providers = [each for settings in found for each in settings.providers if each.smpp is not None and only in ("", each.name)]
    if not providers:
        named = f" called {only}" if only else ""
        raise NothingToReceiveError(f'lender.toml has no [[sms.provider]] of kind = "smpp"{named}: nothing is received.')
    crew = [Thread(target=_receiver(each, keeper, wait, tell).run, name=f"receive-{each.name}") for each in providers]
    for one in crew:
        one.start()
    while not wait(_LOOK_SECONDS):
        keeper.release()
    for one in crew:
        one.join()


def _receiver(provider: Provider, keeper: Keeper, wait: Callable[[float], bool], tell: Tell) -> Receiver:
    if provider.smpp is None:
        raise NothingToReceiveError(f"{provider.name} is no SMPP gateway.")
    return Receiver(provider, provider.smpp, partial(keeper.keep, provider.name, provider.smpp), wait, tell)
