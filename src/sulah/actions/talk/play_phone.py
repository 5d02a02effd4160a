"""The borrower's phone of a simulated lender: what the simulated gateways took for a person, and what that person says back.

Nothing of it works for a lender whose data is real.  What is said comes in by the door, as the call that the platform would make; where a
channel's way in is not played here, it is written down under a provider's name that says what it is.  The worker acts on it either way.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.put_heard import put_heard
from sulah.actions.take_callback import Door, InboxWriter, kept_call, subject_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.adapters.sandbox.gupshup import said as keyword_of
from sulah.adapters.sandbox.whatsapp_phone import call_of
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, Role
from sulah.outreach.channel import Heard, HeardKind, UnreadableReportError
from sulah.outreach.configured import Channels, Configured, hook_of
from sulah.outreach.http import Call
from sulah.outreach.sms.settings import Kind, SmsSettings
from sulah.outreach.whatsapp.settings import WhatsAppSettings
from sulah.records.audit import write_audit
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.outbox import Outbox

PROVIDER = "simulated-phone"
SECTIONS: Mapping[Channel, str] = {Channel.SMS: "sms", Channel.WHATSAPP: "whatsapp", Channel.EMAIL: "email", Channel.BOT_CALL: "voice"}
"""The channels of the phone, with their section of lender.toml."""

SPEAKERS = DESK | {Role.LEGAL, Role.ADMINISTRATOR}
"""Who may play the borrower; those who validate and inspect only read."""

LONGEST = 1_000
_WAITING = 100
_ARRIVED = (SendState.SENT, SendState.DELIVERED, SendState.AMBIGUOUS)
_KEYS = frozenset("0123456789*#")


class PhoneRefusedError(Refusal):
    """The phone cannot say that; the words say why."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the person does on the phone: writes, presses a button that a message offered, presses keys in a call, or lets it ring."""

    channel: Channel
    kind: HeardKind
    text: str = ""
    choice: str = ""
    answers: str = ""


def on_the_phone(person: str, most: int) -> list[Outbox]:
    """The latest messages that a gateway took for the person, oldest first."""
    taken = Outbox.objects.filter(person=person, state__in=_ARRIVED, channel__in=[channel.value for channel in SECTIONS])
    return list(taken.order_by("-handed_at", "-id")[:most])[::-1]


def number_of(person: str, channel: Channel, sealed: str, vault: Vault) -> str:
    """The number or address from which the person speaks: the one that was last written to on the channel, else the first on file.

    sealed: the person's sealed columns of the book, empty where there are none.  Empty where nothing is known.
    """
    last = Outbox.objects.filter(person=person, channel=channel.value, state__in=_ARRIVED).order_by("-handed_at", "-id").first()
    if last is not None:
        return sealed_message(vault, last).to
    given = vault.open(person, sealed) if sealed and channel is not Channel.EMAIL else {}
    return one_way(given.get("phone") or given.get("phone_2") or "")


def offered(configured: Configured | None, row: Outbox) -> list[tuple[str, str]]:
    """The buttons that a message carries: what comes back when one is pressed, and what stands on it."""
    forms: Mapping[str, object] = getattr(configured.settings, "forms", {}) if configured is not None else {}
    buttons = getattr(forms.get(row.template), "buttons", ())
    return [(str(button.payload), str(button.label)) for button in buttons if button.payload]


def said_and_waiting(keys: Collection[str], channels: Channels, vault: Vault) -> list[tuple[datetime, Channel, Heard]]:
    """What lies in the inbox from one of these numbers and nobody has read yet: when it came, by which channel, and what was said."""
    found = []
    by_section = {section: channel for channel, section in SECTIONS.items()}
    for event in Inbox.objects.filter(processed_at=None, channel__in=by_section).order_by("-id")[:_WAITING]:
        hook = hook_of(channels, event.channel, event.provider)
        if hook is None:
            continue
        try:
            told = hook.read(kept_call(vault.unseal(subject_of(event.provider, event.event_id), event.sealed), event.headers))
        except UnreadableReportError:
            continue
        mine = (one for one in told if isinstance(one, Heard) and vault.number_key(one.sender) in keys)
        found += [(event.received_at, by_section[event.channel], one) for one in mine]
    return found


