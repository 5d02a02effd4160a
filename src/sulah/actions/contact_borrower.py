"""The act of contacting a borrower by a message: the guard decides once more, the contact is counted, and only then it is handed over.

The one place that may use a channel.  In one transaction the person's contacts are locked, the guard decides, the contact is reserved
and the message is marked as being sent; after it is committed the provider is given our reference.  Whatever happens then, the row says
no less than was done: a process that ends here leaves a hand-over whose fate is asked for, never a message that goes again by itself.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from sulah.actions.contact.reserve_contact import AlreadyReservedError
from sulah.actions.read_anew import Anew, read_anew, sealed_anew
from sulah.adapters.book.vault import Vault
from sulah.adapters.channels.email import EmailChannel
from sulah.adapters.channels.sms import Keeps, SmsChannel, nobody_keeps
from sulah.adapters.channels.voice import VoiceChannel
from sulah.adapters.channels.whatsapp import WhatsAppChannel
from sulah.guard.intent import Intent
from sulah.guard.verdict import Decision, Permit, Refusal
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel as ChannelName
from sulah.kernel.terms import ContactClass, ContactState
from sulah.outreach.channel import Answer, Channel, Fault, Message, NeverTaken, Taken, Unknown
from sulah.outreach.configured import Channels, Configured
from sulah.outreach.email.settings import EmailSettings
from sulah.outreach.house import TextSettings
from sulah.outreach.patience import Breaker, wait_seconds
from sulah.outreach.sms.settings import SmsSettings
from sulah.outreach.voice.settings import VoiceSettings
from sulah.outreach.whatsapp.settings import WhatsAppSettings
from sulah.records.contact.contact import Contact
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.queue import (
    ClockPutBackError,
    attest,
    end,
    hand_over,
    hold,
    not_known,
    put_back,
    rewrite,
    since_claim,
    still_claimed,
)
from sulah.records.turn import turn

register("outbox.decided", "outbox.handed_over", "outbox.answered", "outbox.recorded")

LEAST_WAIT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reserved:
    """What the guard said at the moment of sending, and the contact that was counted where it permitted."""

    decision: Decision
    contact_id: int | None


class Ledger(Protocol):
    """The ledger of contacts, as sending uses it; reserve and settle are called inside a transaction of the caller."""

    def behind(self, clock: Clock) -> str:
        """Bring the people up to the last committed day; why nothing may be sent meanwhile, empty where they stand as it says."""

    def reserve(self, intent: Intent, clock: Clock) -> Reserved:
        """Lock the person, read the clock, decide, write the decision, and count the contact where it is permitted."""

    def settle(self, contact_id: int, state: ContactState, *, evidence: str, at: datetime, provider: str, reference: str = "") -> bool:
        """Move a contact forward; False where its state, or what is known by such evidence, does not allow the step."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How a worker works: messages a claim, seconds that a claim holds, seconds that may pass between permit and hand-over, attempts.

    spare_seconds: how much longer than the longest hand-over a lease on it lasts.  ask_after: seconds after which the fate of what was
    sent is asked for where no report came.
    """

    batch: int = 20
    lease_seconds: int = 120
    held_seconds: int = 10
    spare_seconds: int = 30
    attempts: int = 5
    ask_after: int = 900


@dataclass(slots=True)
class Sender:
    """Who sends: a worker with its channels, ledger, clock and seed; breakers is what it has seen of each provider.

    configured: the same channels as lender.toml sets them up, for reading what providers send to our door.  texts: [texts] of lender.toml.
    """

    worker: str
    seed: str
    vault: Vault
    channels: Mapping[ChannelName, Channel]
    configured: Channels
    ledger: Ledger
    clock: Clock
    limits: Limits = Limits()
    breakers: dict[str, Breaker] = field(default_factory=dict)
    texts: TextSettings | None = None


class _LostClaimError(Exception):
    """Another worker or a stop was first: nothing of this transaction may stay."""


def open_channels(configured: Channels, keeps: Keeps = nobody_keeps) -> dict[ChannelName, Channel]:
    """The channels of a lender, ready to send; keeps: what a connection that also sends hands what arrives over it to."""
    return {name: _open(name, one, keeps) for name, one in configured.items()}


def _open(name: ChannelName, one: Configured, keeps: Keeps) -> Channel:
    """The adapter that speaks to a channel's providers; a new channel adds its line here."""
    match one.settings:
        case SmsSettings():
            return SmsChannel(one.settings, keeps)
        case WhatsAppSettings():
            return WhatsAppChannel(one.settings)
        case VoiceSettings():
            return VoiceChannel(one.settings, name)
        case EmailSettings():
            return EmailChannel(one.settings)
    raise TypeError(f"no adapter speaks for [{one.section}]")


