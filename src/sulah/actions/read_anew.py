"""What a message says of the ledger, read again at the moment at which it is sent: amount, penal charge, and the day of the book.

A message is planned in the night and sent by day; a book that was published in between has the last word.  Where a sentence begins or
ceases to apply, the approved text with just the sentences that now apply takes the place, in the same language.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sulah.actions.matter import loan_named
from sulah.actions.pick_template import base_name, sentences_in, version_of
from sulah.actions.sentences import ChargeNotNamedError, penal_paise
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.channel import Message
from sulah.outreach.configured import Channels, Configured
from sulah.outreach.house import TextSettings
from sulah.outreach.template import Template, TemplateError, Value
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing, StandingBook


@dataclass(frozen=True, slots=True)
class Anew:
    """A message as it is to be sent now; words say why it is not to be sent at all, empty where it is.

    changed: does it read otherwise than it was queued?
    """

    intent: Intent
    message: Message
    words: str = ""
    changed: bool = False


def read_anew(row: Outbox, message: Message, channels: Channels, settings: TextSettings | None) -> Anew:
    """The message with the ledger's figures of now; a text that is approved no more is not sent."""
    as_queued = Anew(Intent.from_plain(row.intent), message)
    channel = channels.get(Channel(row.channel))
    if not row.template or channel is None:
        return as_queued
    template = channel.templates.get(row.template)
    if template is None:
        return replace(as_queued, words=f"The text {row.template} is not approved.")
    if not row.step:
        return as_queued
    if row.purpose == Purpose.RECOVERY:
        return _recovery(as_queued, channel, template, settings)
    if row.purpose == Purpose.PRE_DUE and _changed_since(row):
        return replace(as_queued, words="The book says something else of the person than when it was planned: plan again.")
    return as_queued


def _recovery(known: Anew, channel: Configured, template: Template, settings: TextSettings | None) -> Anew:
    """A demand: what is demanded now, and the penal charge in it; where nothing is, the guard says so."""
    intent = known.intent
    standing = Standing.objects.filter(pk=intent.person_id).first()
    loan = loan_named(standing.loans, intent.loan_ids[0]) if standing is not None and len(intent.loan_ids) == 1 else None
    if loan is None or not loan["demand_paise"]:
        return known
    try:
        penal = penal_paise(loan, settings)
    except ChargeNotNamedError:
        return replace(known, words="A charge is overdue, and [texts] of lender.toml does not say whether charges are penal charges.")
    fit = _with_penal(channel, template, penal=bool(penal))
    if fit is None:
        says = "with" if penal else "without"
        return replace(known, words=f"No text {base_name(template)} {says} a penal charge is approved in {template.language}.")
    return _filled(known, template, fit, loan, penal)


def _with_penal(channel: Configured, template: Template, *, penal: bool) -> Template | None:
    """The text itself, or the one that differs from it by the sentence about the penal charge; None where it is not approved."""
    has = sentences_in(template)
    if ("penal" in has) == penal:
        return template
    wanted = has ^ {"penal"}
    alike = [
        one
        for one in channel.templates.values()
        if (base_name(one), one.language, sentences_in(one)) == (base_name(template), template.language, wanted)
    ]
    return max(alike, key=version_of, default=None)


def _filled(known: Anew, before: Template, template: Template, loan: Mapping[str, Any], penal: int) -> Anew:
    """The values in their places anew; those that the ledger does not hold stay as they were written."""
    message, names = known.message, [variable.name for variable in before.variables]
    said = dict(zip(names, message.values, strict=False))
    fresh: dict[str, Value] = {"amount": int(loan["demand_paise"]), "penal": penal}
    if (as_of := _book()) is not None:
        fresh["as_of"] = as_of
    try:
        values = tuple(
            template.shown(variable.name, fresh[variable.name]) if variable.name in fresh else said[variable.name]
            for variable in template.variables
        )
    except (TemplateError, KeyError):
        return replace(known, words=f"The text {template.name} cannot be filled with what the ledger says now.")
    if (values, template.name) == (message.values, before.name):
        return known
    named = "amount" in (variable.name for variable in template.variables)
    intent = replace(known.intent, amount_paise=int(loan["demand_paise"]) if named else known.intent.amount_paise)
    return Anew(intent, replace(message, template=template.name, values=values), changed=True)


def sealed_anew(vault: Vault, person: str, subject: str, message: Message) -> str:
    """What a row holds of a message that was filled anew."""
    return vault.seal_about(person, subject, json.dumps({"to": message.to, "values": message.values}, ensure_ascii=False))


def _book() -> date | None:
    return StandingBook.objects.order_by("-id").values_list("as_of", flat=True).first()


def _changed_since(row: Outbox) -> bool:
    """Did a book that was published since the message was queued change what is known of the person?"""
    last = StandingBook.objects.order_by("-id").first()
    if last is None or last.published_at <= row.queued_at:
        return False
    return Standing.objects.filter(pk=row.person, as_of__gte=last.as_of).exists()
