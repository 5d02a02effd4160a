"""Amounts as people write them: digits with commas of any script, 2k, 1.5 lakh, number words, dhai hazar, sava lakh, paune do sau."""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.outreach.folding import Word
from sulah.outreach.intent_lexicon import LanguageWords, look
from sulah.outreach.number_words import Spoken, spoken
from sulah.outreach.phrases import Token

LEAST_BARE = 10
"""Rupees from which a number in digits alone, with neither currency nor multiplier, is read as an amount."""
_YEARS = range(1990, 2036)
_DEAREST = 100_000_000
"""Rupees above which a number is no amount of a borrower's."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with its tokens, in paise; marked: with currency or multiplier; aside: the words say that it is the whole or the rest."""

    paise: int
    start: int
    end: int
    marked: bool
    aside: bool = False


def read_amounts(tokens: Sequence[Token], languages: Sequence[LanguageWords], taken: frozenset[int]) -> tuple[Amount, ...]:
    """The amounts of a message in order; `taken` are tokens that belong to a date or a reference.  See docs/policy/intents.md."""
    found: list[Amount] = []
    place = 0
    while place < len(tokens):
        number = spoken(tokens, place, languages, taken)
        if number is None:
            place += 1
            continue
        amount = _amount(number, tokens, languages)
        if amount is not None:
            found.append(amount)
        place = number.end
    return tuple(found)


def the_amount(amounts: Sequence[Amount]) -> Amount | None:
    """The amount that is meant: not one that the words call the whole or the rest, marked before bare, the first of those."""
    return min(amounts, key=lambda one: (one.aside, not one.marked, one.start), default=None)


def _amount(number: Spoken, tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> Amount | None:
    before = tokens[number.start - 1].word if number.start else None
    after = tokens[number.end].word if number.end < len(tokens) else None
    named_before = before is not None and (before.plain == "₹" or look(languages, "currency", before) is not None)
    named_after = after is not None and (after.plain == "/-" or look(languages, "currency", after) is not None)
    named = named_before or named_after
    if not named and (not _stands_alone(number) or _is_counted(number, tokens, languages)):
        return None
    paise = number.value * 100
    if paise.denominator != 1 or not 0 < paise <= _DEAREST * 100:
        return None
    aside = _is_aside(number, tokens, languages)
    return Amount(int(paise), number.start, number.end, named or number.multiplied, aside)


def _stands_alone(number: Spoken) -> bool:
    """Is a number an amount without a currency?  In digits from LEAST_BARE, in words from a hundred."""
    return number.multiplied or (number.in_digits and number.value >= LEAST_BARE)


def _is_counted(number: Spoken, tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> bool:
    """Does the number count something else: days, instalments, o'clock, per cent; or is it a year, a number of a house?"""
    before = tokens[number.start - 1].word if number.start else None
    after = tokens[number.end].word if number.end < len(tokens) else None
    if after is not None and (after.plain == "%" or look(languages, "counted", after) is not None):
        return True
    if before is not None and look(languages, "not_an_amount_after", before) == "label":
        return True
    if number.in_digits and not number.multiplied and number.value in _YEARS and "," not in tokens[number.start].word.plain:
        beside = [word for word in (before, after) if word is not None]
        return any(look(languages, "counted", word) == "year" or look(languages, "month", word) is not None for word in beside) or _in(
            before, after, languages
        )
    return False


def _in(before: Word | None, after: Word | None, languages: Sequence[LanguageWords]) -> bool:
    """ "in 2024", "2024 mein"."""
    words = languages[0].beside
    return (before is not None and before.plain in words.get("year_before", ())) or (
        after is not None and after.plain in words.get("year_after", ())
    )


def _is_aside(number: Spoken, tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> bool:
    """ "out of 6000", "6000 me se", "balance 900": the whole or the rest, not what is paid."""
    near = [tokens[place].word for place in range(max(0, number.start - 2), number.start)]
    behind = [tokens[place].word for place in range(number.end, min(len(tokens), number.end + 3))]
    behind = [word for word in behind if look(languages, "currency", word) is None and word.plain != "/-"]
    said_before = any(look(languages, "not_an_amount_after", word) == "whole" for word in near)
    folded = " ".join(word.plain for word in behind[:2])
    return said_before or any(folded.startswith(start) for start in languages[0].beside.get("share_after", ()))
