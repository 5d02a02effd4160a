"""The weights of the linter: traits of the open examples, what is learned from them, and the bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.outreach.lint_about import LintAbout
from sulah.outreach.lint_fold import words_of
from sulah.outreach.lint_search import Hit, State
from sulah.outreach.lint_weigh import BAD, TextTraits, text_traits
from sulah.outreach.linter import Lexicon, hits_in, lexicon
from sulah.policy.lint_rows import LegalStep, LintKind, load_lint

from .examples import CODES, DAY, Example
from .learn import joined, kept, learn, of_language

MOST = 12_000
"""Traits kept in a language."""

BOUNDS = {"block": 0, "short": 450, "sentence": 600, "sign": 500}
"""Scores from which a text is held back; short: one of few words or with an open step of law; sign: the words around a sign.

What `--judge` chooses by the costs of policy/talk/weighing.toml: docs/policy/weights.md.
"""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An example with its traits and the rows that it breaks."""

    example: Example
    traits: TextTraits
    broken: tuple[Hit, ...]


def ready() -> Lexicon:
    """The rows without weights."""
    return lexicon([load_lint(code) for code in CODES], DAY, weighed=False)


def prepared(example: Example, words: Lexicon) -> Prepared:
    """An example read as the linter reads it."""
    about = LintAbout(legal_steps_open=frozenset(LegalStep) if example.law_open else frozenset())
    split = words_of(example.text)
    hits = hits_in(example.text, example.language, about, words, split)
    traits = text_traits(example.text, example.language, split, hits, about, words.scales.senses)
    return Prepared(example, traits, tuple(hit for hit in hits if hit.state is State.BROKEN and hit.rule.kind is not LintKind.OFFER))


def learned(found: Sequence[Prepared]) -> dict[str, dict[str, int]]:
    """The points of each trait towards bad, English and Hindi learned together; language -> trait -> points."""
    traits = joined([one.traits.language for one in found], [list(one.traits.whole) for one in found])
    points = learn(traits, [BAD in one.example.means for one in found])
    return {code: kept(of_language(points, code), MOST) for code in CODES}
