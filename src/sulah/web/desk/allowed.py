"""What is allowed with a person at an instant, for a page: a table of purposes by channels, the reasons of each no, and each cap's use."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sulah.guard.allowed import Allowance, allowed_now
from sulah.guard.case import ist_ordinal
from sulah.guard.facts import Facts
from sulah.guard.predicates.times import counts
from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules, RulesInForce
from sulah.guard.verdict import Permit
from sulah.guard.words import explain
from sulah.kernel.dates import IST, day_text
from sulah.kernel.terms import Channel, Purpose
from sulah.web.words import within

CALLER_SERIES = "1600"
"""The series that calls of lenders show; a call that shows another is refused when it is made."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One channel for one purpose: is it allowed, until or from when in words, and which rules refuse."""

    channel: Channel
    allowed: bool
    turns: str
    refusing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Barred:
    """One rule that refuses something now: its id, what it says of this person, and what it refuses: purposes and channels in words."""

    rule_id: str
    words: str
    refuses: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of a cap is used: the rule, how many contacts count, how many it lets, over how many days, and of what."""

    rule_id: str
    used: int
    most: int
    days: int
    counts: str
    classes: tuple[str, ...]

    @property
    def full(self) -> bool:
        """Is nothing left of it?"""
        return self.used >= self.most


def clock_words(turns_at: datetime, at: datetime) -> str:
    """An instant as it is read beside another: the hour, with the day where it is another one.

    >>> at = datetime(2026, 11, 24, 12, 0, tzinfo=IST)
    >>> clock_words(datetime(2026, 11, 24, 18, 0, tzinfo=IST), at), clock_words(datetime(2026, 11, 25, 9, 0, tzinfo=IST), at)
    ('18:00', '25 Nov, 09:00')
    """
    local, beside = turns_at.astimezone(IST), at.astimezone(IST)
    hour = f"{local:%H:%M}" if not local.second else f"{local:%H:%M:%S}"
    day = day_text(local.date()).removesuffix(f" {beside.year}")
    return hour if local.date() == beside.date() else f"{day}, {hour}"


def turns(allowance: Allowance, at: datetime) -> str:
    """Until when it is allowed, or from when on it will be."""
    turns_at = allowance.turns_at
    if isinstance(allowance.decision, Permit):
        later = turns_at is not None and turns_at >= at + timedelta(days=1)
        return "24 hours and more" if later or turns_at is None else f"until {clock_words(turns_at, at)}"
    return f"from {clock_words(turns_at, at)}" if turns_at else "not by waiting"


def asked_of(facts: Facts, rules: ContactRules, at: datetime) -> tuple[Allowance, ...]:
    """Every channel and purpose, decided by the guard."""
    return allowed_now(facts, rules, at, caller_series=CALLER_SERIES)


def table_of(allowances: Sequence[Allowance], at: datetime) -> list[tuple[Purpose, list[Cell]]]:
    """A row a purpose, with a cell for each channel, both in the order of the terms."""
    found = {(one.purpose, one.channel): one for one in allowances}
    return [(purpose, [_cell(found[purpose, channel], at) for channel in Channel]) for purpose in Purpose]


def _cell(one: Allowance, at: datetime) -> Cell:
    return Cell(one.channel, isinstance(one.decision, Permit), turns(one, at), one.decision.refusing)


def barred_by(allowances: Iterable[Allowance]) -> list[Barred]:
    """The rules that refuse anything, each once, with all that it refuses; stops come first, then what refuses most."""
    told: dict[str, str] = {}
    stops: set[str] = set()
    refused: dict[str, list[tuple[Purpose, Channel]]] = {}
    for one in allowances:
        if isinstance(one.decision, Permit):
            continue
        for rule_id, sentence in zip(one.decision.refusing, _sentences(one), strict=True):
            told.setdefault(rule_id, sentence)
            refused.setdefault(rule_id, []).append((one.purpose, one.channel))
        stops |= {verdict.rule.rule_id for verdict in one.decision.verdicts if verdict.rule.stop is not None}
    ranked = sorted(refused, key=lambda rule_id: (rule_id not in stops, -len(refused[rule_id]), rule_id))
    return [Barred(rule_id, told[rule_id], _by_channels(refused[rule_id])) for rule_id in ranked]


def _sentences(one: Allowance) -> list[str]:
    """The sentence of each refusing rule, in their order: what the guard's own words say, without the head."""
    said = [verdict for verdict in one.decision.verdicts if verdict.answer != "yes"]
    told = zip(said, explain(one.decision)[1:], strict=True)
    return [sentence for verdict, sentence in told if verdict.rule.rule_id in one.decision.refusing]


def _by_channels(pairs: list[tuple[Purpose, Channel]]) -> tuple[tuple[str, str], ...]:
    """Purposes that are refused on the same channels together, in words."""
    on: dict[tuple[Channel, ...], list[Purpose]] = {}
    for purpose in Purpose:
        channels = tuple(channel for channel in Channel if (purpose, channel) in pairs)
        if channels:
            on.setdefault(channels, []).append(purpose)
    return tuple(
        (_listed(purposes, Purpose, "Every purpose"), _listed(channels, Channel, "every channel")) for channels, purposes in on.items()
    )


def _listed(some: Sequence[StrEnum], of: type[StrEnum], every: str) -> str:
    return every if len(some) == len(of) else ", ".join(within(one) for one in some)


def cap_use(facts: Facts, in_force: RulesInForce, at: datetime) -> list[CapUse]:
    """The use of each cap in force, counted as the guard counts: contacts on a later day than today count as today's."""
    today = ist_ordinal(at)
    found = []
    for rule in in_force.rules:
        if rule.predicate is Predicate.CAP:
            since = today - rule.days + 1
            used = sum(ist_ordinal(contact.at) >= since and counts(rule, contact) for contact in facts.contacts)
            classes = tuple(sorted(item.value for item in rule.classes or ()))
            found.append(CapUse(rule.rule_id, used, rule.most, rule.days, rule.counts.value, classes))
    return sorted(found, key=lambda use: (use.classes, use.days, use.rule_id))
