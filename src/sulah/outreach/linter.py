"""The linter: what a text to a borrower may not say, found before it is approved or sent; it blocks, says why, and suggests.

It reads by rows, by weights and by structure: no language model, only lists that anybody can read and add up, and the same text and
facts give the same findings (rules HRM-TXT and PTY-LEAK: RBI/2022-23/108 para 2; LGL-LIM; DUE-CALC; PEN-MSG; GRV-INFO; SMS-PROMO).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sulah.outreach.lint_about import LintAbout, LintFinding, LintVerdict
from sulah.outreach.lint_fold import Word, words_of
from sulah.outreach.lint_match import Vocabulary
from sulah.outreach.lint_names import without_names
from sulah.outreach.lint_search import Hit, Search, State
from sulah.outreach.lint_structure import structural
from sulah.outreach.lint_tongue import sentences_in
from sulah.outreach.lint_weigh import Judged, judge, text_traits
from sulah.outreach.scales import Scales, scales
from sulah.outreach.weights import heaviest
from sulah.policy.lint_notation import Pattern
from sulah.policy.lint_rows import LintKind, LintSheet

ALWAYS = ("en", "hi")
"""Languages that are looked through whatever the text says it is written in: people mix them into every other."""

_SHOWN = 3
_CITATION = "RBI/2022-23/108 para 2; docs/policy/weights.md"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The rules of all languages on one day, with their words made ready, and the weights; build it once with `lexicon`."""

    sheets: Mapping[str, LintSheet]
    vocabularies: Mapping[str, Vocabulary]
    scales: Scales = field(default_factory=Scales)


def lexicon(sheets: Iterable[LintSheet], day: date, *, weighed: bool = True) -> Lexicon:
    """The rules in force on a day, made ready for many texts; weighed: with the weights in force beside them."""
    current = {sheet.language: sheet.on(day) for sheet in sheets}
    vocabularies = {code: Vocabulary(code, _patterns(sheet)) for code, sheet in current.items()}
    return Lexicon(current, vocabularies, scales("lint", day if weighed else None))


def _patterns(sheet: LintSheet) -> Iterator[Pattern]:
    yield from sheet.denies_nothing
    for rule in sheet.rules:
        yield from rule.patterns
        yield from (context.pattern for context in rule.unless)


def lint(text: str, language: str, about: LintAbout, words: Lexicon) -> LintVerdict:
    """Everything that is wrong with a text in a language; KeyError for a language that has no rules.

    The words of the language are looked for, those of English and Hindi too, then the whole is weighed, and then what the text must hold
    and may not.

    >>> from sulah.policy.lint_rows import load_lint
    >>> ready = lexicon([load_lint("en")], date(2026, 11, 23))
    >>> verdict = lint("Pay by 5 pm or the p o l i c e will arrest you.", "en", LintAbout(), ready)
    >>> verdict.blocked, sorted(finding.rule_id for finding in verdict.findings)[-1]
    (True, 'EN-POLICE')
    """
    sheet = words.sheets[language]
    split = words_of(text)
    hits = hits_in(text, language, about, words, split)
    traits = text_traits(text, language, split, hits, about, words.scales.senses)
    judged = judge(traits, hits, words.scales)
    found = [_finding(hit, about, judged) for hit in hits if hit.state is State.BROKEN]
    if judged is not None and judged.bad and not any(finding.blocks for finding in found):
        found.append(_weighty(judged, len(text)))
    found += structural(text, split, about)
    parts = judged.whole.parts if judged else ()
    return LintVerdict(tuple(_without_doubles(found)), language, sheet.reviewed, judged.whole.score if judged else None, parts)


def hits_in(text: str, language: str, about: LintAbout, words: Lexicon, split: tuple[Word, ...]) -> list[Hit]:
    """What the rows of the language, and of English and Hindi in the sentences that read so, hit."""
    read = without_names(text, split, about.addressee)
    found: list[Hit] = []
    for code in (code for code in dict.fromkeys((language, *ALWAYS)) if code in words.sheets):
        where = None if code == language else sentences_in(code, language, split)
        found += Search(words.sheets[code], words.vocabularies[code], read).hits(about, where)
    return found


def _finding(hit: Hit, about: LintAbout, judged: Judged | None) -> LintFinding:
    rule = hit.rule
    weighty = judged is None or not judged.only_shows(hit)
    blocks = about.promotional is False if rule.kind is LintKind.OFFER else weighty
    return LintFinding(hit.start, hit.end, rule.rule_id, rule.kind, rule.why, rule.suggestion, rule.citation, blocks)


def _weighty(judged: Judged, length: int) -> LintFinding:
    """The finding of the weights: at the words that weigh most, with the sum and the reason in plain words."""
    over = judged.whole.score >= judged.bound
    weighed, bound = (judged.whole, judged.bound) if over else (judged.worst, judged.bounds["sentence"])
    top = heaviest(weighed, _SHOWN)
    why = (
        f"Its words together weigh {weighed.score}, from {bound} on a text is held back: it resembles texts with {_SAID[judged.kind]}. "
        "No row names it; a list of weights, learned from examples, adds up to this."
    )
    start, end = (top[0].start, top[0].end) if top else (0, length)
    advice = "Say only what is due, by when and how to pay or to ask for help; leave out what could frighten, shame or tell others."
    return LintFinding(start, end, f"{judged.language.upper()}-WEIGHTS", judged.kind, why, advice, _CITATION)


def _without_doubles(found: Sequence[LintFinding]) -> Iterator[LintFinding]:
    """The findings in the order of the text, the text's own language first, without one that lies inside another of its kind.

    One that blocks is never left out for one that does not.
    """
    kept: list[LintFinding] = []
    for finding in sorted(dict.fromkeys(found), key=lambda one: (one.start, -one.end)):
        if finding.end and any(
            other.kind is finding.kind and other.end >= finding.end and other.blocks >= finding.blocks for other in kept[-20:]
        ):
            continue
        kept.append(finding)
    yield from kept


_SAID: Mapping[LintKind, str] = {
    LintKind.THREAT: "threat or shame",
    LintKind.VIOLENCE: "violence",
    LintKind.ABUSE: "insults",
    LintKind.SHAME: "shame",
    LintKind.PUBLISH: "somebody's debt made public",
    LintKind.DISCLOSURE: "a debt told to others",
    LintKind.FALSE_LEGAL: "a false or closed step of law",
    LintKind.FALSE_AUTHORITY: "a false authority",
    LintKind.PRESSURE: "unlawful pressure",
    LintKind.HARASSMENT: "harassment",
}
