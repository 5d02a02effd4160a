"""Choosing the linter's bounds by what their errors cost on texts of hands that the weights did not see; two files stay out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from sulah.outreach.traits import Traits
from sulah.outreach.weights import score_of
from sulah.policy.talk.weighing import WeighingRow, weighing

from . import lint
from .examples import CODES, DAY, lint_examples
from .lint import BOUNDS, Prepared

HELD_OUT = ("en-5", "hi-5")
"""Files that neither the weights nor the bounds of a judging have seen."""

WROTE_AGAINST = frozenset({"en", "hi", "rows", "texts"})
"""Examples beside which the rows were written: learned from, not judged on."""

TRIED = {
    "block": (-100, 0, 100),
    "short": (0, 300, 450),
    "sentence": (600, 700, 800, 900, 1_000, 1_200, 9_999),
    "sign": (200, 300, 400, 500),
}
"""Bounds that are tried; 9,999 is never reached.  A sign above 500 lets examples of rows pass behind padding."""

NEAR = 0.5
"""Points of cost within which bounds count as equal; of such the one is taken that holds back the fewest good texts."""

Bounds = dict[str, int]


@dataclass(frozen=True, slots=True)
class Scored:
    """A text scored by weights that did not learn from its writer.

    short: of few words.  firm, broken: by a row that blocks alone, by any.  worst: its worst sentence.  sign: the worst words around a
    row that is only a sign.  padded: the whole behind a harmless text.
    """

    writer: str
    language: str
    bad: bool
    short: bool
    firm: bool
    broken: bool
    whole: int
    worst: int
    sign: int
    padded: int

    def held(self, bounds: Bounds) -> bool:
        """Is it held back?"""
        return self.whole >= bounds["short" if self.short else "block"] or self._in_part(bounds)

    def held_padded(self, bounds: Bounds) -> bool:
        """Is it held back behind a harmless text?"""
        return self.padded >= bounds["block"] or self._in_part(bounds)

    def _in_part(self, bounds: Bounds) -> bool:
        return self.firm or self.worst >= bounds["sentence"] or self.sign >= bounds["sign"]


def scored() -> list[Scored]:
    """Every judged text, learned from all writers but its own and those held out."""
    words = lint.ready()
    found = [lint.prepared(example, words) for example in lint_examples()]
    pads = {code: [one.traits.whole for one in found if one.example.writer == "texts" and one.example.language == code] for code in CODES}
    made: list[Scored] = []
    writers = sorted({one.example.writer for one in found} - WROTE_AGAINST - set(HELD_OUT))
    for left_out in (*((writer,) for writer in writers), HELD_OUT):
        points = lint.learned([one for one in found if one.example.writer not in (*left_out, *HELD_OUT)])
        judged = [(place, one) for place, one in enumerate(found) if one.example.writer in left_out]
        made += [_scored(one, points[one.traits.language], pads[one.example.language], place) for place, one in judged]
    return made


def _scored(one: Prepared, points: dict[str, int], pads: Sequence[Traits], place: int) -> Scored:
    whole = _score(one.traits.whole, points)
    apart = {sentence: _score(traits, points) for sentence, traits in one.traits.sentences.items()}
    return Scored(
        one.example.writer,
        one.example.language,
        "bad" in one.example.means,
        one.traits.short,
        any(not hit.rule.yields for hit in one.broken),
        bool(one.broken),
        whole,
        max(apart.values(), default=whole),
        max((_score(traits, points) for traits in one.traits.around.values()), default=-9_999),
        _score(one.traits.whole | pads[place % len(pads)], points),
    )


def _score(traits: Traits, points: dict[str, int]) -> int:
    return score_of(sum(points.get(trait, 0) for trait in traits), len(traits))


def share(texts: Sequence[Scored], of: Callable[[Scored], bool]) -> float:
    """In how many of a hundred it is so."""
    return 100 * sum(map(of, texts)) / max(1, len(texts))


def cost(texts: Sequence[Scored], bounds: Bounds, costs: WeighingRow) -> float:
    """What bounds cost, both languages alike: shares of errors times the costs of weighing.toml, false alarms as one."""
    total = 0.0
    for code in CODES:
        bad = [one for one in texts if one.language == code and one.bad]
        good = [one for one in texts if one.language == code and not one.bad]
        total += costs.missed * (100 - share(bad, lambda one: one.held(bounds)))
        total += costs.false_alarm * share(good, lambda one: one.held(bounds))
        total += costs.padded * (100 - share(bad, lambda one: one.held_padded(bounds)))
    return total / costs.false_alarm / len(CODES)


def chosen(texts: Sequence[Scored], costs: WeighingRow) -> tuple[Bounds, float]:
    """The bounds that cost least; of those that cost about as little, the ones that hold back the fewest good texts."""
    tried = [dict(zip(TRIED, values, strict=True)) for values in product(*TRIED.values())]
    priced = [(cost(texts, bounds, costs), bounds) for bounds in tried]
    least = min(price for price, _ in priced)
    good = [one for one in texts if not one.bad]
    near = [(share(good, lambda one, bounds=bounds: one.held(bounds)), price, bounds) for price, bounds in priced if price <= least + NEAR]  # type: ignore[misc]
    _, price, bounds = min(near, key=lambda one: (one[0], one[1]))
    return bounds, price


def report(wilson: Callable[[int, int], str]) -> Iterator[str]:
    """Bounds by cost, then writer by writer, what was held out, and the rows alone, with intervals."""
    texts = scored()
    seen = [one for one in texts if one.writer not in HELD_OUT]
    costs = weighing("lint", DAY)
    if costs is None:
        raise ValueError("weighing.toml has no row for the linter")
    bounds, price = chosen(seen, costs)
    yield f"chosen {bounds} at a cost of {price:.1f}; shipped {BOUNDS} at {cost(seen, BOUNDS, costs):.1f}"
    groups = {writer: [one for one in texts if one.writer == writer] for writer in sorted({one.writer for one in texts})}
    groups |= {f"all {code} but held out": [one for one in seen if one.language == code] for code in CODES}
    for name, of in groups.items():
        bad, good = ([one for one in of if one.bad is verdict] for verdict in (True, False))
        counts = [(bad, Scored.held), (good, Scored.held), (bad, Scored.held_padded)]
        told = [wilson(sum(how(one, BOUNDS) for one in part), len(part)) for part, how in counts]
        rows = " and ".join(f"{share(part, lambda one: one.broken):.1f} %" for part in (bad, good))
        yield f"{name}: bad {told[0]}, good {told[1]}, bad behind a shipped text {told[2]}; rows alone {rows}"
