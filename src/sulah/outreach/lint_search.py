"""One text looked through with the rows of one language: what each hits, and whether a context or an open step of law excuses it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sulah.outreach.lint_about import LintAbout
from sulah.outreach.lint_fold import Word
from sulah.outreach.lint_match import Matcher, Span, Vocabulary
from sulah.policy.lint_notation import Pattern
from sulah.policy.lint_rows import Context, LintRule, LintSheet, Scope

NEAR_BEFORE, NEAR_AFTER = 5, 10
"""Words before or after what was found in which a harmless context of that scope must begin; a verb and its no come late in Hindi."""


class State(StrEnum):
    """What became of a row that hit: it is broken, a harmless context excuses it, or the step of law that it needs is open."""

    BROKEN = "broken"
    EXCUSED = "excused"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Hit:
    """A row and where it hit: sentence and characters."""

    rule: LintRule
    state: State
    sentence: int
    start: int
    end: int


class Search:
    """One text looked through with the rules of one language."""

    def __init__(self, sheet: LintSheet, vocabulary: Vocabulary, split: tuple[Word, ...]) -> None:
        self._sheet = sheet
        self._matcher = Matcher(vocabulary, split)
        self._spans: dict[int, list[Span]] = {}
        self._silent = {place for pattern in sheet.denies_nothing for begin, end in self._find(pattern) for place in range(begin, end)}

    def hits(self, about: LintAbout, where: frozenset[int] | None) -> Iterator[Hit]:
        """What each rule hits, in the sentences asked for (None: in all)."""
        words = self._matcher.words
        for rule in self._sheet.rules:
            is_open = any(step in about.legal_steps_open for step in rule.steps)
            for span in sorted({span for pattern in rule.patterns for span in self._find(pattern)}):
                sentence = words[span[0]].sentence
                if where is None or sentence in where:
                    state = State.OPEN if is_open else State.EXCUSED if self._excused(rule, span) else State.BROKEN
                    yield Hit(rule, state, sentence, words[span[0]].start, words[span[1] - 1].end)

    def _excused(self, rule: LintRule, span: Span) -> bool:
        return any(self._harmless(context, span) for context in rule.unless)

    def _find(self, pattern: Pattern) -> list[Span]:
        if id(pattern) not in self._spans:
            self._spans[id(pattern)] = self._matcher.spans(pattern)
        return self._spans[id(pattern)]

    def _harmless(self, context: Context, span: Span) -> bool:
        """Do the words of a context stand where they must, and are they no borrower's no?"""
        return any(self._fits(context.scope, span, other) for other in self._find(context.pattern))

    def _fits(self, scope: Scope, span: Span, other: Span) -> bool:
        words = self._matcher.words
        first, last = words[span[0]].sentence, words[span[1] - 1].sentence
        if scope is Scope.TEXT:
            return True
        if scope is Scope.AROUND:
            return first - 1 <= words[other[0]].sentence <= last + 1
        if not first <= words[other[0]].sentence <= last:
            return False
        if scope is Scope.SENTENCE:
            return True
        if scope is Scope.OVER:
            return other[0] < span[1] and span[0] < other[1]
        if any(place in self._silent for place in range(*other)):
            return False
        inside = span[0] <= other[0] < span[1]
        before = scope is Scope.BEFORE and span[0] - NEAR_BEFORE <= other[0] < span[0]
        after = scope is Scope.AFTER and span[1] <= other[0] < span[1] + NEAR_AFTER
        return inside or before or after
