"""Phrases of a lexicon: a small notation of word sequences, and finding them in a message, each in one pass."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sulah.kernel.refusal import Refusal
from sulah.outreach.folding import Word, fold, plainly

SHORTEST_NEAR = 6
"""Letters from which a word may be written with a slip of the pen: "shop" is one letter from "stop", and no slip for it."""

GAP = 4
"""Words that `..` may skip."""


class PhraseError(Refusal):
    """A phrase cannot be read; the words say which part of it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a message with what the tables of the lexicon say it may be.

    digits: its value where it is written in digits.  number: also where it is a number word up to 99.  weekday: 0 is Monday.  month: 1-12.
    amount: at the first token of an amount, one past its last.
    """

    word: Word
    digits: int | None = None
    number: int | None = None
    weekday: int | None = None
    weekday_short: int | None = None
    month: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True)
class Element:
    """One place of a phrase: exact words, beginnings of words, words within one slip of the pen, or a kind of word."""

    exact: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    optional: bool = False
    or_end: bool = False
    gap_before: int = 0


@dataclass(frozen=True, slots=True)
class Phrase:
    """A compiled phrase: its elements, whether it must begin or end the message, and whether it compares folded spelling."""

    text: str
    elements: tuple[Element, ...]
    at_start: bool
    at_end: bool
    folded: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a message: first token, one past the last, and the tokens that stand for numbers, weekdays and months."""

    start: int
    end: int
    picked: tuple[int, ...]


_KINDS = {
    "#": "digits",
    "#w": "number",
    "_": "any",
    "<weekday>": "weekday",
    "<weekday_short>": "weekday_short",
    "<month>": "month",
    "<amount>": "amount",
}


def phrase(text: str, classes: Mapping[str, Sequence[str]], *, folded: bool) -> Phrase:
    """A phrase from its notation; PhraseError where it has no word.

    `a|b` one of these; `pay*` a word that begins so; `~poison` the word with at most one slip; `<not>` a class of the lexicon; `x?` may
    be left out; `x|$` x or the end of the sentence; `..` up to GAP words between; `_` any word; `#` a number in digits, `#w` also in
    words; `<amount>` an amount; `<weekday>`, `<month>` what they say; `^` and `$` the message's ends.
    """
    parts = text.split()
    start, end = bool(parts) and parts[0] == "^", bool(parts) and parts[-1] == "$"
    made: list[Element] = []
    gap = 0
    for part in parts[1 if start else 0 : len(parts) - 1 if end else None]:
        if part == "..":
            gap = GAP
            continue
        made.append(_element(part, classes, gap, text, folded=folded))
        gap = 0
    if not made or made[0].optional or gap:
        raise PhraseError(f"the phrase {text!r} must begin and end with a word")
    return Phrase(text, tuple(made), start, end, folded)


def _element(part: str, classes: Mapping[str, Sequence[str]], gap: int, text: str, *, folded: bool) -> Element:
    optional = part.endswith("?") and len(part) > 1
    part = part.removesuffix("?") if optional else part
    kinds = tuple(_KINDS[choice] for choice in part.split("|") if choice in _KINDS)
    exact: set[str] = set()
    starts: list[str] = []
    near: list[str] = []
    for choice in _choices(part, classes, text):
        plain = plainly(choice.strip("~*"))
        if choice.startswith("~"):
            if len(plain) < SHORTEST_NEAR:
                raise PhraseError(f"the phrase {text!r} allows a slip in {plain!r}, which is shorter than {SHORTEST_NEAR} letters")
            near.append(plain)
        elif choice.endswith("*"):
            starts += _beginnings(plain) if folded else [plain]
        else:
            exact.add(fold(plain) if folded else plain)
    if any(len(beginning) < 2 for beginning in starts):
        raise PhraseError(f"the phrase {text!r} has a beginning of a single letter")
    return Element(frozenset(exact), tuple(starts), tuple(near), kinds, optional, "$" in part.split("|"), gap)


