"""Judges the contact rules: each row by itself, and the fence that they make together on every day, for every kind of lender.

A fence with a hole is worse than none, because everybody believes in it: a book of rules that leaves any way to recover without hours, cap,
party, number, stop and overdue asked is refused as a whole.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from itertools import product
from typing import Any

from sulah.kernel.terms import Channel, ContactClass, LoanType, Purpose, StopEvent
from sulah.policy.complete import Check, Problem
from sulah.policy.contact_predicates import PREDICATES
from sulah.policy.contact_sheets import BY_INCOME, KINDS_OF_OCCASION, WEEKDAYS
from sulah.policy.contact_worked import in_list
from sulah.policy.rows import Row
from sulah.policy.shape import ANY

CONTACT_BEGINNING = date(2022, 8, 12)
"""The fence must be whole from this day on: that of RBI/2022-23/108, the last of the conduct texts that it rests on."""

BESIDE = {"contact_rule": ("contact_purpose", "contact_stop")}
"""The tables whose rows a table's checks look at together with its own."""

FENCE: dict[str, frozenset[ContactClass]] = {
    **dict.fromkeys(("hours", "cap", "party", "overdue"), frozenset(ContactClass)),
    "number": frozenset({ContactClass.MESSAGE, ContactClass.CALL}),
}
"""What must be asked of every contact for recovery, by the classes in which it can be asked; stops are looked at by themselves."""

_LEAST = {"cap": ("most", "days"), "misses": ("most",), "antecedents": ("days",), "due_soon": ("days",), "permit_life": ("most",)}
"""Numbers without which a row of the predicate would always or never say no."""

_DAY = 86_400
_SERIES = re.compile(r"[1-9][0-9]{1,9}( [1-9][0-9]{1,9})*")


def row_problems(row: Row) -> Iterator[Problem]:
    """What is wrong with one contact row by itself; nothing for a row of another book."""
    if row.table == "contact_rule":
        for check in (_uses_what_its_predicate_uses, _numbers_make_sense, _law_binds):
            yield from check(row)
    if row.table == "contact_occasion" and row.values["days"] == 0:
        yield Problem("policy_empty_range", "days", "0 days cover nothing; write at least 1")
    if row.table == "loan_type" and (row.values["loan_type"] == BY_INCOME) != bool(row.values["income_most_paise"]):
        yield Problem("policy_unused_column", "income_most_paise", f"{BY_INCOME} needs an income, and no other type has one")
    if row.table in ("contact_rule", *_TOGETHER) and row.status == "draft" and not row.verify:
        yield Problem("policy_unverified", "verify", "a draft is not the final text; set verify = true")


def _uses_what_its_predicate_uses(row: Row) -> Iterator[Problem]:
    """A number that nobody reads would be believed."""
    values, predicate = row.values, PREDICATES[str(row.values["predicate"])]
    for name in ("first", "last", "most", "days"):
        if values[name] and name not in predicate.uses:
            yield Problem("policy_unused_column", name, f"{values['predicate']} does not use {name}; leave it out")
    if (values["counts"] != ANY) != ("counts" in predicate.uses):
        words = "say attempts or connects" if "counts" in predicate.uses else f"{values['predicate']} counts nothing; leave it out"
        yield Problem("policy_unused_column", "counts", words)
    if values["series"] != ANY and "series" not in predicate.uses:
        yield Problem("policy_unused_column", "series", f"{values['predicate']} shows no caller id; leave it out")
    if predicate.channels and not set(channels_of(row)) <= predicate.channels:
        words = f"{values['predicate']} makes sense on {', '.join(sorted(predicate.channels))} only; name these channels"
        yield Problem("policy_senseless_channel", "channels", words)


