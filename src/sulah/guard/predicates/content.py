"""What is said and which number is shown."""

from sulah.guard.case import Case
from sulah.guard.predicates.said import NO, UNKNOWN, YES, Said
from sulah.guard.rule import ContactRule
from sulah.kernel.terms import Channel


def no_offer(_rule: ContactRule, case: Case) -> Said:
    """The text or script carries no offer of another product."""
    if case.intent.offers is None:
        return UNKNOWN
    return NO if case.intent.offers else YES


def caller_id(rule: ContactRule, case: Case) -> Said:
    """The caller id is shown; its series is one that the row lists, where it lists any and no person dials by hand."""
    intent = case.intent
    if intent.caller_hidden:
        return NO
    if rule.series is None or (intent.by_hand and intent.channel is Channel.CALL):
        return YES
    if intent.caller_series is None:
        return UNKNOWN
    series = intent.caller_series
    return YES if series.isascii() and series.isdigit() and int(series) in rule.series else NO
