"""The questions that a rule can ask, one small function each: a rule and a case in, yes, no or unknown out."""

from collections.abc import Mapping
from types import MappingProxyType

from sulah.guard.case import Case
from sulah.guard.predicates import agents, content, loans, person, platform, times
from sulah.guard.predicates.said import YES, Ask, Said
from sulah.guard.rule import ContactRule, Predicate

__all__ = ["PREDICATES"]


def permit_life(_rule: ContactRule, _case: Case) -> Said:
    """A permit's longest life; never a no."""
    return YES


PREDICATES: Mapping[Predicate, Ask] = MappingProxyType(
    {
        Predicate.HOURS: times.hours,
        Predicate.CAP: times.cap,
        Predicate.ONE_CALL: times.one_call,
        Predicate.PREFERENCE: times.preference,
        Predicate.OCCASION: times.occasion,
        Predicate.PARTY: person.party,
        Predicate.NUMBER: person.number,
        Predicate.CONSENT: person.consent,
        Predicate.MISSES: person.misses,
        Predicate.PLACE_ORDER: person.place_order,
        Predicate.STOP: person.stop,
        Predicate.CERTIFICATE: agents.certificate,
        Predicate.ANTECEDENTS: agents.antecedents,
        Predicate.AGENT_NOTICE: agents.agent_notice,
        Predicate.ASSIGNED: agents.assigned,
        Predicate.OVERDUE: loans.overdue,
        Predicate.DUE_SOON: loans.due_soon,
        Predicate.DEMAND: loans.demand,
        Predicate.BOOK_AGE: loans.book_age,
        Predicate.LEGAL_LANGUAGE: loans.legal_language,
        Predicate.SESSION: platform.session,
        Predicate.TEMPLATE: platform.template,
        Predicate.TIER: platform.tier,
        Predicate.NO_OFFER: content.no_offer,
        Predicate.CALLER_ID: content.caller_id,
        Predicate.PERMIT_LIFE: permit_life,
    }
)
"""The one function of each predicate; a test holds that none is missing."""
