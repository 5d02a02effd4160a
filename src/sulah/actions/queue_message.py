"""Put intended messages into the outbox: built from registered templates, sealed, and sent by a worker when they may go.

Who may ask for a message is held by the act that plans it; whether it may go is the guard's to say, at the moment of sending.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from sulah.actions.contact_borrower import subject_of
from sulah.actions.stopped_texts import without_stopped
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels, Configured, channel_of
from sulah.outreach.template import Template, Value, VariableKind
from sulah.records.audit import AuditEntry, write_audits
from sulah.records.contact.link import ShortLink
from sulah.records.contact.outbox import Outbox, OutboxLoan
from sulah.records.turn import turn

register("outbox.queueing", "outbox.queued")

_DEMANDS = (Purpose.RECOVERY, Purpose.PRE_DUE)
_PART = "penal"
"""An amount that is part of the one demanded, and named besides."""
_LONGEST_WORDS = 300
_NUMBER = "The number must be an Indian mobile number written as +91 and ten digits,"
_ADDRESS = {Channel.EMAIL: "The address must be an e-mail address"}


class MessageError(Refusal):
    """The message cannot be queued as it stands; the words say what to mend."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message as its planner wants it: to is the number as +91...; values by the names of the template's variables, amounts in paise.

    not_before and not_after bound the time in which it makes sense; priority: smaller goes first (receipts before reminders).
    step: the sequence and step that it is of, `sequence/step`.  because: why it was planned so, for the audit trail.
    short: the payment link that it leads to and the sign of its short address.
    """

    intent: Intent
    to: str
    template: str
    values: Mapping[str, Value]
    not_before: datetime
    not_after: datetime
    priority: int = 50
    step: str = ""
    because: str = ""
    short: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An answer that a person wrote within a session: no template, its own words; the guard is told that they are free."""

    intent: Intent
    to: str
    text: str
    not_before: datetime
    not_after: datetime
    priority: int = 10


def queue_message(wanted: Wanted, *, channels: Channels, vault: Vault, actor: str, clock: Clock) -> tuple[Outbox, bool]:
    """Queue a message; the row, and whether it is new: the same intent again changes nothing, another one under its id is refused."""
    return queue_messages([wanted], channels=channels, vault=vault, actor=actor, clock=clock)[0]


def queue_messages(wanted: Sequence[Wanted], *, channels: Channels, vault: Vault, actor: str, clock: Clock) -> list[tuple[Outbox, bool]]:
    """Queue some messages in one transaction: all of them or, where one cannot be queued as it stands, none; rows in their order."""
    open_to = without_stopped(channels)
    ready = [_ready(one, channel_of(channels, one.intent.channel), channel_of(open_to, one.intent.channel), vault) for one in wanted]
    known = {row.reference: row for row in Outbox.objects.filter(reference__in=[row.reference for row in ready])}
    for row in ready:
        if row.reference in known:
            _same(known[row.reference], row)
    new = [row for row in ready if row.reference not in known]
    try:
        if new:
            short = {one.intent.intent_id: one.short for one in wanted if one.short is not None}
            _put(new, actor, clock(), short)
    except IntegrityError:  # two planners at once, or an id twice: whoever was first stands
        if len(ready) > 1:
            return [queue_message(one, channels=channels, vault=vault, actor=actor, clock=clock) for one in wanted]
        return [(_same(Outbox.objects.get(reference=ready[0].reference), ready[0]), False)]
    return [(known.get(row.reference, row), row.reference not in known) for row in ready]


def queue_written(written: Written, *, channels: Channels, vault: Vault, actor: str, clock: Clock) -> tuple[Outbox, bool]:
    """Queue words that somebody wrote, as an answer within a session and as nothing else; who looked through them is the caller's to hold.

    The same words under the same id again change nothing.
    """
    channel = channel_of(channels, written.intent.channel)
    if written.intent.purpose is not Purpose.SESSION_ANSWER:
        raise MessageError(f"Words written by hand are for an answer within a session, not for {written.intent.purpose}.")
    if not written.text.strip():
        raise MessageError("The answer has no words.")
    _check_way(written, channel)
    intent = replace(written.intent, free_text=True)
    row = _row(intent, written, "", {"to": written.to, "values": [], "text": written.text}, vault)
    try:
        known = Outbox.objects.filter(reference=row.reference).first()
        if known is None:
            _put([row], actor, clock())
    except IntegrityError:  # somebody else was first
        known = Outbox.objects.get(reference=row.reference)
    return (row, True) if known is None else (_same(known, row), False)


