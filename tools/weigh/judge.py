"""How well weights hold on another hand's examples: learned from all writers but one, counted on that one, for each; counts, no texts."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import sqrt

from sulah.outreach.intent_terms import Intent
from sulah.outreach.traits import Traits
from sulah.outreach.weights import score_of

from . import choose, intent
from .examples import CODES, intent_examples

MESSAGES = {"ordinary": "dev", "hard": "open"}
"""What the two folders of open messages hold; the hard ones were written to be missed by rows, or to sound alike."""

Scores = Mapping[tuple[int, str], int]
"""What each message weighs for each protective intent by weights that did not learn from it: (place, intent) -> score."""

Counts = tuple[int, int]
"""How many, of how many."""

Line = tuple[Intent, str, Counts, Counts, Counts]
"""Intent, language, heard by rows alone, heard, suspected for nothing."""


def judged(use: str) -> Iterator[str]:
    """The lines of a report on one use."""
    yield from choose.report(wilson) if use == "lint" else _intent()


def wilson(found: int, of: int) -> str:
    """A share with its 95 % interval (Wilson, 1927)."""
    if not of:
        return "0 of 0"
    z, share = 1.96, found / of
    middle, half = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = (middle - half) / (1 + z * z / of), (middle + half) / (1 + z * z / of)
    return f"{found} of {of} = {share:.1%} ({low:.1%} to {high:.1%})"


def score(traits: Traits, points: dict[str, int]) -> int:
    """What traits weigh by points."""
    return score_of(sum(points.get(trait, 0) for trait in traits), len(traits))


def _intent() -> Iterator[str]:
    """Ten parts, since nearly all protective messages of a language are by one hand."""
    words = intent.ready()
    found = [intent.prepared(message, words) for message in intent_examples()]
    scores: dict[tuple[int, str], int] = {}
    for part in range(intent.PARTS):
        points = intent.learned([one for one in found if intent.part_of(one) != part])
        for place, one in enumerate(found):
            if intent.part_of(one) == part:
                weights = points[one.message.language]
                scores.update({(place, asked): score(one.message.traits, weights[asked]) for asked in intent.PROTECTIVE})
    for (suspect, confident), short in product(intent.TRIED, intent.SHORT_TRIED):
        bounds = intent.BOUNDS | {"suspect": suspect, "confident": confident, "short": short}
        priced = _cost(found, scores, bounds)
        ordinary = _share(found, scores, bounds)
        yield f"from {suspect}, {confident} where rows are sure, {short} where short: costs {priced:.1f}, ordinary suspected {ordinary:.1%}"
    yield f"shipped {intent.BOUNDS}: costs {_cost(found, scores, intent.BOUNDS):.1f}"
    yield from _by_intent(found, scores)
    yield from called(found, scores)


def _counts(found: Sequence[intent.Read], scores: Scores, bounds: Mapping[str, int]) -> Iterator[Line]:
    """Intent by intent: heard by rows alone, heard, and suspected for nothing, each of how many."""
    for asked, code in product(intent.PROTECTIVE, CODES):
        here = [(place, one) for place, one in enumerate(found) if one.example.language == code]
        meant = [(place, one) for place, one in here if asked in one.example.means]
        other = [(place, one) for place, one in here if not intent.is_protective(one)]
        rows = sum(asked in one.said for _, one in meant)
        heard, false = (sum(one.over(asked, scores[place, asked], bounds) for place, one in part) for part in (meant, other))
        yield asked, code, (rows, len(meant)), (rows + heard, len(meant)), (false, len(other))


def _cost(found: Sequence[intent.Read], scores: Scores, bounds: Mapping[str, int]) -> float:
    """What bounds cost, each intent and language alike, by weighing.toml; a hundred is every message suspected for nothing."""
    costs = [intent.cost(1 - heard / of, false / other) for _, _, _, (heard, of), (false, other) in _counts(found, scores, bounds)]
    return 100 * sum(costs) / len(costs)


def _by_intent(found: Sequence[intent.Read], scores: Scores) -> Iterator[str]:
    """The shipped bounds, intent by intent."""
    for asked, code, rows, heard, false in _counts(found, scores, intent.BOUNDS):
        yield f"{asked} {code}: rows alone {wilson(*rows)}; rows or suspected {wilson(*heard)}; suspected for nothing {wilson(*false)}"


def called(found: Sequence[intent.Read], scores: Scores) -> Iterator[str]:
    """How many messages that mean none of the three are suspected of any, and held, by the shipped bounds; those that rows act on apart."""
    other = [(place, one) for place, one in enumerate(found) if not intent.is_protective(one)]
    for name, folder in MESSAGES.items():
        for apart, sure in ((name, False), (f"{name}, rows sure of another meaning", True)):
            here = [(place, one) for place, one in other if one.example.writer.startswith(f"{folder}/") and (one.confident or not sure)]
            suspected, held = (
                sum(_any(one, place, scores, intent.BOUNDS, strong=strong) for place, one in here) for strong in (False, True)
            )
            yield f"{apart}: suspected {wilson(suspected, len(here))}, held {wilson(held, len(here))}"


def _share(found: Sequence[intent.Read], scores: Scores, bounds: Mapping[str, int]) -> float:
    """The share of ordinary messages that mean none of the three and are suspected of any."""
    here = [(place, one) for place, one in enumerate(found) if not intent.is_protective(one) and one.example.writer.startswith("dev/")]
    return sum(_any(one, place, scores, bounds) for place, one in here) / len(here)


def _any(one: intent.Read, place: int, scores: Scores, bounds: Mapping[str, int], *, strong: bool = False) -> bool:
    return any(one.over(asked, scores[place, asked], bounds, strong=strong) for asked in intent.PROTECTIVE)
