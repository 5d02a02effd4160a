"""Weights: whole numbers that anybody can add up, the same for the same text, and what they may and may not decide."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sulah.outreach.intent_lexicon import lexicon as intent_lexicon
from sulah.outreach.intents import Intent, read_intent
from sulah.outreach.lint_about import LintAbout
from sulah.outreach.linter import lexicon, lint
from sulah.outreach.scales import scales
from sulah.outreach.traits import senses_of, sentences, traits_of
from sulah.outreach.weights import heaviest, score_of, weigh
from sulah.policy.intent_rows import load_intent_rows
from sulah.policy.lint_rows import LintKind, load_lint
from sulah.policy.talk.weighing import weighing_rows
from sulah.policy.weight_rows import WeightRowError, Weights, load_senses, load_weights, read_weights

DAY = date(2026, 11, 23)
READY = lexicon([load_lint(code) for code in ("en", "hi", "ta")], DAY)
BARE = lexicon([load_lint(code) for code in ("en", "hi", "ta")], DAY, weighed=False)


def weights(**points: int) -> Weights:
    return Weights("en", "bad", 1, DAY, DAY, "a test", "", "", 0, {}, points)


def test_the_score_is_the_sum_of_the_points_over_the_root_of_the_number_of_traits() -> None:
    weighed = weigh({"a": (0, 1), "b": (2, 3), "c": (4, 5), "d": (6, 7)}, weights(a=700, b=-100))
    assert weighed.score == (700 - 100) // 2 == score_of(600, 4)
    assert [(part.trait, part.points) for part in weighed.parts] == [("a", 700), ("b", -100)]
    assert [part.trait for part in heaviest(weighed, 3)] == ["a"]


def test_a_shipped_verdict_can_be_added_up_by_hand() -> None:
    verdict = lint("We know which school bus your daughter takes.", "en", LintAbout(), READY)
    bad = load_weights("en", "lint", DAY)["bad"]
    assert verdict.score is not None
    assert all(bad.points[part.trait] == part.points for part in verdict.parts)


@pytest.mark.parametrize("same", [["थाने में", "thaane me"], ["इज़्ज़त", "ijjat"]])
def test_hindi_in_either_script_has_the_same_words(same: list[str]) -> None:
    heard = [{word.heard for words in sentences(text, "hi").values() for word in words} for text in same]
    assert heard[0] & heard[1]


def test_letters_that_are_spaced_out_are_one_word() -> None:
    (words,) = sentences("the p o l i c e come", "en").values()
    assert [word.heard for word in words] == ["the", "police", "come"]


def test_a_sense_is_found_by_a_beginning_and_by_a_phrase_and_changes_while_a_step_of_law_is_open() -> None:
    senses = {"en": senses_of({"court": ["judg*", "lok adalat"]}, spelt=True)}
    for text in ("the judgement", "a Lok Adalat"):
        (words,) = sentences(text, "en").values()
        assert "k:court" in traits_of(words, "en", senses, law_open=False)
        assert "k:court!" in traits_of(words, "en", senses, law_open=True)


def test_a_language_without_weights_is_read_by_its_rows_alone() -> None:
    assert lint("வணக்கம்", "ta", LintAbout(), READY).score is None
    assert lint("We will come to your house.", "en", LintAbout(), BARE).score is None


@settings(max_examples=100, deadline=None)
@given(text=st.text(max_size=200), language=st.sampled_from(["en", "hi"]))
def test_any_text_weighs_the_same_twice_and_its_parts_lie_inside_it(text: str, language: str) -> None:
    one, other = (lint(text, language, LintAbout(), READY) for _ in range(2))
    assert one == other
    assert all(0 <= part.start <= part.end <= len(text) for part in one.parts)


def test_what_weights_suspect_is_said_beside_the_reading_and_never_instead_of_it() -> None:
    rows = load_intent_rows(DAY)
    text = "my children will be better when i am gone, look after them"
    plain, weighed = (read_intent(text, "en", DAY, intent_lexicon(rows, on)) for on in (None, DAY))
    assert plain.suspected == ()
    assert Intent.SELF_HARM in {weighed.intent, *weighed.also, *(one.intent for one in weighed.suspected)}
    assert (plain.intent, plain.also, plain.confidence) == (weighed.intent, weighed.also, weighed.confidence)


@pytest.mark.parametrize(
    "change",
    [{"points": "w: x police"}, {"points": "w: 12"}, {"points": "12 w:police"}, {"points": "w: 1 a, 2 a"}, {"colour": "red"}],
)
def test_a_file_of_weights_that_cannot_be_read_is_refused(change: dict[str, str]) -> None:
    row = {"of": "bad", "version": 1, "effective_from": DAY, "author": "x", "reviewed_by": "", "trained_on": "", "lines": 1}
    row |= {"bounds": {}, "sha256": "", "points": "b: -5 # due\nw: 12 police, -7 thanks\n"}
    assert read_weights("en", "lint", [row], DAY)["bad"].points == {"b:# due": -5, "w:police": 12, "w:thanks": -7}
    assert read_weights("en", "lint", [row], date(2026, 11, 22)) == {}
    with pytest.raises(WeightRowError, match=r"lint_weights.toml, row 1"):
        read_weights("en", "lint", [row | change], DAY)


ROW = weighing_rows()[0]


def test_a_lender_switches_weights_off_by_a_row_from_its_day_on_and_each_row_then_blocks_alone() -> None:
    off = [ROW, replace(ROW, in_use=False, effective_from=date(2027, 1, 1))]
    assert scales("lint", date(2026, 12, 31), off).weights
    assert scales("lint", date(2027, 1, 1), off).weights == {}
    assert [finding.blocks for finding in lint(SIGN, "en", LintAbout(), BARE).findings] == [True]


SIGN = "Your foreclosure amount is 33,712, valid up to the 18th, with no prepayment penalty."


def test_a_row_that_is_a_sign_is_shown_and_blocks_only_where_the_weights_agree() -> None:
    calm = lint(SIGN, "en", LintAbout(), READY)
    harsh = lint("Pay today or the police will drag you out of your house.", "en", LintAbout(), READY)
    assert [(finding.rule_id, finding.blocks) for finding in calm.findings] == [("EN-SARFAESI", False)]
    assert "EN-POLICE" in {finding.rule_id for finding in harsh.findings if finding.blocks}


FIRM = [
    (rule.rule_id[:2].lower(), text)
    for code in ("en", "hi")
    for rule in load_lint(code).rules
    if not rule.yields and rule.kind is not LintKind.OFFER
    for text in rule.hits
]
KIND_WORDS = ("Thank you, sir. ", "Please take your time, we are sorry for the trouble. ", "आपका धन्यवाद। ", "No case is filed. ")


@settings(max_examples=60, deadline=None)
@given(bad=st.sampled_from(FIRM), kind=st.lists(st.sampled_from(KIND_WORDS), max_size=6))
def test_no_weight_takes_away_a_block_of_a_row_that_stands_by_itself(bad: tuple[str, str], kind: list[str]) -> None:
    code, text = bad
    padded = "".join(kind) + text
    bare = {(finding.rule_id, finding.start) for finding in lint(padded, code, LintAbout(), BARE).findings if finding.blocks}
    firm = {rule.rule_id for one in ("en", "hi") for rule in load_lint(one).rules if not rule.yields}
    kept = {(finding.rule_id, finding.start) for finding in lint(padded, code, LintAbout(), READY).findings if finding.blocks}
    assert {one for one in bare if one[0] in firm} <= kept


def test_every_sense_that_one_language_has_words_for_the_other_may_have_too() -> None:
    assert len(set(load_senses("en")) & set(load_senses("hi"))) > 60
    assert load_senses("ta") == {}
