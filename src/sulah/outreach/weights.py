"""How much a text weighs: the points of its traits added up, in whole numbers only; anybody can check it by hand.

score = sum of points x 1000 / root of (number of traits x 1,000,000), both rounded down: a long text does not weigh more for being long.
"""

from dataclasses import dataclass
from math import isqrt

from sulah.outreach.traits import Place, Traits
from sulah.policy.weight_rows import Weights

_FINE = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """One trait of a text that counted: its points, and where it stands."""

    trait: str
    points: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A score, how many traits the text has, and those that counted, the greatest first (for or against)."""

    score: int
    traits: int
    parts: tuple[Part, ...]


def score_of(points: int, traits: int) -> int:
    """The score of points added up over so many traits.

    >>> score_of(1200, 16), score_of(-1200, 16), score_of(0, 0)
    (300, -300, 0)
    """
    return points * _FINE // (isqrt(traits * _FINE * _FINE) or 1)


def score(traits: Traits, weights: Weights) -> int:
    """The score alone."""
    return score_of(sum(weights.points.get(trait, 0) for trait in traits), len(traits))


def weigh(traits: Traits, weights: Weights) -> Weighed:
    """The score with the parts that made it."""
    known = [Part(trait, weights.points[trait], *place) for trait, place in traits.items() if trait in weights.points]
    parts = sorted(known, key=lambda part: (-abs(part.points), part.trait))
    return Weighed(score(traits, weights), len(traits), tuple(parts))


def heaviest(weighed: Weighed, most: int) -> tuple[Part, ...]:
    """The parts that speak most for the meaning, at most so many, one a place in the text.

    A word's own trait, its parts and its neighbours stand at one place: the points of a place are added up.
    """
    by_place: dict[Place, list[Part]] = {}
    for part in weighed.parts:
        if part.end:
            by_place.setdefault((part.start, part.end), []).append(part)
    sums = [Part(parts[0].trait, sum(part.points for part in parts), *place) for place, parts in by_place.items()]
    return tuple(sorted((part for part in sums if part.points > 0), key=lambda part: (-part.points, part.start))[:most])
