"""The guard's answer to the same question, in the same words; the only file here that may know the guard."""

from functools import cache
from typing import Any

from sulah.guard.decide import decide
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.plain import built
from sulah.guard.rules import ContactRules
from sulah.kernel.terms import EntityType
from sulah.policy.load import load_contact_policy


@cache
def rules_of(entity: str) -> ContactRules:
    """The shipped rules of a kind of lender, ready for asking."""
    policy = load_contact_policy().for_entity(EntityType(entity))
    return ContactRules(policy.entity, {sheet: policy.rows(sheet) for sheet in policy.tables})


def decided(entity: str, question: dict[str, Any]) -> tuple[bool, frozenset[str]]:
    """(permitted, the ids of the rules that refuse) by the guard, for a kind of lender and a question in plain JSON."""
    decision = decide(built(Intent, question["intent"]), built(Facts, question["facts"]), rules_of(entity))
    return decision.permitted, frozenset(decision.refusing)
