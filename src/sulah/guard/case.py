"""One intent, seen at one instant: what every predicate asks, worked out once."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sulah.guard.facts import Agent, Facts, Loan, Stop
from sulah.guard.intent import Intent
from sulah.guard.rule import ANY, ContactRule, WhenUnknown, glob_covers
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.kernel.dates import IST
from sulah.kernel.terms import StopScope

_IST_EPOCH = datetime(1970, 1, 1, tzinfo=IST)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DAY_ONE = datetime(1, 1, 1, tzinfo=IST)
MICROSECOND = timedelta(microseconds=1)
HORIZON = timedelta(days=60)
"""How far ahead a next lawful time is looked for."""


def ist_ordinal(at: datetime) -> int:
    """The IST day of an instant, as the proleptic ordinal that `date.toordinal` gives.

    >>> ist_ordinal(datetime(2026, 11, 22, 18, 30, tzinfo=UTC)) == date(2026, 11, 23).toordinal()
    True
    """
    return (at - _IST_EPOCH).days + _EPOCH_ORDINAL


def ist_instant(ordinal: int, second: int = 0) -> datetime:
    """The instant, in UTC, of a second of an IST day.

    >>> ist_instant(date(2026, 11, 23).toordinal()).isoformat()
    '2026-11-22T18:30:00+00:00'
    """
    return (_DAY_ONE + timedelta(days=ordinal - 1, seconds=second)).astimezone(UTC)


class Case:
    """An intent with the facts of its person and the rules, at an instant; `moved` gives the same case at another.

    today, ordinal, weekday (0 = Monday), second: of the instant in India; parts of a second are dropped.  named: the loans that the intent
    names, None for one that is not on the book.  loan_types: those of the open loans, and None where one of them is not known or a loan
    named is not on the book.  in_force: the rules of that date.
    """

    __slots__ = (
        *("agent", "at", "facts", "in_force", "intent", "loan_types", "named", "ordinal", "rules"),
        *("second", "stop_keys", "today", "untyped", "weekday"),
    )

    def __init__(self, intent: Intent, facts: Facts, rules: ContactRules) -> None:
        """ValueError when the facts are another person's."""
        if intent.person_id != facts.person.person_id:
            raise ValueError(f"the facts are of {facts.person.person_id}, the intent is about {intent.person_id}")
        self.intent = intent
        self.facts = facts
        self.rules = rules
        by_id = {loan.loan_id: loan for loan in facts.loans}
        self.named: tuple[Loan | None, ...] = tuple(by_id.get(loan_id) for loan_id in intent.loan_ids)
        self.loan_types = {loan.loan_type for loan in facts.loans if loan.open} | {None for loan in self.named if loan is None}
        self.untyped = None in self.loan_types
        self.agent = _agent(intent, facts)
        self.stop_keys = _stop_keys(intent, facts, self.agent)
        self._set(intent.at)

    def _set(self, at: datetime) -> None:
        local = at.astimezone(IST)
        self.at = at
        self.today = local.date()
        self.ordinal = self.today.toordinal()
        self.weekday = self.today.weekday()
        self.second = local.hour * 3_600 + local.minute * 60 + local.second
        self.in_force: RulesInForce = self.rules.on(self.today)

    def moved(self, at: datetime) -> "Case":
        """The same case at another instant."""
        other = object.__new__(Case)
        for name in ("agent", "facts", "intent", "loan_types", "named", "rules", "stop_keys", "untyped"):
            setattr(other, name, getattr(self, name))
        other._set(at)
        return other

    def covers(self, stop: Stop) -> bool:
        """Does a stop's scope and key cover the intent, whatever the hour?"""
        if stop.scope is StopScope.LOAN:
            return stop.key in self.intent.loan_ids
        keys = self.stop_keys[stop.scope]
        return keys is None or stop.key in keys

    def asks(self, rule: ContactRule) -> bool | None:
        """Is a rule about this channel and purpose asked?  None: nobody can say, as a loan's type is unknown, and the rule then blocks."""
        if rule.weekdays is not None and self.weekday not in rule.weekdays:
            return False
        state = self.facts.person.state
        if rule.states is not None and state is not None and state not in rule.states:
            return False
        if rule.products != ANY and not any(loan is None or glob_covers(rule.products, loan.product) for loan in self.named):
            return False
        return True if rule.loan_types is None else self._asks_of_types(rule)

    def _asks_of_types(self, rule: ContactRule) -> bool | None:
        if rule.loan_types is not None and not rule.loan_types.isdisjoint(self.loan_types):
            return True
        if not self.untyped or rule.when_unknown is WhenUnknown.NOT_APPLICABLE:
            return False
        return True if rule.when_unknown is WhenUnknown.STRICTEST else None

    def not_asked_from(self, rule: ContactRule) -> datetime | None:
        """00:00 IST of the first later day within the horizon on which the rule is not asked; None when it is asked on all of them."""
        if rule.weekdays is None and rule.effective_to >= self.today + HORIZON:
            return None
        for ordinal in range(self.ordinal + 1, self.ordinal + HORIZON.days + 1):
            day = date.fromordinal(ordinal)
            if not rule.in_force(day) or (rule.weekdays is not None and day.weekday() not in rule.weekdays):
                return ist_instant(ordinal)
        return None


def clear_from(stops: Iterable[Stop], at: datetime) -> datetime | None:
    """The earliest instant, not before `at`, at which none of the stops is active; None when one of them has no end."""
    waiting = sorted(stops, key=lambda stop: stop.since)
    for stop in waiting:
        if stop.since > at:
            return at
        if stop.until is None:
            return None
        at = max(at, stop.until)
    return at


def active(stop: Stop, at: datetime) -> bool:
    """Is the stop in force at the instant?  From `since` until just before `until`."""
    return stop.since <= at and (stop.until is None or at < stop.until)


def _agent(intent: Intent, facts: Facts) -> Agent | None:
    """The papers of the agent or agency that the intent names; None where they are not on file."""
    agent = facts.agent
    if agent is None or agent.agent_id != intent.agent_id or intent.agency_id not in (None, agent.agency_id):
        return None
    return agent


def _stop_keys(intent: Intent, facts: Facts, agent: Agent | None) -> dict[StopScope, frozenset[str | None] | None]:
    """What a stop of each scope must be about to cover the intent; None: whatever it is about.

    The agency of an agent who is on file counts as named; one who is not may be of any agency, and a person whose PIN code is not known
    may live in any.
    """
    person = facts.person
    channel = frozenset({intent.channel.value})
    unfiled = intent.agent_id is not None and agent is None
    return {
        StopScope.NUMBER: frozenset({intent.number_key}),
        StopScope.CHANNEL: channel,
        StopScope.CHANNEL_ALL: channel,
        StopScope.PERSON: frozenset({person.person_id}),
        StopScope.HOUSEHOLD: frozenset({person.household_id}),
        StopScope.PINCODE: frozenset({person.pincode}) if person.pincode is not None else None,
        StopScope.AGENT: frozenset({intent.agent_id}),
        StopScope.AGENCY: None if unfiled else frozenset({intent.agency_id, agent.agency_id if agent else None}),
        StopScope.LENDER: None,
    }
