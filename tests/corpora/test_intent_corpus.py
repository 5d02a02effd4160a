"""The corpus of borrowers' messages has the shape that a measurement can rest on; what the labels mean is in intent/README.md."""

import re
import tomllib
import unicodedata
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "intent"
INTENTS = (
    *("paid", "promise", "part", "cannot_pay", "dispute", "wrong_number", "call_me", "language", "stop", "complaint", "death"),
    *("self_harm", "other"),
)
PROTECTIVE = ("self_harm", "death", "stop", "complaint", "dispute", "wrong_number")
"""First to last: of two intents in one message the earlier one here is the line's intent."""

SCRIPTS = {
    "en": "LATIN",
    "hi": "DEVANAGARI",
    "ta": "TAMIL",
    "te": "TELUGU",
    "kn": "KANNADA",
    "mr": "DEVANAGARI",
    "bn": "BENGALI",
    "or": "ORIYA",
}
LATIN_SHARE = {"en": (1.0, 1.0), "hi": (0.45, 0.55)}
"""Of a file's lines, how many are wholly in Latin letters; a language not named here: OTHER_SHARE."""

OTHER_SHARE = (0.2, 0.4)
LEAST = {("dev", language): (15 if language in ("en", "hi") else 6) for language in SCRIPTS}
LEAST |= {("frozen", language): (42 if language in ("en", "hi") else 16) for language in SCRIPTS}
"""(part, language) -> lines for each intent."""

NEAR = {("dev", language): {"self_harm": 1, "stop": 1} for language in SCRIPTS}
NEAR |= {("frozen", language): {"self_harm": 10, "death": 5, "stop": 5} for language in SCRIPTS}
NEAR |= {("frozen", language): {"self_harm": 10, "death": 10, "stop": 10} for language in ("en", "hi")}
"""(part, language) -> lines of `other` that only sound like the named intent."""

NEEDED = {"id", "text", "intent", "said_on", "author", "reviewer"}
ALLOWED = NEEDED | {"amount_paise", "due_on", "utr", "also", "about", "near", "note"}

Line = dict[str, Any]
EACH_FILE = pytest.mark.parametrize(("part", "language"), sorted(LEAST))


@cache
def lines_of(part: str, language: str) -> tuple[Line, ...]:
    """The lines of one file; its head names the same part and language."""
    folder = FOLDER / "dev" if part == "dev" else FOLDER
    read = tomllib.loads((folder / f"{language}.toml").read_text("utf-8"))
    assert (read["part"], read["language"]) == (part, language)
    return tuple(read["lines"])


def every_line() -> tuple[Line, ...]:
    """All lines of all files."""
    return tuple(line for part, language in sorted(LEAST) for line in lines_of(part, language))


def bare(text: str) -> str:
    """Small letters, marks and digits, words apart by one space; what is left when punctuation goes.

    >>> bare("STOP!! it,  now")
    'stop it now'
    """
    kept = "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in text.lower())
    return " ".join(kept.split())


def scripts_in(text: str) -> set[str]:
    """The scripts of the letters: the first word of each letter's Unicode name."""
    return {unicodedata.name(sign).split()[0] for sign in text if sign.isalpha()}


def figures_in(text: str) -> set[int]:
    """The whole numbers written with digits of any script, commas left out."""
    digits = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    return {int(number) for number in re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d)", "", digits))}


@EACH_FILE
def test_every_intent_has_its_lines(part: str, language: str) -> None:
    """The counts that the figures of recall stand on, and no intent that nobody knows."""
    counts = Counter(line["intent"] for line in lines_of(part, language))
    assert set(counts) == set(INTENTS)
    assert {intent: count for intent, count in counts.items() if count < LEAST[part, language]} == {}


@EACH_FILE
def test_a_line_has_what_it_needs_and_nothing_unknown(part: str, language: str) -> None:
    """Keys, author, an empty reviewer, amounts of more than nothing in paise, a reference that stands in the text."""
    for line in lines_of(part, language):
        assert set(line) >= NEEDED, line["id"]
        assert set(line) <= ALLOWED, line["id"]
        assert (line["author"], line["reviewer"]) == ("Sulah project, corpus writer", ""), line["id"]
        assert line["text"] == line["text"].strip() != "", line["id"]
        assert unicodedata.is_normalized("NFC", line["text"]), line["id"]
        assert line.get("amount_paise", 1) > 0, line["id"]
        assert line.get("utr", line["text"]) in line["text"], line["id"]
        assert line.get("note", "-") != "", line["id"]


