"""Works a row of the contact rules out on the figures of its own example: the smallest evaluation that tests the row's numbers.

An example of a rule names channel and purpose (and loan type, weekday, state or product where the row names any), and lists of facts of
equal length; it expects a list of answers.  The guard answers the same questions on whole facts; these few lines say in plain Python what
the numbers of a row mean.
"""

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from sulah.policy.contact_sheets import BY_INCOME
from sulah.policy.rows import Row
from sulah.policy.shape import ANY
from sulah.policy.worked import fits

Values = Mapping[str, Any]
Work = tuple[dict[str, type], Callable[[Values, Values], dict[str, Any]]]
"""What an example lists, name by name with the type of an element, and how the answers come about."""

_OWN_PARTY = ("borrower", "co_borrower", "guarantor")


def contact_answer(row: Row, given: Values) -> dict[str, Any] | None:
    """All that the row says to its example; None where the row does not answer it, ValueError where the example is not written rightly.

    >>> from sulah.policy.load import load_contact_policy
    >>> row = load_contact_policy().rule("HRS-MFL")
    >>> contact_answer(row, {"channel": "visit", "purpose": "recovery", "loan_type": "mfl", "at": ["17:59:59", "18:00:00"]})["yes"]
    [True, False]
    """
    lists, answer = WORKED[str(row.values["predicate"])] if row.table == "contact_rule" else _SHEETS[row.table]
    asked = {**_asked(row, given), **dict.fromkeys(lists, list)}
    if set(asked) != set(given):
        raise ValueError(f"an example of this row gives {', '.join(asked)}")
    for name, wanted in asked.items():
        if type(given[name]) is not wanted or not given[name]:
            raise ValueError(f"{name} should be a {'list' if wanted is list else 'text'}, not {given[name]!r}")
        if wanted is list and any(type(item) is not lists[name] for item in given[name]):
            raise ValueError(f"{name} should list values of the kind {lists[name].__name__}, not {given[name]!r}")
    return {**row.values, **answer(row.values, given)} if _fits(row, given) else None


def _asked(row: Row, given: Values) -> dict[str, type]:
    """The single texts that an example of the row gives."""
    if row.table == "contact_rule":
        narrowed = {"loan_type": "loan_types", "weekday": "weekdays", "state": "states", "product": "products"}
        return {"channel": str, "purpose": str, **{name: str for name, column in narrowed.items() if row.values[column] != ANY}}
    return dict.fromkeys(_NAMED[row.table], str)


def _fits(row: Row, given: Values) -> bool:
    """Does the row answer for what the example names?"""
    if row.table == "contact_rule":
        lists = {"channel": "channels", "purpose": "purposes", "loan_type": "loan_types", "weekday": "weekdays", "state": "states"}
        named = all(in_list(row.values[column], given[name]) for name, column in lists.items() if name in given)
        return named and fits(str(row.values["products"]), given.get("product", ""))
    if row.table == "loan_type":
        return fits(str(row.values["product"]), given["product"])
    return all(row.values[name] == given[name] for name in _NAMED[row.table] if name in row.values)


def in_list(listed: object, word: str) -> bool:
    """Is the word in a space-separated list, or the list `*`?

    >>> in_list("call bot_call", "call"), in_list("*", "sms"), in_list("", "sms")
    (True, True, False)
    """
    return listed == ANY or word in str(listed).split()


def _each(answer: Callable[..., object], *, called: str = "yes", **lists: type) -> Work:
    """One answer for each place of the lists; answer(values, one of each)."""

    def work(values: Values, given: Values) -> dict[str, Any]:
        """The answers in the order of the lists; ValueError where these are not equally long."""
        return {called: [answer(values, *facts) for facts in zip(*(given[name] for name in lists), strict=True)]}

    return lists, work


