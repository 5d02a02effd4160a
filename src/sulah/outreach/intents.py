"""What a borrower's answer means: intent, amount, date and reference, read by rows of words, and what weights suspect beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sulah.outreach.amounts import Amount, read_amounts, the_amount
from sulah.outreach.choices import read_choice
from sulah.outreach.dates_said import FAR_DAYS, DateWords, SaidDate, date_words, resolve
from sulah.outreach.folding import Word, level, words
from sulah.outreach.intent_hits import Hit, hits, whose
from sulah.outreach.intent_lexicon import LanguageWords, Lexicon, look, tokens
from sulah.outreach.intent_terms import PRECEDENCE, About, Confidence, Intent
from sulah.outreach.intent_weigh import Suspicion, suspicions
from sulah.outreach.phrases import Token
from sulah.outreach.said_references import Reference, ReferenceKind, references

__all__ = ["PRECEDENCE", "About", "Confidence", "Intent", "Read", "Span", "SpanKind", "read_intent"]

_MONEY = frozenset({Intent.PAID, Intent.PROMISE, Intent.PART})
_OFFERS = frozenset({Intent.PROMISE, Intent.PART})


class SpanKind(StrEnum):
    """What a place of the message was read as."""

    WORDS = "words"
    AMOUNT = "amount"
    DATE = "date"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Span:
    """A place of the message (characters, from 0, end left out), what it was read as, and the row or rule that did."""

    start: int
    end: int
    kind: SpanKind
    rule: str


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    intent: the most protective one that the text says (PRECEDENCE).  also: the others.  confidence, rule, matched: how sure, by which
    row and which of the text's own words.  by_language: the language of that row ('' for a button).  amount_paise, due_on: of what is
    promised, offered or paid; amount_sure, due_sure are False where the number or the date is one reading of several.  paid_on: the day
    of a payment that was made.  utr: the reference quoted.  wanted_language: code, '' where none is named.  about: for a death, whose.
    suspected: protective intents that no row says and the weights suspect; a person looks, nothing else follows by itself.
    """

    intent: Intent
    also: tuple[Intent, ...] = ()
    confidence: Confidence = Confidence.UNSURE
    rule: str = ""
    matched: str = ""
    by_language: str = ""
    amount_paise: int | None = None
    amount_sure: bool = False
    due_on: date | None = None
    due_sure: bool = False
    paid_on: date | None = None
    utr: str = ""
    wanted_language: str = ""
    about: About = About.UNKNOWN
    spans: tuple[Span, ...] = ()
    suspected: tuple[Suspicion, ...] = ()

    def told(self) -> dict[str, object]:
        """The reading as plain values, for the record and for the person who checks it; no word of the message but those matched."""
        return {
            "intent": self.intent.value,
            "also": [intent.value for intent in self.also],
            "confidence": self.confidence.value,
            "rule": self.rule,
            "matched": self.matched,
            "by_language": self.by_language,
            "amount_paise": self.amount_paise,
            "amount_sure": self.amount_sure,
            "due_on": self.due_on.isoformat() if self.due_on else None,
            "due_sure": self.due_sure,
            "paid_on": self.paid_on.isoformat() if self.paid_on else None,
            "utr": self.utr,
            "wanted_language": self.wanted_language,
            "about": self.about.value,
            "suspected": [[one.intent.value, one.score, one.bound, one.start, one.end] for one in self.suspected],
        }


@dataclass(frozen=True, slots=True)
class _Message:
    """A message with everything that was found in it, before it is decided what it means."""

    text: str
    words: tuple[Word, ...]
    tokens: tuple[Token, ...]
    languages: tuple[LanguageWords, ...]
    references: tuple[Reference, ...]
    dates: tuple[DateWords, ...]
    amounts: tuple[Amount, ...]


