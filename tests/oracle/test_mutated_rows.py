"""Would anybody notice a shipped row that is one thing off?  Each one is told apart, or is in the table of those that say the same."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from sulah.actions.contact.raise_stop import BORROWER_ASKED, _lifters, _until
from sulah.guard.case import Case
from sulah.guard.decide import decide, verdicts_of
from sulah.guard.rules import ContactRules
from sulah.guard.verdict import Answer, Permit
from sulah.kernel.dates import IST
from sulah.kernel.terms import ContactClass, EntityType, Role
from sulah.policy.check import check_policy, refusals
from sulah.policy.load import load_contact_policy
from sulah.policy.rows import EntityPolicy, Policy, Row
from tests.oracle.book import ALWAYS, ENTITIES, EVERY_CLASS, OCCASION_BARS, PERMITS
from tests.oracle.guard_side import rules_of
from tests.oracle.plainly import ENDS_AFTER, LASTS, LIFTED_BY, LOAN_TYPES
from tests.oracle.probes import Probe, probes
from tests.oracle.row_mutants import NOTHING_BECOMES_ONE, TODAY, Mutant, mutants

pytestmark = pytest.mark.slow

SHIPPED = load_contact_policy()
NO = Answer.NO
LIVES = {rule.id: rule.most for rule in PERMITS}
NOON = datetime.combine(TODAY, time(12), IST)


def rules(entity: str, rows: Iterable[Row]) -> ContactRules:
    """The rules of some rows, for a kind of lender."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row.binds(entity):
            tables.setdefault(row.table, []).append(as_dict(row))
    return ContactRules(EntityType(entity), tables)


def as_dict(row: Row) -> dict[str, Any]:
    """The row as the guard reads it."""
    kept = _KEPT.get(id(row))
    return row.as_dict() if kept is None else kept


ROWS = tuple(row for table in SHIPPED.tables.values() for row in table)
_KEPT = {id(row): row.as_dict() for row in ROWS}
OCCASION_RULES = frozenset(str(row.rule_id) for row in ROWS if row.values.get("predicate") == "occasion")


def changed(mutant: Mutant, rows: Iterable[Row] = ROWS) -> list[Row]:
    """The rows with the mutant in the place of its row."""
    return [row if row is not mutant.row else mutant.made for row in rows if row is not mutant.row or mutant.made is not None]  # type: ignore[misc]


def part(row: Row) -> list[Row]:
    """The rows that a row has to do with when it is asked alone."""
    of_occasions = row.table == "contact_occasion" or row.values.get("predicate") == "occasion"
    return [other for other in ROWS if other.rule_id in OCCASION_RULES or other.table == "contact_occasion"] if of_occasions else [row]


def refusing(book: ContactRules, state: Probe) -> frozenset[str]:
    """The rules that refuse, by the guard."""
    return frozenset(decide(state.intent, state.facts, book).refusing)


def no(book: ContactRules, state: Probe) -> frozenset[str]:
    """The same, without the search for the next lawful time."""
    return frozenset(verdict.rule.rule_id for verdict in verdicts_of(Case(state.intent, state.facts, book)) if verdict.answer is NO)


def by_verdict(mutant: Mutant) -> bool:
    """Is there a state at which the guard refuses by the shipped rows as the second rule book does, and by the changed ones otherwise?"""
    alone: dict[str, ContactRules] = {}
    ids = {row.rule_id for row in part(mutant.row)}
    for state in probes(mutant):
        book = alone.get(state.entity)
        if book is None:
            book = alone[state.entity] = rules(state.entity, changed(mutant, part(mutant.row)))
        if no(book, state) == state.refusing & ids or refusing(rules_of(state.entity), state) != state.refusing:
            continue
        if refusing(rules(state.entity, changed(mutant)), state) != state.refusing:
            return True
    return False


def by_life(mutant: Mutant) -> bool:
    """Does a permit live longer or shorter than the second rule book says, or for another rule's sake?"""
    if mutant.row.rule_id not in LIVES:
        return False
    lives = [row for row in ROWS if row.rule_id in LIVES]
    return any(life(rules(state.entity, changed(mutant, lives)), state) != told_life(state) for state in probes(mutant))