def speak(person: str, spoken: Spoken, sealed: str, *, lender: Lender, channels: Channels, by: Actor, clock: Clock) -> str:
    """Say it; the id of the event.  PhoneRefusedError where the lender is real, or the phone cannot do that."""
    if not lender.simulated:
        raise PhoneRefusedError("Only a simulated lender has such a phone.")
    hold_role(by, SPEAKERS, "speak on the simulated phone")
    hold_reach(by, person)
    _check(spoken)
    vault = Vault(lender)
    sender = number_of(person, spoken.channel, sealed, vault)
    if not sender:
        raise PhoneRefusedError("No number or address of this person is known on that channel.")
    now = clock()
    event_id = f"phone-{vault.number_key(sender)[:8]}-{now:%Y%m%dT%H%M%S%f}"
    theirs = Outbox.objects.filter(reference=spoken.answers, person=person).values_list("provider_reference", flat=True).first() or ""
    said = Heard(event_id, sender, now.isoformat(), spoken.kind, spoken.text.strip(), spoken.choice, spoken.answers, theirs)
    after = {"event": event_id, "channel": spoken.channel.value, "kind": spoken.kind.value, "simulated": True}
    write_audit(at=now, actor=by.name, act="phone.speak", subject=f"borrower:{person}", after=after)
    _deliver(Door(channels, vault, InboxWriter(), clock), spoken.channel, said)
    return event_id


def _check(spoken: Spoken) -> None:
    if spoken.channel not in SECTIONS:
        raise PhoneRefusedError("The phone has no such channel.")
    if spoken.kind in (HeardKind.TEXT, HeardKind.REPLY) and not 0 < len(spoken.text.strip()) <= LONGEST:
        raise PhoneRefusedError(f"Write 1 to {LONGEST} characters.")
    if spoken.kind is HeardKind.KEYPAD and (not spoken.choice or len(spoken.choice) > 16 or not set(spoken.choice) <= _KEYS):
        raise PhoneRefusedError("Press keys: digits, star or hash, up to sixteen.")
    if spoken.kind is HeardKind.BUTTON and not spoken.choice:
        raise PhoneRefusedError("Press one of the buttons of the message.")


def _deliver(door: Door[InboxWriter], channel: Channel, said: Heard) -> None:
    """Bring it to the desk: by the door where the channel's way in is played here, else straight."""
    now = door.clock()
    played = _call(door.channels.get(channel), said, now)
    if played is not None:
        provider, call = played
        status, _ = door.take(SECTIONS[channel], provider, call)
        if status != HTTPStatus.OK:
            raise PhoneRefusedError(f"The door answered {status}. Look at [{SECTIONS[channel]}] of lender.toml.")
        return
    with transaction.atomic():
        event = Inbox(channel=SECTIONS[channel], provider=PROVIDER, event_id=said.event_id, received_at=now)
        put_heard(door.vault, event, replace(said, provider_reference=""), now)


def _call(configured: Configured | None, said: Heard, at: datetime) -> tuple[str, Call] | None:
    """The provider, and the call that it would make; None where its way in is not played here (calls, e-mail, SMS by MSG91 and SMPP).

    The one place to change where another way in is played.
    """
    settings = configured.settings if configured is not None else None
    if isinstance(settings, WhatsAppSettings):
        return settings.providers[0].name, call_of(settings.providers[0], said, at)
    if isinstance(settings, SmsSettings):
        gateway = next((provider for provider in settings.providers if provider.kind is Kind.GUPSHUP), None)
        if gateway is not None:
            query = keyword_of(said.sender, said.text, at) | {"key": gateway.hook_secrets[0]}
            return gateway.name, Call("GET", query, {}, b"")
    return None