def read_intent(text: str, language: str, said_at: date, lexicon: Lexicon, shown_choice: str = "") -> Read:
    """Read one answer, said on the IST date said_at by a person of a language; a button or key that was pressed decides alone.

    Pure: no clock, no chance, no language model.  Rules and notation: docs/policy/intents.md; weights: docs/policy/weights.md.
    """
    chosen = read_choice(shown_choice)
    if chosen is not None:
        return Read(
            chosen.intent,
            confidence=Confidence.SURE if chosen.known else Confidence.UNSURE,
            rule="choice",
            matched=shown_choice,
            due_on=chosen.due_on,
            due_sure=chosen.due_on is not None,
            wanted_language=chosen.language,
            about=chosen.about,
        )
    message = _message(text, language, lexicon)
    found = _settled(hits(message.tokens, message.languages, lexicon.protective), message, said_at)
    read = _read(message, found, said_at)
    if says_all(read, text):
        return read
    return replace(read, suspected=suspicions(text, language, found, lexicon.scales, confident=is_confident(read)))


def says_all(read: Read, text: str) -> bool:
    """Has a row that is sure read every word of a message?  Then none is left by which weights could suspect something else."""
    said, matched = (sum(not word.is_break for word in words(one)) for one in (text, read.matched))
    return read.confidence is Confidence.SURE and 0 < said == matched


def is_confident(read: Read) -> bool:
    """Are the rows sure of a meaning?  Then the weights must say more before they suspect another."""
    return read.confidence is Confidence.SURE and read.intent is not Intent.OTHER


def rows_found(text: str, language: str, said_at: date, lexicon: Lexicon) -> Mapping[Intent, Hit]:
    """What the rows alone say of a message: the best hit for each intent."""
    message = _message(text, language, lexicon)
    return _settled(hits(message.tokens, message.languages, lexicon.protective), message, said_at)


def _message(text: str, language: str, lexicon: Lexicon) -> _Message:
    flat = level(text)
    said = words(text)
    languages = lexicon.active(language, said)
    named = references(flat, lexicon.forms)
    made = tokens(said, languages, [(one.start, one.end) for one in named])
    dates = date_words(flat, made, languages)
    taken = {place for one in dates for place in range(one.start, one.end)}
    taken |= {place for place, word in enumerate(said) if any(one.start <= word.start < one.end for one in named)}
    amounts = read_amounts(made, languages, frozenset(taken))
    ends = {one.start: one.end for one in amounts}
    marked = tuple(replace(token, amount=ends.get(place)) for place, token in enumerate(made))
    return _Message(text, said, marked, languages, named, dates, amounts)


def _settled(found: Mapping[Intent, Hit], message: _Message, said_on: date) -> dict[Intent, Hit]:
    """What stays of the intents found: a share is no whole payment or promise; a day alone is a promise without words."""
    kept = dict(found)
    if Intent.PART in kept:
        kept.pop(Intent.PROMISE, None)
        kept.pop(Intent.PAID, None)
    if Intent.PAID in kept and Intent.PROMISE in kept and kept[Intent.PAID].firm != kept[Intent.PROMISE].firm:
        kept.pop(Intent.PROMISE if kept[Intent.PAID].firm else Intent.PAID)
    if not kept and _is_a_day_to_come(message, said_on):
        first = message.dates[0]
        kept[Intent.PROMISE] = Hit(Intent.PROMISE, "a day and nothing against it", "", first.start, first.end, firm=False)
    if len(kept) > 1:
        kept.pop(Intent.OTHER, None)
    return kept


def _is_a_day_to_come(message: _Message, said_on: date) -> bool:
    """Does the message name a day to come and little else, or a day and a sum?  "5 tareekh ko 500" is a promise without a verb."""
    if not message.dates or any(word.plain == "?" for word in message.words):
        return False
    first = message.dates[0]
    day = resolve(first, said_on, forward=True).on
    short = first.end - first.start >= len(message.words) - 3
    return day is not None and day >= said_on and (short or bool(message.amounts))


