"""Judges a policy: no gap, no overlap, nothing without a source, every example true, for every kind of lender on every day that matters.

A table of ranges without this check is a silent bug: days past due that fall between two rows would give an empty class.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from sulah.kernel.dates import FOREVER, day_text
from sulah.kernel.finding import Finding, Severity
from sulah.kernel.terms import EntityType
from sulah.policy.columns import ALL_SHEETS, ENTITIES
from sulah.policy.complete import TABLE_CHECKS, Problem
from sulah.policy.contact_check import BESIDE, CONTACT_BEGINNING, CONTACT_CHECKS, row_problems
from sulah.policy.contact_sheets import CONTACT_SHEETS
from sulah.policy.contact_worked import contact_answer
from sulah.policy.load import load_contact_policy, load_policy
from sulah.policy.rows import Policy, Row
from sulah.policy.worked import answers, question_of, work

BEGINNING = date(1990, 1, 1)
"""Every table must be complete from this day on: the class of a book is folded over all its past day-ends."""


def check_policy(policy: Policy) -> list[Finding]:
    """Everything wrong with the rows, once each, in table order; a finding of severity NOTE only tells, all others refuse the policy.

    Row 0 of a finding speaks of the rows of a table together; any other row is that of the file in which the rule is written.

    >>> check_policy(load_policy()), check_policy(load_contact_policy())
    ([], [])
    """
    rows = [row for table in policy.tables.values() for row in table]
    found = [finding for row in rows for check in ROW_CHECKS for finding in check(row)]
    found.extend(finding for table in policy.sheets for finding in _on_every_day(policy, table))
    found.extend(_departures(policy))
    return found


def refusals(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that stop a policy from being used; notes (a departure from a law row) are for the compliance officer to sign."""
    return tuple(finding for finding in findings if finding.severity is Severity.REFUSE)


def change_days(policy: Policy, entity: EntityType, *tables: str) -> tuple[date, ...]:
    """The days on which the rows of the tables in force for the entity change, the day from which they must be complete first."""
    beginning = CONTACT_BEGINNING if tables[0] in CONTACT_SHEETS else BEGINNING
    rows = [row for table in tables for row in policy.tables[table] if row.binds(entity)]
    starts = {row.effective_from for row in rows}
    ends = {row.effective_to + timedelta(days=1) for row in rows if row.effective_to < FOREVER}
    return tuple(sorted({beginning, *(day for day in starts | ends if day > beginning)}))


def _on_every_day(policy: Policy, table: str) -> Iterator[Finding]:
    """Problems of the rows in force together: each told once, with the entities that have it and the first day of it."""
    told: dict[Problem, tuple[date, list[str]]] = {}
    judged: dict[tuple[tuple[str, date], ...], tuple[Problem, ...]] = {}
    tables = (table, *BESIDE.get(table, ()))
    for entity in EntityType:
        mine = [row for name in tables for row in policy.tables[name] if row.binds(entity)]
        for day in change_days(policy, entity, *tables):
            rows = tuple(row for row in mine if row.in_force(day))
            ids = tuple((row.rule_id, row.effective_from) for row in rows)
            if ids not in judged:
                judged[ids] = tuple(problem for check in CHECKS[table] for problem in check(rows))
            for problem in judged[ids]:
                first, entities = told.setdefault(problem, (day, []))
                told[problem] = (min(first, day), entities if entity.value in entities else [*entities, entity.value])
    for problem, (first, entities) in told.items():
        whom = "every kind of lender" if tuple(entities) == ENTITIES else ", ".join(entities)
        words = f"{problem.words} (on {day_text(first)}, for {whom})"
        yield Finding(table, f"{table}.toml", 0, problem.field, problem.code, words, Severity.REFUSE)


def _refuse(row: Row, field: str, code: str, words: str) -> Finding:
    return Finding(row.table, row.file, row.number, field, code, f"{row.rule_id}: {words}", Severity.REFUSE)


def _cites_its_source(row: Row) -> Iterator[Finding]:
    if not row.citation.strip():
        yield _refuse(
            row, "citation", "policy_no_citation", "the row cites nothing; name the circular, or the lender's own policy with its date"
        )


def _says_what_to_verify(row: Row) -> Iterator[Finding]:
    if row.confidence == "C" and not row.verify:
        yield _refuse(row, "verify", "policy_unverified", "confidence C means that the text was not read again; set verify = true")
    if (row.status == "policy") != (row.confidence == "POLICY"):
        words = "a lender's own choice has status policy and confidence POLICY, and a rule of others has neither"
        yield _refuse(row, "confidence", "policy_mixed_source", words)


def _dates_are_sane(row: Row) -> Iterator[Finding]:
    if row.effective_from > row.effective_to:
        yield _refuse(
            row, "effective_to", "policy_never_in_force", f"the row ends on {row.effective_to} before it begins on {row.effective_from}"
        )
    if not date(1950, 1, 1) <= row.effective_from <= date(2100, 12, 31):
        yield _refuse(row, "effective_from", "policy_odd_date", f"{row.effective_from} is no likely first day; look at the year")


