"""Hindi and Marathi as they sound: words in Devanagari and in Latin letters, however they are spelt, come to one rough form.

Latin letters have no settled spelling of Hindi (thana, thaana; aayegi, aaegi; izzat, ijjat), so forms are made coarse on purpose: long
and short vowels, breathed and plain consonants fall together. Devanagari is first written in Latin letters, the inherent a passed over
where it is not spoken: at the end of a word, and between two spoken syllables (Ohala, Aspects of Hindi Phonology, 1983: schwa deletion).
"""

import re
from functools import lru_cache
from itertools import groupby

_CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        [
            "k",
            "kh",
            "g",
            "gh",
            "n",
            "ch",
            "chh",
            "j",
            "jh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "t",
            "th",
            "d",
            "dh",
            "n",
            "p",
            "ph",
            "b",
            "bh",
            "m",
            "y",
            "r",
            "l",
            "v",
            "sh",
            "sh",
            "s",
            "h",
            "l",
        ],
        strict=True,
    )
)
_VOWELS = dict(zip("अआइईउऊऋएऐओऔऑऍ", ["a", "a", "i", "i", "u", "u", "ri", "e", "ai", "o", "au", "o", "e"], strict=True))
_SIGNS = dict(zip("ािीुूृेैोौॉॅ", ["a", "i", "i", "u", "u", "ri", "e", "ai", "o", "au", "o", "e"], strict=True))
_VIRAMA, _NASAL = "्", "ंँ"
_PAIRS = (
    *(("chh", "c"), ("ch", "c"), ("sh", "s"), ("ph", "f"), ("kh", "k"), ("gh", "g"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("jh", "j")),
    *(("w", "v"), ("z", "j"), ("q", "k"), ("x", "ks"), ("ck", "k"), ("ee", "i"), ("oo", "u"), ("ou", "au")),
)
_GLIDE = re.compile(r"(?<=[eiou])y(?=[aeiou])|(?<=a)y(?=[eiou])")


@lru_cache(maxsize=50_000)
def sound(word: str, *, begins: bool = False) -> str:
    """The rough form of a word in Latin letters or Devanagari; '' for one in another script.  begins: it is only a word's beginning.

    >>> sound("izzat"), sound("ijjat"), sound("इज़्ज़त".replace("़", ""))
    ('ijat', 'ijat', 'ijat')
    >>> sound("aayegi") == sound("aaegi") == sound("आएगी"), sound("nahin") == sound("नहीं")
    (True, True)
    """
    latin = word if word.isascii() else _latin(word)
    if not latin.isascii() or not latin.isalpha():
        return ""
    for pair, single in _PAIRS:
        latin = latin.replace(pair, single)
    latin = "".join(letter for letter, _ in groupby(latin))
    latin = _GLIDE.sub("", latin)
    latin = "".join(letter for letter, _ in groupby(latin))
    if not begins and len(latin) > 3 and latin.endswith(("in", "en", "on")):
        latin = latin[:-1]
    return latin


def _latin(word: str) -> str:
    """Devanagari in Latin letters, vowels not spoken left out; the word itself where a sign is not known."""
    sounds: list[str] = []
    for place, sign in enumerate(word):
        after = word[place + 1] if place + 1 < len(word) else ""
        if sign in _CONSONANTS:
            sounds += [_CONSONANTS[sign]] if after in (_VIRAMA, *_SIGNS) and after else [_CONSONANTS[sign], "ə"]
        elif sign in _NASAL:
            sounds += ["m" if after and after in "पफबभम" else "n"] if after else []
        elif sign in _VOWELS or sign in _SIGNS:
            sounds.append(_VOWELS.get(sign) or _SIGNS[sign])
        elif sign not in (_VIRAMA, "ः"):
            return word
    return "".join(_spoken(sounds)).replace("ə", "a")


def _spoken(sounds: list[str]) -> list[str]:
    """Without the inherent vowel at the end and between syllables (vowel, consonant, ə, consonant, vowel), from the end on."""
    kept = list(sounds)
    if kept[-1:] == ["ə"] and any(_vowel(part) for part in kept[:-1]):
        kept.pop()
    place = len(kept) - 3
    while place >= 2:
        around = kept[place] == "ə" and not _vowel(kept[place - 1]) and not _vowel(kept[place + 1])
        if around and _vowel(kept[place - 2]) and _vowel(kept[place + 2]):
            del kept[place]
        place -= 1
    return kept


def _vowel(part: str) -> bool:
    return part[0] in "aeiouə"
