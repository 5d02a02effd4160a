"""Tricks and padding do not unblock a text, and no text makes the linter slow."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.outreach.lint_about import LintAbout
from sulah.outreach.lint_fold import words_of
from sulah.outreach.lint_match import Matcher
from sulah.outreach.linter import lexicon, lint
from sulah.policy.lint_rows import load_lint

READY = lexicon([load_lint(code) for code in ("en", "hi")], date(2026, 11, 23))
BAD = [(code, text) for code in ("en", "hi") for rule in load_lint(code).rules if rule.kind != "offer" for text in rule.hits]
LONE = ("police", "jail", "arrested", "warrant", "goons")
PADDING = ("Hello. ", "Namaste. ", "Your loan ends in 4471. ", "Monday is a holiday. ", "🙂 ", "Ref 12/2026. ")
INVISIBLE = "\u200b\u200c\u200d\u2060\u00ad\u202a\u202c\ufeff"


def blocked(code: str, text: str) -> bool:
    return lint(text, code, LintAbout(), READY).blocked


@given(st.sampled_from(BAD), st.data())
@settings(max_examples=50, deadline=None)
def test_invisible_signs_inside_words_do_not_unblock(bad: tuple[str, str], data: st.DataObject) -> None:
    code, text = bad
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(text)))
        text = text[:place] + data.draw(st.sampled_from(INVISIBLE)) + text[place:]
    assert blocked(code, text)


@given(st.sampled_from(LONE), st.sampled_from([" ", ".", "-", "_", "*", " . ", "  "]))
@settings(max_examples=40, deadline=None)
def test_letters_that_are_spaced_out_do_not_unblock(word: str, between: str) -> None:
    assert blocked("en", f"Pay or {between.join(word)} for you")


def test_whole_sentences_in_spaced_letters_stay_blocked_but_for_two() -> None:
    """Only texts of one sentence: a full stop that is spaced out itself joins two of them, which is a known weakness, too."""
    plain = [
        (code, text) for code, text in BAD if text.isascii() and "*" not in text and not any(stop in text for stop in (". ", "! ", "? "))
    ]
    passed = [text for code, text in plain if not blocked(code, "   ".join(" ".join(word) for word in text.split()))]
    assert len(plain) > 50
    assert passed == ["Pay or else.", "aapke padosi Suresh ne humse 45000 ka loan liya"]


@given(st.sampled_from(BAD), st.lists(st.sampled_from(PADDING), max_size=4), st.lists(st.sampled_from(PADDING), max_size=4))
@settings(max_examples=50, deadline=None)
def test_harmless_padding_does_not_unblock(bad: tuple[str, str], before: list[str], after: list[str]) -> None:
    code, text = bad
    assert blocked(code, "".join(before) + text + " " + "".join(after))


@given(st.sampled_from(BAD), st.sampled_from([str.upper, str.lower, str.title]))
@settings(max_examples=40, deadline=None)
def test_capitals_do_not_matter(bad: tuple[str, str], shape: object) -> None:
    code, text = bad
    assert blocked(code, shape(text))  # type: ignore[operator]


@given(st.text(max_size=300), st.sampled_from(["en", "hi"]))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_and_every_finding_lies_inside_it(text: str, code: str) -> None:
    for finding in lint(text, code, LintAbout(), READY).findings:
        assert 0 <= finding.start < finding.end <= len(text)


WORST = (
    "a",
    "p ",
    "police ",
    "p*l*c* ",
    "we will tell your neighbours ",
    "tell tell your your wife ",
    "nahi nahi police ",
    "पु ",
    "1.",
    "!@$",
    "po-li-ce-",
)


def steps(code: str, text: str) -> int:
    matcher = Matcher(READY.vocabularies[code], words_of(text))
    sheet = READY.sheets[code]
    for rule in sheet.rules:
        for pattern in (*rule.patterns, *(context.pattern for context in rule.unless)):
            matcher.spans(pattern)
    return matcher.steps


@pytest.mark.parametrize("code", ["en", "hi"])
@pytest.mark.parametrize("unit", WORST)
def test_the_work_grows_in_step_with_the_length(unit: str, code: str) -> None:
    """Ten thousand characters of the worst kinds cost at most about ten times what one thousand cost."""
    short, long = (unit * (size // len(unit)) for size in (1_000, 10_000))
    assert steps(code, long) <= 14 * steps(code, short) + 1_000