def _ranges_run_forward(row: Row) -> Iterator[Finding]:
    for _, first, last in ALL_SHEETS[row.table].ranges:
        if row.values[first] > row.values[last]:  # type: ignore[operator]  # both ends are whole numbers
            yield _refuse(
                row, last, "policy_empty_range", f"{last} {row.values[last]} is below {first} {row.values[first]}: the row answers nothing"
            )


def _product_is_a_code_or_its_beginning(row: Row) -> Iterator[Finding]:
    for name in ALL_SHEETS[row.table].globs:
        if set(str(row.values[name])[:-1]) & set("*?[]") or str(row.values[name])[-1] in "?[]":
            words = f"{row.values[name]!r} must be a product code, the beginning of one followed by *, or * alone"
            yield _refuse(row, name, "policy_bad_product", words)


def _places_are_an_order(row: Row) -> Iterator[Finding]:
    if row.table in ("waterfall", "written_off_waterfall") and {
        row.values[f"{head}_place"] for head in ("principal", "interest", "charge")
    } != {1, 2, 3}:
        yield _refuse(row, "order_name", "policy_bad_order", "the places of principal, interest and charge must be 1, 2 and 3, each once")


def _upgrade_is_what_the_statements_do(row: Row) -> Iterator[Finding]:
    """The row states the rule and its source; the class memory knows no other way, so a row that says otherwise would mislead."""
    if row.table == "upgrade" and (row.values["requires"], row.values["charges_included"]) != ("all_arrears", True):
        words = "only all_arrears with charges included is built; a milder upgrade needs a change of code, not of a row"
        yield _refuse(row, "charges_included", "policy_not_built", words)


def _example_is_true(row: Row) -> Iterator[Finding]:
    """The row answers its own example, and says what the example expects."""
    given, expect = row.example.get("given", {}), row.example.get("expect", {})
    if not given or not expect:
        yield _refuse(
            row, "example", "policy_no_example", "the row has no worked example; give one, so that everybody can see what it does"
        )
        return
    try:
        result = contact_answer(row, given) if row.table in CONTACT_SHEETS else _answer(row, given)
    except ValueError as error:
        yield _refuse(row, "example", "policy_bad_example", str(error))
        return
    if result is None:
        yield _refuse(row, "example", "policy_example_elsewhere", f"the row does not answer its own example {dict(given)}")
        return
    for name, value in expect.items():
        if name not in result or result[name] != value or type(result[name]) is not type(value):
            words = f"the example expects {name} = {value!r}, the row gives {result.get(name)!r}"
            yield _refuse(row, "example", "policy_example_fails", words)


def _answer(row: Row, given: Mapping[str, object]) -> dict[str, object] | None:
    """What the row gives for its example; None where it does not answer it."""
    question = question_of(row.table, given)
    return work(row, question) if answers(row, question) else None


def _is_a_sound_contact_row(row: Row) -> Iterator[Finding]:
    return (_refuse(row, problem.field, problem.code, problem.words) for problem in row_problems(row))


CHECKS = TABLE_CHECKS | CONTACT_CHECKS
"""By table: the checks of the rows that are in force together."""

ROW_CHECKS: tuple[Callable[[Row], Iterator[Finding]], ...] = (
    _cites_its_source,
    _says_what_to_verify,
    _dates_are_sane,
    _ranges_run_forward,
    _product_is_a_code_or_its_beginning,
    _places_are_an_order,
    _upgrade_is_what_the_statements_do,
    _is_a_sound_contact_row,
    _example_is_true,
)
"""The checks of one row by itself."""


@cache
def _law_as_shipped(sheets: tuple[str, ...]) -> tuple[Row, ...]:
    shipped = (load_policy(), load_contact_policy())
    rows = (row for book in shipped if book.sheets == sheets for listed in book.tables.values() for row in listed)
    return tuple(row for row in rows if row.status == "law")


def _departures(policy: Policy) -> Iterator[Finding]:
    """Where a lender's rows depart from rows that state law: told, so that the compliance officer sees and signs it; not refused."""
    by_id = {row.rule_id: row for rows in policy.tables.values() for row in rows}
    for law in _law_as_shipped(policy.sheets):
        mine = by_id.get(law.rule_id)
        if mine is None or _bare(mine) != _bare(law):
            what = "is taken away" if mine is None else "is changed"
            words = f"{law.rule_id}, which states law ({law.citation}), {what}; the compliance officer must sign this"
            place = law if mine is None else mine
            yield Finding(law.table, place.file, place.number, "", "policy_departs_from_law", words, Severity.NOTE)


def _bare(row: Row) -> Row:
    """The row without its words, for comparing what it does."""
    return replace(
        row, status="", citation="", confidence="", verify=False, example={}, note="", entity_types=tuple(sorted(row.entities()))
    )
