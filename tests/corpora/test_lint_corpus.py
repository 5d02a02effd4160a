"""The lint corpus has the shape that its README promises; what its lines say is not judged here."""

import tomllib
import unicodedata
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

Line = dict[str, Any]
HERE = Path(__file__).parent / "lint"
LEAST_LINES = {"dev/en": 100, "dev/hi": 100, "en": 220, "hi": 220}
LEAST_PAIRS = {"dev/en": 10, "dev/hi": 10, "en": 25, "hi": 25}
BOOKS = {name: tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))["line"] for name in LEAST_LINES}
EVERY_LINE: list[Line] = list(chain.from_iterable(BOOKS.values()))
KINDS = {
    *("threat", "violence", "shame", "abuse", "false_legal", "false_authority"),
    *("disclosure", "publish", "pressure", "harassment"),
}
PLACES = {"sms", "whatsapp", "email", "ivr", "call", "free_text"}
TEXTS = ("id", "text", "verdict", "where", "author", "reviewer")
FIELDS: dict[str, type] = dict.fromkeys(TEXTS, str) | {"kinds": list, "legal_step_open": bool}
SHARED_AT_MOST = 3


def letters(text: str) -> str:
    """The text in small letters without digits, punctuation and pictures; vowel signs are kept."""
    kept = (sign if unicodedata.category(sign)[0] in "LM" else " " for sign in text.lower())
    return " ".join("".join(kept).split())


def is_devanagari(text: str) -> bool:
    """Whether more signs are Devanagari than Latin letters."""
    return sum("\u0900" <= sign <= "\u097f" for sign in text) > sum(sign.isascii() and sign.isalpha() for sign in text)


def faults(line: Line) -> list[str]:
    """What is wrong with the shape of one line, in words."""
    wrong = [f"{name} is not {kind.__name__}" for name, kind in FIELDS.items() if not isinstance(line.get(name), kind)]
    if wrong:
        return wrong
    wrong += [f"unknown field {name}" for name in line if name not in {*FIELDS, "pair"}]
    wrong += [f"unknown kind {kind}" for kind in line["kinds"] if kind not in KINDS]
    if line["verdict"] not in {"bad", "good"}:
        wrong.append("verdict is neither bad nor good")
    if (line["verdict"] == "bad") != bool(line["kinds"]):
        wrong.append("a bad line has kinds, a good line has none")
    if line["where"] not in PLACES:
        wrong.append(f"unknown place {line['where']}")
    if not letters(line["text"]) or not line["author"]:
        wrong.append("no words or no author")
    if line["legal_step_open"] and line["verdict"] == "good" and "pair" not in line:
        wrong.append("a good line about an open step has no counterpart")
    return wrong


def runs(text: str, words: int) -> set[str]:
    """Every run of so many words in the text."""
    said = letters(text).split()
    return {" ".join(said[at : at + words]) for at in range(len(said) - words + 1)}


def with_verdict(book: str, verdict: str) -> list[Line]:
    """The lines of one file with that label."""
    return [line for line in BOOKS[book] if line["verdict"] == verdict]


def test_every_line_has_the_shape_that_is_promised() -> None:
    """Known fields, kinds and places; a bad line says why, a good line has nothing to say."""
    assert {line.get("id"): found for line in EVERY_LINE if (found := faults(line))} == {}


@pytest.mark.parametrize("book", BOOKS)
@pytest.mark.parametrize("verdict", ["bad", "good"])
def test_there_are_enough_lines_of_both_verdicts(book: str, verdict: str) -> None:
    """At least 220 for measuring, 100 for writing against, per language and verdict."""
    assert len(with_verdict(book, verdict)) >= LEAST_LINES[book]


