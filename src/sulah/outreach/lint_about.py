"""What the linter is told of a text, and what it says: values only."""

from dataclasses import dataclass, field
from enum import StrEnum

from sulah.outreach.weights import Part
from sulah.policy.lint_rows import LegalStep, LintKind


class TextKind(StrEnum):
    """What a text is, which decides what it must hold.

    reminder: asks for money that is due or overdue.  notice: a demand or a step announced.  receipt: money that came.  script: what a
    person or a machine says in a call.  reply: free text of an agent in a conversation that has begun.  other: anything else.
    """

    REMINDER = "reminder"
    NOTICE = "notice"
    RECEIPT = "receipt"
    SCRIPT = "script"
    REPLY = "reply"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LintAbout:
    """What is known of the loan and of the person for whom a text is meant; what is left out is not known and checked as the stricter.

    lender_names: the names under which the borrower knows the lender.  amount_paise: what the ledger says is to be paid, None where the
    text is to name none.  other_paise: parts of it that may be named too.  penal_paise: penal charge in it.  legal_steps_open: the steps
    of law that are really open.  addressee: the borrower's name.  others: names of people who are not the addressee.  numbers: telephone
    numbers that may stand in the text.  grievance: numbers or addresses of which one must stand where a complaint line is needed.
    promotional: None where it is not known whether it goes as advertising.
    """

    kind: TextKind = TextKind.REPLY
    lender_names: tuple[str, ...] = ()
    amount_paise: int | None = None
    other_paise: tuple[int, ...] = ()
    penal_paise: int = 0
    legal_steps_open: frozenset[LegalStep] = frozenset()
    addressee: str = ""
    others: tuple[str, ...] = ()
    numbers: tuple[str, ...] | None = None
    grievance: tuple[str, ...] = ()
    promotional: bool | None = None


@dataclass(frozen=True, slots=True, order=True)
class LintFinding:
    """One thing that is wrong: where it stands in the text (start = end = 0: the text as a whole), why, and what to write instead."""

    start: int
    end: int
    rule_id: str
    kind: LintKind
    why: str = field(compare=False)
    suggestion: str = field(compare=False)
    citation: str = field(compare=False)
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class LintVerdict:
    """What the linter says of a text.

    reviewed: has a native reader checked the words that it looked for?  score: what the text weighs, None in a language without weights.
    parts: the traits that made the score, the greatest first.
    """

    findings: tuple[LintFinding, ...]
    language: str
    reviewed: bool
    score: int | None = None
    parts: tuple[Part, ...] = ()

    @property
    def blocked(self) -> bool:
        """May it not be sent?"""
        return any(finding.blocks for finding in self.findings)
