"""Rows and weights as one judgement of a text: which rows hit is a trait like its words, and the score of all of them decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sulah.outreach.lint_about import LintAbout
from sulah.outreach.lint_fold import Word
from sulah.outreach.lint_search import Hit, State
from sulah.outreach.lint_tongue import sentences_in
from sulah.outreach.scales import WEIGHED, Scales
from sulah.outreach.traits import Place, Said, Senses, Traits, sentences, shape_of, traits_of
from sulah.outreach.weights import Weighed, score, weigh
from sulah.policy.lint_rows import LintKind

BAD = "bad"

AROUND = 4
"""Words before and after what a sign hit by which it is weighed, so that a link or a name in the same sentence hides nothing."""

_NOT_READ = 1_000_000
"""What a hit weighs that stands behind the part of a text that is read."""

SHORT = 8
"""Words under which a text has a bound of its own: so few say little, and a plain short one would be held back for its shortness."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A text weighed.

    whole: all of it.  worst: the sentence that scores highest, where there are several.  around: what the words around each sign weigh.
    short: the bound `short` counts for it.  bounds: block, short, sentence, sign, as the weights say.
    kind: what it resembles, told by the rows.
    """

    language: str
    whole: Weighed
    worst: Weighed
    around: Mapping[Place, int]
    bounds: Mapping[str, int]
    kind: LintKind
    short: bool

    @property
    def bound(self) -> int:
        """The score from which the whole text is held back."""
        return self.bounds["short" if self.short else "block"]

    @property
    def bad(self) -> bool:
        """Is it bad by weight, as a whole or in one sentence?"""
        return self.whole.score >= self.bound or self.worst.score >= self.bounds["sentence"]

    def only_shows(self, hit: Hit) -> bool:
        """Does a row that is only a sign stay one?  Where neither text, nor a sentence, nor the words around it weigh enough."""
        return hit.rule.yields and not self.bad and self.around.get((hit.start, hit.end), _NOT_READ) < self.bounds["sign"]


@dataclass(frozen=True, slots=True)
class TextTraits:
    """The traits of a text, of each of its sentences and of the words around each sign.

    short: it has fewer than SHORT words, or names a step of law that is open and breaks no row.

    language: whose weights are for it.
    """

    language: str
    whole: Traits
    sentences: Mapping[int, Traits]
    around: Mapping[Place, Traits]
    short: bool


def tongue(language: str, words: Sequence[Word]) -> str:
    """The language by whose weights a text is weighed: its own, or the other of English and Hindi where every sentence reads as that."""
    if language not in WEIGHED:
        return language
    other = "hi" if language == "en" else "en"
    read = sentences_in(other, language, words)
    return other if words and {word.sentence for word in words} <= read else language


def text_traits(
    text: str, language: str, words: Sequence[Word], hits: Sequence[Hit], about: LintAbout, senses: Mapping[str, Senses]
) -> TextTraits:
    """The traits of a text, whole and sentence by sentence."""
    code = tongue(language, words)
    names_closed = any(hit.rule.steps and hit.state is State.BROKEN for hit in hits)
    law_open = bool(about.legal_steps_open) and not names_closed
    whole: Traits = {}
    apart: dict[int, Traits] = {}
    around: dict[Place, Traits] = {}
    for sentence, said in sentences(text, code).items():
        here = [hit for hit in hits if hit.sentence == sentence]
        traits = traits_of(said, code, senses, law_open=law_open) | _marks(here)
        for hit in here:
            if hit.state is State.BROKEN and hit.rule.yields:
                near = _near(said, hit)
                inside = [other for other in here if near and other.start >= near[0].start and other.end <= near[-1].end]
                around[hit.start, hit.end] = traits_of(near, code, senses, law_open=law_open) | _marks(inside)
        whole = traits | whole
        written = text[said[0].start : said[-1].end + 1]
        apart[sentence] = traits | dict.fromkeys(shape_of(written, len(said)), (0, 0))
    shape = shape_of(text, sum(len(said) for said in sentences(text, code).values()))
    return TextTraits(
        code, whole | dict.fromkeys(shape, (0, 0)), apart if len(apart) > 1 else {}, around, len(text.split()) < SHORT or _only_open(hits)
    )


def _only_open(hits: Sequence[Hit]) -> bool:
    """Do rows name a step of law that is open, and is none broken?"""
    states = {hit.state for hit in hits}
    return State.OPEN in states and State.BROKEN not in states


def _near(said: Sequence[Said], hit: Hit) -> Sequence[Said]:
    """The words of a hit and those around it, in its sentence."""
    places = [place for place, word in enumerate(said) if word.end > hit.start and word.start < hit.end]
    return said[max(0, places[0] - AROUND) : places[-1] + 1 + AROUND] if places else ()


def _marks(hits: Sequence[Hit]) -> Traits:
    """Rows that hit, as traits: the row, its kind, and that one did; broken, excused or open."""
    found: Traits = {}
    for hit in hits:
        if hit.rule.kind is not LintKind.OFFER:
            for name in (f"{hit.state} {hit.rule.rule_id}", f"{hit.state} {hit.rule.kind}", str(hit.state)):
                found.setdefault(f"r:{name}", (hit.start, hit.end))
    return found


def judge(traits: TextTraits, hits: Sequence[Hit], scales: Scales) -> Judged | None:
    """The text weighed; None in a language that has no weights."""
    weights = scales.weights.get(traits.language, {})
    bad = weights.get(BAD)
    if bad is None:
        return None
    apart = {sentence: score(found, bad) for sentence, found in traits.sentences.items()}
    whole = weigh(traits.whole, bad)
    worst = weigh(traits.sentences[max(apart, key=lambda sentence: apart[sentence])], bad) if apart else whole
    around = {place: score(found, bad) for place, found in traits.around.items()}
    return Judged(traits.language, whole, worst, around, bad.bounds, _kind(hits), traits.short)


def _kind(hits: Sequence[Hit]) -> LintKind:
    """What a text resembles: the kind of a row that it breaks, else of one that is excused; where no row hit, a threat."""
    kinds = [hit.rule.kind for state in (State.BROKEN, State.EXCUSED) for hit in hits if hit.state is state]
    return next((kind for kind in kinds if kind is not LintKind.OFFER), LintKind.THREAT)