@pytest.mark.parametrize("book", BOOKS)
def test_every_kind_and_every_place_is_there(book: str) -> None:
    """A tenth of the least number of lines for the places of either verdict, a twentieth for the kinds."""
    kinds = Counter(chain.from_iterable(line["kinds"] for line in BOOKS[book]))
    places = Counter(line["where"] for line in BOOKS[book])
    assert {kind: kinds[kind] for kind in KINDS if kinds[kind] < LEAST_LINES[book] // 20} == {}
    assert {place: places[place] for place in PLACES if places[place] < LEAST_LINES[book] // 10} == {}


def test_no_id_is_used_twice() -> None:
    """An id names one line in all files together, and says its language."""
    assert [name for name, times in Counter(line["id"] for line in EVERY_LINE).items() if times > 1] == []
    assert [line["id"] for book, lines in BOOKS.items() for line in lines if not line["id"].startswith(book[-2:] + "-")] == []


def test_no_text_stands_twice_in_development_and_frozen_together() -> None:
    """Not even after capitals, digits, punctuation and pictures are taken away."""
    assert [text for text, times in Counter(letters(line["text"]) for line in EVERY_LINE).items() if times > 1] == []


@pytest.mark.parametrize("words", [5, 6])
def test_no_more_than_three_lines_share_a_run_of_words(words: int) -> None:
    """Lines are written one by one, not filled into a frame."""
    times = Counter(chain.from_iterable(runs(line["text"], words) for line in EVERY_LINE))
    assert {run: count for run, count in times.items() if count > SHARED_AT_MOST} == {}


def test_no_more_than_three_lines_open_with_the_same_four_words() -> None:
    """An opening is the commonest frame."""
    openings = Counter(" ".join(letters(line["text"]).split()[:4]) for line in EVERY_LINE)
    assert {opening: count for opening, count in openings.items() if count > SHARED_AT_MOST} == {}


@pytest.mark.parametrize("book", BOOKS)
def test_a_legal_step_comes_in_pairs(book: str) -> None:
    """Each pair is one bad line about a step that is not open and one good line about the same step, open."""
    pairs: dict[str, list[tuple[str, bool]]] = {}
    for line in BOOKS[book]:
        if "pair" in line:
            pairs.setdefault(line["pair"], []).append((line["verdict"], line["legal_step_open"]))
    assert len(pairs) >= LEAST_PAIRS[book]
    assert {name: sides for name, sides in pairs.items() if sorted(sides) != [("bad", False), ("good", True)]} == {}


@pytest.mark.parametrize("book", [name for name in BOOKS if name.endswith("hi")])
@pytest.mark.parametrize("verdict", ["bad", "good"])
def test_a_third_of_the_hindi_lines_is_in_latin_letters(book: str, verdict: str) -> None:
    """About two thirds Devanagari, one third as people type; by the majority of signs."""
    lines = with_verdict(book, verdict)
    latin = sum(not is_devanagari(line["text"]) for line in lines)
    assert 30 <= 100 * latin // len(lines) <= 37


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": []},
        {"kinds": ["rude"]},
        {"verdict": "maybe", "kinds": []},
        {"verdict": "good"},
        {"where": "fax"},
        {"text": "24 !!"},
        {"author": ""},
        {"note": "extra"},
        {"reviewer": None},
        {"verdict": "good", "kinds": [], "legal_step_open": True},
    ],
)
def test_a_planted_fault_is_told(change: Line) -> None:
    """The negative space of the shape itself."""
    sound: Line = {"id": "en-b-000", "text": "Pay or else", "verdict": "bad", "kinds": ["threat"], "where": "sms"}
    sound |= {"legal_step_open": False, "author": "A writer", "reviewer": ""}
    assert faults(sound) == []
    assert len(faults(sound | change)) == 1


def test_texts_are_compared_by_their_letters_in_either_script() -> None:
    """Vowel signs count as letters, digits and pictures do not."""
    assert letters("Pay Rs 4,320 NOW!! 🙂") == "pay rs now"
    assert letters("किस्त 980, भरें।") == "किस्त भरें"
    assert is_devanagari("किस्त का SMS मिला")
    assert not is_devanagari("kist bhar दो")