def contact_borrower(sender: Sender, row: Outbox) -> str:
    """Send one claimed message if it may go now; what became of it: a SendState, or `lost` where somebody else was first."""
    try:
        return _contacted(sender, row)
    except ClockPutBackError:
        back = put_back(row, row.changed_at, row.not_before, "The clock was put back after it was claimed.")
        return SendState.QUEUED if back else "lost"


def _contacted(sender: Sender, row: Outbox) -> str:
    now = since_claim(row, sender.clock())
    if now >= row.not_after:
        return _withdrawn(row, now, "Its time had passed before it could go.")
    provider = _provider(sender, row, now)
    if provider is None:
        again = min(breaker.open_until or now for breaker in sender.breakers.values())
        back = put_back(row, now, max(again, now + LEAST_WAIT), "No gateway takes messages just now.")
        return SendState.QUEUED if back else "lost"
    anew = read_anew(row, sealed_message(sender.vault, row), sender.configured, sender.texts)
    if anew.words:
        return _withdrawn(row, now, anew.words)
    begun: list[float] = []

    def clock() -> datetime:
        """The time of the decision; from here on the hand-over is on a clock that nobody can put back."""
        begun.append(time.monotonic())
        return since_claim(row, sender.clock())

    try:
        with turn(), transaction.atomic():
            _rewritten(sender, row, anew)
            reserved = sender.ledger.reserve(anew.intent, clock)
            if reserved.contact_id is not None:
                _hand_over(sender, row, provider, reserved.contact_id, reserved.decision.intent.at)
            reach("outbox.decided")
    except _LostClaimError:
        return "lost"
    except AlreadyReservedError:
        if still_claimed(row):
            raise
        return "lost"  # the claim ran out while earlier messages hung, and another worker sent this one
    if reserved.contact_id is None or not isinstance(reserved.decision, Permit):
        return _refused(row, reserved.decision, now)
    reach("outbox.handed_over")
    left = (reserved.decision.until - reserved.decision.intent.at).total_seconds()
    answer = sender.channels[ChannelName(row.channel)].send(provider, anew.message, begun[-1] + min(left, sender.limits.held_seconds))
    reach("outbox.answered")
    return _recorded(sender, row, provider, reserved.contact_id, answer)


def _rewritten(sender: Sender, row: Outbox, anew: Anew) -> None:
    """The row says what is sent, where that is not what was queued: in the transaction of the guard's decision."""
    if not anew.changed:
        return
    sealed = sealed_anew(sender.vault, row.person, subject_of(row.reference), anew.message)
    if not rewrite(row, template=anew.message.template, intent=anew.intent.to_plain(), sealed=sealed):
        raise _LostClaimError


def _hand_over(sender: Sender, row: Outbox, provider: str, contact_id: int, at: datetime) -> None:
    """Mark the row in the transaction that counts the contact; the lease outlives the last moment at which a byte may leave."""
    lease = sender.limits.held_seconds + sender.channels[ChannelName(row.channel)].longest_seconds(provider) + sender.limits.spare_seconds
    if not hand_over(row, provider=provider, contact_id=contact_id, now=at, lease_seconds=lease):
        raise _LostClaimError


def sealed_message(vault: Vault, row: Outbox) -> Message:
    """The message of a row, its seal opened."""
    held: Mapping[str, list[str] | str] = json.loads(vault.unseal(subject_of(row.reference), row.sealed))
    return Message(row.reference, str(held["to"]), row.template, tuple(held["values"]), str(held.get("text", "")))


def subject_of(reference: str) -> str:
    """What the seal of a message is bound to."""
    return f"outbox|{reference}"


def _provider(sender: Sender, row: Outbox, now: datetime) -> str | None:
    """The first provider in the order of choice that may take it: not known to refuse it, not left alone just now.

    The one that was last known not to have it comes last: the next attempt goes to another where there is one.
    """
    fit = [name for name in _providers(sender, row) if name not in row.avoid and sender.breakers.get(name, Breaker()).closed(now)]
    return min(fit, key=lambda name: name == row.provider, default=None)


def _providers(sender: Sender, row: Outbox) -> tuple[str, ...]:
    """The providers of the message's channel, in the order of choice; none where the channel is set up no more."""
    channel = sender.channels.get(ChannelName(row.channel))
    return channel.providers if channel is not None else ()


