"""The lender's rules of contact for a page: the rows as they stand, each in plain words and under its subject."""

from collections.abc import Callable, Mapping
from typing import Any

from sulah.actions.contact.rulebook import Rulebook, rulebook_of
from sulah.guard.rules import RulesInForce
from sulah.kernel.money import indian
from sulah.policy.contact_page import CHAPTERS
from sulah.policy.contact_words import in_words
from sulah.policy.rows import Row
from sulah.web.standing import the_lender
from sulah.web.words import within, words

_OF_SHEET = {
    "contact_occasion": "Wishes and occasions",
    "contact_stop": "Stops",
    "contact_purpose": "Purposes",
    "loan_type": "Microfinance loans",
    "microfinance": "Microfinance loans",
}
SUBJECTS = (*(heading for heading, _, _ in CHAPTERS), *dict.fromkeys(of for of in _OF_SHEET.values() if of != "Wishes and occasions"))
"""Subjects of the page in its order: the chapters of the document, and those of the other sheets."""

MARKS = {"law": "Law", "draft": "Draft", "platform": "Platform", "policy": "Lender’s choice"}
"""How a page says where a row comes from."""


def the_book() -> Rulebook:
    """The rules of contact of the lender whose pages are served, with all that people changed."""
    return rulebook_of(the_lender())


def rows_of(book: Rulebook) -> list[Row]:
    """Every row of every sheet that binds the lender, whenever it is in force."""
    return [row for rows in book.policy.tables.values() for row in rows]


def lifters(in_force: RulesInForce) -> dict[tuple[str, str], str]:
    """(event, scope) to who lifts such a stop, of the rows in force."""
    stops = [rule.stop for rule in in_force.rules if rule.stop is not None]
    return {(stop.event.value, stop.scope.value): stop.lifted_by for stop in stops}


def lifter_words(lifted_by: str) -> str:
    """Who lifts a stop, in words."""
    return {"book": "the next day’s book", "borrower": "the borrower"}.get(lifted_by, words(lifted_by))


def subject_of(row: Row) -> str:
    """The subject under which a row stands."""
    asked = row.values.get("predicate")
    return _OF_SHEET.get(row.table) or next(heading for heading, _, predicates in CHAPTERS if asked in predicates)


def is_on(row: Row) -> bool:
    """Is the row asked?  Law and platform always are, others while their switch is on."""
    return row.status in ("law", "platform") or row.values.get("switched_on", True) is True


def said(row: Row) -> str:
    """What a row lays down, in plain words, from its own numbers."""
    says = _SAYS.get(row.table)
    return says(row.values) if says else in_words(row)


def _some(text: object) -> str:
    """A space-separated list of terms as people read it."""
    return "all" if text == "*" else ", ".join(within(word) for word in str(text).split()) or "none"


def _stop(values: Mapping[str, Any]) -> str:
    lifted = lifter_words(str(values["lifted_by"]))
    ends = f"after {values['days']} days by itself, or when lifted" if values["days"] else "only when it is lifted"
    stopped = "every contact" if values["classes"] == "*" else _some(values["classes"])
    about = f"{words(values['event'])}, for the {within(values['scope'])}"
    left = f" but {_some(values['allowed'])}" if values["allowed"] else ""
    return f"{about}: stops {stopped}{left}. It ends {ends}; lifted by: {lifted}."


def _occasion(values: Mapping[str, Any]) -> str:
    length = f"{values['days']} day{'' if values['days'] == 1 else 's'}"
    return f"{words(values['kind'])} ({within(values['scope'])}), {length} unless noted otherwise: bars {_some(values['classes'])}."


def _purpose(values: Mapping[str, Any]) -> str:
    kind = "recovery" if values["recovery"] else "not recovery"
    counts = "counts" if values["counted"] else "does not count"
    return f"{words(values['purpose'])}: {values['meaning']} It is {kind}; it {counts} against caps."


def _type(values: Mapping[str, Any]) -> str:
    kind = "a microfinance loan" if values["loan_type"] == "mfl" else "not a microfinance loan"
    return f"Product {values['product']} is {kind}."


def _income(values: Mapping[str, Any]) -> str:
    return (
        "Other products are microfinance loans where unsecured and the household’s income a year is at most "
        f"{indian(values['income_most_paise'])}."
    )


_SAYS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "contact_stop": _stop,
    "contact_occasion": _occasion,
    "contact_purpose": _purpose,
    "loan_type": _type,
    "microfinance": _income,
}


def whom(row: Row) -> str:
    """Of which contacts a row of contact_rule is asked, in one line; empty for other sheets."""
    if row.table != "contact_rule":
        return ""
    values = row.values
    parts = [f"{_some(values['channels'])} channels" if values["channels"] == "*" else _some(values["channels"])]
    parts.append("for every purpose" if values["purposes"] == "*" else f"for {_some(values['purposes'])}")
    if values["loan_types"] != "*":
        parts.append({"mfl": "persons with a microfinance loan", "other": "persons with another loan"}.get(str(values["loan_types"]), ""))
    if values["states"] != "*":
        parts.append(f"in {values['states']}")
    if values["products"] != "*":
        parts.append(f"product {values['products']}")
    if values["weekdays"] != "*":
        parts.append(f"on {_some(values['weekdays'])}")
    return "; ".join(part for part in parts if part)
