"""Would the cover notice a rule that is one second, day, count, channel, purpose or lender off? Each such book is told apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.oracle import cover
from tests.oracle.book import CONNECTS, PURPOSES, RULES, STOPS, Rule, StopRow
from tests.oracle.cases import Case, case
from tests.oracle.oracle import is_asked, says_no, set_aside, stops_it
from tests.oracle.states import state

pytestmark = pytest.mark.slow

Row = Rule | StopRow
Change = tuple[str, Row, Row]
FIRST_DAY = date(2022, 8, 12)
CAN_BE_UNKNOWN = (
    *("agent_notice", "antecedents", "assigned", "book_age", "certificate", "demand", "due_soon", "legal_language", "misses"),
    *("no_offer", "number", "overdue", "party", "place_order", "template", "tier"),
)


def less_one(row: Row, field: str) -> Iterator[Change]:
    """The row without one of the channels, purposes or kinds of lender that a field lists."""
    listed = getattr(row, field)
    for one in listed:
        change: dict[str, Any] = {field: tuple(other for other in listed if other != one)}
        yield f"{row.id} without {one}", row, replace(row, **change)


def moved(rule: Rule) -> Iterator[Change]:
    """The rule with one limit or its first day moved by one; only what shows on a day from 12 Aug 2022 on."""
    for field in ("first", "last", "most", "days"):
        for step in (-1, 1) if getattr(rule, field) else ():
            yield f"{rule.id} {field} {step:+}", rule, replace(rule, **{field: getattr(rule, field) + step})
    for one in rule.series:
        yield f"{rule.id} without series {one}", rule, replace(rule, series=tuple(other for other in rule.series if other != one))
    for one in (1599, 1602, 140) if rule.series else ():
        yield f"{rule.id} with series {one}", rule, replace(rule, series=(*rule.series, one))
    for step in (-1, 1):
        since = rule.since + timedelta(days=step)
        if rule.since >= FIRST_DAY <= since:
            yield f"{rule.id} since {since}", rule, replace(rule, since=since)


def otherwise(rule: Rule) -> Iterator[Change]:
    """The rule with other loans, weekdays, states counted, unknowns or leave to set it aside."""
    if rule.loan_type != "*":
        yield f"{rule.id} for all loans", rule, replace(rule, loan_type="*")
        yield f"{rule.id} for the other type", rule, replace(rule, loan_type="other" if rule.loan_type == "mfl" else "mfl")
    if rule.sundays_only:
        yield f"{rule.id} on all days", rule, replace(rule, sundays_only=False)
    if rule.question == "cap":
        for state_counted in rule.counts:
            counts = tuple(other for other in rule.counts if other != state_counted)
            yield f"{rule.id} not counting {state_counted}", rule, replace(rule, counts=counts)
        yield f"{rule.id} counting failures", rule, replace(rule, counts=(*rule.counts, "failed"))
        if rule.counts == CONNECTS:
            yield f"{rule.id} counting sent", rule, replace(rule, counts=(*CONNECTS, "sent"))
    if rule.loan_type != "*" or rule.question in CAN_BE_UNKNOWN:
        yield f"{rule.id} not_applicable", rule, replace(rule, unknown="not_applicable")
    yield f"{rule.id} set aside by others", rule, replace(rule, aside="nobody" if rule.aside == "supervisor" else "supervisor")


def changed_books() -> Iterator[Change]:
    """Every book that differs from ours in one thing: (what, our row, the other row)."""
    for rule in RULES:
        if rule.question == "permit_life":
            continue
        for field in ("channels", "purposes", "binds"):
            yield from less_one(rule, field)
        yield from moved(rule)
        if rule.aside == "supervisor" or rule.id in ("HRS-PUSH", "FRQ-CALL-DAY"):
            yield from otherwise(rule)
        else:
            yield from (change for change in otherwise(rule) if "set aside" not in change[0])
    for stop in STOPS:
        yield from less_one(stop, "binds")
        yield from less_one(stop, "allowed")
        for purpose in set(PURPOSES) - set(stop.allowed):
            yield f"{stop.id} allowing {purpose}", stop, replace(stop, allowed=(*stop.allowed, purpose))


def refuses(row: Row, entity: str, it: Case) -> bool:
    """Does this row refuse?"""
    if isinstance(row, StopRow):
        return stops_it(row, entity, it)
    if entity not in row.binds or it.intent["channel"] not in row.channels or it.intent["purpose"] not in row.purposes:
        return False
    return is_asked(row, it) and says_no(row, it) and not set_aside(row, it)


def is_near(row: Row, entity: str, it: Case) -> bool:
    """Could a book that is one thing off answer otherwise for this row?"""
    if isinstance(row, StopRow):
        return any(stop["event"] == row.event for stop in it.facts["stops"])
    return entity in row.binds and it.intent["channel"] in row.channels and it.intent["purpose"] in row.purposes


def alike(rows: Iterable[list[int]]) -> tuple[int, list[str]]:
    """(books tried, those that no row tells apart from ours)."""
    left: defaultdict[Row, list[Change]] = defaultdict(list)
    for change in changed_books():
        left[change[1]].append(change)
    tried = sum(map(len, left.values()))
    for numbers in rows:
        entity, question = state(numbers)
        it = case(question)
        for row in [row for row in left if is_near(row, entity, it)]:
            ours = refuses(row, entity, it)
            left[row] = [change for change in left[row] if refuses(change[2], entity, it) == ours]
            if not left[row]:
                del left[row]
        if not left:
            break
    return tried, [change[0] for changes in left.values() for change in changes]


def test_every_book_that_is_one_thing_off_is_told_apart() -> None:
    tried, left = alike(cover.usual().tolist())
    print(f"{tried} books, {len(left)} not told apart")
    assert not left
