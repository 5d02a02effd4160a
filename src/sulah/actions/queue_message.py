"""Put one intended message into the outbox: built from a registered template, sealed, and sent by a worker when it may go.

Who may ask for a message is held by the act that plans it; whether it may go is the guard's to say, at the moment of sending.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from sulah.actions.contact_borrower import subject_of
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.sms.settings import SmsSettings
from sulah.outreach.sms.wire import sendable
from sulah.outreach.template import Template, Value, VariableKind
from sulah.records.audit import write_audit
from sulah.records.contact.outbox import Outbox, OutboxLoan
from sulah.records.turn import turn

register("outbox.queueing", "outbox.queued")

_DEMANDS = (Purpose.RECOVERY, Purpose.PRE_DUE)


class MessageError(Refusal):
    """The message cannot be queued as it stands; the words say what to mend."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message as its planner wants it: to is the number as +91...; values by the names of the template's variables, amounts in paise.

    not_before and not_after bound the time in which it makes sense; priority: smaller goes first (receipts before reminders).
    """

    intent: Intent
    to: str
    template: str
    values: Mapping[str, Value]
    not_before: datetime
    not_after: datetime
    priority: int = 50


def queue_message(wanted: Wanted, *, settings: SmsSettings, vault: Vault, actor: str, clock: Clock) -> tuple[Outbox, bool]:
    """Queue a message; the row, and whether it is new: the same intent again changes nothing, another one under its id is refused."""
    template = settings.template(wanted.template)
    values = template.values(wanted.values)
    _check(wanted, template)
    # What the text carries is the template's to say: one for offers is refused where the settings are read.
    intent = replace(wanted.intent, offers=False, legal_words=template.legal_words)
    sealed = vault.seal(subject_of(intent.intent_id), json.dumps({"to": wanted.to, "values": values}, ensure_ascii=False))
    known = Outbox.objects.filter(reference=intent.intent_id).first()
    if known is not None:
        return _same(known, wanted, sealed), False
    now = clock()
    row = Outbox(
        reference=intent.intent_id,
        person=intent.person_id,
        channel=intent.channel,
        purpose=intent.purpose,
        template=template.name,
        number_key=intent.number_key or "",
        agent=intent.agent_id or "",
        agency=intent.agency_id or "",
        intent=intent.to_plain(),
        sealed=sealed,
        not_before=wanted.not_before,
        not_after=wanted.not_after,
        priority=wanted.priority,
        queued_at=now,
        queued_by=actor,
        changed_at=now,
    )
    try:
        with turn(), transaction.atomic():
            row.save(force_insert=True)
            OutboxLoan.objects.bulk_create([OutboxLoan(message=row, loan_id=loan) for loan in intent.loan_ids])
            about = {"channel": intent.channel, "purpose": intent.purpose, "template": template.name, "person": intent.person_id}
            write_audit(at=now, actor=actor, act="message.queue", subject=f"message:{row.reference}", after=about)
            reach("outbox.queueing")
    except IntegrityError:  # two planners at once
        return _same(Outbox.objects.get(reference=intent.intent_id), wanted, sealed), False
    reach("outbox.queued")
    return row, True


def _same(known: Outbox, wanted: Wanted, sealed: str) -> Outbox:
    if known.sealed != sealed or known.template != wanted.template or known.person != wanted.intent.person_id:
        raise MessageError(f"The message {known.reference} was queued before with other content. Give the new one an id of its own.")
    return known


def _check(wanted: Wanted, template: Template) -> None:
    intent = wanted.intent
    if intent.channel is not Channel.SMS:
        raise MessageError(f"The channel {intent.channel} has no sender yet; only sms has.")
    if intent.free_text:
        raise MessageError("Only registered templates are sent; this intent says that its text is free.")
    if intent.purpose not in template.purposes:
        raise MessageError(f"The template {template.name} is registered for {', '.join(template.purposes)}, not for {intent.purpose}.")
    if not sendable(wanted.to):
        raise MessageError("The number must be an Indian mobile number written as +91 and ten digits.")
    if not intent.number_key:
        raise MessageError("The intent must say which number on file it uses (number_key).")
    if wanted.not_before >= wanted.not_after:
        raise MessageError("The message may not go before a time that is after the last time at which it may go.")
    amounts = [wanted.values[each.name] for each in template.variables if each.kind is VariableKind.AMOUNT]
    odd = [amount for amount in amounts if amount != intent.amount_paise]
    if amounts and (len(odd) == len(amounts) or (odd and intent.purpose in _DEMANDS)):
        raise MessageError(
            "The amount in the text is not the one that the intent names: the guard would look at another than the borrower."
        )
