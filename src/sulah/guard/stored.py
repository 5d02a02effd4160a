"""One decision as a bundle carries it, and how its verdicts differ from those made again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

OUTCOME = ("permitted", "permit_until", "next_lawful_at")
"""What a decision came to, as it was stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One decision as the bundle carries it."""

    number: int
    book: str
    intent: dict[str, Any]
    facts: dict[str, Any]
    verdicts: list[dict[str, Any]]
    outcome: dict[str, Any]
    facts_sha256: str
    content_sha256: str
    rules_version: str
    person: str
    at: datetime

    @property
    def erased(self) -> bool:
        """Are its facts gone?"""
        return not self.facts

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "Stored":
        """The decision of a line of the bundle; KeyError, TypeError or ValueError where it is damaged."""
        intent, outcome = dict(line["intent"]), {name: line["outcome"][name] for name in OUTCOME}
        digests = (str(line["facts_sha256"]), str(line["content_sha256"]), str(line["rules_version"]))
        person, at = str(intent["person_id"]), datetime.fromisoformat(intent["at"])
        if at.tzinfo is None:
            raise ValueError("its instant has no time zone")
        verdicts = [dict(one) for one in line["verdicts"]]
        if not all(isinstance(one["rule_id"], str) and isinstance(one["answer"], str) for one in verdicts):
            raise ValueError("its verdicts are damaged")
        return cls(int(line["id"]), str(line["book"]), intent, dict(line["facts"] or {}), verdicts, outcome, *digests, person, at)


def unlike(stored: Sequence[Mapping[str, Any]], again: object) -> Iterator[tuple[str, str]]:
    """Rules whose stored verdict is not the one made again, with words."""
    made: Iterable[Mapping[str, Any]] = again if isinstance(again, list) else []
    by_id = {str(one["rule_id"]): one for one in made}
    for one in stored:
        other = by_id.pop(one["rule_id"], None)
        if other is None:
            yield one["rule_id"], "the rule answered, and is not asked when decided again"
        elif other != one:
            parts = [f"{name} was {one.get(name)}, is {value}" for name, value in other.items() if one.get(name) != value]
            yield one["rule_id"], "; ".join(parts) or "its verdict says more than the guard says"
    for rule_id in by_id:
        yield rule_id, "the rule is asked when decided again, and did not answer"
