"""Words of a message as they are compared: spelling folded until the ways in which people write one word are one; places are kept."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

BREAK = "."
"""A token that ends a sentence; no phrase reaches over it."""

LONGEST = 2000
"""Characters of a message that are read; an answer is a few words, and nobody may keep a reader busy."""

_WORD = r"[^\W\d_\u0964\u0965](?:[^\W\d_]|[\u0900-\u0963\u0970-\u0dff\u200c\u200d\u0300-\u036f']|(?<=[a-z])’(?=[a-z]))*"
_TOKEN = re.compile(rf"[0-9]+(?:,[0-9]+)*(?:\.[0-9]{{1,2}}(?![0-9]))?|{_WORD}|₹|/-|%|\.\.+|…|[.?!\u0964\u0965\n]")
_SPACED = re.compile(r"(?<![^\W_])(?:[a-z][ .\-_*]{1,2}){3,}[a-z](?![^\W_])")
_QUIET = re.compile(r"[\u200b\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DOTTED = {"rs", "no", "re", "inr", "mr", "mrs", "dr", "sh", "smt", "रु", "रू", "ref", "amt", "dt", "pls", "approx", "a", "p", "m"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or mark of a message.

    start, end: its place in the message.  plain: small letters, no apostrophes.  folded: with the wild spellings made one.
    close: it stands against the token before it, with nothing between.
    """

    start: int
    end: int
    plain: str
    folded: str
    close: bool = False

    @property
    def is_number(self) -> bool:
        """Written in digits."""
        return self.plain[0].isdigit()

    @property
    def is_break(self) -> bool:
        """The end of a sentence."""
        return self.plain == BREAK


def level(text: str) -> str:
    """The message with digits of every script as 0-9, wide and small letters as plain ones; each character stays in its place.

    >>> level("₹१,५००.५० ABC")
    '₹1,500.50 abc'
    """
    return "".join(_one(character) for character in text[:LONGEST])


@lru_cache(maxsize=4096)
def _one(character: str) -> str:
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.digit(character))
    if character in "৳௹૱₨":
        return "₹"
    if character in "–—−":
        return "-"
    plain = unicodedata.normalize("NFKC", character).lower()
    if len(plain) == 1:
        return plain
    return character


def words(text: str) -> tuple[Word, ...]:
    """The tokens of a message, letters that were spaced out put together again ("s t o p").

    >>> [word.folded for word in words("Kall tk 2k dunga!")]
    ['kl', 'tk', '2', 'k', 'duga', '.']
    """
    flat = level(text)
    spaced = [found.span() for found in _SPACED.finditer(flat)]
    made: list[Word] = []
    for found in _TOKEN.finditer(flat):
        start, end = found.span()
        inside = next((span for span in spaced if span[0] <= start < span[1]), None)
        if inside:
            if start == inside[0]:
                joined = re.sub(r"[^a-z]", "", flat[inside[0] : inside[1]])
                made.append(_word(joined, *inside, close=False))
            continue
        token = found.group()
        if token[0] in ".?!\u0964\u0965\n…":
            if _ends(token, flat, end, made):
                made.append(Word(start, end, BREAK, BREAK))
            continue
        made.append(_word(token, start, end, close=bool(made) and made[-1].end == start))
    return tuple(made)


def _ends(mark: str, flat: str, end: int, made: list[Word]) -> bool:
    """Does a mark end a sentence?  Not in "Rs.500", not as "..", which people use as a comma, not twice."""
    if not made or made[-1].is_break or len(mark) > 1 or mark == "…":
        return False
    if mark == ".":
        after = flat[end : end + 1]
        return made[-1].plain not in _DOTTED and not (after and (after.isalnum() and made[-1].is_number))
    return True


def _word(token: str, start: int, end: int, *, close: bool) -> Word:
    plain = plainly(token)
    return Word(start, end, plain, fold(plain), close)


@lru_cache(maxsize=65536)
def plainly(word: str) -> str:
    """Composed letters, small, without apostrophes and joiners, a letter that is drawn out written once.

    >>> plainly("Don't"), plainly("STOPPPP")
    ('dont', 'stop')
    """
    kept = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", word).lower())
    kept = re.sub(r"['’\u200c\u200d]", "", _QUIET.sub("", kept))
    return re.sub(r"([a-z])\1{2,}", r"\1", kept) or word


