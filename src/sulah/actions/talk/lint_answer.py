"""The linter as an answer by hand is given it: in the person's language, and in every language in whose script something is written."""

from collections.abc import Iterator
from datetime import date
from functools import cache

from sulah.actions.talk.answer_by_hand import Looked
from sulah.outreach.lint_about import LintAbout, TextKind
from sulah.outreach.linter import Lexicon, lexicon, lint
from sulah.policy.languages import LANGUAGES
from sulah.policy.lint_rows import LintKind, load_lint
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing

_SCRIPTS = (
    ((0x0900, 0x097F), ("hi", "mr")),
    ((0x0980, 0x09FF), ("bn",)),
    ((0x0B00, 0x0B7F), ("or",)),
    ((0x0B80, 0x0BFF), ("ta",)),
    ((0x0C00, 0x0C7F), ("te",)),
    ((0x0C80, 0x0CFF), ("kn",)),
)
"""Blocks of Unicode (The Unicode Standard, code charts) and the languages of ours that are written in them."""

_LATIN = 0x024F
_ENGLISH = "en"


@cache
def _ready(on: date) -> Lexicon:
    return lexicon([load_lint(code) for code in LANGUAGES], on)


def lint_answer(text: str, language: str, person: str, on: date) -> Looked:
    """Look through an agent's own words to a person: what the linter finds that blocks, each with its suggestion.

    Amounts of money may be what the book demands on the person's open loans, together or each, and what is promised.  Words in a script
    of no language of ours are not sent, since nothing can look through them.
    """
    asked = tuple(_languages(text, language))
    if not asked:
        return Looked(("Part of this is written in a script whose words nothing looks through. Write it in a language of the list.",))
    about = _about(person)
    findings = [finding for code in asked for finding in lint(text, code, about, _ready(on)).findings]
    why = dict.fromkeys(f"{finding.why} {finding.suggestion}" for finding in findings if finding.blocks)
    kinds = {finding.kind for finding in findings}
    return Looked(tuple(why), LintKind.FALSE_LEGAL in kinds, LintKind.OFFER in kinds)


def _languages(text: str, language: str) -> Iterator[str]:
    """The languages to look in, the person's first where it is one of ours; nothing where a letter is of a script of none of them."""
    found = {language if language in LANGUAGES else _ENGLISH: None}
    for sign in text:
        if not sign.isalpha() or ord(sign) <= _LATIN:
            continue
        codes = next((codes for (first, last), codes in _SCRIPTS if first <= ord(sign) <= last), ())
        if not codes:
            return
        found |= dict.fromkeys(codes)
    yield from found


def _about(person: str) -> LintAbout:
    """What the book knows of the person's money."""
    standing = Standing.objects.filter(pk=person).first()
    owed = [int(loan["demand_paise"] or 0) for loan in (standing.loans if standing else []) if loan["open"]]
    promised = Promise.objects.filter(person=person, state="open").values_list("amount_paise", flat=True)
    return LintAbout(kind=TextKind.REPLY, amount_paise=sum(owed) if standing else None, other_paise=(*owed, *promised))
