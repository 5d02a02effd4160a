"""Which rows of the lexicon a message says: phrases found, contexts that make them harmless, negations, one-word messages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sulah.outreach.intent_lexicon import Index, LanguageWords, PhraseRow, look
from sulah.outreach.intent_terms import About, Intent
from sulah.outreach.phrases import Found, Phrase, Token, find


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that a message says: its intent and name, its language, the tokens, whether it means it wherever it stands."""

    intent: Intent
    rule: str
    language: str
    start: int
    end: int
    firm: bool


def hits(tokens: Sequence[Token], languages: Sequence[LanguageWords], protective: Index) -> dict[Intent, Hit]:
    """The best hit for each intent: a firm row before a loose one, then the longer, then the first."""
    best: dict[Intent, Hit] = {}
    for hit in _all(tokens, languages, protective):
        known = best.get(hit.intent)
        if known is None or _rank(hit) > _rank(known):
            best[hit.intent] = hit
    return best


def whose(tokens: Sequence[Token], languages: Sequence[LanguageWords]) -> About:
    """Whose death a message tells: the borrower's where it says so or names no relative, else the family's."""
    said = {
        row.about
        for place, token in enumerate(tokens)
        for language in languages
        for row, wanted in language.abouts.at(token)
        if (found := find(wanted, tokens, place)) and not any(_touches(unless, tokens, found) for unless in row.unless)
    }
    return About.FAMILY if said == {About.FAMILY.value} else About.BORROWER


def _rank(hit: Hit) -> tuple[bool, int, int]:
    return hit.firm, hit.end - hit.start, -hit.start


def _all(tokens: Sequence[Token], languages: Sequence[LanguageWords], protective: Index) -> Iterator[Hit]:
    own = {language.language for language in languages}
    for place, token in enumerate(tokens):
        for language in languages:
            for row, wanted in language.phrases.at(token):
                yield from _hit(row, wanted, tokens, place, languages)
        for row, wanted in protective.at(token):
            if row.language not in own and (row.alone or row.key != "stop" or not token.word.plain.isascii()):
                yield from _hit(row, wanted, tokens, place, languages)


def _hit(row: PhraseRow, wanted: Phrase, tokens: Sequence[Token], place: int, languages: Sequence[LanguageWords]) -> Iterator[Hit]:
    found = find(wanted, tokens, place)
    if found is None:
        return
    if row.alone and not _alone(tokens, found, languages):
        return
    if row.no_not and _negated(tokens, found, languages):
        return
    if any(_touches(unless, tokens, found) for unless in row.unless):
        return
    yield Hit(Intent(row.key), row.row_id, row.language, found.start, found.end, row.firm)


def _alone(tokens: Sequence[Token], found: Found, languages: Sequence[LanguageWords]) -> bool:
    """Does the message say nothing beside the phrase, but for politeness and the phrase again?"""
    inside = {tokens[place].word.folded for place in range(found.start, found.end)}
    for place, token in enumerate(tokens):
        word = token.word
        outside = not found.start <= place < found.end and not word.is_break and word.folded not in inside
        if outside and look(languages, "polite", word) is None:
            return False
    return True


def _negated(tokens: Sequence[Token], found: Found, languages: Sequence[LanguageWords]) -> bool:
    """Does a negation stand in the phrase, up to two words before it or one after it, in the same sentence?"""
    first, last = found.start, found.end
    while first > 0 and found.start - first < 2 and not tokens[first - 1].word.is_break:
        first -= 1
    if last < len(tokens) and not tokens[last].word.is_break:
        last += 1
    return any(language.negations.of(tokens[place].word) for place in range(first, last) for language in languages)


def _touches(unless: Phrase, tokens: Sequence[Token], found: Found) -> bool:
    """Does the harmless context share a word with what was found?"""
    for place in range(max(0, found.start - 8), found.end):
        context = find(unless, tokens, place)
        if context is not None and context.start < found.end and found.start < context.end:
            return True
    return False
