"""People who say something, for tests: heard rows as the inbox leaves them, and a reader that was told what to read."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.put_heard import put_heard
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.doing import Listener, Reader
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import Clock, fixed_clock
from sulah.outreach.channel import Heard, HeardKind
from sulah.outreach.configured import Channels
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from tests.contact.people import BY, NOON, RULEBOOK, loan_of, put_person

NUMBER = "+919812345678"
TODAY = date(2026, 11, 24)
AT_NOON = fixed_clock(NOON)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader was told to read."""

    intent: str = "other"
    confidence: str = "sure"
    also: tuple[str, ...] = ()
    amount_paise: int | None = None
    due_on: date | None = None
    wanted_language: str = ""
    about: str = ""
    suspected: tuple[str, ...] = ()
    strongly: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """As plain values."""
        return {name: str(value) for name, value in asdict(self).items()}


@dataclass(slots=True)
class Desk:
    """A vault, somebody who listens, and the clock; reader: the one that ships, else one that was told what to read."""

    vault: Vault
    channels: Channels
    readings: Mapping[str, Reading]
    reviewed: Collection[str] = ("en", "hi")
    clock: Clock = AT_NOON
    reader: Reader | None = None

    def listener(self) -> Listener:
        """Who acts; the reader reads the texts that it was told of."""

        def read(text: str, choice: str, language: str, said_on: date) -> Reading:
            return self.readings[choice or text]

        return Listener(self.vault, lambda: RULEBOOK, self.channels, self.reader or read, lambda: set(self.reviewed), BY, self.clock)

    def person(self, name: str = "P1", number: str = NUMBER, **said: object) -> str:
        """A person of the book with a number of their own; the blind index of the number."""
        key = self.vault.number_key(number)
        put_person(name, loan_of(f"L-{name}", name), numbers={key: ["own", "good"]}, language="hi", **said)
        put_numbers([(key, name)])
        return key

    def said(
        self,
        text: str,
        *,
        number: str = NUMBER,
        channel: str = "sms",
        kind: HeardKind = HeardKind.TEXT,
        choice: str = "",
        at: datetime = NOON,
    ) -> HeardRow:
        """Somebody says something, and it is acted on; the row."""
        name = self.put(text, number=number, channel=channel, kind=kind, choice=choice, at=at)
        answer_heard(self.listener())
        return HeardRow.objects.get(event_id=name)

    def put(
        self,
        text: str,
        *,
        number: str = NUMBER,
        channel: str = "sms",
        kind: HeardKind = HeardKind.TEXT,
        choice: str = "",
        at: datetime = NOON,
    ) -> str:
        """Somebody says something that nobody has acted on yet; its id."""
        name = f"e{HeardRow.objects.count()}"
        event = Inbox(channel=channel, provider="one", event_id=name, received_at=at)
        put_heard(self.vault, event, Heard(name, number, at.isoformat(), kind, text, choice), at + timedelta(seconds=1))
        return name
