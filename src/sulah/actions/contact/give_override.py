"""Lift one rule for one intent, where the rule allows it: an entry in the register, by role, with the reason."""

from django.db import IntegrityError, transaction

from sulah.actions.contact.actor import Actor, NotPermittedError, hold_reach
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.contact.decision import Override


class OverrideRefusedError(Refusal):
    """The rule cannot be lifted; the words say why."""


def give_override(intent_id: str, person: str, rule_id: str, *, reason: str, rules: ContactRules, by: Actor, clock: Clock) -> Override:
    """Lift a rule for an intent.  NotPermittedError unless the rule's row names the giver's role; the machine overrides nothing."""
    if by.role is None:
        raise NotPermittedError("A rule is lifted by a person, never by the machine.")
    hold_reach(by, person)
    if not reason.strip():
        raise OverrideRefusedError("Give the reason. It stands in the register beside your name.")
    with transaction.atomic():
        now = clock()
        in_force = rules.on(now.astimezone(IST).date())
        rule = next((rule for rule in in_force.rules if rule.rule_id == rule_id), None)
        if rule is None:
            raise OverrideRefusedError(f"No rule {rule_id} is in force today.")
        if rule.override_by is not by.role:
            who = f"Only a person of the role {rule.override_by.value} may lift it" if rule.override_by else "Nobody may lift it"
            raise NotPermittedError(f"{rule_id} ({rule.citation}): {who}.")
        try:
            with transaction.atomic():
                given = Override.objects.create(
                    intent_id=intent_id, person=person, rule_id=rule_id, role=by.role.value, reason=reason, given_at=now, given_by=by.name
                )
        except IntegrityError as error:
            raise OverrideRefusedError(f"{rule_id} is lifted for {intent_id} already.") from error
        after = {"intent": intent_id, "rule_id": rule_id, "role": by.role.value, "reason": reason}
        write_audit(at=now, actor=by.name, act="override.give", subject=f"borrower:{person}", after=after)
    return given