def life(book: ContactRules, state: Probe) -> tuple[frozenset[str], timedelta]:
    """(the rules of a permit's life that were asked, its life)."""
    permit = decide(state.intent, state.facts, book)
    assert isinstance(permit, Permit)
    return frozenset(permit.asked), permit.until - permit.valid_from


def told_life(state: Probe) -> tuple[frozenset[str], timedelta]:
    """The same by the second rule book."""
    asked = state.asked & set(LIVES)
    return asked, timedelta(seconds=min((LIVES[rule] for rule in asked), default=86_400))


def by_end(mutant: Mutant) -> bool:
    """Does a stop end at another instant, or is it lifted by others, than the page says?"""
    return any(end(entity, changed(mutant), mutant.row) != told_end(entity, mutant.row) for entity in ENTITIES)


End = tuple[frozenset[Role], bool, datetime | None] | None


def end(entity: str, rows: Iterable[Row], row: Row) -> End:
    """(who lifts the stop, does the next book, when it ends by itself), as the acts find it; None where the row is gone."""
    policy = EntityPolicy(EntityType(entity), {"contact_stop": tuple(r for r in rows if r.table == "contact_stop" and r.binds(entity))})
    mine = next((found for found in policy.in_force("contact_stop", TODAY) if found["rule_id"] == row.rule_id), None)
    if mine is None:
        return None
    stop: Any = SimpleNamespace(event=row.values["event"], scope=row.values["scope"])
    book: Any = SimpleNamespace(policy=policy)
    return _lifters(stop, book, NOON), mine["lifted_by"] == "book", _until(NOON, int(str(mine["days"])))


def told_end(entity: str, row: Row) -> End:
    """The same by the page."""
    if not row.binds(entity):
        return None
    lifted_by, days = LIFTED_BY[row.rule_id], ENDS_AFTER.get(row.rule_id)
    roles = {"borrower": BORROWER_ASKED, "book": frozenset({Role.COMPLIANCE})}.get(lifted_by) or frozenset({Role(lifted_by)})
    return roles, lifted_by == "book", days and datetime.combine(TODAY + timedelta(days=days), time(), IST)


def by_occasion(mutant: Mutant) -> bool:
    """Does an occasion bar other classes, or on other days, or is it noted otherwise, than the page says?"""
    kind = str(mutant.row.values["kind"])
    since = mutant.made.effective_from if mutant.made else TODAY
    days = {TODAY, since, since - timedelta(days=1), since + timedelta(days=1)}
    return any(occasion(entity, changed(mutant), kind, on) != told_occasion(kind, on) for entity in ENTITIES for on in sorted(days))


def occasion(entity: str, rows: Iterable[Row], kind: str, on: date) -> object:
    """(the classes barred on a day, what the act of noting finds: the scope and the days)."""
    mine = [row for row in rows if row.table == "contact_occasion" and row.binds(entity)]
    book = rules(entity, mine).on(on)
    noted = [(row.values["scope"], row.values["days"]) for row in mine if row.in_force(on) and row.values["kind"] == kind]
    return {name for name in EVERY_CLASS if book.occasion_bars(kind, ContactClass(name))}, noted


def told_occasion(kind: str, on: date) -> object:
    """The same by the page: a kind without a row bars every class."""
    return (set(OCCASION_BARS[kind]), [LASTS[kind]]) if on >= ALWAYS else (set(EVERY_CLASS), [])


def by_type(mutant: Mutant) -> bool:
    """Is a loan of another type than the page says?"""
    rows = [row for row in changed(mutant) if row.table == "loan_type"]
    return any(
        rules(entity, rows).on(on).loan_type_of(product, secured=secured, household_income_paise=income) != told
        for entity in ENTITIES
        for on, product, secured, income, told in LOAN_TYPES
    )


def by_check(mutant: Mutant) -> bool:
    """Is a book with this row refused as a whole: a hole in the fence, a senseless number, an example that is not true?"""
    tables = {table: tuple(changed(mutant, rows)) for table, rows in SHIPPED.tables.items()}
    return bool(refusals(check_policy(Policy(tables, SHIPPED.sheets))))


