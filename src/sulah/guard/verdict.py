"""What the guard answers: the verdict of every rule that was asked, and a Permit or a Refusal."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.plain import Written, canonical, plain
from sulah.guard.rule import ContactRule


class Answer(StrEnum):
    """A rule's answer: yes; no (it refuses); warn or log (it would say no, but does not refuse); lifted (an override set its no aside)."""

    YES = "yes"
    NO = "no"
    WARN = "warn"
    LOG = "log"
    LIFTED = "lifted"


class Verdict(NamedTuple):
    """The answer of one rule that was asked.

    unknown: was something that the rule needs not known, so that `when_unknown` answered?
    again_at: the earliest later instant at which this rule alone would say yes, or would not be asked, with the facts as they are; None
    when it says yes, or when waiting up to 60 days does not help.
    """

    rule: ContactRule
    answer: Answer
    unknown: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True)
class Decision(ABC):
    """What Permit and Refusal have in common.

    rules_version: sha256 of the rows in force.  verdicts: every rule that was asked, by rule_id.
    """

    intent: Intent
    facts: Facts
    rules_version: str
    verdicts: tuple[Verdict, ...]

    @property
    def permitted(self) -> bool:
        """May the contact be made?"""
        return isinstance(self, Permit)

    @cached_property
    def facts_digest(self) -> str:
        """The sha256 of the facts, as 64 hex digits."""
        return self.facts.digest()

    @property
    def asked(self) -> tuple[str, ...]:
        """The ids of the rules that were asked."""
        return tuple(verdict.rule.rule_id for verdict in self.verdicts)

    @property
    def refusing(self) -> tuple[str, ...]:
        """The ids of the rules that refuse."""
        return tuple(verdict.rule.rule_id for verdict in self.verdicts if verdict.answer is Answer.NO)

    @cached_property
    def canonical(self) -> str:
        """The one JSON text of the decision: keys sorted, instants in UTC to the microsecond; the same inputs give the same bytes."""
        return canonical(self._written())

    @cached_property
    def sha256(self) -> str:
        """The sha256 of the canonical text in UTF-8, as 64 hex digits."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()

    def to_plain(self) -> dict[str, object]:
        """The decision as plain JSON values, complete."""
        return plain(self._written())

    def _written(self) -> dict[str, object]:
        return {
            "intent": self.intent,
            "rules_version": self.rules_version,
            "facts_digest": self.facts_digest,
            "verdicts": [_verdict_written(verdict) for verdict in self.verdicts],
            **self._outcome(),
        }

    @abstractmethod
    def _outcome(self) -> Mapping[str, object]:
        """What a permit or a refusal adds."""


@dataclass(frozen=True)
class Permit(Decision):
    """Leave for one contact with the person, by the channel, number or place, and for the purpose and loans of the intent.

    It holds from `valid_from` until just before `until`.
    """

    until: datetime

    @property
    def valid_from(self) -> datetime:
        """The instant of the intent, from which the permit holds."""
        return self.intent.at

    def _outcome(self) -> Mapping[str, object]:
        return {"outcome": "permit", "from": self.valid_from, "until": self.until}


@dataclass(frozen=True)
class Refusal(Decision):
    """A contact refused: `next_lawful_at` is the earliest later instant at which it would be permitted with the facts as they are.

    None: not within 60 days.  not_by_waiting: the rules that waiting cannot satisfy.
    """

    next_lawful_at: datetime | None
    not_by_waiting: tuple[str, ...]

    def _outcome(self) -> Mapping[str, object]:
        return {"outcome": "refusal", "next_lawful_at": self.next_lawful_at, "not_by_waiting": self.not_by_waiting}


def _verdict_written(verdict: Verdict) -> Written:
    """A verdict as canonical JSON: again_at, answer, the rule's source, unknown, version."""
    rule, again_at = verdict.rule, canonical(verdict.again_at)
    unknown = "true" if verdict.unknown else "false"
    return Written(
        f'{{"again_at":{again_at},"answer":"{verdict.answer.value}",{rule.source},"unknown":{unknown},"version":{rule.version}}}'
    )
