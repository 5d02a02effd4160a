"""Answer a person in one's own words, within the session that their message opened: looked through first, and the guard decides last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.actions.put_heard import words_of
from sulah.actions.queue_message import Written, queue_written
from sulah.actions.talk.answer_heard import language_of
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing

SESSIONS: Mapping[Channel, timedelta] = {Channel.WHATSAPP: timedelta(hours=24)}
"""Channels on which words of one's own may go, and for how long after the person's last message: the customer service window of
"Send messages" (Meta for Developers, WhatsApp Business Platform); rule WA-24H holds the same at the moment of sending."""

LONGEST = 1_000


class AnswerRefusedError(Refusal):
    """The answer cannot go as it is; the words say why, one reason a sentence."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look through somebody's words found: why they must not go (nothing: they may), and what the guard has to know of them."""

    why: tuple[str, ...] = ()
    legal_words: bool | None = None
    offers: bool | None = None


Lint = Callable[[str, str, str], Looked]
"""The words, the language that the person reads, and the person: what a look through them finds."""


def no_linter(text: str, language: str, person: str) -> Looked:
    """Where nothing looks through words before they go, none go."""
    return Looked(
        ("Words of your own are not sent from here: nothing is set up that looks through them first. Call, or close with words.",)
    )


@dataclass(frozen=True, slots=True)
class Session:
    """What the person said last on a channel, and until when it may be answered in free words."""

    heard: Heard
    until: datetime


def session_of(person: str, channel: Channel, now: datetime) -> Session | None:
    """The open session of a person on a channel; None where they said nothing in time, or the channel has no sessions.

    A message dated ahead of the clock opens none yet.
    """
    if channel not in SESSIONS:
        return None
    heard = Heard.objects.filter(person=person, channel=channel.value, said_at__lte=now).order_by("-said_at", "-id").first()
    if heard is None or heard.said_at + SESSIONS[channel] <= now:
        return None
    return Session(heard, heard.said_at + SESSIONS[channel])


def answer_by_hand(
    person: str, channel: Channel, text: str, *, lint: Lint = no_linter, channels: Channels, vault: Vault, by: Actor, clock: Clock
) -> Outbox:
    """Queue an answer in free words to what the person said last on the channel; the same words to it again are one message.

    AnswerRefusedError outside of a session, and where the look through the words finds what must not be sent.
    """
    hold_role(by, DESK, "answer a person")
    hold_reach(by, person)
    said, now = text.strip(), clock()
    session = session_of(person, channel, now)
    if session is None:
        raise AnswerRefusedError(f"No session is open on {channel}: words of your own may go for 24 hours after the person wrote.")
    if not said or len(said) > LONGEST:
        raise AnswerRefusedError(f"An answer has 1 to {LONGEST} characters; this one has {len(said)}.")
    looked = lint(said, language_of(person, now), person)
    if looked.why:
        raise AnswerRefusedError(" ".join(looked.why))
    digest = sha256(said.encode()).hexdigest()[:16]
    intent = Intent(
        intent_id=f"hand-{session.heard.pk}-{digest}",
        person_id=person,
        at=session.heard.said_at,
        channel=channel,
        purpose=Purpose.SESSION_ANSWER,
        loan_ids=_loans(person),
        number_key=session.heard.number_key,
        free_text=True,
        offers=looked.offers,
        legal_words=looked.legal_words,
    )
    sender, _ = words_of(vault, session.heard)
    written = Written(intent, sender, said, now, session.until)
    row, _ = queue_written(written, channels=channels, vault=vault, actor=by.name, clock=clock)
    return row


def _loans(person: str) -> tuple[str, ...]:
    """Every open loan: nobody knows of which the words speak, so the strictest of their rules holds."""
    standing = Standing.objects.filter(pk=person).first()
    return tuple(sorted(loan["loan_id"] for loan in (standing.loans if standing else []) if loan["open"]))
