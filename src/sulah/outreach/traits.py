"""Traits of a text, the things that weights count: its words as they sound, parts of them, neighbours, senses, shape, and rows that hit.

Spelling variants meet here as they do in the rows: words are read by lint_fold, Hindi in either script as it sounds (lint_sound).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sulah.outreach.lint_fold import Word, words_of
from sulah.outreach.lint_sound import sound

Place = tuple[int, int]
Traits = dict[str, Place]
"""A trait and where it stands first (characters, from 0, end left out)."""

LONGEST = 4_000
"""Characters that are read; what stands behind them is left to the rows."""

_GRAMS = (3, 4, 5)
_NEAR = 5
_STEPS = (4, 8, 12, 18, 25, 35, 50)
_LEET = re.compile(r"[a-zA-Z][0-9@$][a-zA-Z]")
_HELP = re.compile(r"\b1[89]00|\b1930|\b1600")
_OF_LAW = frozenset({"court", "legal_calm", "seize", "criminal", "docs", "sell"})
"""Senses that mean another thing while a step of law is open."""


@dataclass(frozen=True, slots=True)
class Said:
    """One word: where it stands, as it sounds in the language of the text, and as it is spelt."""

    start: int
    end: int
    heard: str
    spelt: str


@dataclass(frozen=True, slots=True)
class Senses:
    """The lists of words of one language, looked up by their first word."""

    spelt: bool
    """English, compared as it is spelt; else as it sounds."""
    whole: Mapping[str, Sequence[tuple[str, "Run"]]] = field(repr=False)
    begins: Mapping[str, Sequence[tuple[str, "Run"]]] = field(repr=False)

    def find(self, words: Sequence[Said]) -> Iterator[tuple[int, int, str]]:
        """First word, the one after the last, and the sense, in the order of the words."""
        read = [word.spelt if self.spelt else word.heard for word in words]
        for place, word in enumerate(read):
            starts = [*self.whole.get(word, ())]
            for end in range(2, len(word) + 1):
                starts += self.begins.get(word[:end], ())
            for name, run in starts:
                after = place + len(run)
                if after <= len(read) and all(_fits(*pair) for pair in zip(run, read[place:after], strict=True)):
                    yield place, after, name


Run = tuple[tuple[str, bool], ...]
"""Words one after the other, each whole or (True) only begun so."""


def _fits(wanted: tuple[str, bool], word: str) -> bool:
    return word.startswith(wanted[0]) if wanted[1] else word == wanted[0]


def senses_of(lists: Mapping[str, Iterable[str]], *, spelt: bool) -> Senses:
    """Lists of words made ready."""
    whole: dict[str, list[tuple[str, Run]]] = {}
    begins: dict[str, list[tuple[str, Run]]] = {}
    for name, entries in lists.items():
        for entry in entries:
            run = tuple(_run(entry, spelt=spelt))
            if run:
                (begins if run[0][1] else whole).setdefault(run[0][0], []).append((name, run))
    return Senses(spelt, whole, begins)


def _run(entry: str, *, spelt: bool) -> Iterator[tuple[str, bool]]:
    for written in entry.split():
        words = words_of(written.strip("*"))
        for number, word in enumerate(words, start=1):
            begun = written.endswith("*") and number == len(words)
            heard = _heard(word.readings[0], begins=begun)
            yield (heard if heard and not spelt else _spelt(word), begun)


def sentences(text: str, language: str) -> dict[int, tuple[Said, ...]]:
    """The words of each sentence by its number, letters that were spaced out put together."""
    found: dict[int, list[Said]] = {}
    for word in _together(words_of(text[:LONGEST])):
        spelt = _spelt(word)
        found.setdefault(word.sentence, []).append(Said(word.start, word.end, _sounded(word, language) or spelt, spelt))
    return {number: tuple(words) for number, words in found.items()}


def _together(words: Sequence[Word]) -> Iterator[Word]:
    """Three or more single letters side by side are one word."""
    run: list[Word] = []
    for word in (*words, None):
        if word is not None and word.piece and word.readings[0].isalpha() and (not run or run[-1].sentence == word.sentence):
            run.append(word)
            continue
        if len(run) > 2:
            yield Word(run[0].start, run[-1].end, run[0].sentence, ("".join(one.readings[0] for one in run),))
        else:
            yield from run
        run = []
        if word is not None:
            yield word


def _spelt(word: Word) -> str:
    read = word.readings[0]
    if not read.isalpha() and len(word.readings) > 1:
        read = word.readings[1]
    if read.isdigit():
        return "#"
    return "#a" if read.isascii() and any(sign.isdigit() for sign in read) else read


def _sounded(word: Word, language: str) -> str:
    return _heard(_spelt(word)) if language == "hi" else ""


@lru_cache(maxsize=50_000)
def _heard(word: str, *, begins: bool = False) -> str:
    return sound(word, begins=begins)


def traits_of(words: Sequence[Said], language: str, senses: Mapping[str, Senses], *, law_open: bool) -> Traits:
    """The traits of one sentence: w word, c part of a word, b two words, e English word, k sense, p two senses, o one after the other."""
    found: Traits = {}
    for word in words:
        place = (word.start, word.end)
        found.setdefault(f"w:{word.heard}", place)
        if word.spelt.isascii():
            found.setdefault(f"e:{word.spelt}", place)
        for part in _parts(word.heard):
            found.setdefault(part, place)
    ends = [("^", (words[0].start, words[0].end)), *((word.heard, (word.start, word.end)) for word in words)] if words else []
    for (one, first), (other, last) in zip(ends, [*ends[1:], ("$", ends[-1][1] if ends else (0, 0))], strict=True):
        found.setdefault(f"b:{one} {other}", (first[0], last[1]))
    _add_senses(found, words, language, senses, law_open=law_open)
    return found


@lru_cache(maxsize=50_000)
def _parts(word: str) -> tuple[str, ...]:
    padded = f"_{word}_"
    return tuple(f"c:{padded[at : at + size]}" for size in _GRAMS for at in range(len(padded) - size + 1))


def _add_senses(found: Traits, words: Sequence[Said], language: str, senses: Mapping[str, Senses], *, law_open: bool) -> None:
    codes = dict.fromkeys(("en", language))
    tagged = sorted({one for code in codes if code in senses for one in senses[code].find(words)})
    places = {name: (words[begin].start, words[end - 1].end) for begin, end, name in reversed(tagged)}
    shown = {name: f"{name}!" if law_open and name in _OF_LAW else name for name in places}
    names = sorted(shown[name] for name in places)
    for name, place in places.items():
        found[f"k:{shown[name]}"] = place
    both = {shown[name]: place for name, place in places.items()}
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            found[f"p:{one} {other}"] = both[one]
    for number, (begin, _, one) in enumerate(tagged):
        for after, end, other in tagged[number + 1 :]:
            if one != other and 0 < after - begin <= _NEAR:
                found.setdefault(f"o:{one} {other}", (words[begin].start, words[end - 1].end))


def shape_of(text: str, words: int) -> Iterator[str]:
    """How a text is written: z traits of length, marks, capitals, pictures, money and helplines."""
    yield from (f"z:{step}" for step in _STEPS if words >= step)
    yield from (f"z:{mark}" for mark in ("!", "!!", "?", "...", ":", ";", "₹", "Rs", '"') if mark in text)
    loud = sum(word.isalpha() and word.isupper() and len(word) > 3 for word in text.split())
    if text.rstrip().endswith("?"):
        yield "z:asks"
    if loud:
        yield "z:loud" if loud < 3 else "z:louder"
    if any(unicodedata.category(sign) == "So" for sign in text):
        yield "z:picture"
    if _LEET.search(text):
        yield "z:leet"
    if _HELP.search(text):
        yield "z:helpline"
