"""Count and reserve: the one door through which a contact comes to be, decided while nobody else can count for the same person.

In ONE transaction: the person's row is locked (PostgreSQL: SELECT ... FOR UPDATE; SQLite: the database, by BEGIN IMMEDIATE), the time
is read, facts are gathered, the guard decides, the decision is written, and where it permits the contact is written as reserved.
The decision row is the act's entry in the records: who, whom, when, with all that was known; its entry of the log is written with it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.gather_facts import gather_facts
from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent, Override
from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel import refusal
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.terms import Channel, ContactState, Role
from sulah.records.contact.contact import Contact, ContactEvent
from sulah.records.contact.decision import Decision, write_decision
from sulah.records.contact.decision import Override as Registered
from sulah.records.contact.standing import Standing
from sulah.records.contact.tier import ChannelTier
from sulah.records.turn import turn

register("contact.locked", "contact.decided", "contact.before_commit", "contact.after_commit")

_GONE = (ContactState.FAILED.value, ContactState.WITHDRAWN.value)


class AlreadyReservedError(refusal.Refusal):
    """A contact of this intent stands already; `contact` is its id.  What became of it must be known before another try."""

    def __init__(self, contact: Contact) -> None:
        self.contact = contact.pk
        super().__init__(
            f"A contact for {contact.intent} is {contact.state} already. Settle it first: it can be tried again only when it failed "
            "or was withdrawn."
        )


def reserve_contact(intent: Intent, rules: ContactRules, *, by: Actor, clock: Clock, template: bool | None = None) -> Permit | Refusal:
    """Decide on an intent now and, where it is permitted, reserve the contact; AlreadyReservedError when one of the intent stands.

    The intent's own instant gives way to the clock's, read when the person's row is locked; its overrides to those in the register.
    template: is the text's template registered for the channel?  The contact is found by `live_contact`.
    Inside a transaction of the caller it joins that one, so that the caller's own row is written with it or not at all; one person a
    transaction, or two callers can wait for each other.
    """
    with turn(), transaction.atomic():
        lock_person(intent.person_id)
        if intent.channel is Channel.WHATSAPP:  # the tier is counted over persons, so the portfolio is locked too, always second
            ChannelTier.objects.select_for_update().filter(pk=intent.channel).first()
        reach("contact.locked")
        attempt = _attempt(intent.intent_id)
        at = clock()
        intent = replace(intent, at=at, overrides=_overrides(intent))
        in_force = rules.on(at.astimezone(IST).date())
        facts = gather_facts(intent.person_id, at, intent, days=longest_cap(in_force), template=template)
        answer = decide(intent, facts, rules)
        reach("contact.decided")
        decision = _write(answer, facts, by)
        if isinstance(answer, Permit):
            _reserve(intent, attempt, facts, in_force, decision, by)
        reach("contact.before_commit")
    reach("contact.after_commit")
    return answer


def lock_person(person: str) -> None:
    """Hold a person's row until the transaction ends; a person of whom nothing is known gets an empty one."""
    if Standing.objects.select_for_update().filter(pk=person).values_list("pk").first() is None:
        Standing.objects.bulk_create([Standing(person=person)], ignore_conflicts=True)
        Standing.objects.select_for_update().filter(pk=person).values_list("pk").first()


def longest_cap(in_force: RulesInForce) -> int:
    """IST days, today included, that the longest cap in force looks at."""
    return max((rule.days for rule in in_force.rules if rule.predicate is Predicate.CAP), default=1)


def live_contact(intent_id: str) -> Contact | None:
    """The contact of an intent that stands (neither failed nor withdrawn), or None."""
    return Contact.objects.filter(intent=intent_id).exclude(state__in=_GONE).first()


def _attempt(intent_id: str) -> int:
    """The number of the next try; AlreadyReservedError while one stands."""
    before = list(Contact.objects.filter(intent=intent_id).order_by("attempt"))
    for contact in before:
        if contact.state not in _GONE:
            raise AlreadyReservedError(contact)
    return before[-1].attempt + 1 if before else 1


def _overrides(intent: Intent) -> tuple[Override, ...]:
    """Those given for this intent and this person: who may set a rule aside for somebody else may not do so here."""
    rows = Registered.objects.filter(intent_id=intent.intent_id, person=intent.person_id).order_by("rule_id")
    return tuple(Override(row.rule_id, Role(row.role), row.given_by, row.reason) for row in rows)


def _write(answer: Permit | Refusal, facts: Facts, by: Actor) -> Decision:
    plain = answer.to_plain()
    return write_decision(
        intent_id=answer.intent.intent_id,
        person=answer.intent.person_id,
        channel=answer.intent.channel.value,
        purpose=answer.intent.purpose.value,
        at=answer.intent.at,
        permitted=isinstance(answer, Permit),
        permit_until=answer.until if isinstance(answer, Permit) else None,
        next_lawful_at=answer.next_lawful_at if isinstance(answer, Refusal) else None,
        refused_by="".join(f" {rule_id}" for rule_id in answer.refusing) + " " if answer.refusing else "",
        intent=plain["intent"],
        facts=facts.to_plain(),
        verdicts=plain["verdicts"],
        facts_sha256=answer.facts_digest,
        content_sha256=answer.sha256,
        rules_version=answer.rules_version,
        actor=by.name,
    )


def _reserve(intent: Intent, attempt: int, facts: Facts, in_force: RulesInForce, decision: Decision, by: Actor) -> None:
    parties = {loan.parties.get(intent.person_id) for loan in facts.loans if loan.loan_id in intent.loan_ids}
    party = next(iter(parties)) if len(parties) == 1 else None
    contact = Contact.objects.create(
        intent=intent.intent_id,
        attempt=attempt,
        person=intent.person_id,
        loans=list(intent.loan_ids),
        channel=intent.channel.value,
        contact_class=intent.channel.contact_class.value,
        purpose=intent.purpose.value,
        party=party.value if party else "",
        place=intent.place.value if intent.place else "",
        number_key=intent.number_key or "",
        outside_session=intent.channel is Channel.WHATSAPP and not _in_session(facts, intent.at, in_force),
        at=intent.at,
        source="ours",
        agent=intent.agent_id or "",
        agency=intent.agency_id or "",
        decision=decision,
        state=ContactState.RESERVED.value,
        state_at=intent.at,
    )
    ContactEvent.objects.create(
        contact=contact, at=intent.at, before="", state=ContactState.RESERVED.value, evidence="worker", actor=by.name, note=""
    )


def _in_session(facts: Facts, at: datetime, in_force: RulesInForce) -> bool:
    """Does the message fall inside a session that the person began, by the shortest window that a rule of the tier grants?"""
    last = facts.last_inbound.get(Channel.WHATSAPP)
    granted = [rule.first for rule in in_force.rules if rule.predicate is Predicate.TIER]
    return last is not None and timedelta(0) <= at - last <= timedelta(seconds=min(granted, default=0))
