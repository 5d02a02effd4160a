"""The set-based check says what single decisions say, row by row, with the same refusing rules."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sulah.adapters.engines.duck import connect
from sulah.guard.case import Case
from sulah.guard.decide import decide, verdicts_of
from sulah.guard.facts import Contact, Facts
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.twin import PLANNED, check
from sulah.guard.twin_tables import create_tables
from sulah.guard.verdict import Answer
from sulah.kernel.terms import EntityType, StopScope
from tests.depth import so_many
from tests.guard.paper import book, facts, intent, ist, rule, shipped
from tests.guard.tables import check_all
from tests.guard.wild import Wild

INSTANTS = tuple(
    ist(text)
    for text in (
        *("2026-11-24 12:00:00", "2026-11-24 17:59:59.999999", "2026-11-24 18:00:00", "2026-11-24 18:59:59.999999", "2026-11-24 19:00:00"),
        *("2026-11-24 08:59:59.999999", "2026-11-24 09:00:00", "2026-11-22 11:00:00", "2026-12-31 23:59:59.999999", "2027-01-01 00:00:00"),
        *("2028-02-29 10:30:00", "2028-03-01 00:00:00", "2026-11-30 16:45:00.000001", "2026-01-26 10:00:00"),
    )
)


def one_by_one(asked: Sequence[tuple[Intent, Facts]], rules: ContactRules) -> Iterator[tuple[bool, tuple[str, ...]]]:
    """Single decisions in order; a permitted one is a contact of unknown outcome to those after it, but no call in flight."""
    planned: dict[str, list[Contact]] = {}
    for wanted, known in asked:
        before = planned.setdefault(wanted.person_id, [])
        case = Case(wanted, replace(known, contacts=(*known.contacts, *before)), rules)
        refusing = tuple(verdict.rule.rule_id for verdict in verdicts_of(case) if verdict.answer is Answer.NO)
        if not refusing:
            before.append(Contact(wanted.at, wanted.channel, wanted.purpose, PLANNED))
        yield not refusing, refusing


def differences(asked: Sequence[tuple[Intent, Facts]], rules: ContactRules) -> tuple[list[object], int]:
    """Where the twin differs, and how many intents were permitted."""
    singly = list(one_by_one(asked, rules))
    at_once = check_all(connect(), asked, rules)
    apart = [(wanted, one, other) for (wanted, _), one, other in zip(asked, singly, at_once, strict=True) if one != other]
    return apart, sum(yes for yes, _ in singly)


@pytest.mark.parametrize("at", INSTANTS, ids=str)
def test_the_twin_agrees_under_the_shipped_rules(at: datetime) -> None:
    """Random persons and intents, each kind of lender in turn."""
    for seed, entity in enumerate(EntityType):
        people = Wild(seed, at).people(f"{entity.value}-", so_many(5_000, 40))
        assert differences(list(people), shipped(entity))[0] == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_the_twin_agrees_under_rules_at_random(part: int) -> None:
    """Rule books at random: every predicate, limit, scope and way with the unknown; 200,000 proposals and more in all."""
    permitted = proposals = 0
    books = so_many(400, 6)
    for seed in range(part * books, part * books + books):
        at = INSTANTS[seed % len(INSTANTS)] + timedelta(microseconds=seed)
        wild = Wild(seed, at)
        asked = list(wild.people("p", 720))
        apart, yes = differences(asked, wild.rules())
        assert apart == []
        permitted, proposals = permitted + yes, proposals + len(asked)
    assert proposals >= books * 2_085
    assert proposals // 50 < permitted < proposals * 49 // 50


def test_only_permitted_proposals_count_against_a_cap() -> None:
    """Of five calls in order, the refused second one takes no place; the cap of two is full after the third."""
    rules = book(rule("cap", most=2, days=1), rule("no_offer"))
    asked = [(intent(offers=number == 1), facts()) for number in range(5)]
    verdicts = check_all(connect(), asked, rules)
    assert verdicts == [(True, ()), (False, ("no_offer",)), (True, ()), (False, ("cap",)), (False, ("cap",))]
    assert verdicts == list(one_by_one(asked, rules))


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6])
def test_stops_and_occasions_of_everybody_are_in_everybodys_facts(seed: int) -> None:
    """Rows without a person: a PIN code, an agency, a channel for all, the lender; a holiday of the calendar."""
    wild = Wild(seed, INSTANTS[seed])
    stops = [stop for stop in (wild.stop("p1") for _ in range(12)) if stop.scope is not StopScope.CHANNEL]
    occasions = [wild.occasion()]
    asked = list(wild.people("p", so_many(2_000, 100)))
    whole = [(wanted, replace(one, stops=(*one.stops, *stops), occasions=(*one.occasions, *occasions))) for wanted, one in asked]
    rules = wild.rules(3)
    singly = list(one_by_one(whole, rules))
    assert singly == check_all(connect(), asked, rules, stops, occasions)
    assert {yes for yes, _ in singly} == {True, False}


def test_a_single_decision_is_what_the_twin_is_held_against() -> None:
    """The verdicts compared above are those of decide itself."""
    wild = Wild(1, INSTANTS[0])
    asked = list(wild.people("p", 60))
    rules = shipped()
    assert all(
        decide(wanted, known, rules).refusing
        == tuple(one.rule.rule_id for one in verdicts_of(Case(wanted, known, rules)) if one.answer is Answer.NO)
        for wanted, known in asked
    )


def test_a_proposal_about_a_stranger_is_refused_as_a_whole() -> None:
    """Without facts nothing is decided."""
    connection = connect()
    for statement in create_tables("plan"):
        connection.execute(statement)
    connection.execute("INSERT INTO plan.proposal (position, person_id, channel, purpose) VALUES (1, 'nobody', 'sms', 'recovery')")
    with pytest.raises(ValueError, match="without facts"):
        check(connection, "plan", shipped(), INSTANTS[0])


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("proposal_loan", "(1, 'L1'), (1, 'L1')"),
        ("proposal (position, person_id, channel, purpose, place)", "(2, 'p1', 'call', 'otp', 'agreed')"),
    ],
)
def test_what_no_intent_may_say_is_refused_as_a_whole(table: str, row: str) -> None:
    """A loan twice, or a place for what has none."""
    connection = connect()
    for statement in create_tables("plan"):
        connection.execute(statement)
    connection.execute("INSERT INTO plan.person (person_id) VALUES ('p1')")
    connection.execute("INSERT INTO plan.proposal (position, person_id, channel, purpose) VALUES (1, 'p1', 'sms', 'recovery')")
    assert check(connection, "plan", shipped(), INSTANTS[0]) == 0
    connection.execute(f"INSERT INTO plan.{table} VALUES {row}")
    with pytest.raises(ValueError, match="a loan twice, or says a place"):
        check(connection, "plan", shipped(), INSTANTS[0])


def test_nothing_proposed_is_nothing_permitted() -> None:
    """Empty tables give an empty table of verdicts."""
    connection = connect()
    for statement in create_tables("plan"):
        connection.execute(statement)
    assert check(connection, "plan", shipped(), INSTANTS[0]) == 0
    assert connection.execute("SELECT count(*) FROM plan.verdict").fetchall() == [(0,)]