def _numbers_make_sense(row: Row) -> Iterator[Problem]:
    """Limits that would always or never say no are slips of the pen."""
    values: dict[str, Any] = dict(row.values)
    predicate, first, last = values["predicate"], values["first"], values["last"]
    if predicate == "hours" and not (first < last <= _DAY or first == last == 0):
        words = f"hours run from first to last, at most {_DAY}; {first} to {last} does not (first = last = 0 means never)"
        yield Problem("policy_bad_hours", "last", words)
    if predicate in ("session", "template", "tier") and (first > _DAY or (predicate == "session" and first == 0)):
        yield Problem("policy_bad_hours", "first", f"a session lasts from 1 to {_DAY} seconds, not {first}; no platform grants more")
    if values["series"] != ANY and not _SERIES.fullmatch(str(values["series"])):
        words = (
            f"series are written as 1600 1601: digits that begin with 1 to 9, one space between; {values['series']!r} is not (* allows any)"
        )
        yield Problem("policy_bad_series", "series", words)
    for name in _LEAST.get(predicate, ()):
        if values[name] < 1:
            yield Problem("policy_empty_range", name, f"{name} must be at least 1 for {predicate}")
    if predicate == "cap":
        classes = {channel.contact_class for channel in channels_of(row)}
        if {channel for channel in Channel if channel.contact_class in classes} != set(channels_of(row)):
            words = "a cap counts whole classes; name all channels of a class (sms whatsapp email; call bot_call; visit meeting; letter)"
            yield Problem("policy_part_of_class", "channels", words)


def _law_binds(row: Row) -> Iterator[Problem]:
    """Rows of law and of a platform are always on, refuse, and nobody sets them aside."""
    if row.status in ("law", "platform"):
        wanted = {"switched_on": True, "severity": "block", "override_by": "nobody"}
        for name, value in wanted.items():
            if row.values[name] != value:
                told = str(value).lower() if isinstance(value, bool) else value
                yield Problem("policy_law_off", name, f"a row of {row.status} has {name} = {told}; nobody may switch it off or aside")
    if row.values["version"] == 0:
        yield Problem("policy_empty_range", "version", "the version is 0; versions begin with 1 and grow with every change")


def channels_of(row: Row) -> tuple[Channel, ...]:
    """The channels on which a rule is asked, in the order of the terms."""
    return _channels(str(row.values["channels"]))


@cache
def _channels(listed: str) -> tuple[Channel, ...]:
    return tuple(channel for channel in Channel if in_list(listed, channel.value))


def _of(rows: Sequence[Row], table: str) -> list[Row]:
    return [row for row in rows if row.table == table]


def _biting(rows: Sequence[Row], predicate: str) -> list[Row]:
    """The rules of a predicate that refuse whoever they are asked of, wherever the person lives and whatever the product is."""
    asking = [row for row in _of(rows, "contact_rule") if row.values["predicate"] == predicate and row.values["switched_on"]]
    return [row for row in asking if row.values["severity"] == "block" and row.values["states"] == row.values["products"] == ANY]


def _not_asked(biting: Sequence[Row], channel: Channel, purpose: str) -> list[str]:
    """The loan types and weekdays for which none of the rules is asked of a contact."""
    asking = [row.values for row in biting if channel in channels_of(row) and in_list(row.values["purposes"], purpose)]
    if any(values["loan_types"] == values["weekdays"] == ANY for values in asking):
        return []
    return [
        f"{loan_type.value} loans on {day}"
        for loan_type, day in product(LoanType, WEEKDAYS)
        if not any(in_list(values["loan_types"], loan_type.value) and in_list(values["weekdays"], day) for values in asking)
    ]


def _fence(rows: Sequence[Row]) -> Iterator[Problem]:
    """Every contact for recovery is asked for everything that the fence is made of."""
    recovery = [str(row.values["purpose"]) for row in _of(rows, "contact_purpose") if row.values["recovery"]]
    for predicate, classes in FENCE.items():
        biting = _biting(rows, predicate)
        for purpose, channel in product(recovery, Channel):
            holes = _not_asked(biting, channel, purpose) if channel.contact_class in classes else []
            if holes:
                words = f"no row that is switched on asks {predicate} of {purpose} by {channel.value} ({_some(holes)}): a hole in the fence"
                yield Problem("policy_fence_open", "predicate", words)
    for stop in _of(rows, "contact_stop"):
        left = [purpose for purpose in recovery if in_list(stop.values["allowed"], purpose)]
        open_to = [item.value for item in ContactClass if not in_list(stop.values["classes"], item.value)]
        if left or open_to:
            words = f"{stop.rule_id} leaves recovery open ({', '.join(left + open_to)}); a stop stops recovery in every class"
            yield Problem("policy_fence_open", "allowed", words)


