"""Which sentences of a text are in English or Hindi too, whatever the text says it is written in: told by their small words."""

from collections import Counter
from collections.abc import Sequence

from sulah.outreach.lint_fold import Word

_ENGLISH = frozenset(
    [
        "you",
        "your",
        "u",
        "ur",
        "we",
        "our",
        "us",
        "the",
        "is",
        "are",
        "was",
        "were",
        "will",
        "shall",
        "would",
        "has",
        "have",
        "of",
        "and",
        "for",
        "with",
        "this",
        "that",
        "if",
        "on",
        "at",
        "by",
        "an",
        "my",
        "i",
        "they",
        "them",
        "his",
        "her",
        "she",
        "he",
        "not",
        "be",
        "been",
        "dont",
        "cant",
        "wont",
        "it",
        "its",
        "from",
        "as",
        "so",
        "who",
        "what",
        "when",
        "where",
        "pay",
        "please",
    ]
)
_HINDI = frozenset(
    [
        "hai",
        "hain",
        "hoon",
        "hun",
        "ka",
        "ki",
        "ke",
        "ko",
        "se",
        "nahi",
        "nahin",
        "nhi",
        "aap",
        "aapka",
        "aapki",
        "aapke",
        "aapko",
        "mein",
        "kar",
        "karo",
        "karna",
        "karenge",
        "bhi",
        "ye",
        "yeh",
        "wo",
        "woh",
        "jo",
        "hum",
        "ham",
        "hamara",
        "hamari",
        "humara",
        "tera",
        "teri",
        "tere",
        "tum",
        "tumhara",
        "tumhari",
        "tu",
        "raha",
        "rahe",
        "rahi",
        "gaya",
        "gayi",
        "diya",
        "diye",
        "do",
        "de",
        "dega",
        "denge",
        "dunga",
        "lenge",
        "aur",
        "par",
        "pe",
        "tak",
        "kya",
        "kab",
        "koi",
        "apna",
        "apni",
        "apne",
        "ghar",
        "paise",
        "paisa",
        "warna",
        "varna",
        "abhi",
        "aaj",
        "kal",
        "jayega",
        "jayegi",
        "aayega",
        "aayegi",
        "hoga",
        "hogi",
        "tha",
        "thi",
    ]
)
_SMALL = {"en": _ENGLISH, "hi": _HINDI}
_DEVANAGARI = ("\u0900", "\u097f")


def sentences_in(code: str, own: str, words: Sequence[Word]) -> frozenset[int]:
    """The sentences of a text in language `own` that read as English (en) or Hindi (hi): more small words of it than of their own.

    >>> from sulah.outreach.lint_fold import words_of
    >>> sorted(sentences_in("en", "hi", words_of("Paise nahi diye. We will come to your house.")))
    [1]
    """
    here: Counter[int] = Counter()
    other: Counter[int] = Counter()
    for word in words:
        here[word.sentence] += _counts(word, code)
        other[word.sentence] += _counts(word, own)
    return frozenset(sentence for sentence, count in here.items() if count and count > other[sentence])


def _counts(word: Word, code: str) -> int:
    reading = word.readings[0]
    devanagari = code == "hi" and _DEVANAGARI[0] <= reading[:1] <= _DEVANAGARI[1]
    return int(devanagari or reading in _SMALL.get(code, ()))
