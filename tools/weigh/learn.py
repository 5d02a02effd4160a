"""Learning weights from examples: a linear support vector machine by dual coordinate descent, in fixed order and without a library.

Method: Hsieh, Chang, Lin, Keerthi and Sundararajan, A dual coordinate descent method for large-scale linear SVM (ICML 2008), squared
hinge loss; each trait scaled by how one-sided it is, after Wang and Manning, Baselines and bigrams (ACL 2012), with (p - q) / (p + q) in
the place of their logarithm.  Only sums, products, quotients and square roots of IEEE 754 doubles are used, sums by math.fsum: the same
examples give the same weights on every machine.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from math import fsum, sqrt
from random import Random

SCALE = 1_000
"""Points of a weight of one."""

_SMOOTH = 1.0


def learn(
    examples: Sequence[Collection[str]],
    meant: Sequence[bool],
    *,
    seed: int = 1,
    rounds: int = 12,
    cost: float = 6.0,
    for_meant: float = 1.0,
    least: int = 2,
) -> dict[str, int]:
    """The points of every trait that stands in at least `least` examples; meant: which examples have the meaning.

    cost: how much an error costs against a large weight; for_meant: how many times as much where the meaning is missed.
    """
    counts = Counter(trait for traits in examples for trait in traits)
    names = sorted(trait for trait, count in counts.items() if count >= least)
    number = {name: place for place, name in enumerate(names)}
    rows = [sorted(number[trait] for trait in traits if trait in number) for traits in examples]
    squares = [side * side for side in _one_sided(rows, meant, len(names))]
    weights = _descend(rows, [len(traits) for traits in examples], meant, squares, Random(seed), rounds, (cost, cost * for_meant))  # noqa: S311
    return {name: points for name, weight in zip(names, weights, strict=True) if (points := round(weight * SCALE))}


def _one_sided(rows: Sequence[Sequence[int]], meant: Sequence[bool], size: int) -> list[float]:
    """For each trait, between -1 and 1, whether it stands with the meaning or against it, by shares."""
    found = {True: [_SMOOTH] * size, False: [_SMOOTH] * size}
    for row, has in zip(rows, meant, strict=True):
        for place in row:
            found[has][place] += 1.0
    many, few = max(1, sum(meant)), max(1, len(meant) - sum(meant))
    return [(p / many - q / few) / (p / many + q / few) for p, q in zip(found[True], found[False], strict=True)]


def _descend(
    rows: Sequence[Sequence[int]],
    sizes: Sequence[int],
    meant: Sequence[bool],
    squares: Sequence[float],
    order: Random,
    rounds: int,
    costs: tuple[float, float],
) -> list[float]:
    weights, held = [0.0] * len(squares), [0.0] * len(rows)
    shrink = [1.0 / sqrt(size) if size else 0.0 for size in sizes]
    soft = [0.5 / costs[has] for has in meant]
    length = [fsum(squares[place] for place in row) * shrink[at] * shrink[at] + soft[at] for at, row in enumerate(rows)]
    places = list(range(len(rows)))
    for _ in range(rounds):
        order.shuffle(places)
        for at in places:
            row, sign = rows[at], 1.0 if meant[at] else -1.0
            slope = sign * shrink[at] * fsum(map(weights.__getitem__, row)) - 1.0 + soft[at] * held[at]
            if slope >= 0.0 and held[at] == 0.0:
                continue
            before, held[at] = held[at], max(held[at] - slope / length[at], 0.0)
            step = (held[at] - before) * sign * shrink[at]
            for place in row:
                weights[place] += step * squares[place]
    return weights


def kept(points: Mapping[str, int], most: int) -> dict[str, int]:
    """The greatest points, at most so many, the rest left out; ties by name."""
    best = sorted(points, key=lambda trait: (-abs(points[trait]), trait))[:most]
    return {trait: points[trait] for trait in sorted(best)}


def joined(codes: Sequence[str], examples: Sequence[Collection[str]]) -> list[list[str]]:
    """Examples of several languages learned together: a trait of one language bears its code, one that holds in all does not."""
    return [[trait if trait[0] in _SHARED else f"{code}|{trait}" for trait in traits] for code, traits in zip(codes, examples, strict=True)]


def of_language(points: Mapping[str, int], code: str) -> dict[str, int]:
    """The points that count in one language, without codes."""
    own = f"{code}|"
    return {trait.removeprefix(own): number for trait, number in points.items() if "|" not in trait[:3] or trait.startswith(own)}


_SHARED = frozenset("ekpoz")
"""Kinds of traits that mean the same in either language: English words, senses, shape (outreach/traits.py)."""