def _second(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 3600 + at.minute * 60 + at.second


def _cap(values: Values, given: Values) -> dict[str, Any]:
    counts = [count < values["most"] for count in given["counted"]]
    return {"yes": counts, "inside": [ago < values["days"] for ago in given["days_ago"]]}


def _number(values: Values, number: str) -> bool:
    whose, standing = number.split(" ")
    return whose == "own" and standing not in ("invalid", "wrong")


def _place(values: Values, place: str, agreed: bool, missed: int, away: int) -> bool:
    at_home = not agreed or missed > 0
    return place in ("agreed", "branch") or (at_home if place == "residence" else at_home and away > 0)


def _series(values: Values, series: str) -> bool:
    return series != "hidden" and in_list(values["series"], series)


def _in_session(values: Values, seconds: int) -> bool:
    return bool(0 < values["first"] >= seconds)


WORKED: dict[str, Work] = {
    "hours": _each(lambda values, at: values["first"] <= _second(at) < values["last"], at=str),
    "cap": ({"counted": int, "days_ago": int}, _cap),
    "one_call": _each(lambda values, calls: calls == 0, in_flight=int),
    "preference": _each(lambda values, covered: not covered, covered=bool),
    "occasion": _each(lambda values, barred: not barred, barred=bool),
    "party": _each(lambda values, party: party in _OWN_PARTY, party=str),
    "number": _each(_number, numbers=str),
    "consent": _each(lambda values, entry: entry == "given", entries=str),
    "misses": _each(lambda values, misses: misses >= values["most"], misses=int),
    "place_order": _each(_place, place=str, place_agreed=bool, not_found_agreed=int, not_found_residence=int),
    "certificate": _each(lambda values, left: left >= 0, days_left=int),
    "antecedents": _each(lambda values, age: 0 <= age <= values["days"], age_days=int),
    "agent_notice": _each(lambda values, told: told == "after_assignment", told=str),
    "assigned": _each(lambda values, assigned: assigned, assigned=bool),
    "overdue": _each(lambda values, overdue: overdue > 0, overdue_paise=int),
    "due_soon": _each(lambda values, ahead: 0 < ahead <= values["days"], days_ahead=int),
    "session": _each(lambda values, seconds: seconds <= values["first"], seconds=int),
    "template": _each(lambda values, registered, seconds: registered or _in_session(values, seconds), registered=bool, seconds=int),
    "tier": _each(
        lambda values, persons, tier, seconds: persons <= tier or _in_session(values, seconds), persons=int, tier=int, seconds=int
    ),
    "no_offer": _each(lambda values, offers: not offers, offers=bool),
    "caller_id": _each(_series, series=str),
    "legal_language": _each(
        lambda values, words, approved, left: not words or (approved and left >= 0), words=bool, approved=bool, days_to_limitation=int
    ),
    "demand": _each(lambda values, amount, demand: amount == demand, amount_paise=int, demand_paise=int),
    "book_age": _each(lambda values, age: age <= values["days"], age_days=int),
    "permit_life": _each(lambda values, seconds: seconds <= values["most"], called="alive", seconds=int),
}
"""By predicate: what an example lists, and the answers."""


def _occasion(values: Values, given: Values) -> dict[str, Any]:
    first = date.fromisoformat(given["first"])
    last = first + timedelta(days=values["days"] - 1)
    return {
        "barred": [in_list(values["classes"], item) for item in given["classes"]],
        "covered": [first <= date.fromisoformat(day) <= last for day in given["on"]],
    }


def _stop(values: Values, given: Values) -> dict[str, Any]:
    return {
        "stopped": [not in_list(values["allowed"], purpose) for purpose in given["purposes"]],
        "barred": [in_list(values["classes"], item) for item in given["classes"]],
        "active": [values["days"] == 0 or day <= values["days"] for day in given["day"]],
    }


def _loan_type(values: Values, income: int, secured: bool) -> str:
    """The type of a loan; an income of -1 is not known."""
    if values["loan_type"] != BY_INCOME:
        return str(values["loan_type"])
    if secured or income > values["income_most_paise"]:
        return "other"
    return "unknown" if income < 0 else "mfl"


_NAMED: dict[str, tuple[str, ...]] = {
    "contact_occasion": ("kind", "first"),
    "contact_stop": ("event", "scope"),
    "contact_purpose": ("purpose",),
    "loan_type": ("product",),
}
_SHEETS: dict[str, Work] = {
    "contact_occasion": ({"classes": str, "on": str}, _occasion),
    "contact_stop": ({"classes": str, "purposes": str, "day": int}, _stop),
    "contact_purpose": ({}, lambda values, given: {}),
    "loan_type": _each(_loan_type, called="loan_types", income_paise=int, secured=bool),
}