def _refused(row: Outbox, decision: Decision, now: datetime) -> str:
    """Wait for the next lawful time where that is early enough; else the message is withdrawn, with the rules that said no."""
    again = decision.next_lawful_at if isinstance(decision, Refusal) else None
    rules = list(decision.refusing)
    if again is not None and again < row.not_after:
        words = f"Not lawful before then: {', '.join(rules)}."
        return SendState.QUEUED if put_back(row, now, max(again, now + LEAST_WAIT), words) else "lost"
    return _withdrawn(row, now, f"Refused when it was to be sent: {', '.join(rules)}.", rules)


def _withdrawn(row: Outbox, now: datetime, words: str, rules: list[str] | None = None) -> str:
    return SendState.WITHDRAWN if end(row, SendState.WITHDRAWN, now, words, rules) else "lost"


def _recorded(sender: Sender, row: Outbox, provider: str, contact_id: int, answer: Answer) -> str:
    """Write down what the provider answered: the row is held first, then the contact, everywhere in that order."""
    now, state = sender.clock(), str(SendState.AMBIGUOUS)
    with turn(), transaction.atomic():
        hold(row)
        answer = _told_apart(provider, contact_id, answer)
        if isinstance(answer, Taken):
            _settle(sender, contact_id, _taken_as(row), now, provider, answer.provider_reference)
            attest(row, SendState.SENT, answer.provider_reference, now, now + timedelta(seconds=sender.limits.ask_after))
            state = SendState.SENT
        elif not isinstance(answer, NeverTaken):
            _settle(sender, contact_id, ContactState.AMBIGUOUS, now, provider)
            not_known(row, now, now + LEAST_WAIT, answer.words)
        elif _settle(sender, contact_id, ContactState.FAILED, now, provider):  # else it was given up as ambiguous: a look-up decides
            state = _not_taken(sender, row, provider, answer, now)
    reach("outbox.recorded")
    sender.breakers[provider] = _seen(sender, provider, answer, now)
    return state


def _taken_as(row: Outbox) -> ContactState:
    """What a contact is when the provider took it: a call rings, and may connect yet; a message is sent."""
    return ContactState.RINGING if ChannelName(row.channel).contact_class is ContactClass.CALL else ContactState.SENT


def _told_apart(provider: str, contact_id: int, answer: Answer) -> Answer:
    """The answer, unless it names a reference that another contact has: then nothing that is reported of it can be believed of this one."""
    if not isinstance(answer, Taken) or not answer.provider_reference:
        return answer
    others = Contact.objects.filter(provider=provider, provider_ref=answer.provider_reference).exclude(pk=contact_id)
    return Unknown(f"{provider} names a reference that another message of ours has.") if others.exists() else answer


def _not_taken(sender: Sender, row: Outbox, provider: str, answer: NeverTaken, now: datetime) -> str:
    """Try again later or elsewhere; failed when no provider is left or the attempts are used up."""
    avoid = sorted({*row.avoid, provider}) if answer.fault is Fault.MESSAGE else row.avoid
    left = [name for name in _providers(sender, row) if name not in avoid]
    attempts = row.attempts + 1  # this one; the row was read before it
    if not left or attempts >= sender.limits.attempts:
        end(row, SendState.FAILED, now, answer.words)
        return SendState.FAILED
    elsewhere = [name for name in left if name != provider]
    seconds = (
        0
        if elsewhere and answer.fault is not Fault.STALLED
        else wait_seconds(f"{sender.seed}:{row.reference}", attempts, answer.retry_seconds)
    )
    put_back(row, now, now + timedelta(seconds=seconds), answer.words, avoid)
    return SendState.QUEUED


def _seen(sender: Sender, provider: str, answer: Answer, now: datetime) -> Breaker:
    """What this answer says about the provider itself."""
    known = sender.breakers.get(provider, Breaker())
    if isinstance(answer, Taken) or (isinstance(answer, NeverTaken) and answer.fault is Fault.MESSAGE):
        return known.well()
    if isinstance(answer, NeverTaken) and answer.fault is Fault.STALLED:
        return known  # that was us
    at_once = isinstance(answer, NeverTaken) and answer.fault in (Fault.ACCOUNT, Fault.BUSY)
    return known.fault(now, at_once=at_once, seconds=answer.retry_seconds if isinstance(answer, NeverTaken) else 0)


def _settle(sender: Sender, contact_id: int, state: ContactState, at: datetime, provider: str, reference: str = "") -> bool:
    return sender.ledger.settle(contact_id, state, evidence="worker", at=at, provider=provider, reference=reference)