def _ready(wanted: Wanted, channel: Configured, open_to: Configured, vault: Vault) -> Outbox:
    """The row of a message that may be queued, not written yet; open_to: the channel with those texts that its platform has not stopped."""
    template = channel.template(wanted.template)
    if template.name not in open_to.templates:
        raise MessageError(f"The platform has stopped the text {template.name}: it is not queued until the platform lets it go again.")
    values = template.values(wanted.values)
    _check(wanted, template, channel)
    # What the text carries is the template's to say: one for offers is refused where the settings are read.
    intent = replace(wanted.intent, offers=False, legal_words=template.legal_words)
    return _row(intent, wanted, template.name, {"to": wanted.to, "values": values}, vault)


def _row(intent: Intent, asked: Wanted | Written, template: str, sealed: Mapping[str, object], vault: Vault) -> Outbox:
    """The row of a message, not written yet; what it says is sealed."""
    return Outbox(
        reference=intent.intent_id,
        person=intent.person_id,
        channel=intent.channel,
        purpose=intent.purpose,
        template=template,
        number_key=intent.number_key or "",
        agent=intent.agent_id or "",
        agency=intent.agency_id or "",
        intent=intent.to_plain(),
        sealed=vault.seal_about(intent.person_id, subject_of(intent.intent_id), json.dumps(sealed, ensure_ascii=False)),
        not_before=asked.not_before,
        not_after=asked.not_after,
        priority=asked.priority,
        step=asked.step if isinstance(asked, Wanted) else "",
        words=asked.because[:_LONGEST_WORDS] if isinstance(asked, Wanted) else "",
    )


def _put(rows: Sequence[Outbox], actor: str, now: datetime, short: Mapping[str, tuple[int, str]] | None = None) -> None:
    """Write the rows, the loans that they name, the short addresses that they lead by and an audit entry of each."""
    for row in rows:
        row.queued_at, row.queued_by, row.changed_at = now, actor, now
    with turn(), transaction.atomic():
        Outbox.objects.bulk_create(rows)
        loans = [OutboxLoan(message=row, loan_id=loan) for row in rows for loan in row.intent["loan_ids"]]
        OutboxLoan.objects.bulk_create(loans)
        leading = [(row.reference, *short[row.reference]) for row in rows if short and row.reference in short]
        ShortLink.objects.bulk_create(ShortLink(token=token, link_id=link, message=name, made_at=now) for name, link, token in leading)
        write_audits(
            AuditEntry(at=now, actor=actor, act="message.queue", subject=f"message:{row.reference}", after=_told(row)) for row in rows
        )
        reach("outbox.queueing")
    reach("outbox.queued")


def _told(row: Outbox) -> dict[str, str]:
    told = {"channel": row.channel, "purpose": row.purpose, "template": row.template, "person": row.person}
    return told | ({"step": row.step, "because": row.words} if row.step else {})


def _same(known: Outbox, row: Outbox) -> Outbox:
    if (known.sealed, known.template, known.person) != (row.sealed, row.template, row.person):
        raise MessageError(f"The message {known.reference} was queued before with other content. Give the new one an id of its own.")
    return known


def _check(wanted: Wanted, template: Template, channel: Configured) -> None:
    intent = wanted.intent
    if intent.free_text:
        raise MessageError("Only registered templates are sent; this intent says that its text is free.")
    if intent.purpose not in template.purposes:
        raise MessageError(f"The template {template.name} is registered for {', '.join(template.purposes)}, not for {intent.purpose}.")
    _check_way(wanted, channel)
    amounts = [wanted.values[each.name] for each in template.variables if each.kind is VariableKind.AMOUNT and each.name != _PART]
    odd = [amount for amount in amounts if amount != intent.amount_paise]
    if amounts and (len(odd) == len(amounts) or (odd and intent.purpose in _DEMANDS)):
        raise MessageError(
            "The amount in the text is not the one that the intent names: the guard would look at another than the borrower."
        )


def _check_way(asked: Wanted | Written, channel: Configured) -> None:
    """To whom, on which number on file, and when."""
    if not channel.sendable(asked.to):
        raise MessageError(f"{_ADDRESS.get(asked.intent.channel, _NUMBER)} that {asked.intent.channel} can reach.")
    if not asked.intent.number_key:
        raise MessageError("The intent must say which number on file it uses (number_key).")
    if asked.not_before >= asked.not_after:
        raise MessageError("The message may not go before a time that is after the last time at which it may go.")
