"""Numbers that are said: words up to ninety-nine, hundred to crore, half as much again, less a quarter; with digits between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sulah.outreach.folding import Word, fold
from sulah.outreach.intent_lexicon import LanguageWords, look
from sulah.outreach.phrases import Token

_ADDED = {"less_quarter": Fraction(-1, 4), "plus_quarter": Fraction(1, 4), "plus_half": Fraction(1, 2)}
"""paune, sava, sadhe: what they add to the number after them; before a bare multiplier they stand beside one (sava lakh = 1.25 lakh)."""
_WHOLE = {"one_half": Fraction(3, 2), "two_half": Fraction(5, 2), "half": Fraction(1, 2), "quarter": Fraction(1, 4)}
"""dedh, dhai, aadha: numbers of themselves, only before a multiplier."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A number of a message: its tokens, whether it begins in digits, and whether a multiplier or a hundred is in it."""

    value: Fraction
    start: int
    end: int
    in_digits: bool
    multiplied: bool


@dataclass(slots=True)
class _Sum:
    """A number while it is read: what is closed by multipliers, the last of these, and what waits for one."""

    total: Fraction = Fraction(0)
    limit: int | None = None
    open: Fraction | None = None
    added: Fraction | None = None
    needs_multiplier: bool = False
    open_in_words: bool = False

    def value(self) -> Fraction:
        return self.total + (self.open or 0)


def spoken(tokens: Sequence[Token], start: int, languages: Sequence[LanguageWords], taken: frozenset[int]) -> Spoken | None:
    """The longest number that begins at a token; None where none does."""
    state = _Sum()
    place = start
    kept = closed = (start, Fraction(0), False)
    while place < len(tokens) and place not in taken and not tokens[place].word.is_break:
        word = tokens[place].word
        if place > start and word.plain in languages[0].beside.get("joins", ()) and state.open is None and place + 1 < len(tokens):
            place += 1
            continue
        if not _take(state, tokens, place, languages):
            times = _times(word, tokens, place, languages)
            kept = closed if times is not None and closed[0] > start else kept
            break
        place += 1
        if not state.needs_multiplier and state.added is None:
            hundreds = state.open is not None and state.open >= 100 and state.open_in_words
            kept = (place, state.value(), kept[2] or state.limit is not None or hundreds)
            closed = kept if state.open is None else closed
    end, value, multiplied = kept
    return None if end == start else Spoken(value, start, end, tokens[start].word.is_number, multiplied)


def _take(state: _Sum, tokens: Sequence[Token], place: int, languages: Sequence[LanguageWords]) -> bool:
    """Take one token into the number; False where it does not belong to it."""
    word = tokens[place].word
    if word.is_number:
        value = _in_digits(tokens[place])
        return value is not None and _add(state, value, in_words=False)
    fraction = look(languages, "fraction", word) or ""
    if fraction in _ADDED and state.open is None and state.added is None:
        state.added = _ADDED[fraction]
        return True
    if fraction in _WHOLE and state.open is None and state.added is None and _next_multiplies(tokens, place, languages):
        state.open, state.needs_multiplier = _WHOLE[fraction], True
        return True
    times = _times(word, tokens, place, languages)
    if times is not None:
        return _multiply(state, times)
    number, joined = _parts(word, languages) or (None, None)
    if number is None or not _add(state, Fraction(number), in_words=True):
        return False
    return joined is None or _multiply(state, joined)


def _in_digits(token: Token) -> Fraction | None:
    """The value of digits; None where they are a reference or a telephone number."""
    plain = token.word.plain.replace(",", "")
    if token.digits is None and ("." not in plain or len(plain) > 12):
        return None
    return Fraction(plain)


def _times(word: Word, tokens: Sequence[Token], place: int, languages: Sequence[LanguageWords]) -> int | None:
    found = look(languages, "multiplier", word)
    if found is None or (_is_letter(word, languages) and not (place and tokens[place - 1].word.is_number)):
        return None
    return int(found)


def _is_letter(word: Word, languages: Sequence[LanguageWords]) -> bool:
    """Is it a multiplier that is a letter: `k`, `l`?  It counts only directly after digits."""
    return word.plain in languages[0].beside.get("letters", ())


def _next_multiplies(tokens: Sequence[Token], place: int, languages: Sequence[LanguageWords]) -> bool:
    return place + 1 < len(tokens) and _times(tokens[place + 1].word, tokens, place + 1, languages) is not None


def _add(state: _Sum, number: Fraction, *, in_words: bool) -> bool:
    """A number joins the sum: as what the next multiplier counts, or as the ones after tens ("twenty" "five")."""
    if state.open is None:
        if state.limit is not None and number >= state.limit:
            return False
        state.open = number + (state.added or 0)
        state.added, state.open_in_words = None, in_words
        return True
    tens = in_words and state.open_in_words and state.open.denominator == 1
    if tens and (
        (state.open % 10 == 0 and 20 <= state.open < 100 and number < 10) or (state.open % 100 == 0 and state.open >= 100 > number)
    ):
        state.open += number
        return True
    if tens and state.open > 100 and state.open % 100 >= 20 and state.open % 10 == 0 and number < 10:
        state.open += number
        return True
    return False


def _multiply(state: _Sum, times: int) -> bool:
    """hundred, thousand, lakh, crore: smaller ones after greater ones add up, a greater one takes all before it."""
    counted = state.open if state.open is not None else (1 + state.added if state.added is not None else None)
    if state.limit is not None and times >= state.limit:
        if times == state.limit or (counted is None and state.total == 0):
            return False
        state.total = (state.total + (counted or 0)) * times
    else:
        state.total += (Fraction(1) if counted is None else counted) * times
    state.open, state.added, state.needs_multiplier, state.limit = None, None, False, times
    return True


def _parts(word: Word, languages: Sequence[LanguageWords]) -> tuple[int, int | None] | None:
    """A number word, or one written together with what follows: पाचशे, দুইশো, ఇరవైఐదు, paanchsau."""
    whole = look(languages, "number", word)
    if whole is not None:
        return int(whole), None
    least = 6 if word.plain.isascii() else 3
    if len(word.plain) < least:
        return None
    for cut in range(2, len(word.plain) - 1):
        head = look(languages, "number", _piece(word, 0, cut))
        if head is None:
            continue
        tail = _piece(word, cut, len(word.plain))
        times = look(languages, "multiplier", tail)
        if times is not None and not _is_letter(tail, languages):
            return int(head), int(times)
        ones = look(languages, "number", tail)
        if ones is not None and int(ones) < 10 and int(head) % 10 == 0 and 20 <= int(head) <= 90:
            return int(head) + int(ones), None
    return None


def _piece(word: Word, start: int, end: int) -> Word:
    plain = word.plain[start:end]
    return Word(word.start, word.end, plain, fold(plain))
