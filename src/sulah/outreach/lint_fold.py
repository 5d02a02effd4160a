"""Text as the linter reads it: words with their places, without the tricks that hide a word (invisible signs, spacing, digits, runs).

Shapes are folded with Unicode's compatibility forms (NFKC, Unicode Standard Annex 15); signs of the general categories Cf and Mn that
only change how a Latin word looks are passed over (Unicode Technical Standard 39 calls such words confusable).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

_LOOKALIKE = str.maketrans("аеорсхуіјѕԁһӏοαερυνκιτ", "aeopcxyijsdhloaepuvkit")
_LEET = (
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "|": "l", "€": "e"},
    {"1": "l", "!": "l"},
)
_INNER = "'’`ʼ*@$!|€"
"""Signs that belong to a word when letters stand on both sides."""
_NUKTA = "\u093c\u09bc\u0a3c\u0b3c\u0cbc"
_STOPS = ".!?।॥؟…"
_SHORT = frozenset(
    [
        "rs",
        "mr",
        "mrs",
        "ms",
        "dr",
        "no",
        "st",
        "smt",
        "shri",
        "a/c",
        "ph",
        "tel",
        "ltd",
        "pvt",
        "co",
        "inr",
        "approx",
        "dt",
        "amt",
        "re",
        "regd",
    ]
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: where it stands in the text as it was given, in which sentence, and each way in which it may be read."""

    start: int
    end: int
    sentence: int
    readings: tuple[str, ...]
    piece: bool = False
    """A single letter, digit or akshara of an Indian script: perhaps part of a word that was spaced out."""
    joined: bool = False
    """No space stood before it: p.o.l.i.c.e."""


@dataclass(frozen=True, slots=True)
class _Sign:
    place: int
    text: str


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text with their places; linear in its length.

    >>> [(word.readings[1:2] or word.readings, word.start, word.end) for word in words_of("The POL1CE!")]
    [(('the',), 0, 3), (('police',), 4, 10)]
    """
    signs = [_Sign(place, fold) for place, sign in enumerate(text) for fold in _folded(sign)]
    found: list[Word] = []
    sentence, at = 0, 0
    while at < len(signs):
        kind = _kind(signs[at].text)
        if kind == "letter":
            end = _end_of_word(signs, at)
            joined = at > 0 and bool(found) and signs[at - 1].text not in " \n\t"
            found.append(_word(signs[at:end], sentence, joined=joined))
            at = end
            continue
        if kind == "picture":
            found.append(Word(signs[at].place, signs[at].place + 1, sentence, (signs[at].text,)))
        elif _ends_sentence(signs, at, found):
            sentence += 1
        at += 1
    return tuple(found)


def _folded(sign: str) -> Iterator[str]:
    """What stays of one sign: nothing of an invisible one, small letters, Western digits; one sign each."""
    category = unicodedata.category(sign)
    if category == "Cf" or category == "Me" or sign in "\ufe0e\ufe0f\u034f\u115f\u3164":
        return
    for part in unicodedata.normalize("NFKD" if category[0] in "LM" else "NFKC", sign).casefold().translate(_LOOKALIKE):
        if part in _NUKTA or (unicodedata.category(part) == "Mn" and "\u0300" <= part <= "\u036f"):
            continue
        yield str(unicodedata.digit(part)) if unicodedata.category(part) == "Nd" else part


def _kind(sign: str) -> str:
    category = unicodedata.category(sign)
    if category[0] in "LMN":
        return "letter"
    return "picture" if category == "So" else "other"


def _end_of_word(signs: list[_Sign], at: int) -> int:
    end = at + 1
    while end < len(signs):
        inner = signs[end].text in _INNER and end + 1 < len(signs) and _kind(signs[end + 1].text) == "letter"
        starred = signs[end].text == "*" and signs[end - 1].text != " " and end + 1 < len(signs) and signs[end + 1].text == "*"
        if _kind(signs[end].text) != "letter" and not inner and not starred:
            break
        end += 1
    return end


def _ends_sentence(signs: list[_Sign], at: int, found: list[Word]) -> bool:
    sign = signs[at].text
    after = signs[at + 1].text if at + 1 < len(signs) else " "
    if sign == "\n":
        return after == "\n"
    if sign not in _STOPS or not found or sign == "…":
        return False
    if sign == ".":
        short = found[-1].readings[0] in _SHORT or (found[-1].piece and not found[-1].readings[0].isdigit())
        return after in " \n" and not short and (at == 0 or signs[at - 1].text != ".")
    return True


def _word(signs: list[_Sign], sentence: int, *, joined: bool) -> Word:
    plain = "".join(sign.text for sign in signs)
    clusters = sum(1 for sign in plain if unicodedata.category(sign)[0] != "M")
    return Word(signs[0].place, signs[-1].place + 1, sentence, _readings(plain), clusters == 1, joined)


def _readings(plain: str) -> tuple[str, ...]:
    """A word as it stands without inner signs, and as it reads with digits and signs as letters and with runs of a letter undone."""
    bare = "".join(sign for sign in plain if sign not in "'’`ʼ")
    readings = {bare: None}
    if "*" in bare[1:-1]:
        readings[bare.replace("*", "")] = None
    if bare.isascii() and (any(sign.isalpha() for sign in bare) or len(bare) == 1) and not bare.isalpha():
        for table in (_LEET[0], {**_LEET[0], **_LEET[1]}):
            readings["".join(table.get(sign, sign) for sign in bare)] = None
    for reading in tuple(readings):
        if reading.isascii() and any(len(list(run)) > 2 for _, run in groupby(reading)):
            readings[undoubled(reading)] = None
            readings["".join(letter * min(2, len(list(run))) for letter, run in groupby(reading))] = None
    return tuple(readings)


def undoubled(word: str) -> str:
    """A word with each run of a letter as one letter.

    >>> undoubled("jaiiill")
    'jail'
    """
    return "".join(letter for letter, _ in groupby(word))
