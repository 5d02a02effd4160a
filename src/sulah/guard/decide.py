"""May we contact this person now?  Every rule that fits is asked; one that says no is enough; the strictest wins by construction."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from sulah.guard.case import HORIZON, MICROSECOND, Case, ist_instant, ist_ordinal
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.predicates import PREDICATES
from sulah.guard.predicates.said import UNKNOWN, YES, Ask, Said
from sulah.guard.rule import ContactRule, Predicate, Severity, WhenUnknown
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.guard.verdict import Answer, Permit, Refusal, Verdict
from sulah.kernel.terms import Channel, Purpose

A_DAY = 86_400
"""Life of a permit in seconds where no rule of `permit_life` is in force."""

_WITH_WINDOW = (Predicate.SESSION, Predicate.TEMPLATE, Predicate.TIER)


def decide(intent: Intent, facts: Facts, rules: ContactRules) -> Permit | Refusal:
    """The decision on one intent at its instant: the same intent, facts and rules give the same bytes.

    ValueError when the facts are another person's.

    >>> from datetime import UTC, date
    >>> from sulah.guard.facts import Person
    >>> from sulah.kernel.terms import Channel, EntityType, Purpose
    >>> hours = {"rule_id": "HRS", "predicate": "hours", "first": 28_800, "last": 68_400, "status": "law", "citation": "RBI/2022-23/108"}
    >>> everywhere = dict.fromkeys(("channels", "purposes", "loan_types", "states", "products", "weekdays"), "*")
    >>> always = {"effective_from": date(2022, 8, 12), "effective_to": date(9999, 12, 31), "when_unknown": "block", "severity": "block"}
    >>> rules = ContactRules(EntityType.NBFC_MFI, {"contact_rule": [hours | everywhere | always]})
    >>> at_seven = Intent("i-1", "p-1", datetime(2026, 11, 22, 13, 30, tzinfo=UTC), Channel.SMS, Purpose.RECOVERY)
    >>> decision = decide(at_seven, Facts(Person("p-1")), rules)
    >>> decision.permitted, decision.refusing, decision.next_lawful_at.isoformat()
    (False, ('HRS',), '2026-11-23T02:30:00+00:00')
    """
    case = Case(intent, facts, rules)
    verdicts = verdicts_of(case)
    written = (intent, facts, case.in_force.version, verdicts)
    refusing = [verdict for verdict in verdicts if verdict.answer is Answer.NO]
    if refusing:
        return Refusal(*written, *_next_lawful(case, refusing))
    return Permit(*written, _until(case, verdicts))


def verdicts_of(case: Case) -> tuple[Verdict, ...]:
    """The verdicts of all rules that are asked in this case, by rule_id."""
    verdicts = []
    for rule, ask, always, yes in _questions(case.in_force, case.intent.channel, case.intent.purpose):
        fits = always or case.asks(rule)
        if fits is not False:
            said = ask(rule, case) if fits else UNKNOWN
            verdicts.append(yes if said is YES else _judged(rule, said, case))
    return tuple(verdicts)


class _Question(NamedTuple):
    """A rule with its predicate; always: it is asked whoever the person is; yes: its verdict when it says yes."""

    rule: ContactRule
    ask: Ask
    always: bool
    yes: Verdict


@lru_cache(maxsize=1_024)
def _questions(in_force: RulesInForce, channel: Channel, purpose: Purpose) -> tuple[_Question, ...]:
    """The rules about a channel and purpose, made ready once."""
    return tuple(
        _Question(rule, PREDICATES[rule.predicate], rule.asked_of_all, Verdict(rule, Answer.YES))
        for rule in in_force.about(channel, purpose)
    )


def _judged(rule: ContactRule, said: Said, case: Case) -> Verdict:
    """What a rule makes of a predicate's no, or of something that is not known."""
    unknown = said.yes is None
    if said.yes or (unknown and rule.when_unknown is WhenUnknown.NOT_APPLICABLE):
        return Verdict(rule, Answer.YES, unknown)
    return Verdict(rule, _weighed(rule, case.intent), unknown, _again_at(rule, said, case))


def _weighed(rule: ContactRule, intent: Intent) -> Answer:
    if rule.severity is not Severity.BLOCK:
        return Answer.WARN if rule.severity is Severity.WARN else Answer.LOG
    lifted = any(one.rule_id == rule.rule_id and one.role is rule.override_by for one in intent.overrides)
    return Answer.LIFTED if lifted else Answer.NO


def _again_at(rule: ContactRule, said: Said, case: Case) -> datetime | None:
    """The earliest later instant at which the rule says yes or is not asked; None when that is not within the horizon."""
    found = min((at for at in (said.again_at, case.not_asked_from(rule)) if at is not None), default=None)
    return found if found is not None and found <= case.at + HORIZON else None


def _next_lawful(case: Case, refusing: list[Verdict]) -> tuple[datetime | None, tuple[str, ...]]:
    """The first later instant at which no rule refuses, and the rules that waiting cannot satisfy.

    Between now and a rule's again_at that rule refuses throughout, so each step goes to the latest of them and asks again.
    """
    end = case.at + HORIZON
    while refusing:
        hopeless = tuple(verdict.rule.rule_id for verdict in refusing if verdict.again_at is None or verdict.again_at > end)
        if hopeless:
            return None, hopeless
        case = case.moved(max(verdict.again_at for verdict in refusing if verdict.again_at is not None))
        refusing = [verdict for verdict in verdicts_of(case) if verdict.answer is Answer.NO]
    return case.at, ()


def _until(case: Case, verdicts: Iterable[Verdict]) -> datetime:
    """The end of a permit: its life, or the first instant before that at which a rule would refuse."""
    lives = [verdict.rule.most for verdict in verdicts if verdict.rule.predicate is Predicate.PERMIT_LIFE]
    end = case.at + timedelta(seconds=min(lives, default=A_DAY))
    for at in sorted({at for at in _turns(case, end) if case.at < at < end}):
        if any(verdict.answer is Answer.NO for verdict in verdicts_of(case.moved(at))):
            return at
    return end


def _turns(case: Case, end: datetime) -> Iterable[datetime]:
    """The instants at which a rule's answer may change: each midnight, a window of hours or of a wish, and every dated fact."""
    facts, intent = case.facts, case.intent
    inbound = facts.last_inbound.get(intent.channel)
    yield from _turns_of_facts(case)
    for ordinal in range(case.ordinal, ist_ordinal(end) + 1):
        midnight = ist_instant(ordinal)
        yield midnight
        for wish in facts.preferences:
            yield from (midnight + timedelta(seconds=second) for second in (wish.from_second, wish.to_second))
        in_force = case.rules.on(date.fromordinal(ordinal))
        yield from (midnight + timedelta(seconds=second) for second in in_force.turning_seconds(intent.channel, intent.purpose))
        if inbound is not None:
            windows = {rule.first for rule in in_force.rules if rule.predicate in _WITH_WINDOW}
            yield from (inbound + timedelta(seconds=length) + MICROSECOND for length in windows)


def _turns_of_facts(case: Case) -> Iterable[datetime]:
    """The instants that the facts themselves name."""
    facts = case.facts
    for stop in facts.stops:
        yield from (at for at in (stop.since, stop.until) if at is not None)
    yield from (entry.at for entry in facts.consents)
    if case.agent is not None:
        yield from (notice.at + MICROSECOND for notice in case.agent.notices)
        for one in case.agent.assignments:
            yield from (at for at in (one.since, one.until) if at is not None)
    yield from facts.last_inbound.values()