Killer = Callable[[Mutant], bool]
KILLERS: dict[str, tuple[Killer, ...]] = {
    "contact_rule": (by_verdict, by_life, by_check),
    "contact_stop": (by_verdict, by_end, by_check),
    "contact_occasion": (by_verdict, by_occasion, by_check),
    "contact_purpose": (by_check,),
    "loan_type": (by_type, by_check),
}
"""What tells a changed row apart, what people feel first."""


class Alike(NamedTuple):
    """Changed rows that say the same as the shipped one: why, which, and how many there are."""

    why: str
    holds: Callable[[Mutant], bool]
    count: int


NEVER_UNKNOWN = ("hours", "cap", "one_call", "preference", "occasion", "consent", "session", "permit_life")


def same_when_unknown(mutant: Mutant) -> bool:
    """A row for all types of loan whose question is never unknown, or whose unknown is a no before and after."""
    shipped, made = mutant.row.values, mutant.made
    if mutant.kind != "another when_unknown" or made is None or shipped["loan_types"] != "*":
        return False
    any_number = shipped["predicate"] == "caller_id" and shipped["series"] == "*"
    both_no = {shipped["when_unknown"], made.values["when_unknown"]} == {"block", "strictest"}
    return shipped["predicate"] in NEVER_UNKNOWN or any_number or both_no


ALIKE = (
    Alike("for all types of loan block and strictest are the same no, and these questions are never unknown", same_when_unknown, 76),
    Alike(
        "a permit's life never says no, so there is nothing to set aside",
        lambda mutant: mutant.kind == "another override_by" and mutant.row.rule_id in LIVES,
        12,
    ),
    Alike(
        "the table of purposes decides no contact: the book's checks read it, from 12 Aug 2022 on",
        lambda mutant: mutant.kind == "first day moved" and mutant.row.table == "contact_purpose",
        22,
    ),
    Alike(
        "1 Jan 1990 was a Monday, on which a rule for Sundays is not asked",
        lambda mutant: mutant.change == "from 1990-01-02" and mutant.row.values.get("weekdays") == "sun",
        2,
    ),
)


@cache
def survivors() -> tuple[Mutant, ...]:
    """The mutants that nothing tells apart; the kills are printed by kind and by what killed."""
    kinds: Counter[tuple[str, str, str]] = Counter()
    left = []
    for mutant in (mutant for row in ROWS for mutant in mutants(row)):
        killers = KILLERS[mutant.row.table]
        if mutant.kind == NOTHING_BECOMES_ONE:
            killers = killers[::-1]
        killer = next((killer.__name__ for killer in killers if killer(mutant)), "")
        kinds[mutant.row.table, mutant.kind, killer or "alike"] += 1
        left += [] if killer else [mutant]
    for (table, kind, killer), count in sorted(kinds.items()):
        print(f"{table}: {kind}: {count} {killer.replace('_', ' ')}")
    print(f"{kinds.total()} mutants, {kinds.total() - len(left)} killed, {len(left)} alike")
    return tuple(left)


def test_every_row_that_is_one_thing_off_is_told_apart() -> None:
    left = [mutant.name for mutant in survivors() if not any(alike.holds(mutant) for alike in ALIKE)]
    assert not left


@pytest.mark.parametrize("alike", ALIKE, ids=[alike.why for alike in ALIKE])
def test_rows_that_say_the_same_are_those_of_the_table(alike: Alike) -> None:
    meant = [mutant.name for row in ROWS for mutant in mutants(row) if alike.holds(mutant)]
    left = {mutant.name for mutant in survivors()}
    assert [name for name in meant if name not in left] == []
    assert len(meant) == alike.count


def test_the_shipped_rows_are_not_told_apart_from_themselves() -> None:
    same = [Mutant("nothing", "as shipped", row, row) for row in ROWS]
    assert [mutant.name for mutant in same for killer in KILLERS[mutant.row.table] if killer(mutant)] == []
