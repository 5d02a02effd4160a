"""Decisions in words for people, made from the verdicts themselves."""

from collections.abc import Mapping
from datetime import datetime

from sulah.guard.rule import ContactRule, Predicate
from sulah.guard.verdict import Answer, Permit, Refusal, Verdict
from sulah.kernel.dates import IST, day_text

_NO: Mapping[str, Mapping[Predicate, str]] = {
    "en": {
        Predicate.HOURS: "Such contact is made between {first} and {last} only; {last} itself is outside.",
        Predicate.CAP: "The limit is reached: {most} {counted} in {days}, over all loans, channels, agents and agencies together.",
        Predicate.ONE_CALL: "Another call to this person is under way or about to be made; it must end first.",
        Predicate.PREFERENCE: "The person asked not to be contacted at this time or place.",
        Predicate.OCCASION: "This day is in an occasion to be left in peace (bereavement, marriage, festival, calamity or the like).",
        Predicate.PARTY: "The person is not the borrower, co-borrower or guarantor of every loan named.",
        Predicate.NUMBER: "The number or address is not the person's own, or is known not to reach them.",
        Predicate.CONSENT: "The person did not agree to this channel, or took the agreement back.",
        Predicate.MISSES: "Home or work may be visited only after {most} misses in succession at the agreed place.",
        Predicate.PLACE_ORDER: "The agreed place comes first, then home, then work; the person must have been looked for there before.",
        Predicate.CERTIFICATE: "The agent's certificate does not cover this day.",
        Predicate.ANTECEDENTS: "The check of the agent's antecedents is older than {days}, or dated ahead.",
        Predicate.AGENT_NOTICE: "The person was not told of this agent or agency since it was assigned.",
        Predicate.ASSIGNED: "The person is not assigned to this agent or agency now.",
        Predicate.STOP: "Contact is stopped: {event}, for the {scope}.",
        Predicate.OVERDUE: "No loan named has anything overdue, as far as the book and later payments say.",
        Predicate.DUE_SOON: "No loan named falls due within {days} with nothing overdue on it.",
        Predicate.SESSION: "The person has not written on this channel within the last {span}.",
        Predicate.TEMPLATE: "The text does not come from a template registered for the channel.",
        Predicate.TIER: "The number of people who may be messaged outside sessions in 24 hours is reached.",
        Predicate.NO_OFFER: "The text carries an offer of another product.",
        Predicate.CALLER_ID: "The caller id is hidden, or is not of the series that such calls must show.",
        Predicate.LEGAL_LANGUAGE: "Words of law need the legal desk's approval and a loan that can still be sued on.",
        Predicate.DEMAND: "The amount named is not what the ledger demands on the loans named.",
        Predicate.BOOK_AGE: "The book is older than {days}; a new day must be run.",
    }
}
_FRAME: Mapping[str, Mapping[str, str]] = {
    "en": {
        "permit": "Permitted until {at}.",
        "again": "Refused. It may be tried again from {at}.",
        "never": "Refused. Waiting alone does not help.",
        "no": "{words} ({source})",
        "unknown": "Something that this rule needs is not known. The rule says: {words} ({source})",
        "warn": "Warning, not a refusal: {words} ({source})",
        "closed": "This purpose does not go by this channel at any hour.",
        "log": "Noted, not a refusal: {words} ({source})",
        "lifted": "Set aside for this contact with a reason on record: {words} ({source})",
        "attempts": "contacts tried",
        "connects": "contacts that reached the person or may have",
    }
}
LANGUAGES = tuple(_NO)
"""The languages in which a decision can be explained."""


def explain(decision: Permit | Refusal, language: str = "en") -> tuple[str, ...]:
    """The decision in sentences: what it is and until or from when, then one for each rule that did not say yes.

    ValueError for a language that there are no words in.
    """
    if language not in _NO:
        raise ValueError(f"decisions can be explained in {', '.join(LANGUAGES)}")
    frame = _FRAME[language]
    if isinstance(decision, Permit):
        head = frame["permit"].format(at=_moment(decision.until))
    elif decision.next_lawful_at is None:
        head = frame["never"]
    else:
        head = frame["again"].format(at=_moment(decision.next_lawful_at))
    return (head, *(_sentence(verdict, language) for verdict in decision.verdicts if verdict.answer is not Answer.YES))


def _sentence(verdict: Verdict, language: str) -> str:
    rule = verdict.rule
    how = "unknown" if verdict.unknown and verdict.answer is Answer.NO else verdict.answer.value
    closed = rule.predicate is Predicate.HOURS and rule.first >= rule.last
    words = _FRAME[language]["closed"] if closed else _NO[language][rule.predicate].format_map(_numbers(rule, language))
    return _FRAME[language][how].format(words=words, source=f"{rule.rule_id}: {rule.citation}" if rule.citation else rule.rule_id)


def _numbers(rule: ContactRule, language: str) -> dict[str, str]:
    """The rule's own numbers as people read them."""
    return {
        "first": _clock(rule.first),
        "last": _clock(rule.last),
        "most": str(rule.most),
        "days": _many(rule.days, "day"),
        "span": _many(rule.first // 3_600, "hour") if rule.first % 3_600 == 0 else _many(rule.first, "second"),
        "counted": _FRAME[language][rule.counts.value],
        "event": rule.stop.event.value.replace("_", " ") if rule.stop else "",
        "scope": rule.stop.scope.value.replace("_", " ") if rule.stop else "",
    }


def _many(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count} {what}s"


def _clock(second: int) -> str:
    hour, rest = divmod(second, 3_600)
    return f"{hour:02}:{rest // 60:02}" + (f":{rest % 60:02}" if rest % 60 else "")


def _moment(at: datetime) -> str:
    local = at.astimezone(IST)
    return f"{local:%H:%M:%S} on {day_text(local.date())}"