def _read(message: _Message, found: Mapping[Intent, Hit], said_on: date) -> Read:
    order = [intent for intent in PRECEDENCE if intent in found]
    reference = next((one for one in message.references if one.kind is ReferenceKind.PAYMENT), None)
    if not order:
        if reference is None:
            return Read(Intent.OTHER, spans=_spans(message, []))
        paid = Hit(Intent.PAID, "a reference and nothing against it", "", 0, 0, firm=False)
        found, order = {Intent.PAID: paid}, [Intent.PAID]
    top = found[order[0]]
    read = Read(
        order[0],
        tuple(order[1:]),
        _confidence(top, order),
        top.rule,
        _matched(message, top),
        top.language,
        utr=reference.text if reference else "",
        wanted_language=_wanted(message) if Intent.LANGUAGE in found else "",
        about=whose(message.tokens, message.languages) if Intent.DEATH in found else About.UNKNOWN,
        spans=_spans(message, [found[intent] for intent in order]),
    )
    if not _MONEY & set(order):
        return read
    return _less_sure(_with_date(_with_amount(read, message), message, said_on), said_on)


def _less_sure(read: Read, said_on: date) -> Read:
    """An amount or a date that is one reading of several is never acted on as sure; a date past or far off makes the whole unsure."""
    if read.due_on is not None and not 0 <= (read.due_on - said_on).days <= FAR_DAYS:
        return replace(read, confidence=Confidence.UNSURE)
    doubtful = (read.amount_paise is not None and not read.amount_sure) or (read.due_on is not None and not read.due_sure)
    return replace(read, confidence=Confidence.LIKELY) if doubtful and read.confidence is Confidence.SURE else read


def _confidence(top: Hit, order: Sequence[Intent]) -> Confidence:
    """sure: a firm row and nothing else said; likely: a firm row among others, or a loose one that names the thing; else unsure."""
    if top.firm:
        return Confidence.SURE if len(order) == 1 else Confidence.LIKELY
    return Confidence.LIKELY if top.language else Confidence.UNSURE


def _matched(message: _Message, hit: Hit) -> str:
    if hit.start >= hit.end:
        return ""
    return message.text[message.words[hit.start].start : message.words[hit.end - 1].end]


def _with_amount(read: Read, message: _Message) -> Read:
    amount = the_amount(message.amounts)
    if amount is None:
        return read
    rivals = {one.paise for one in message.amounts if not one.aside and one.marked >= amount.marked}
    return replace(read, amount_paise=amount.paise, amount_sure=len(rivals) <= 1)


def _with_date(read: Read, message: _Message, said_on: date) -> Read:
    """The first date for an offer, from today on; for what was paid the last such day, as paid_on."""
    offers = bool(_OFFERS & {read.intent, *read.also})
    resolved = [resolve(one, said_on, forward=offers) for one in message.dates]
    dated: list[SaidDate] = [one for one in resolved if one.on is not None]
    if not dated:
        return read
    if not offers:
        return replace(read, paid_on=dated[0].on)
    ahead = [one for one in dated if one.on is not None and one.on >= said_on] or dated
    sure = ahead[0].sure and len({one.on for one in ahead}) == 1
    return replace(read, due_on=ahead[0].on, due_sure=sure)


def _wanted(message: _Message) -> str:
    """The language that is asked for: the last one named that is not denied beside it."""
    named: list[tuple[str, bool]] = []
    for place, word in enumerate(message.words):
        code = look(message.languages, "language_name", word)
        if code:
            near = message.words[place + 1 : place + 4] + message.words[max(0, place - 3) : place]
            denied = any(language.negations.of(other) for language in message.languages for other in near)
            named.append((code, denied))
    return next((code for code, denied in named if not denied), "")


def _spans(message: _Message, found: Sequence[Hit]) -> tuple[Span, ...]:
    """Every place that was read as something, in order."""
    made = [_span(message, hit.start, hit.end, SpanKind.WORDS, hit.rule) for hit in found if hit.start < hit.end]
    made += [_span(message, one.start, one.end, SpanKind.AMOUNT, "amount") for one in message.amounts]
    made += [_span(message, one.start, one.end, SpanKind.DATE, one.rule) for one in message.dates]
    made += [Span(one.start, one.end, SpanKind.REFERENCE, one.kind.value) for one in message.references]
    return tuple(sorted(made, key=lambda one: (one.start, one.end)))


def _span(message: _Message, start: int, end: int, kind: SpanKind, rule: str) -> Span:
    return Span(message.words[start].start, message.words[end - 1].end, kind, rule)
