"""What a message may mean beside what its rows say: the weights of death, self-harm and STOP; they only ever call a person."""

from collections.abc import Mapping
from dataclasses import dataclass

from sulah.outreach.folding import LONGEST
from sulah.outreach.intent_hits import Hit
from sulah.outreach.intent_terms import PRECEDENCE, Intent
from sulah.outreach.lint_fold import words_of
from sulah.outreach.lint_weigh import tongue
from sulah.outreach.scales import WEIGHED, Scales
from sulah.outreach.traits import Senses, Traits, sentences, shape_of, traits_of
from sulah.outreach.weights import heaviest, weigh
from sulah.policy.weight_rows import Weights

SUSPECT, CONFIDENT, STRONG = "suspect", "confident", "strong"
"""Bounds: of a suspicion, of one where the rows are sure of another meaning, and of a strong one."""

SHORT, SHORT_STRONG = "short", "short_strong"
"""Bounds of a short message: of a suspicion, whatever the rows say, and of a strong one."""

FEW = 5
"""Words up to which a message is short: so few say little, and words that the weights do not know would pass for a suspicion."""

FEWEST = 2
"""Words up to which nothing is suspected strongly: a "ji" or a "bhai" alone may weigh whatever the examples happened to give it."""

_NEVER = 1_000_000
"""More than any message weighs."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A protective intent that the weights suspect and no row says.

    score, bound: what the message weighs, and from what it is suspected.  start, end: the words that weigh most.
    """

    intent: Intent
    score: int
    bound: int
    strong: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MessageTraits:
    """A message as weights see it: the language by whose weights it is weighed, how many words of letters it has, and its traits."""

    language: str
    words: int
    traits: Traits

    def least(self, bounds: Mapping[str, int], *, confident: bool) -> tuple[int, int]:
        """The scores from which it is suspected, and strongly; confident: the rows are sure of another meaning."""
        suspect = bounds[CONFIDENT if confident else SUSPECT]
        if self.words > FEW:
            return suspect, bounds[STRONG]
        return max(suspect, bounds[SHORT]), bounds[SHORT_STRONG] if self.words > FEWEST else _NEVER


def message_traits(text: str, language: str, found: Mapping[Intent, Hit], senses: Mapping[str, Senses]) -> MessageTraits:
    """The traits of a message: words, senses, shape, and the rows that hit."""
    read = text[:LONGEST]
    code = tongue(language, words_of(read))
    traits: Traits = {}
    count, lettered = 0, 0
    for said in sentences(read, code).values():
        traits = traits_of(said, code, senses, law_open=False) | traits
        count += len(said)
        lettered += sum(any(map(str.isalpha, read[word.start : word.end])) for word in said)
    marks = [name for hit in found.values() for name in (f"r:{hit.intent}", f"r:{hit.rule}", f"r:{hit.intent} {hit.firm}")]
    return MessageTraits(code, lettered, traits | dict.fromkeys(("z:^", *marks, *shape_of(read, count)), (0, 0)))


def suspicions(text: str, language: str, found: Mapping[Intent, Hit], ready: Scales, *, confident: bool) -> tuple[Suspicion, ...]:
    """The protective intents that no row says and the weights suspect, the most protective first; none of one without letters.

    confident: the rows are sure of another meaning.
    """
    if language not in WEIGHED or not ready.weights:
        return ()
    message = message_traits(text, language, found, ready.senses)
    weights = ready.weights.get(message.language, {})
    asked = [intent for intent in PRECEDENCE if intent in weights and intent not in found and message.words]
    weighed = (_suspicion(intent, message, weights[intent], confident=confident) for intent in asked)
    return tuple(one for one in weighed if one.score >= one.bound)


def _suspicion(intent: Intent, message: MessageTraits, weights: Weights, *, confident: bool) -> Suspicion:
    weighed = weigh(message.traits, weights)
    bound, strong = message.least(weights.bounds, confident=confident)
    top = heaviest(weighed, 1)
    start, end = (top[0].start, top[0].end) if top else (0, 0)
    return Suspicion(intent, weighed.score, bound, weighed.score >= strong, start, end)