def _beginnings(plain: str) -> list[str]:
    """The folded beginning of a word; an "a" at its end is folded away where the word goes on, so that it may be missing."""
    folded = fold(plain)
    return [folded, folded[:-1]] if folded.endswith("a") and len(folded) > 3 else [folded]


def _choices(part: str, classes: Mapping[str, Sequence[str]], text: str) -> Iterator[str]:
    for choice in part.split("|"):
        if choice in _KINDS or choice == "$":
            continue
        if choice.startswith("<") and choice.endswith(">"):
            if choice[1:-1] not in classes:
                raise PhraseError(f"the phrase {text!r} names the class {choice}, which the language does not have")
            yield from classes[choice[1:-1]]
        elif choice:
            yield choice


def within_one_slip(word: str, wanted: str) -> bool:
    """Is a word the wanted one with at most one letter added, left out, changed or two neighbours swapped?  The first letter must stand.

    >>> within_one_slip("sucide", "suicide"), within_one_slip("poision", "poison"), within_one_slip("person", "poison")
    (True, True, False)
    """
    if word == wanted:
        return True
    if not word or word[0] != wanted[0] or abs(len(word) - len(wanted)) > 1:
        return False
    at = next((place for place, (one, other) in enumerate(zip(word, wanted, strict=False)) if one != other), min(len(word), len(wanted)))
    if len(word) == len(wanted):
        swapped = word[at : at + 2] == wanted[at : at + 2][::-1] and word[at + 2 :] == wanted[at + 2 :]
        return swapped or word[at + 1 :] == wanted[at + 1 :]
    longer, shorter = (word, wanted) if len(word) > len(wanted) else (wanted, word)
    return longer[at + 1 :] == shorter[at:]


def fits(element: Element, token: Token, *, folded: bool) -> bool:
    """May the token stand at this place of a phrase?"""
    word = token.word
    if word.is_break:
        return False
    if any(not word.is_number if kind == "any" else getattr(token, kind) is not None for kind in element.kinds):
        return True
    written = word.folded if folded else word.plain
    if written in element.exact or any(written.startswith(beginning) for beginning in element.starts):
        return True
    return any(within_one_slip(word.plain, wanted) for wanted in element.near)


def find(wanted: Phrase, tokens: Sequence[Token], start: int) -> Found | None:
    """The phrase beginning at a token, the shortest reading of it; None where it does not."""
    if wanted.at_start and start:
        return None
    first = wanted.elements[0]
    if not fits(first, tokens[start], folded=wanted.folded):
        return None
    ways: dict[int, tuple[int, ...]] = {_past(first, tokens, start): (start,) if first.kinds else ()}
    for element in wanted.elements[1:]:
        ways = _onward(element, ways, tokens, folded=wanted.folded)
    if wanted.at_end:
        last = _last(tokens)
        ways = {end: picked for end, picked in ways.items() if end >= last}
    if not ways:
        return None
    end = max(ways) if any(element.optional for element in wanted.elements) else min(ways)
    return Found(start, end, ways[end])


def _onward(element: Element, ways: Mapping[int, tuple[int, ...]], tokens: Sequence[Token], *, folded: bool) -> dict[int, tuple[int, ...]]:
    """Where a phrase may stand after one more place of it, from every place where it may stand now."""
    onward = dict(ways) if element.optional else {}
    for place, picked in ways.items():
        if element.or_end and (place >= len(tokens) or tokens[place].word.is_break):
            onward.setdefault(place, picked)
        for at in range(place, min(place + element.gap_before + 1, len(tokens))):
            if tokens[at].word.is_break:
                break
            if fits(element, tokens[at], folded=folded):
                onward.setdefault(_past(element, tokens, at), (*picked, at) if element.kinds else picked)
    return onward


def _past(element: Element, tokens: Sequence[Token], at: int) -> int:
    """Where a phrase goes on: after the whole amount, or after the word."""
    return (tokens[at].amount if "amount" in element.kinds else None) or at + 1


def _last(tokens: Sequence[Token]) -> int:
    """One past the last token that is no mark."""
    return max((place + 1 for place, token in enumerate(tokens) if not token.word.is_break), default=0)
