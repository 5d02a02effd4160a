"""What the linter finds, what it lets pass, and how it says so."""

from datetime import date

import pytest

from sulah.outreach.lint_about import LintAbout, LintVerdict, TextKind
from sulah.outreach.linter import Lexicon, lexicon, lint
from sulah.policy.languages import LANGUAGES
from sulah.policy.lint_rows import LegalStep, LintKind, LintRule, load_lint

DAY = date(2026, 11, 23)
RULES = [(code, rule) for code in LANGUAGES for rule in load_lint(code).rules]
READY = lexicon([load_lint(code) for code in LANGUAGES], DAY)


def found(text: str, language: str = "en", about: LintAbout | None = None, ready: Lexicon = READY) -> LintVerdict:
    return lint(text, language, about or LintAbout(), ready)


def kinds(verdict: LintVerdict) -> set[LintKind]:
    return {finding.kind for finding in verdict.findings}


def rules(verdict: LintVerdict) -> set[str]:
    return {finding.rule_id for finding in verdict.findings}


@pytest.mark.parametrize(("code", "rule"), RULES, ids=[rule.rule_id for _, rule in RULES])
def test_every_row_finds_what_it_says_it_finds_and_passes_what_it_says_it_passes(code: str, rule: LintRule) -> None:
    assert [text for text in rule.hits if rule.rule_id not in rules(found(text, code))] == []
    assert [text for text in rule.passes if found(text, code).blocked] == []


def test_every_language_has_rows_that_say_that_nobody_has_reviewed_them() -> None:
    assert set(LANGUAGES) == {"bn", "en", "hi", "kn", "mr", "or", "ta", "te"}
    assert {rule.author for _, rule in RULES} == {"Sulah project (draft)"}
    assert not any(load_lint(code).reviewed for code in LANGUAGES)


def test_every_kind_that_needs_words_is_found_in_english_and_hindi() -> None:
    by_words = set(LintKind) - {LintKind.IDENTITY, LintKind.GRIEVANCE, LintKind.AMOUNT, LintKind.PENAL, LintKind.OTHER_PERSON}
    for code in ("en", "hi"):
        assert {rule.kind for rule in load_lint(code).rules} == by_words


def test_a_finding_points_into_the_text_as_it_was_given() -> None:
    text = "Pay now 🙂 or p\u200b o l-i.c e come."
    (finding, *_) = [finding for finding in found(text).findings if finding.rule_id == "EN-POLICE"]
    assert text[finding.start : finding.end] == "p\u200b o l-i.c e"
    assert finding.why
    assert finding.suggestion
    assert "RBI/2022-23/108" in finding.citation


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *(
            ("The P O L I C E will come.", "en"),
            ("You go to ja1l.", "en"),
            ("The 𝐩𝐨𝐥𝐢𝐜𝐞 will come.", "en"),
            ("The рolice will come.", "en"),
        ),
        *(("The poliiiice will come.", "en"), ("The POLICE will come.", "en"), ("The polcie will come.", "en"), ("p*lice will come", "en")),
        *(("jail jaaoge", "hi"), ("जेल जाओगे", "hi"), ("pulis aayegi", "hi"), ("hawaalaat me daal denge", "hi"), ("पु\u200dलिस आएगी", "hi")),
        *(("बेइज़्ज़ती होगी", "hi"), ("बेइज्जती होगी", "hi"), ("beizzati hogi", "hi"), ("beijjati hogi", "hi")),
    ],
)
def test_a_word_is_found_however_it_is_written(text: str, language: str) -> None:
    assert found(text, language).blocked


def test_hindi_in_an_english_text_and_english_in_a_hindi_text_are_found() -> None:
    assert found("Dear customer, paise nahi diye to hum aapke ghar par dharna denge.", "en").blocked
    assert found("Namaste. We will tell all your neighbours about you.", "hi").blocked


def test_a_step_of_law_may_be_named_only_while_it_is_open() -> None:
    text = "The lender has approved a civil suit for recovery."
    assert kinds(found(text)) == {LintKind.FALSE_LEGAL}
    assert not found(text, about=LintAbout(legal_steps_open=frozenset({LegalStep.SUIT}))).blocked


def test_arrest_may_be_named_whatever_is_open_never() -> None:
    assert found("You will be arrested.", about=LintAbout(legal_steps_open=frozenset(LegalStep))).blocked


