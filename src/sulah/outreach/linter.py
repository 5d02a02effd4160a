"""The linter: what a text to a borrower may not say, found before it is approved or sent; it blocks, says why, and suggests.

It reads by rows and by structure only: no model judges anything, and the same text and facts give the same findings (rules HRM-TXT and
PTY-LEAK: RBI/2022-23/108 para 2; LGL-LIM; DUE-CALC; PEN-MSG; GRV-INFO; SMS-PROMO).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sulah.outreach.lint_about import LintAbout, LintFinding, LintVerdict
from sulah.outreach.lint_fold import Word, words_of
from sulah.outreach.lint_match import Matcher, Span, Vocabulary
from sulah.outreach.lint_names import without_names
from sulah.outreach.lint_structure import structural
from sulah.outreach.lint_tongue import sentences_in
from sulah.policy.lint_notation import Pattern
from sulah.policy.lint_rows import Context, LintKind, LintRule, LintSheet, Scope

ALWAYS = ("en", "hi")
"""Languages that are looked through whatever the text says it is written in: people mix them into every other."""

NEAR_BEFORE, NEAR_AFTER = 5, 10
"""Words before or after what was found in which a harmless context of that scope must begin; a verb and its no come late in Hindi."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The rules of all languages on one day, with their words made ready; build it once with `lexicon`."""

    sheets: Mapping[str, LintSheet]
    vocabularies: Mapping[str, Vocabulary]


def lexicon(sheets: Iterable[LintSheet], day: date) -> Lexicon:
    """The rules in force on a day, made ready for many texts."""
    current = {sheet.language: sheet.on(day) for sheet in sheets}
    return Lexicon(current, {code: Vocabulary(code, _patterns(sheet)) for code, sheet in current.items()})


def _patterns(sheet: LintSheet) -> Iterator[Pattern]:
    yield from sheet.denies_nothing
    for rule in sheet.rules:
        yield from rule.patterns
        yield from (context.pattern for context in rule.unless)


def lint(text: str, language: str, about: LintAbout, words: Lexicon) -> LintVerdict:
    """Everything that is wrong with a text in a language; KeyError for a language that has no rules.

    The words of the language are looked for, those of English and Hindi too, and then what the text must hold and may not.

    >>> from sulah.policy.lint_rows import load_lint
    >>> ready = lexicon([load_lint("en")], date(2026, 11, 23))
    >>> verdict = lint("Pay by 5 pm or the p o l i c e will arrest you.", "en", LintAbout(), ready)
    >>> verdict.blocked, sorted(finding.rule_id for finding in verdict.findings)[-1]
    (True, 'EN-POLICE')
    """
    sheet = words.sheets[language]
    split = words_of(text)
    found: list[LintFinding] = []
    read = without_names(text, split, about.addressee)
    for code in (code for code in dict.fromkeys((language, *ALWAYS)) if code in words.sheets):
        where = None if code == language else sentences_in(code, language, split)
        found += _Search(words.sheets[code], words.vocabularies[code], read).findings(about, where)
    found += structural(text, split, about)
    return LintVerdict(tuple(_without_doubles(found)), language, sheet.reviewed)


class _Search:
    """One text looked through with the rules of one language."""

    def __init__(self, sheet: LintSheet, vocabulary: Vocabulary, split: tuple[Word, ...]) -> None:
        self._sheet = sheet
        self._matcher = Matcher(vocabulary, split)
        self._spans: dict[int, list[Span]] = {}
        self._silent = {place for pattern in sheet.denies_nothing for begin, end in self._find(pattern) for place in range(begin, end)}

    def findings(self, about: LintAbout, where: frozenset[int] | None) -> Iterator[LintFinding]:
        """What breaks a rule, in the sentences asked for (None: in all)."""
        for rule in self._sheet.rules:
            if any(step in about.legal_steps_open for step in rule.steps):
                continue
            for span in sorted({span for pattern in rule.patterns for span in self._find(pattern)}):
                if (where is None or self._matcher.words[span[0]].sentence in where) and not self._excused(rule, span):
                    yield self._finding(rule, span, about)

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

    def _finding(self, rule: LintRule, span: Span, about: LintAbout) -> LintFinding:
        words = self._matcher.words
        blocks = rule.kind is not LintKind.OFFER or about.promotional is False
        start, end = words[span[0]].start, words[span[1] - 1].end
        return LintFinding(start, end, rule.rule_id, rule.kind, rule.why, rule.suggestion, rule.citation, blocks)


def _without_doubles(found: list[LintFinding]) -> Iterator[LintFinding]:
    """The findings in the order of the text, the text's own language first, without one that lies inside another of its kind."""
    kept: list[LintFinding] = []
    for finding in sorted(dict.fromkeys(found), key=lambda one: (one.start, -one.end)):
        if finding.end and any(other.kind is finding.kind and other.end >= finding.end for other in kept[-20:]):
            continue
        kept.append(finding)
    yield from kept
