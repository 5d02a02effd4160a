"""A payment link was opened and nothing was paid by it: one nudge, some hours later, by the way that the link went."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sulah.actions.contact.actor import DESK, Actor, hold_role
from sulah.actions.contact.review_language import reviewed_languages
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.pick_template import chosen, texts_for, values_for
from sulah.actions.queue_message import Wanted, queue_message
from sulah.actions.stopped_texts import without_stopped
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import Clock
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.configured import Channels
from sulah.outreach.template import Template, TemplateError, Value
from sulah.policy.talk.steps import StepRow, step_rows
from sulah.records.audit import write_audit
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import LanguageWish

SEQUENCE = "link_opened"


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """What the page behind a payment link saw: the link's id and address, the message of ours that carried it, its loan, and when."""

    link: str
    address: str
    carried_by: str
    loan_id: str
    at: datetime


def note_link_opened(opened: LinkOpened, *, channels: Channels, vault: Vault, by: Actor, clock: Clock) -> Outbox | None:
    """Queue the nudge; None where the message is not known, nothing is overdue, a promise is open or no text fits.

    A link brings one nudge however often it is opened.  A payment or any other stop that is known by then withdraws it.
    """
    hold_role(by, DESK, "note that a payment link was opened")
    carried = Outbox.objects.filter(reference=opened.carried_by, attempts__gt=0).first()
    if carried is None or opened.loan_id not in carried.intent["loan_ids"]:
        return None
    channel, (row,) = Channel(carried.channel), step_rows()[SEQUENCE]
    demand = _demand(carried.person, opened.loan_id)
    promised = Promise.objects.filter(loan_id=opened.loan_id, state="open").exists()
    if channel not in channels or not demand or promised:
        return None
    said = _said(channels, channel, row, carried.person, opened, demand)
    if said is None:
        return None
    wanted = _wanted(opened, carried, row, said, demand, vault, clock())
    made, fresh = queue_message(wanted, channels=channels, vault=vault, actor=by.name, clock=clock)
    if fresh:
        after = {"link": opened.link, "loan": opened.loan_id, "message": made.reference, "opened_at": opened.at.isoformat()}
        write_audit(at=clock(), actor=by.name, act="link.opened", subject=f"borrower:{carried.person}", after=after)
    return made


def _said(
    channels: Channels, channel: Channel, row: StepRow, person: str, opened: LinkOpened, demand: int
) -> tuple[Template, dict[str, Value]] | None:
    """The text of the nudge and its values, where one can be filled."""
    wish = LanguageWish.objects.filter(person=person).order_by("-id").values_list("language", flat=True).first()
    book = Standing.objects.filter(pk=person).values_list("language", flat=True).first()
    texts = texts_for(without_stopped(channels)[channel], row, reviewed_languages(), own=False)
    template = chosen(texts, [language.lower() for language in (wish, book) if language], ())
    if template is None:
        return None
    try:
        return template, values_for(template, opened.loan_id, {"amount": demand, "link": opened.address})
    except TemplateError:
        return None


def _wanted(
    opened: LinkOpened, carried: Outbox, row: StepRow, said: tuple[Template, dict[str, Value]], demand: int, vault: Vault, now: datetime
) -> Wanted:
    template, values = said
    not_before = max(now, opened.at + timedelta(hours=row.hours))
    intent = Intent(
        intent_id=f"link-{vault.number_key(f'link|{opened.link}')}",
        person_id=carried.person,
        at=not_before,
        channel=Channel(carried.channel),
        purpose=Purpose(row.purpose),
        loan_ids=(opened.loan_id,),
        number_key=carried.number_key,
        offers=False,
        legal_words=template.legal_words,
        amount_paise=demand if "amount" in values else None,
    )
    to, until = sealed_message(vault, carried).to, opened.at + timedelta(days=row.lasts_days)
    return Wanted(intent, to, template.name, values, not_before, max(until, not_before + timedelta(hours=1)), step=f"{SEQUENCE}/{row.step}")


def _demand(person: str, loan_id: str) -> int:
    standing = Standing.objects.filter(pk=person).first()
    loan = next((loan for loan in (standing.loans if standing else []) if loan["loan_id"] == loan_id), None)
    return int(loan["demand_paise"] or 0) if loan is not None else 0
