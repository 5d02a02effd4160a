"""The weights of the reader of answers: traits of the open messages, and what is learned from them for the three protective intents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sulah.outreach.intent_lexicon import Lexicon, lexicon
from sulah.outreach.intent_terms import Intent
from sulah.outreach.intent_weigh import MessageTraits, message_traits
from sulah.outreach.intents import is_confident, read_intent, rows_found, says_all
from sulah.policy.intent_rows import load_intent_rows
from sulah.policy.talk.weighing import weighing

from .examples import CODES, DAY, Example
from .learn import joined, kept, learn, of_language

PROTECTIVE = (Intent.DEATH, Intent.SELF_HARM, Intent.STOP)
MOST = 4_000
"""Traits kept in a language for each intent."""

BOUNDS = {"suspect": -400, "confident": -200, "strong": -100, "short": -100, "short_strong": 300}
"""Scores from which a message is suspected of an intent, suspected where rows are sure of another, and suspected strongly.

short: of few words.  How they were chosen: docs/policy/weights.md.
"""

TRIED = ((-500, -500), (-500, -200), (-400, -400), (-400, -300), (-400, -200), (-400, -100), (-300, -300), (-300, -200), (-200, -200))
"""Bounds that are tried: of a suspicion, and of one where the rows are sure of another meaning."""

SHORT_TRIED = (-9_999, -200, -100, 0, 100)
"""Bounds of a short message that are tried beside them; the first is always reached."""

PARTS = 10


@dataclass(frozen=True, slots=True)
class Read:
    """An example with its traits, the intents that the rows say, and whether they are sure of a meaning, and of every word."""

    example: Example
    message: MessageTraits
    said: frozenset[Intent]
    confident: bool
    says_all: bool

    def over(self, asked: Intent, score: int, bounds: Mapping[str, int], *, strong: bool = False) -> bool:
        """Is it suspected of an intent, or strongly, as the reader does it?"""
        if asked in self.said or self.says_all or not self.message.words:
            return False
        return score >= max(self.message.least(bounds, confident=self.confident)[: 2 if strong else 1])


def ready() -> Lexicon:
    """The rows without weights."""
    return lexicon(load_intent_rows(DAY))


def prepared(example: Example, words: Lexicon) -> Read:
    """An example read as the reader reads it."""
    found = rows_found(example.text, example.language, DAY, words)
    message = message_traits(example.text, example.language, found, words.scales.senses)
    read = read_intent(example.text, example.language, DAY, words)
    return Read(example, message, frozenset(found), is_confident(read), says_all(read, example.text))


def part_of(one: Read) -> int:
    """Which part of a judging a message falls into, by its text."""
    return int(sha256(one.example.text.encode()).hexdigest(), 16) % PARTS


def is_protective(one: Read) -> bool:
    """Does a message mean any of the three?  Such a one is no false alarm of another of them: a person is called anyway."""
    return any(intent in one.example.means for intent in PROTECTIVE)


def cost(missed: float, false: float) -> float:
    """What shares of missed and of falsely suspected messages cost, by weighing.toml."""
    costs = weighing("intent", DAY)
    if costs is None:
        raise ValueError("weighing.toml has no row for the reader")
    return costs.missed * missed + costs.false_alarm * false


def learned(found: Sequence[Read]) -> dict[str, dict[str, dict[str, int]]]:
    """The points towards each protective intent, English and Hindi learned together; language -> intent -> trait -> points."""
    traits = joined([one.message.language for one in found], [list(one.message.traits) for one in found])
    points = {intent: learn(traits, [intent in one.example.means for one in found], cost=2.0, for_meant=4.0) for intent in PROTECTIVE}
    return {code: {str(intent): kept(of_language(points[intent], code), MOST) for intent in PROTECTIVE} for code in CODES}
