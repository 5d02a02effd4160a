"""The corpus of answers: its lines, and what the reader makes of them, counted; texts stay in the files."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import sqrt
from pathlib import Path

from sulah.outreach.intent_lexicon import Lexicon, lexicon
from sulah.outreach.intents import Intent, Read, is_confident, read_intent
from sulah.policy.intent_rows import load_intent_rows

CORPUS = Path(__file__).parents[1] / "corpora" / "intent"
LANGUAGES = ("en", "hi", "ta", "te", "kn", "mr", "bn", "or")
PROTECTIVE = (Intent.STOP, Intent.DEATH, Intent.SELF_HARM)


@cache
def shipped() -> Lexicon:
    """The lexicon as it is shipped."""
    return lexicon(load_intent_rows(date(2026, 11, 23)), date(2026, 11, 23))


@dataclass(frozen=True, slots=True)
class Line:
    """One message with what its author says it means, and what was read."""

    line_id: str
    intent: Intent
    also: frozenset[str]
    amount_paise: int | None
    due_on: date | None
    utr: str
    about: str
    near: str
    read: Read

    @property
    def heard(self) -> frozenset[Intent]:
        """Every intent that was read, or that the weights suspect: a person is called, so it is heard."""
        return self.said | {one.intent for one in self.read.suspected}

    @property
    def said(self) -> frozenset[Intent]:
        """Every intent that a row says."""
        return frozenset({self.read.intent, *self.read.also})


@cache
def lines(language: str, part: str) -> tuple[Line, ...]:
    """A file of the corpus, read; empty where it is not there."""
    path = CORPUS / part / f"{language}.toml"
    if not path.is_file():
        return ()
    return tuple(
        Line(
            raw["id"],
            Intent(raw["intent"]),
            frozenset(raw.get("also", ())),
            raw.get("amount_paise"),
            raw.get("due_on"),
            raw.get("utr", ""),
            raw.get("about", ""),
            raw.get("near", ""),
            read_intent(raw["text"], language, raw["said_on"], shipped()),
        )
        for raw in tomllib.loads(path.read_text("utf-8"))["lines"]
    )


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share after Wilson (1927)."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle, spread = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


def recall(found: Sequence[Line], intent: Intent) -> tuple[int, int, list[str]]:
    """Messages of an intent in which it was heard, of how many, and the ids of the rest."""
    asked = [line for line in found if line.intent is intent]
    missed = [line.line_id for line in asked if intent not in line.heard]
    return len(asked) - len(missed), len(asked), missed


def called(found: Sequence[Line], *, sure: bool = False, strong: bool = False) -> tuple[int, int]:
    """Of the messages that mean none of the three, in how many the weights call a person, or strongly: contact is held; of how many.

    sure: of those only that rows are sure of, which act by themselves where a native reader has signed the language off.
    """
    other = [line for line in found if not {line.intent, *line.also} & set(PROTECTIVE) and (is_confident(line.read) or not sure)]
    return sum(any(one.strong or not strong for one in line.read.suspected) for line in other), len(other)


def matrix(found: Sequence[Line]) -> str:
    """The confusion matrix: rows as meant, columns as read."""
    counted = Counter((line.intent, line.read.intent) for line in found)
    head = f"{'meant / read':>13} " + " ".join(f"{intent.value[:6]:>6}" for intent in Intent)
    rows = [f"{meant.value:>13} " + " ".join(f"{counted[meant, read] or '.':>6}" for read in Intent) for meant in Intent]
    return "\n".join([head, *rows])


def shares(found: Sequence[Line]) -> dict[str, tuple[int, int]]:
    """Exactness: intent, second intents, amount, day, reference, whose death; false alarms among `other`."""
    money = [line for line in found if line.intent in {Intent.PAID, Intent.PROMISE, Intent.PART}]
    promised = [line for line in found if line.intent is Intent.PROMISE]
    other = [line for line in found if line.intent is Intent.OTHER]
    dead = [line for line in found if line.intent is Intent.DEATH]
    also = [line for line in found if line.also]
    return {
        "intent": (sum(line.read.intent is line.intent for line in found), len(found)),
        "second intents": (sum(line.also <= {one.value for one in line.heard} for line in also), len(also)),
        "amount": (sum(line.read.amount_paise == line.amount_paise for line in money), len(money)),
        "day of a promise": (sum(line.read.due_on == line.due_on for line in promised), len(promised)),
        "reference": (sum(line.read.utr == line.utr for line in found), len(found)),
        "whose death": (sum(line.read.about == line.about for line in dead), len(dead)),
        "other without a protective alarm": (sum(not line.heard & set(PROTECTIVE) for line in other), len(other)),
        "meant none of the three and suspected by weights": called(found),
        "meant none of the three and held by weights": called(found, strong=True),
        "rows sure of another meaning and suspected by weights": called(found, sure=True),
    }
