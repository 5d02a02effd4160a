"""What an SMSC, two providers of calls and a mail server bring in a storm; the channels besides those of storm_world.py.

Exotel documents that a callback which is not answered well comes again; that Twilio's does is a setting of the account and taken for
granted (verify).  A deliver_sm that was not acknowledged comes again, and a mail server delivers again.  What nobody could tell is not
spoiled here: an octet of a receipt (TCP sees to that, and a unit is whole or not there), a field of Exotel's, a word of a person's mail.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from urllib.parse import parse_qsl, urlencode, urlsplit

from sulah.adapters.sandbox import mailboxes
from sulah.adapters.sandbox.smsc import said
from sulah.kernel.dates import IST
from sulah.outreach.channel import UnreadableReportError
from sulah.outreach.email.hook import mail_call
from sulah.outreach.email.marks import marked, returned_to
from sulah.outreach.http import Call
from sulah.outreach.smpp.codes import ESM_RECEIPT, Command, Tag
from sulah.outreach.smpp.pdu import Pdu, Short, encode
from sulah.outreach.voice.form import urlencoded
from sulah.outreach.voice.twilio import signature
from tests.channels import mail_place, voice_place
from tests.outbox.place import HOOK
from tests.outbox.storm_world import Brought, Sent, reference_of, spoilt, words

NOBODY = "not-the-secret-of-anybody"
DOMAIN, BOUNCES = "kaveri.example", "bounce.kaveri.example"
_STATES = {"DELIVRD": 2, "UNDELIV": 5, "ENROUTE": 1}


@dataclass(frozen=True, slots=True)
class Smsc:
    """Receipts of an SMSC over SMPP, by its own ids alone, and what people text; no request over HTTP opens its door."""

    section: str = "sms"
    provider: str = "smsc"
    channel: str = "sms"
    repaired: str = "again"
    nameless: bool = True

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """Where each message stands, and its end; one text of its person at most, because SMPP says of none when it was written."""
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            if draw.random() < 0.3:
                yield self._receipt(one, at, "ENROUTE")
            yield self._receipt(one, at + timedelta(seconds=30), "UNDELIV" if one.person.number.endswith("0") else "DELIVRD")
            if draw.random() < 0.5:
                (pdu,) = said(one.person.number, "56070", words(draw))
                yield Brought(self, Call("SMPP", {}, {}, encode(pdu)), at + timedelta(minutes=1))

    def _receipt(self, one: Sent, at: datetime, state: str) -> Brought:
        text = f"id:{one.theirs} sub:001 dlvrd:001 done date:{at.astimezone(IST):%y%m%d%H%M} stat:{state} err:000 text:"
        body = Short(source=one.person.number[1:], destination="KAVERI", esm_class=ESM_RECEIPT, message=text.encode())
        tlvs = ((int(Tag.RECEIPTED_MESSAGE_ID), one.theirs.encode() + b"\0"), (int(Tag.MESSAGE_STATE), bytes([_STATES[state]])))
        return Brought(self, Call("SMPP", {}, {}, encode(Pdu(Command.DELIVER_SM, 0, body, tlvs=tlvs))), at)

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """The same octets posted at our door by somebody who is not bound to us."""
        return Call("POST", {"key": HOOK}, {}, brought.call.body), 405

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """A unit that ends too early."""
        body = brought.call.body
        return replace(brought.call, body=body[: draw.randrange(len(body))]), 200


@dataclass(frozen=True, slots=True)
class Exotel:
    """Calls between people by Exotel, told leg by leg, and missed calls; a secret stands in the address, and nothing is signed."""

    section: str = "voice"
    provider: str = "exo"
    channel: str = "call"
    repaired: str = "again"
    nameless: bool = False

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """The agent answers or does not, the borrower answers or does not; some ring back and hang up."""
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            agent, hers = draw.choice(("completed", "completed", "completed", "no-answer")), draw.choice(("completed", "busy", "no-answer"))
            yield self._status(one, at, {"EventType": "answered", "Status": "in-progress"})
            legs = [{"Status": agent}, *([{"Status": hers}] if agent == "completed" else [])]
            told = {"EventType": "terminal", "Status": legs[-1]["Status"], "Legs": legs, "ConversationDuration": draw.randint(1, 300)}
            yield self._status(one, at + timedelta(seconds=60), told)
            if draw.random() < 0.3:
                query = {"do": "missed", "key": HOOK, "CallSid": reference_of(one.reference, "missed"), "From": one.person.number}
                yield Brought(self, Call("GET", query, {}, b""), at + timedelta(seconds=90))

    def _status(self, one: Sent, at: datetime, told: dict[str, object]) -> Brought:
        said_of = {"CallSid": one.theirs, "CustomField": one.reference, "DateUpdated": at.isoformat(), **told}
        query = {"do": "status", "ch": "call", "ref": one.reference, "key": HOOK}
        return Brought(self, Call("POST", query, {"content-type": "application/json"}, json.dumps(said_of).encode()), at)

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """A wrong secret, and a call that was answered."""
        body = brought.call.body.replace(b"busy", b"completed").replace(b"no-answer", b"completed")
        return replace(brought.call, query={**brought.call.query, "key": NOBODY}, body=body), 401

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """The end is missing; of a missed call, its number."""
        if not brought.call.body:
            return replace(brought.call, query={**brought.call.query, "CallSid": ""}), 200
        return replace(brought.call, body=brought.call.body[: draw.randrange(len(brought.call.body))]), 200


@dataclass(frozen=True, slots=True)
class Twilio:
    """Automated calls by Twilio with the keys that were pressed; every request is signed for its whole address."""

    section: str = "voice"
    provider: str = "twi"
    channel: str = "bot_call"
    repaired: str = "again"
    nameless: bool = False

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """Under way, a key or two, and the end."""
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            end = "no-answer" if one.person.number.endswith("0") else draw.choice(("completed", "completed", "busy"))
            yield self._posted({"do": "status", "ch": "bot_call", "ref": one.reference}, one, at, {"CallStatus": "in-progress"})
            if end == "completed" and draw.random() < 0.6:
                turn = {"do": "turn", "ch": "bot_call", "ref": one.reference, "script": "due_ivr", "step": "ask", "tries": "0"}
                yield self._posted(turn, one, at + timedelta(seconds=20), {"Digits": draw.choice("012"), "To": one.person.number})
            status = {"do": "status", "ch": "bot_call", "ref": one.reference}
            yield self._posted(status, one, at + timedelta(seconds=60), {"CallStatus": end, "CallDuration": str(draw.randint(1, 90))})

    def _posted(self, query: dict[str, str], one: Sent, at: datetime, told: dict[str, str]) -> Brought:
        form = {"CallSid": one.theirs, "From": voice_place.CALLER, "Timestamp": format_datetime(at), **told}
        return Brought(self, self._signed(query, urlencode(form).encode(), voice_place.SECRETS["SULAH_TEST_TOKEN"]), at)

    def _signed(self, query: dict[str, str], body: bytes, token: str) -> Call:
        address = f"http://127.0.0.1:8094/hooks/voice/{self.provider}?{urlencode(query)}"
        sign = signature(token, address, urlencoded(body))
        return Call("POST", dict(parse_qsl(urlsplit(address).query)), {"x-twilio-signature": sign}, body, address)

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """Signed with another token, and a call that was answered or a key that was not pressed."""
        body = brought.call.body.replace(b"busy", b"completed").replace(b"no-answer", b"completed").replace(b"Digits=2", b"Digits=1")
        return self._signed(dict(brought.call.query), body, NOBODY), 401

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """A byte is another, or the end is missing, so that the form says another thing."""
        while True:
            call = spoilt(draw, brought.call)
            try:
                same = urlencoded(call.body) == urlencoded(brought.call.body)
            except UnreadableReportError:
                return call, 401
            if not same:
                return call, 401


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail server delivers: bounces and complaints that carry a mark of ours, answers, and stops by one click."""

    section: str = "email"
    provider: str = "relay"
    channel: str = "email"
    repaired: str = "again"
    nameless: bool = False

    def brings(self, draw: Random, sent: Sequence[Sent]) -> Iterator[Brought]:
        """Whether it arrived, and for some what its person does with it."""
        for one in sent:
            at = one.at + timedelta(seconds=draw.randint(5, 600))
            gone = one.person.number.endswith("0")
            if gone or draw.random() < 0.4:
                fate = ("failed", "5.1.1", "smtp; 550 no such user") if gone else ("delivered", "2.0.0", "smtp; 250 ok")
                yield self._mail(self._bounce(one, fate, mail_place.SECRETS["SULAH_TEST_SIGN"]), at)
            does = draw.random()
            if does < 0.4:
                yield self._mail(_answer(one, words(draw), at + timedelta(minutes=3)), at + timedelta(minutes=3))
            elif does < 0.45:
                content = _content(one, mail_place.SECRETS["SULAH_TEST_SIGN"])
                yield self._mail(mailboxes.complaint("care@kaveri.example", one.person.mail, content), at + timedelta(minutes=4))
            elif does < 0.5:
                mark = marked(mail_place.SECRETS["SULAH_TEST_SIGN"], "stop", one.reference)
                yield Brought(self, Call("POST", {"t": mark}, {}, b"List-Unsubscribe=One-Click"), at + timedelta(minutes=5))

    def _mail(self, raw: bytes, at: datetime) -> Brought:
        return Brought(self, mail_call(raw), at)

    def _bounce(self, one: Sent, fate: tuple[str, str, str], secret: str) -> bytes:
        sender = f"{returned_to(secret, one.reference)}@{BOUNCES}"
        return mailboxes.bounce(sender, one.person.mail, marked(secret, "envelope", one.reference), _content(one, secret), *fate)

    def forged(self, brought: Brought) -> tuple[Call, int]:
        """A mark of nobody's making; an answer that our own server says is not of the sender it names."""
        if brought.call.method == "POST":
            return replace(brought.call, query={"t": brought.call.query["t"][:-1] + "-"}), 401
        raw = brought.call.body
        if b"multipart/report" in raw:
            return mail_call(
                raw.replace(b"Original-Envelope-Id: ", b"Original-Envelope-Id: x").replace(b"@bounce.", b"x@bounce.").replace(b"<", b"<x")
            ), 200
        head = b"Authentication-Results: mx.kaveri.example; dmarc=fail\r\n"
        return mail_call(head + raw.replace(b"\r\n\r\n", b"\r\n\r\nstop sure\r\n", 1)), 200

    def spoil(self, draw: Random, brought: Brought) -> tuple[Call, int] | None:
        """A byte of a report is another; of an answer nobody could tell."""
        if brought.call.method == "POST":
            return replace(brought.call, query={"t": brought.call.query["t"][1:]}), 401
        if b"multipart/report" not in brought.call.body:
            return None
        head, blank, rest = brought.call.body.partition(b"\r\n\r\n")
        return mail_call(head + blank + spoilt(draw, Call("MAIL", {}, {}, rest)).body), 200


def _content(one: Sent, secret: str) -> bytes:
    """The head of our message, as it comes back."""
    name = f"{marked(secret, 'id', one.reference)}@{DOMAIN}"
    return f"Message-ID: <{name}>\r\nReply-To: answers@kaveri.example\r\n\r\nRs 500 is due.\r\n".encode()


def _answer(one: Sent, text: str, at: datetime) -> bytes:
    """A person's answer to our message, written at that moment."""
    raw = mailboxes.answer(one.person.mail, _content(one, mail_place.SECRETS["SULAH_TEST_SIGN"]), text)
    return raw.replace(b"Mon, 23 Nov 2026 10:15:00 +0530", format_datetime(at.astimezone(IST)).encode())


OTHER_LINES = (Smsc(), Exotel(), Twilio(), Mail())
