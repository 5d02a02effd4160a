"""The rows that say what keeps a person's data from being erased, and until when: law that asks for it to be kept, and open matters."""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files


class Keeps(StrEnum):
    """What can keep a person's data: something that stands (no end known), or something that ended on a day."""

    LEGAL_HOLD = "legal_hold"
    OPEN_LOAN = "open_loan"
    LOST_LOAN = "lost_loan"
    NO_LOAN = "no_loan"
    ENDED_LOAN = "ended_loan"
    OPEN_COMPLAINT = "open_complaint"
    CLOSED_COMPLAINT = "closed_complaint"
    MESSAGE_UNDER_WAY = "message_under_way"
    LAST_CONTACT = "last_contact"


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """One rule: while `fact` stands the person is not erased; `days` more after a fact that ended (None: as long as it stands)."""

    rule_id: str
    fact: Keeps
    words: str
    effective_from: date
    citation: str
    confidence: str
    verify: bool
    days: int | None = None
    effective_to: date | None = None

    def in_force(self, day: date) -> bool:
        """Is the row in force on a day?"""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@cache
def erasure_rows() -> tuple[ErasureRow, ...]:
    """All rows in their order; ValueError where an id stands twice, which is a fault of the package."""
    whole = tomllib.loads(files("sulah.policy.erasure").joinpath("erasure_rule.toml").read_text("utf-8"))
    rows = tuple(ErasureRow(**{**row, "fact": Keeps(row["fact"])}) for row in whole["row"])
    if len({(row.rule_id, row.effective_from) for row in rows}) < len(rows):
        raise ValueError("a rule stands twice in erasure_rule.toml")
    return rows
