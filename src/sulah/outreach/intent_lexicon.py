"""The lexicon of the reader of answers: the rows of each language, compiled once, and the words of a message looked up in it."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

from sulah.outreach.folding import Word, fold, plainly
from sulah.outreach.phrases import Phrase, Token, phrase
from sulah.outreach.said_references import ReferenceForms, reference_forms
from sulah.outreach.scales import Scales, scales
from sulah.policy.intent_rows import IntentRow

PLAINLY_SPELT = frozenset({"en"})
"""Languages whose words are compared as they are spelt; in the others wild spellings are folded."""

SCRIPTS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"hi": (0x0900, 0x097F), "mr": (0x0900, 0x097F), "bn": (0x0980, 0x09FF), "or": (0x0B00, 0x0B7F), "ta": (0x0B80, 0x0BFF),
     "te": (0x0C00, 0x0C7F), "kn": (0x0C80, 0x0CFF)}
)  # fmt: skip
"""The block of letters of each language that is not written in Latin letters (Unicode standard, chapter 12)."""

PROTECTIVE = frozenset({"self_harm", "death", "stop"})
"""Intents whose phrases are looked for in every language, whatever the person's: a miss costs more than a false alarm."""


@dataclass(frozen=True, slots=True)
class Table:
    """Words that stand for something: by plain spelling, and by folded spelling where that is not two things at once."""

    plain: Mapping[str, str]
    folded: Mapping[str, str]

    def of(self, word: Word) -> str | None:
        """What a word stands for; None where the table does not have it."""
        found = self.plain.get(word.plain)
        return self.folded.get(word.folded) if found is None else found


EMPTY = Table(MappingProxyType({}), MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class PhraseRow:
    """A row of phrases with one meaning; key is the intent, or for dates how the date is found."""

    row_id: str
    language: str
    key: str
    phrases: tuple[Phrase, ...]
    unless: tuple[Phrase, ...] = ()
    firm: bool = False
    alone: bool = False
    no_not: bool = False
    about: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """Phrases by what their first word may be, so that a message is held against few of them."""

    exact: Mapping[str, tuple[tuple[PhraseRow, Phrase], ...]]
    starts: Mapping[str, tuple[tuple[PhraseRow, Phrase], ...]]
    always: tuple[tuple[PhraseRow, Phrase], ...]

    def at(self, token: Token) -> Iterable[tuple[PhraseRow, Phrase]]:
        """The phrases that may begin at a token."""
        word = token.word
        yield from self.exact.get(word.plain, ())
        if word.folded != word.plain:
            yield from self.exact.get(word.folded, ())
        yield from self.starts.get(word.plain[:2], ())
        if word.folded[:2] != word.plain[:2]:
            yield from self.starts.get(word.folded[:2], ())
        yield from self.always


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """One language, compiled: its tables of words by kind, its phrases and its dates; beside: words of all languages around numbers."""

    language: str
    tables: Mapping[str, Table]
    phrases: Index
    dates: Index
    abouts: Index
    negations: Table
    mixes_with: tuple[str, ...] = ()
    beside: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))

    def table(self, kind: str) -> Table:
        """The table of a kind; empty where the language has none."""
        return self.tables.get(kind, EMPTY)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All languages, the protective phrases of all of them together, how references are written, and the weights beside them."""

    languages: Mapping[str, LanguageWords]
    protective: Index
    forms: ReferenceForms
    scales: Scales = field(default_factory=Scales, repr=False)
    _active: dict[tuple[str, ...], tuple[LanguageWords, ...]] = field(default_factory=dict, compare=False, repr=False)

    def active(self, language: str, words: Sequence[Word]) -> tuple[LanguageWords, ...]:
        """The languages in which a message is read: the person's, those that it is mixed with, those of the letters it is written in."""
        own = self.languages.get(language)
        codes = [language, *(own.mixes_with if own else ()), "en"]
        seen = {ord(letter) for word in words for letter in word.plain if ord(letter) > 0x08FF}
        for code, (first, last) in SCRIPTS.items():
            if any(first <= letter <= last for letter in seen) and not any(SCRIPTS.get(known) == (first, last) for known in codes):
                codes.append(code)
        return tuple(self.languages[code] for code in dict.fromkeys(codes) if code in self.languages)


def lexicon(rows: Iterable[IntentRow], weighed_on: date | None = None) -> Lexicon:
    """The lexicon of rows in force, with the weights of a day (None: without any); PhraseError for a phrase that cannot be read."""
    by_language: dict[str, list[IntentRow]] = {}
    for row in rows:
        by_language.setdefault(row.language, []).append(row)
    beside = {key: frozenset(words) for key, words in _everywhere(by_language, "beside_number").items()}
    made = {code: replace(_language(code, found), beside=MappingProxyType(beside)) for code, found in by_language.items()}
    protective = [
        row for code, found in by_language.items() for row in _phrase_rows(code, found) if row.key in PROTECTIVE and not row.alone
    ]
    stops = [row for code, found in by_language.items() for row in _phrase_rows(code, found) if row.key == "stop" and row.alone]
    forms = reference_forms(_everywhere(by_language, "reference"))
    return Lexicon(MappingProxyType(made), _index([*protective, *stops]), forms, scales("intent", weighed_on))


def _everywhere(by_language: Mapping[str, Sequence[IntentRow]], kind: str) -> dict[str, tuple[str, ...]]:
    """The words of a kind by what they stand for, of all languages in their order: numbers are written alike in messages that mix them."""
    found: dict[str, tuple[str, ...]] = {}
    for row in (row for rows in by_language.values() for row in rows if row.kind == kind):
        for key, words in row.words.items():
            found[key] = (*found.get(key, ()), *(word.replace("_", " ") for word in words))
    return found