def test_possession_needs_its_own_step() -> None:
    text = "We will take possession of your house under SARFAESI."
    assert found(text, about=LintAbout(legal_steps_open=frozenset({LegalStep.NOTICE}))).blocked
    assert not found(text, about=LintAbout(legal_steps_open=frozenset({LegalStep.SARFAESI}))).blocked


@pytest.mark.parametrize(
    "text",
    [
        *(
            "If anybody threatens you with police, tell us.",
            "You will not be arrested for a loan.",
            "The office is opposite the district court.",
        ),
        *("Your complaint about our agent's threat was recorded.", "Mr. Jail Singh, your EMI is due.", "We never tell your neighbours."),
    ],
)
def test_words_in_a_harmless_sense_pass(text: str) -> None:
    assert found(text).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "If you do not pay, the police will come.",
            "No payment received, police will come.",
            "You have not paid. Police will come tonight.",
        ),
        *(
            "To complain call 1800 123 456. The police will come to your house.",
            "Thank you. Your complaint was recorded. Pay or go to jail.",
        ),
    ],
)
def test_a_no_or_a_complaint_line_that_is_about_something_else_excuses_nothing(text: str) -> None:
    assert found(text).blocked


DUES = LintAbout(
    TextKind.NOTICE,
    lender_names=("Kaveri Microfinance",),
    amount_paise=1_234_50,
    penal_paise=50_00,
    grievance=("1800 123 456",),
    numbers=(),
)
WHOLE = "Kaveri Microfinance: Rs 1,234.50 is due, of which Rs 50 penal charge. Complaints: 1800 123 456."


def test_a_notice_that_names_all_it_must_passes() -> None:
    assert found(WHOLE, about=DUES).findings == ()


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("Kaveri Microfinance", "We", "LENDER-MISSING"),
        ("1,234.50", "1,234.51", "AMOUNT-WRONG"),
        ("Rs 1,234.50", "Money", "AMOUNT-MISSING"),
        ("Rs 50 penal charge", "some is a charge", "PENAL-UNNAMED"),
        ("Complaints: 1800 123 456", "Bye", "GRIEVANCE-MISSING"),
        ("Complaints:", "Call 98765 43210 or", "NUMBER-OTHER"),
    ],
)
def test_what_a_notice_must_hold_is_told_when_it_is_left_out(before: str, after: str, rule: str) -> None:
    verdict = found(WHOLE.replace(before, after), about=DUES)
    assert rule in rules(verdict)
    assert verdict.blocked


@pytest.mark.parametrize("amount", ["₹1,234.50", "INR 1234.50", "1,234.50 rupees", "रु 1,234.50", "१२३४.५० रुपये", "Rs.1234.50/-"])
def test_an_amount_is_read_as_people_write_it(amount: str) -> None:
    about = LintAbout(TextKind.RECEIPT, lender_names=("Kaveri",), amount_paise=1_234_50)
    assert found(f"Kaveri: {amount} received.", about=about).findings == ()


def test_a_reminder_whose_amount_nobody_knows_is_not_sent() -> None:
    assert "AMOUNT-UNKNOWN" in rules(found("Kaveri: please pay.", about=LintAbout(TextKind.REMINDER, lender_names=("Kaveri",))))


def test_free_text_of_an_agent_need_not_name_lender_and_amount_but_a_wrong_amount_is_told() -> None:
    assert found("Would Friday suit you?", about=LintAbout(amount_paise=500_00)).findings == ()
    assert rules(found("Please pay Rs 900 on Friday.", about=LintAbout(amount_paise=500_00))) == {"AMOUNT-WRONG"}


def test_the_name_of_somebody_else_is_told_and_the_addressees_own_is_not() -> None:
    about = LintAbout(addressee="Sunita Devi", others=("Kamla Bai", "Sunita"))
    assert rules(found("Sunita ji, Kamla Bai is in your group.", about=about)) == {"NAME-OTHER"}


def test_an_offer_blocks_only_a_text_that_is_known_to_be_a_service_message() -> None:
    text = "You have a pre-approved top up loan."
    assert [found(text, about=LintAbout(promotional=way)).blocked for way in (None, False, True)] == [False, True, False]
    assert kinds(found(text)) == {LintKind.OFFER}


def test_rules_that_are_not_yet_in_force_find_nothing() -> None:
    early = lexicon([load_lint(code) for code in LANGUAGES], date(2026, 11, 22))
    assert found("You will be arrested.", ready=early).findings == ()


def test_a_language_without_rules_is_refused() -> None:
    with pytest.raises(KeyError):
        found("text", "xx")


def test_an_empty_text_has_nothing_wrong() -> None:
    assert found("").findings == ()
