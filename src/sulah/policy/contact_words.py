"""Says a contact rule in plain words, from its own numbers: what it asks, of whom, and where it comes from."""

from collections.abc import Callable, Mapping
from typing import Any

from sulah.kernel.dates import FOREVER, day_text
from sulah.policy.contact_predicates import PREDICATES
from sulah.policy.rows import Row
from sulah.policy.shape import ANY

MARKS = {"law": "LAW", "draft": "DRAFT", "platform": "PLATFORM", "policy": "LENDER'S CHOICE"}
"""How the page marks where a row comes from."""

_Words = Callable[[Mapping[str, Any]], str]


def _hours(values: Mapping[str, Any]) -> str:
    if values["first"] == values["last"] == 0:
        return "Never."
    return (
        f"Only from {_clock(values['first'])} on and before {_clock(values['last'])} IST (seconds {values['first']} to {values['last']})."
    )


def _clock(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def _cap(values: Mapping[str, Any]) -> str:
    noun = "connected contact" if values["counts"] == "connects" else "attempt"
    days = "one IST day" if values["days"] == 1 else f"{values['days']} IST days (today and the {values['days'] - 1} before)"
    return f"At most {values['most']} {noun}{'s' if values['most'] > 1 else ''} in {days}: with {values['most']} counted, no."


def _caller(values: Mapping[str, Any]) -> str:
    if values["series"] == ANY:
        return "The caller id is never hidden."
    series = " or ".join(str(values["series"]).split())
    return f"The caller id is never hidden, and a machine or click-to-call shows series {series}."


def _session_free(values: Mapping[str, Any]) -> str:
    return f" A WhatsApp session of {values['first']} seconds needs none." if values["first"] else ""


_SAY: dict[str, _Words] = {
    "hours": _hours,
    "cap": _cap,
    "one_call": lambda values: "Not while another call of the person is reserved or ringing.",
    "preference": lambda values: "Not at times or places at which the person asked for no contact.",
    "occasion": lambda values: "Not on an occasion whose kind bars the class of contact.",
    "party": lambda values: "Only the borrower, co-borrower or guarantor of every loan named.",
    "number": lambda values: "Only a number or address on file as the person's own, not invalid and not wrong.",
    "consent": lambda values: "Only with the person's opt-in for the channel, not withdrawn.",
    "misses": lambda values: f"At residence or workplace only after {values['most']} misses in succession at the agreed place.",
    "place_order": lambda values: "The agreed place first, then the residence, then the workplace.",
    "certificate": lambda values: "An agent's certificate covers the day.",
    "antecedents": lambda values: f"An agent's antecedents were checked at most {values['days']} days ago.",
    "agent_notice": lambda values: "The person was told of this agent or agency before, and after the latest assignment.",
    "assigned": lambda values: "The person is assigned to this agent or agency at the instant.",
    "overdue": lambda values: "A loan named has something overdue on the book and is not known as paid since.",
    "due_soon": lambda values: f"A loan named falls due within the next {values['days']} days, not today, and nothing is overdue on it.",
    "session": lambda values: f"The person wrote on this channel at most {values['first']} seconds before.",
    "template": lambda values: "The text comes from a template registered for the channel." + _session_free(values),
    "tier": lambda values: (
        "Not more distinct persons in 24 hours than the portfolio's tier." + _session_free(values).replace("needs none", "is free")
    ),
    "no_offer": lambda values: "No offer of another product.",
    "caller_id": _caller,
    "legal_language": lambda values: "Words of law only with the legal desk's approval, and not after the limitation date of a loan named.",
    "demand": lambda values: "An amount named is, to the paisa, what the ledger demands on the loans named.",
    "book_age": lambda values: f"The book is of a day at most {values['days']} days before.",
    "permit_life": lambda values: f"A permit lives at most {values['most']} seconds.",
}


def in_words(row: Row) -> str:
    """What a rule asks, in one or two plain sentences.

    >>> from sulah.policy.load import load_contact_policy
    >>> in_words(load_contact_policy().rule("FRQ-CALL-DAY"))
    'At most 3 attempts in one IST day: with 3 counted, no.'
    """
    return _SAY[str(row.values["predicate"])](row.values)


def when_asked(row: Row) -> str:
    """Of which contacts a rule is asked, with the exact terms of the row."""
    values = row.values
    parts = [f"Asked of channels {listed(values['channels'])}; purposes {listed(values['purposes'])}"]
    if values["loan_types"] != ANY:
        parts.append(f"persons with an open loan of type {listed(values['loan_types'])}")
    if values["states"] != ANY:
        parts.append(f"states {listed(values['states'])}")
    if values["products"] != ANY:
        parts.append(f"a loan named of product `{values['products']}`")
    if values["weekdays"] != ANY:
        parts.append(f"weekdays {listed(values['weekdays'])}")
    return "; ".join(parts) + f"; {bound(row)}."


def listed(words: object) -> str:
    """A list of terms as the page shows it: all, none, or the terms."""
    return "all" if words == ANY else f"`{words}`" if words else "none"


def bound(row: Row) -> str:
    """Whom the row binds, and when."""
    whom = "every kind of lender" if ANY in row.entity_types else ", ".join(row.entities())
    until = "" if row.effective_to == FOREVER else f" to {day_text(row.effective_to)}"
    return f"{whom}; in force from {day_text(row.effective_from)}{until}"


def mark(row: Row) -> str:
    """Where a row comes from and how sure that is, for its heading."""
    return ", ".join((MARKS[row.status], f"confidence {row.confidence}", *(["to verify"] if row.verify else [])))


def title(row: Row) -> str:
    """The name of the question that a rule asks."""
    return PREDICATES[str(row.values["predicate"])].title