def _some(holes: Sequence[str]) -> str:
    return ", ".join(holes[:3]) + (f" and {len(holes) - 3} more" if len(holes) > 3 else "")


def _permits_end(rows: Sequence[Row]) -> Iterator[Problem]:
    """Every contact has a rule that ends its permit."""
    biting = _biting(rows, "permit_life")
    for channel, purpose in product(Channel, Purpose):
        if _not_asked(biting, channel, purpose.value):
            words = f"no row says how long a permit for {purpose.value} by {channel.value} lives; add it to a row of permit_life"
            yield Problem("policy_gap", "predicate", words)


def _counted_purposes_are_capped(rows: Sequence[Row]) -> Iterator[Problem]:
    """A purpose that counts is in a cap on every channel, and one that does not is in none: the two tables say the same."""
    caps = [row for row in _of(rows, "contact_rule") if row.values["predicate"] == "cap"]
    biting = _biting(rows, "cap")
    for row in _of(rows, "contact_purpose"):
        purpose = str(row.values["purpose"])
        if row.values["counted"]:
            bare = [channel.value for channel in Channel if _not_asked(biting, channel, purpose)]
            words = f"{purpose} counts, yet no cap holds it by {', '.join(bare)}; add it to the purposes of a cap"
        else:
            bare = [rule.rule_id for rule in caps if in_list(rule.values["purposes"], purpose)]
            words = f"{purpose} does not count, yet it is in {', '.join(bare)}; let both tables say the same"
        if bare:
            yield Problem("policy_counted", "counted", words)


def _once(name: str, *more: str, terms: Sequence[str]) -> Check:
    """Every term has a row, and no two rows speak of the same thing."""

    def check(rows: Sequence[Row]) -> Iterator[Problem]:
        """Terms without a row, then rows that say the same twice."""
        found = [tuple(str(row.values[column]).upper() for column in (name, *more)) for row in rows]
        for term in terms:
            if term.upper() not in {key[0] for key in found}:
                yield Problem("policy_gap", name, f"{term} has no row; every {name} needs one on every day")
        for key in sorted({key for key in found if found.count(key) > 1}):
            twice = " and ".join(row.rule_id for row, mine in zip(rows, found, strict=True) if mine == key)
            yield Problem("policy_overlap", name, f"{twice} speak of the same {name}; let one of them end")

    return check


def _recovery_is_recovery(rows: Sequence[Row]) -> Iterator[Problem]:
    """What asks for an overdue amount is recovery, whatever a lender calls it."""
    for row in rows:
        if row.values["purpose"] == Purpose.RECOVERY.value and not (row.values["recovery"] and row.values["counted"]):
            yield Problem("policy_fence_open", "recovery", f"{row.rule_id}: the purpose recovery is recovery, and it counts")


def _every_product_has_a_type(rows: Sequence[Row]) -> Iterator[Problem]:
    """One row serves every product that has none."""
    if not any(row.values["product"] == ANY for row in rows):
        yield Problem("policy_gap", "product", "no row is for product *; it says what the products are that no row names")


_TOGETHER: dict[str, tuple[Check, ...]] = {
    "contact_occasion": (_once("kind", terms=KINDS_OF_OCCASION),),
    "contact_stop": (_once("event", "scope", terms=tuple(event.value for event in StopEvent)),),
    "contact_purpose": (_once("purpose", terms=tuple(purpose.value for purpose in Purpose)), _recovery_is_recovery),
    "loan_type": (_once("product", terms=()), _every_product_has_a_type),
}
CONTACT_CHECKS: dict[str, tuple[Check, ...]] = {"contact_rule": (_fence, _permits_end, _counted_purposes_are_capped), **_TOGETHER}
"""The checks of the contact rows that are in force together."""
