"""A simulated lender's people, messages that are with providers, and what providers then bring: one generator a channel.

A channel is a Line: what its provider brings in the order in which it happened, how somebody who is not the provider would forge it, and
how what was lost is repaired: `again` (it delivers until it is acknowledged) or `look_up` (we ask its log).  WhatsApp documents the first
and MSG91 has a log; that Gupshup delivers again is taken for granted here and stands on no page of it (verify).
"""

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Protocol

from sulah.adapters.sandbox.gupshup import Kept, posted, report_of, said
from sulah.kernel.dates import IST
from sulah.outreach.email.marks import marked
from sulah.outreach.http import Call
from tests.channels.mail_place import SECRETS as MAIL_SECRETS
from tests.contact.people import NOON
from tests.outbox.place import HOOK
from tests.outreach.whatsapp_place import APP, batch, change

MAIL_SECRET = MAIL_SECRETS["SULAH_TEST_SIGN"]
SPAN = timedelta(minutes=100)
"""All that providers tell of happened in so much time before noon."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a number, one loan or two; hidden: WhatsApp shows no number of theirs."""

    name: str
    number: str
    loans: tuple[str, ...]
    hidden: bool = False

    @property
    def mail(self) -> str:
        """The person's address."""
        return f"{self.name.lower()}@mail.example"


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a provider has; known: its answer came, so that we know the provider's reference of it.

    waits: it was not sent yet, and a stop withdraws it.
    """

    reference: str
    theirs: str
    person: Person
    loan: str
    channel: str
    provider: str
    at: datetime
    known: bool = True
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Brought:
    """One call at our door, or what comes over a bound connection or into the folder of mail, in the form in which the inbox keeps it.

    events: how many things it tells; of: the message that it reports on, where it is one alone.
    """

    line: "Line"
    call: Call
    at: datetime
    events: int = 1
    of: str = ""


class Line(Protocol):
    """One channel's provider; nameless: it names its own ids only, so what has none of them is told of nobody."""

    section: str
    provider: str
    channel: str
    repaired: str
    nameless: bool

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """Everything that it tells of these messages and their people."""

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """The same from somebody who does not have the secret, with another content where that could do harm; and the status it gets."""

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """What comes spoiled, and the status it gets; None where nobody could tell."""


def spoilt(draw: Random, call: Call) -> Call:
    """One byte is another, or the end is missing; of an address, one part: whatever else is changed there, nobody could tell."""
    if not call.body:
        return replace(call, query={**call.query, "msisdn": "9"})
    body = bytearray(call.body)
    place = draw.randrange(len(body))
    if draw.random() < 0.5:
        body[place] ^= draw.randrange(1, 256)
    else:
        del body[place:]
    return replace(call, body=bytes(body))


