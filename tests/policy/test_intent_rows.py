"""The rows of intent.toml: every example is read, and a row that cannot be used is refused with its place."""

from datetime import date
from typing import Any

import pytest

from sulah.outreach.intents import Intent, read_intent
from sulah.policy.intent_rows import IntentRow, IntentRowError, load_intent_rows
from sulah.policy.languages import LANGUAGES
from tests.outreach.intent_corpus import shipped

ROWS = load_intent_rows(date(2026, 11, 23))
GOOD: dict[str, Any] = {
    "id": "en.x", "kind": "phrase", "intent": "paid", "says": "paid", "effective_from": date(2026, 1, 1), "author": "a", "reviewed_by": "",
}  # fmt: skip


def _heard(row: IntentRow, text: str) -> set[Intent]:
    found = read_intent(text, row.language, date(2026, 11, 23), shipped())
    return {found.intent, *found.also}


@pytest.mark.parametrize(
    ("row", "text"), [(row, text) for row in ROWS for text in row.hits], ids=lambda value: getattr(value, "row_id", None)
)
def test_a_row_is_read_in_its_examples(row: IntentRow, text: str) -> None:
    assert Intent(row.intent) in _heard(row, text)


@pytest.mark.parametrize(
    ("row", "text"), [(row, text) for row in ROWS for text in row.misses], ids=lambda value: getattr(value, "row_id", None)
)
def test_a_row_is_not_read_in_its_counter_examples(row: IntentRow, text: str) -> None:
    assert Intent(row.intent) not in _heard(row, text)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_words_for_every_intent(code: str) -> None:
    assert {row.intent for row in ROWS if row.language == code and row.kind == "phrase"} == set(Intent)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_counts_days_months_and_money(code: str) -> None:
    wanted = {"number", "multiplier", "currency", "weekday", "month", "date", "counted", "about"}
    assert wanted <= {row.kind for row in ROWS if row.language == code}


def test_no_row_claims_a_native_reader() -> None:
    assert {(row.author, row.reviewed_by) for row in ROWS} == {("Sulah project (draft)", "")}


def test_a_row_that_has_not_begun_is_not_in_force() -> None:
    assert load_intent_rows(date(2026, 10, 31)) == ()
    assert load_intent_rows(date(2026, 11, 1)) == ROWS


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "verse"},
        {"intent": "joy"},
        {"says": " "},
        {"effective_from": "today"},
        {"colour": "red"},
        {"kind": "number"},
        {"kind": "about", "about": ""},
        {"about": "cow"},
        {"author": None},
    ],
)
def test_a_row_that_cannot_be_used_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(IntentRowError, match=r"en\.x"):
        load_intent_rows(date(2026, 11, 23), lambda code, file: [{**GOOD, **change}] if code == "en" else [])


def test_a_row_that_stands_twice_is_refused() -> None:
    with pytest.raises(IntentRowError, match="twice"):
        load_intent_rows(date(2026, 11, 23), lambda code, file: [GOOD, GOOD] if code == "en" else [])


def test_a_language_without_a_sheet_has_no_rows() -> None:
    assert load_intent_rows(date(2026, 11, 23), lambda code, file: []) == ()
