"""Which of many intended contacts would be permitted at one instant: the guard's set-based twin over a snapshot of the records.

Intents are taken in their order, and only permitted ones count against the caps of those after them.  It is a plan and no permit: the
guard decides on each contact again, with its person's row held, at the moment of sending.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sulah.actions.contact.reserve_contact import longest_cap
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.contact.snapshot import fill_snapshot
from sulah.adapters.engines.duck import connect
from sulah.guard.case import ist_instant, ist_ordinal
from sulah.guard.intent import Intent
from sulah.guard.rule import ContactRule, Predicate, Severity
from sulah.guard.rules import ContactRules
from sulah.guard.twin import check
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, Purpose

_SCHEMA = "plan"
_DAYS_AHEAD = 14
_MEMORY_MB = 1_000


@dataclass(frozen=True, slots=True)
class Planned:
    """What the guard said of one intent at the instant of the plan: the rules that refuse it, by id; none = it is permitted."""

    intent: Intent
    refusing: tuple[str, ...]

    @property
    def permitted(self) -> bool:
        """Would it be permitted?"""
        return not self.refusing


def plan_contacts(book: Rulebook, at: datetime, wanted: Sequence[Intent], *, template: bool | None = True) -> list[Planned]:
    """Each intent as it would be decided at the instant, in the order given; its own instant gives way to that of the plan.

    template: is the text of all of them a registered template's?  Overrides have no place in a plan.
    """
    intents = [replace(intent, at=at, overrides=()) for intent in wanted]
    days = longest_cap(book.rules.on(at.astimezone(IST).date()))
    with connect(memory_mb=_MEMORY_MB) as connection:
        fill_snapshot(connection, _SCHEMA, intents, at, days=days, template=template)
        check(connection, _SCHEMA, book.rules, at)
        verdicts = connection.execute(f"SELECT refusing FROM {_SCHEMA}.verdict ORDER BY position").fetchall()
    return [Planned(intent, tuple(refusing)) for intent, (refusing,) in zip(intents, verdicts, strict=True)]


def next_opening(rules: ContactRules, now: datetime, asked: Iterable[tuple[Channel, Purpose]]) -> datetime:
    """The first instant from now on that lies in the hours of every rule about these channels and purposes, whoever the person is.

    Now, where there is none within two weeks.  A rule of hours for some products, states or types of loan only counts too: the
    narrowest hours are open to everybody.
    """
    pairs = list(asked)
    today = ist_ordinal(now)
    for ordinal in range(today, today + _DAYS_AHEAD):
        on = date.fromordinal(ordinal)
        hours = [rule for channel, purpose in pairs for rule in rules.on(on).about(channel, purpose) if _keeps_hours(rule, on)]
        begins = sorted({ist_instant(ordinal), *(ist_instant(ordinal, rule.first) for rule in hours)})
        for at in [now, *begins] if ordinal == today else begins:
            second = int((at - ist_instant(ordinal)).total_seconds())
            if at >= now and all(rule.first <= second < rule.last for rule in hours):
                return at
    return now


def closing(rules: ContactRules, at: datetime, asked: Iterable[tuple[Channel, Purpose]]) -> datetime:
    """The instant at which the narrowest hours for these channels and purposes end on the day of `at` in India, whoever the person is."""
    ordinal = ist_ordinal(at)
    on = date.fromordinal(ordinal)
    lasts = [rule.last for channel, purpose in asked for rule in rules.on(on).about(channel, purpose) if _keeps_hours(rule, on)]
    return ist_instant(ordinal, min(lasts)) if lasts else ist_instant(ordinal + 1)


def _keeps_hours(rule: ContactRule, on: date) -> bool:
    on_weekday = rule.weekdays is None or on.weekday() in rule.weekdays
    return rule.predicate is Predicate.HOURS and rule.severity is Severity.BLOCK and on_weekday
