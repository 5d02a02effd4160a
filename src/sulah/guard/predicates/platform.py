"""What the platforms ask: sessions, registered templates, tiers."""

from datetime import datetime, timedelta

from sulah.guard.case import Case
from sulah.guard.predicates.said import UNKNOWN, YES, Said, not_before
from sulah.guard.rule import ContactRule
from sulah.kernel.terms import Channel, ContactClass, Purpose


def session(rule: ContactRule, case: Case) -> Said:
    """Free words on WhatsApp, and answers within a session, need a message of the person in the last `first` seconds; the rest passes."""
    intent = case.intent
    answers = intent.purpose is Purpose.SESSION_ANSWER and intent.channel.contact_class is ContactClass.MESSAGE
    writes = intent.channel is Channel.WHATSAPP and intent.free_text
    if not (answers or writes) or within(rule.first, case):
        return YES
    return not_before(_begins(case))


def template(rule: ContactRule, case: Case) -> Said:
    """The text comes from a template registered for the channel, which free words never do; within a session WhatsApp needs none."""
    if _in_session(rule, case):
        return YES
    registered = False if case.intent.free_text else case.facts.template
    if registered is None:
        return UNKNOWN
    return YES if registered else not_before(_opens(rule, case))


def tier(rule: ContactRule, case: Case) -> Said:
    """Outside sessions, the persons whom the lender messaged in 24 hours, this one included, are not more than the portfolio's tier."""
    if _in_session(rule, case):
        return YES
    limit, used = case.facts.tier_limit, case.facts.tier_used
    if limit is None:
        return UNKNOWN
    return YES if used + (not case.facts.in_tier_already) <= limit else not_before(_opens(rule, case))


def within(seconds: int, case: Case) -> bool:
    """Did the person write on this channel in the last so many seconds?  Both ends are inside; a later message does not count."""
    inbound = case.facts.last_inbound.get(case.intent.channel)
    return inbound is not None and timedelta(0) <= case.at - inbound <= timedelta(seconds=seconds)


def _in_session(rule: ContactRule, case: Case) -> bool:
    return case.intent.channel is Channel.WHATSAPP and rule.first > 0 and within(rule.first, case)


def _begins(case: Case) -> datetime | None:
    """When a message of the person that is dated ahead (a clock that was set back) begins a session."""
    inbound = case.facts.last_inbound.get(case.intent.channel)
    return inbound if inbound is not None and inbound > case.at else None


def _opens(rule: ContactRule, case: Case) -> datetime | None:
    return _begins(case) if case.intent.channel is Channel.WHATSAPP and rule.first > 0 else None