@lru_cache(maxsize=65536)
def fold(plain: str) -> str:
    """A word with its wild spellings made one: Latin letters by _LATIN, Indian scripts by _indic; digits and marks as they are.

    >>> {fold(word) for word in ("kal", "kl", "kall", "kaal")}, {fold(word) for word in ("dunga", "doonga", "duga")}
    ({'kl'}, {'duga'})
    >>> fold("नहीं") == fold("नही"), fold("हिन्दी") == fold("हिंदी"), fold("गयी") == fold("गई")
    (True, True, True)
    """
    if plain[0].isdigit() or not any(letter.isalpha() for letter in plain):
        return plain
    return _latin(plain) if plain.isascii() else _indic(plain)


_LATIN = (
    (r"(ai|ei|ahi|oo)n$", r"\1"),  # the nasal at the end: nahin, mein, hain, doon
    (r"ee|ie(?=[^aeiou])", "i"),
    (r"oo", "u"),
    (r"([a-z])\1+", r"\1"),  # kall, aaj, accha
    (r"c+h+h?", "c"),
    (r"([kgjtdbs])h", r"\1"),  # breath is left out as often as it is written: kh, gh, th, dh, bh, sh
    (r"ph", "f"),
    (r"w", "v"),
    (r"z", "j"),
    (r"q", "k"),
    (r"x", "ks"),
    (r"iy(?=[aeou])", "i"),  # diya, dia; liye, lie
    (r"ai|ei|ay(?![aeiou])|ey(?![aeiou])", "e"),  # paisa, pesa; hai, he
    (r"au|ou", "o"),  # aur, or
    (r"n(?=[gc])", ""),  # dunga, duga; paanch, pach
    (r"(?<=[^aeiou])a(?=[^aeiou])", ""),  # kal, kl; nahi, nhi; karunga, krunga
    (r"([a-z])\1+", r"\1"),
)
_LATIN_STEPS = tuple((re.compile(pattern), into) for pattern, into in _LATIN)


def _latin(word: str) -> str:
    for pattern, into in _LATIN_STEPS:
        word = pattern.sub(into, word)
    return word


_NUKTA, _VIRAMA, _SIGN = 0x3C, 0x4D, range(0x3E, 0x4D)
_SHORTER = {0x08: 0x07, 0x0A: 0x09, 0x40: 0x3F, 0x42: 0x41}
"""Long i and u, letter and sign, written as the short ones: the commonest misspelling in every Indian script (places in a block)."""


def _indic(word: str) -> str:
    """A word in an Indian script: marks that people leave out are left out, long i and u are short, nasals before a letter are one.

    The blocks of the Unicode standard, chapter 12 (Devanagari to Malayalam, U+0900 to U+0D7F), put the same sound in the same place.
    """
    kept: list[str] = []
    letters = unicodedata.normalize("NFD", word)
    for place, letter in enumerate(letters):
        code = ord(letter)
        if not 0x0900 <= code <= 0x0D7F:
            kept.append(letter)
            continue
        block, spot = code & ~0x7F, code & 0x7F
        following = ord(letters[place + 1]) & 0x7F if place + 1 < len(letters) else 0
        if spot in {_NUKTA, 0x01} or (block == 0x0900 and spot == 0x02) or (block == 0x0C80 and spot == 0x55):
            continue  # the dot below, the moon and dot, in Devanagari the dot above, in Kannada the mark of length
        if block == 0x0900 and spot in {0x19, 0x1E, 0x23, 0x28, 0x2E} and following == _VIRAMA and place + 2 < len(letters):
            continue  # a nasal joined to the next letter: हिन्दी is हिंदी, of which the dot is left out too
        if block == 0x0900 and spot == _VIRAMA and kept and letters[place - 1] in "ङञणनम" and following:
            continue
        kept.append(_glide(chr(block + _SHORTER.get(spot, spot)), kept, following, block))
    return unicodedata.normalize("NFC", "".join(kept).removesuffix("्"))


def _glide(letter: str, kept: list[str], following: int, block: int) -> str:
    """In Devanagari य with i or e after a vowel is the vowel alone: गयी is गई, लिये is लिए."""
    if block == 0x0900 and kept and letter in "िे" and kept[-1] == "य" and len(kept) > 1:
        kept.pop()
        return "इ" if letter == "ि" else "ए"
    return letter
