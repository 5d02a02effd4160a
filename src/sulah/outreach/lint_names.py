"""Words of a text that are somebody's name, so that Mr Jail Singh and Ms Bandhana Thana can be written to."""

from collections.abc import Sequence
from dataclasses import replace

from sulah.outreach.lint_fold import Word

_TITLES = frozenset(["mr", "mrs", "ms", "dr", "shri", "sri", "smt", "kum", "श्री", "श्रीमती", "सुश्री"])
_SURNAMES = frozenset(
    [
        "singh",
        "kumar",
        "devi",
        "kaur",
        "lal",
        "prasad",
        "bai",
        "begum",
        "khan",
        "rao",
        "das",
        "sharma",
        "yadav",
        "patil",
        "सिंह",
        "सिँह",
        "कुमार",
        "देवी",
        "कौर",
        "लाल",
        "प्रसाद",
        "बाई",
        "बेगम",
        "राव",
    ]
)
_GREETINGS = frozenset(["dear", "hi", "hello", "namaste", "namaskar", "priya", "प्रिय", "नमस्ते"])
_NAME = ("\0name",)
_MOST_AFTER_TITLE = 2


def without_names(text: str, words: Sequence[Word], addressee: str = "") -> tuple[Word, ...]:
    """The words with those of names made unreadable: after a title or greeting, before a family name, and the addressee's own.

    Up to two capitalised words after a title, up to two between a greeting and a comma, one before a family name.  A word in capitals
    only is no name, and neither is one in small letters: only the shape of a name makes one.
    """
    own = {part.casefold() for part in addressee.split()}
    named: set[int] = set()
    for place, word in enumerate(words):
        if word.readings[0] in _TITLES:
            named |= _after_title(text, words, place)
        elif word.readings[0] in _GREETINGS:
            named |= _greeted(text, words, place)
        elif word.readings[0] in _SURNAMES and place and _shaped(text, words[place - 1]) and _shaped(text, word):
            named.add(place - 1)
        elif own & set(word.readings) and _shaped(text, word):
            named.add(place)
    return tuple(replace(word, readings=_NAME, piece=False) if place in named else word for place, word in enumerate(words))


def _after_title(text: str, words: Sequence[Word], place: int) -> set[int]:
    found: set[int] = set()
    most = _MOST_AFTER_TITLE if words[place].readings[0].isascii() else 1
    for at in range(place + 1, min(len(words), place + 1 + most)):
        if words[at].sentence != words[place].sentence or not _shaped(text, words[at]):
            break
        found.add(at)
    return found


def _greeted(text: str, words: Sequence[Word], place: int) -> set[int]:
    """Up to two capitalised words between a greeting and a comma: Dear Wakil Ahmed, ..."""
    for end in range(place + 2, min(len(words), place + 3 + _MOST_AFTER_TITLE)):
        if text[words[end - 1].end :].lstrip()[:1] == ",":
            named = words[place + 1 : end]
            named = [word for word in named if word.readings[0] not in ("ji", "जी")]
            return set(range(place + 1, end)) if all(_shaped(text, word) for word in named) else set()
    return set()


def _shaped(text: str, word: Word) -> bool:
    """Is a word written as a name: one capital and small letters, or in a script without capitals?"""
    written = text[word.start : word.end]
    return written.istitle() or not any(sign.isupper() or sign.islower() for sign in written)