def reference_of(*parts: object) -> str:
    """An id that no single changed letter turns into another one."""
    return sha256(repr(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Msg91:
    """Delivery reports of MSG91: signs nothing, a secret stands in the address; what is lost is in its log."""

    section: str = "sms"
    provider: str = "one"
    channel: str = "sms"
    repaired: str = "look_up"
    nameless: bool = False

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """The end of each message, for some an earlier failure before it."""
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            delivered = not one.person.number.endswith("0")
            if delivered and draw.random() < 0.2:
                yield self._report(one, at, delivered=False)
            yield self._report(one, at + timedelta(seconds=30), delivered=delivered)

    def _report(self, one: Sent, at: datetime, *, delivered: bool) -> Brought:
        told = {
            "date": at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S"),
            "number": one.person.number.removeprefix("+"),
            "requestId": one.theirs,
            "CRQID": one.reference,
            "status": "1" if delivered else "2",
            "desc": "DELIVERED" if delivered else "FAILED",
        }
        return Brought(self, Call("POST", {"key": HOOK}, {}, json.dumps(told).encode()), at, of=one.reference)

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """A wrong secret, and the contrary."""
        told = json.loads(brought.call.body)
        told["status"], told["desc"] = ("2", "FAILED") if told["status"] == "1" else ("1", "DELIVERED")
        return replace(brought.call, query={"key": "not-the-secret-of-anybody"}, body=json.dumps(told).encode()), 401

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """Kept, and applied only where it names the same message in two ways."""
        return spoilt(draw, brought.call), 200


@dataclass(frozen=True, slots=True)
class Cloud:
    """Webhooks of WhatsApp: signed batches of statuses and of what people say, delivered again until they are acknowledged."""

    section: str = "whatsapp"
    provider: str = "meta"
    channel: str = "whatsapp"
    repaired: str = "again"
    nameless: bool = False

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """Statuses of each message, what its person says, several in some batches."""
        told = sorted((each for one in sent for each in self._of(draw, one)), key=lambda each: each[0])
        while told:
            many, told = told[: (size := draw.choice((1, 1, 1, 2, 3)))], told[size:]
            statuses = [each for _, kind, each in many if kind == "status"]
            messages = [each for _, kind, each in many if kind == "message"]
            body = batch(change(statuses=statuses or None, messages=messages or None))
            yield Brought(self, self._signed(body, APP), many[-1][0], len(many))

    def _signed(self, body: bytes, secret: str) -> Call:
        signature = hmac.new(secret.encode(), body, sha256).hexdigest()
        return Call("POST", {}, {"x-hub-signature-256": f"sha256={signature}"}, body)

    def _of(self, draw: Random, one: Sent) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
        at = one.at
        steps = draw.choice((("sent", "delivered", "read"), ("sent", "read"), ("sent", "delivered"), ("failed",), ("sent", "failed")))
        for step in steps:
            at += timedelta(seconds=draw.randint(1, 240))
            told = {"id": one.theirs, "status": step, "timestamp": _seconds(at), "recipient_id": one.person.number[1:]}
            told["biz_opaque_callback_data"] = one.reference
            errors = {"errors": [{"code": 131026, "title": "Message undeliverable"}]} if step == "failed" else {}
            yield at, "status", {**told, **errors}
        for _ in range(draw.choice((0, 0, 1, 2, 4)) if one.known else 0):
            at += timedelta(seconds=draw.randint(1, 600))
            yield at, "message", self._said(draw, one, at)

    def _said(self, draw: Random, one: Sent, at: datetime) -> dict[str, Any]:
        answers = one.person.hidden or draw.random() < 0.6
        said: dict[str, Any] = {"id": f"wamid.{reference_of(one.reference, at)}", "timestamp": _seconds(at)}
        said |= {} if one.person.hidden else {"from": one.person.number[1:]}
        said |= {"context": {"from": "15550783881", "id": one.theirs}} if answers else {}
        if answers and draw.random() < 0.3:
            return {**said, "type": "button", "button": {"payload": draw.choice(("paid", "call_me")), "text": "pressed"}}
        return {**said, "type": "text", "text": {"body": words(draw)}}

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """Its signature is wrong."""
        return spoilt(draw, brought.call), 401

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """Signed with another secret, and STOP of somebody who did not say it."""
        message = {"id": "wamid.forged", "timestamp": _seconds(NOON), "from": "919812345678", "type": "text", "text": {"body": "stop sure"}}
        return self._signed(batch(change(messages=[message])), "not-the-secret-of-the-app"), 401


@dataclass(frozen=True, slots=True)
class Gupshup:
    """Reports of Gupshup, several in a POST and by its own ids alone, and what people text to a keyword: a secret in the address."""

    section: str = "sms"
    provider: str = "gup"
    channel: str = "sms"
    repaired: str = "again"
    nameless: bool = True

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """The end of each message, and for some what its person texts."""
        told: list[tuple[datetime, dict[str, str]]] = []
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            kept = Kept(one.theirs, one.person.number[1:], "", "KAVERI", at)
            told.append((at, report_of(kept)))
            for _ in range(draw.choice((0, 0, 1, 2))):
                at += timedelta(seconds=draw.randint(1, 900))
                yield Brought(self, Call("GET", {"key": HOOK, **said(one.person.number[1:], words(draw), at)}, {}, b""), at)
        while told:
            many, told = told[: (size := draw.choice((1, 2, 5)))], told[size:]
            yield Brought(self, Call("POST", {"key": HOOK}, {}, posted([each for _, each in many])), many[-1][0], len(many))

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """Kept, and read as nothing, or as what it was."""
        return spoilt(draw, brought.call), 200

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """A wrong secret, and STOP where it is what a person says."""
        said_so = {"content": "stop sure"} if "content" in brought.call.query else {}
        return replace(brought.call, query={**brought.call.query, **said_so, "key": "not-the-secret-of-anybody"}), 401


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


INTENTS = ("promise", "promise", "promise", "part", "paid", "cannot_pay", "call_me", "language", "stop", "dispute", "complaint", "other")
RARE = ("death", "wrong_number", "self_harm")


def words(draw: Random) -> str:
    """What a person writes, as the scripted reader reads it: intent, how sure it is, amount in paise, day, language, another intent.

    >>> words(Random(1)).split()[0] in (*INTENTS, *RARE)
    True
    """
    intent = draw.choice(RARE) if draw.random() < 0.05 else draw.choice(INTENTS)
    sure = draw.choice(("sure", "sure", "sure", "sure", "likely", "unsure"))
    day = date(2026, 11, 24) + timedelta(draw.randint(-1, 32))
    also = draw.choice((*INTENTS, "")) if draw.random() < 0.1 else ""
    return " ".join((intent, sure, str(draw.choice((0, 100_00, 300_00, 500_00, 700_00))), str(day), draw.choice(("en", "hi")), also))


@dataclass(frozen=True, slots=True)
class Scripted:
    """A reading that was written down beforehand."""

    intent: str
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
        return {"intent": self.intent}


def scripted(text: str, choice: str, language: str, said_on: date) -> Scripted:
    """Read what `words` wrote.

    >>> scripted("promise sure 30000 2026-12-05 hi", "", "en", date(2026, 11, 24)).amount_paise
    30000
    >>> scripted("", "paid", "en", date(2026, 11, 24)).intent
    'paid'
    """
    if choice or not text:
        return Scripted(choice or "other", "sure" if choice else "unsure")
    intent, sure, paise, day, wanted, *also = (*text.split(), *("0", "2026-12-01", "hi")[max(0, len(text.split()) - 2) :])
    about = "family" if intent == "death" and paise == "0" else ""
    return Scripted(intent, sure, tuple(also), int(paise) or None, date.fromisoformat(day), wanted, about)


@dataclass(slots=True)
class World:
    """All of it: people, messages, and what is brought in the order in which it happened."""

    people: list[Person]
    sent: list[Sent]
    lines: Sequence[Line]
    brought: list[Brought] = field(default_factory=list)

    @property
    def events(self) -> int:
        """How many things providers tell."""
        return sum(each.events for each in self.brought)


LINES: tuple[Line, ...] = (Msg91(), Cloud(), Gupshup())
"""Those of SMS and WhatsApp over HTTP; tests/outbox/storm.py has all of them."""


def made(events: int, seed: int = 0, lines: Sequence[Line] = LINES) -> World:
    """A world in which providers tell about so many things, at least."""
    draw, world = Random(seed), World([], [], lines)
    while world.events < events:
        _more(draw, world, 20)
    world.brought.sort(key=lambda each: each.at)
    return world


def _more(draw: Random, world: World, count: int) -> None:
    """So many more people, with their messages and what becomes of them."""
    first = len(world.people)
    people = [_person(draw, number) for number in range(first, first + count)]
    if first == 0:
        people[1] = replace(people[1], number=people[0].number)  # two people with one number
    world.people += people
    for line in world.lines:
        sent = [_sent(draw, one, line) for one in people]
        world.sent += [*sent, *(replace(each, reference=reference_of(each.reference), waits=True) for each in sent)]
        world.brought += line.brings(draw, sent)


def _person(draw: Random, number: int) -> Person:
    loans = (f"L{number}a",) if draw.random() < 0.7 else (f"L{number}a", f"L{number}b")
    return Person(f"P{number}", f"+9198{number:07d}{draw.choice('1122334560')}", loans, draw.random() < 0.05)


def _sent(draw: Random, person: Person, line: Line) -> Sent:
    reference = reference_of(person.name, line.provider)
    theirs = f"wamid.{reference_of(reference)}" if line.channel == "whatsapp" else reference_of(reference)
    if line.channel == "email":
        theirs = f"{marked(MAIL_SECRET, 'id', reference)}@kaveri.example"
    at = NOON - SPAN + timedelta(seconds=draw.randint(0, 600))
    known = draw.random() > 0.05 or line.nameless
    return Sent(reference, theirs, person, draw.choice(person.loans), line.channel, line.provider, at, known)