def test_no_id_comes_twice() -> None:
    """A figure that names a line names one line."""
    ids = Counter(line["id"] for line in every_line())
    assert [name for name, count in ids.items() if count > 1] == []


def test_no_text_comes_twice_in_any_file() -> None:
    """Letters, marks and digits decide: a line of the dev part is no line of the frozen part."""
    ids: dict[str, list[str]] = {}
    for line in every_line():
        ids.setdefault(bare(line["text"]) or line["text"], []).append(line["id"])
    assert [same for same in ids.values() if len(same) > 1] == []


@EACH_FILE
def test_an_id_tells_language_part_and_intent(part: str, language: str) -> None:
    """A list of misses can be read without the file."""
    start = f"{language}-dev-" if part == "dev" else f"{language}-"
    wrong = [line["id"] for line in lines_of(part, language) if not line["id"].startswith(start + line["intent"].replace("_", "-") + "-")]
    assert wrong == []


@EACH_FILE
def test_dates_are_dates_and_none_meant_lies_before_its_saying(part: str, language: str) -> None:
    """A day meant belongs to a promise, to a part payment, or to a line that also holds one; and is at most a quarter ahead."""
    for line in lines_of(part, language):
        assert type(line["said_on"]) is date, line["id"]
        if "due_on" in line:
            assert type(line["due_on"]) is date, line["id"]
            assert timedelta(0) <= line["due_on"] - line["said_on"] <= timedelta(92), line["id"]
            assert {line["intent"], *line.get("also", ())} & {"promise", "part"}, line["id"]


@EACH_FILE
def test_an_amount_in_figures_stands_in_the_text(part: str, language: str) -> None:
    """Rupees in digits are the label's; not asked of texts with thousands (2k), lakhs, a written date or a reference."""
    for line in lines_of(part, language):
        rupees, text = line.get("amount_paise", 0) // 100, line["text"]
        written = {figure for figure in figures_in(text) if figure > 31}
        if rupees and written and "utr" not in line and not re.search(r"[kK]\b|lakh|\d[./-]\d", text):
            assert rupees in written, line["id"]


@EACH_FILE
def test_letters_are_of_the_language_or_latin(part: str, language: str) -> None:
    """No letter of a third script; the share of lines in Latin letters is as the README says."""
    lines = lines_of(part, language)
    assert [line["id"] for line in lines if not scripts_in(line["text"]) <= {"LATIN", SCRIPTS[language]}] == []
    latin = sum(SCRIPTS[language] not in scripts_in(line["text"]) or language == "en" for line in lines)
    least, most = LATIN_SHARE.get(language, OTHER_SHARE)
    assert least <= latin / len(lines) <= most


@EACH_FILE
def test_the_protective_one_of_two_intents_is_the_label(part: str, language: str) -> None:
    """Second intents are known, differ from the first, and none of them outranks it."""
    rank = {intent: place for place, intent in enumerate(PROTECTIVE)}
    for line in lines_of(part, language):
        second = line.get("also", [])
        assert set(second) <= set(INTENTS) - {line["intent"], "other"}, line["id"]
        assert len(set(second)) == len(second), line["id"]
        assert all(rank.get(line["intent"], 99) <= rank.get(other, 99) for other in second), line["id"]


@EACH_FILE
def test_a_death_says_whose_and_nothing_else_does(part: str, language: str) -> None:
    """`about` is borrower or family wherever a death is told; a line without one has no `about`."""
    for line in lines_of(part, language):
        told = "death" in (line["intent"], *line.get("also", ()))
        assert (line.get("about") in ("borrower", "family")) if told else ("about" not in line), line["id"]


@EACH_FILE
def test_what_only_sounds_like_it_is_there(part: str, language: str) -> None:
    """Figures of speech and bus stops: enough of each kind, all of them labelled `other`."""
    lines = [line for line in lines_of(part, language) if "near" in line]
    assert {line["intent"] for line in lines} <= {"other"}
    counts = Counter(line["near"] for line in lines)
    assert set(counts) <= {"self_harm", "death", "stop"}
    assert {kind: counts[kind] for kind, least in NEAR[part, language].items() if counts[kind] < least} == {}