def _language(code: str, rows: Sequence[IntentRow]) -> LanguageWords:
    kinds: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in rows:
        if row.kind not in {"phrase", "about", "date", "class", "beside_number", "reference"}:
            for key, found in row.words.items():
                kinds.setdefault(row.kind, {})[key] = (*kinds.get(row.kind, {}).get(key, ()), *found)
    tables = {kind: _table(words, folded=code not in PLAINLY_SPELT) for kind, words in kinds.items()}
    classes = _classes(rows)
    negations = _table({"not": classes.get("not", ())}, folded=code not in PLAINLY_SPELT)
    dates = [
        PhraseRow(row.row_id, code, key, tuple(phrase(line, classes, folded=code not in PLAINLY_SPELT) for line in lines))
        for row in rows
        if row.kind == "date"
        for key, lines in row.words.items()
    ]
    abouts = _phrase_rows(code, rows, "about")
    mixes = tuple(word for words in kinds.get("mixes_with", {}).values() for word in words)
    return LanguageWords(code, MappingProxyType(tables), _index(_phrase_rows(code, rows)), _index(dates), _index(abouts), negations, mixes)


def _classes(rows: Sequence[IntentRow]) -> dict[str, tuple[str, ...]]:
    return {name: words for row in rows if row.kind == "class" for name, words in row.words.items()}


def _phrase_rows(code: str, rows: Sequence[IntentRow], kind: str = "phrase") -> list[PhraseRow]:
    classes, folded = _classes(rows), code not in PLAINLY_SPELT
    return [
        PhraseRow(
            row.row_id,
            code,
            row.intent,
            tuple(phrase(line, classes, folded=folded) for line in row.says),
            tuple(phrase(line, classes, folded=folded) for line in row.unless),
            row.firm,
            row.alone,
            row.no_not,
            row.about,
        )
        for row in rows
        if row.kind == kind
    ]


def _table(words: Mapping[str, Sequence[str]], *, folded: bool) -> Table:
    plain: dict[str, str] = {}
    loose: dict[str, Set[str]] = {}
    for key, found in words.items():
        for word in found:
            plain.setdefault(plainly(word), key)
            loose.setdefault(fold(plainly(word)), set()).add(key)  # type: ignore[attr-defined]
    single = {word: next(iter(keys)) for word, keys in loose.items() if len(keys) == 1} if folded else {}
    return Table(MappingProxyType(plain), MappingProxyType(single))


def _index(rows: Iterable[PhraseRow]) -> Index:
    exact: dict[str, list[tuple[PhraseRow, Phrase]]] = {}
    starts: dict[str, list[tuple[PhraseRow, Phrase]]] = {}
    always: list[tuple[PhraseRow, Phrase]] = []
    for row in rows:
        for wanted in row.phrases:
            first = wanted.elements[0]
            if first.kinds:
                always.append((row, wanted))
            for word in first.exact:
                exact.setdefault(word, []).append((row, wanted))
            for start in {beginning[:2] for beginning in (*first.starts, *first.near)}:
                starts.setdefault(start, []).append((row, wanted))
    return Index(_frozen(exact), _frozen(starts), tuple(always))


def _frozen(
    index: Mapping[str, list[tuple[PhraseRow, Phrase]]],
) -> Mapping[str, tuple[tuple[PhraseRow, Phrase], ...]]:
    return MappingProxyType({key: tuple(found) for key, found in index.items()})


def look(languages: Sequence[LanguageWords], kind: str, word: Word) -> str | None:
    """What a word stands for in the first of the languages that has it in its table of the kind."""
    for language in languages:
        found = language.table(kind).of(word)
        if found is not None:
            return found
    return None


def tokens(words: Sequence[Word], languages: Sequence[LanguageWords], taken: Sequence[tuple[int, int]]) -> tuple[Token, ...]:
    """The words of a message with what they may be; numbers inside `taken` places (references, telephone numbers) are no numbers."""
    return tuple(_token(place, words, languages, taken) for place in range(len(words)))


def _token(place: int, words: Sequence[Word], languages: Sequence[LanguageWords], taken: Sequence[tuple[int, int]]) -> Token:
    word = words[place]
    if word.is_break or any(start <= word.start < end for start, end in taken):
        return Token(word)
    if word.is_number:
        plain = word.plain.replace(",", "")
        value = int(plain) if plain.isdigit() and len(plain) < 10 else None
        return Token(word, digits=value, number=value)
    return Token(
        word,
        number=_spoken(place, words, languages),
        weekday=_whole(look(languages, "weekday", word)),
        weekday_short=_whole(look(languages, "weekday_short", word)),
        month=_whole(look(languages, "month", word)),
    )


def _spoken(place: int, words: Sequence[Word], languages: Sequence[LanguageWords]) -> int | None:
    """A number word up to 99, or an ordinal; "twenty fifth" and "twenty five" are one, at the second word."""
    value = _small(words[place], languages)
    before = _small(words[place - 1], languages) if place else None
    if value is not None and before in {20, 30} and value < 10:
        return before + value
    return value


def _small(word: Word, languages: Sequence[LanguageWords]) -> int | None:
    found = look(languages, "ordinal", word) or look(languages, "number", word)
    return int(found) if found is not None and int(found) < 100 else None


def _whole(found: str | None) -> int | None:
    return None if found is None else int(found)
