"""The twin over a snapshot of the records says what a single decision over gathered facts says, proposal by proposal."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sulah.actions.contact.gather_facts import Gathered, gather_facts
from sulah.actions.contact.plan_contacts import plan_contacts
from sulah.actions.contact.reserve_contact import longest_cap
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.contact.snapshot import PEOPLE_AT_ONCE
from sulah.guard.case import Case
from sulah.guard.decide import verdicts_of
from sulah.guard.facts import Contact
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.guard.twin import PLANNED
from sulah.guard.verdict import Answer
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, ContactState, EntityType
from sulah.records.contact import contact as records
from tests.contact.people import BOOK, NOON, RULEBOOK, WHOLE, loan_of, put_person, sms
from tests.contact.wild_records import WildRecords
from tests.depth import so_many
from tests.guard.paper import shipped

pytestmark = pytest.mark.django_db

INSTANTS = tuple(
    datetime.fromisoformat(text).replace(tzinfo=IST)
    for text in ("2026-11-24 12:00:00", "2026-11-24 17:59:59.999999", "2026-11-24 09:00:00", "2026-11-22 11:00:00", "2027-01-01 00:00:00")
)


def book_of(rules: ContactRules) -> Rulebook:
    """The rules as a plan takes them."""
    return Rulebook(WHOLE, BOOK, rules)


def one_by_one(intents: Sequence[Intent], at: datetime, rules: ContactRules) -> Iterator[tuple[str, ...]]:
    """Single decisions in order over the facts as they are gathered for each; a permitted one is a contact to those after it."""
    days = longest_cap(rules.on(at.astimezone(IST).date()))
    planned: dict[str, list[Contact]] = {}
    for intent in intents:
        wanted, before = replace(intent, at=at), planned.setdefault(intent.person_id, [])
        facts = gather_facts(intent.person_id, at, wanted, days=days, template=True)
        case = Case(wanted, replace(facts, contacts=(*facts.contacts, *before)), rules)
        refusing = tuple(verdict.rule.rule_id for verdict in verdicts_of(case) if verdict.answer is Answer.NO)
        if not refusing:
            before.append(Contact(at, wanted.channel, wanted.purpose, PLANNED))
        yield refusing


def assert_same(drawn: WildRecords, at: datetime, rules: ContactRules) -> set[bool]:
    """No proposal is judged otherwise; which verdicts there were."""
    singly = list(one_by_one(drawn.intents, at, rules))
    at_once = [planned.refusing for planned in plan_contacts(book_of(rules), at, drawn.intents)]
    apart = [both for both in zip(drawn.intents, singly, at_once, strict=True) if both[1] != both[2]]
    assert apart == []
    return {not refusing for refusing in singly}


@pytest.mark.parametrize("seed", range(len(INSTANTS)))
def test_the_plan_says_what_single_decisions_say_under_the_shipped_rules(seed: int) -> None:
    drawn = WildRecords(seed, INSTANTS[seed], so_many(800, 40))
    assert_same(drawn, INSTANTS[seed], shipped(list(EntityType)[seed]))


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_says_what_single_decisions_say_under_rules_at_random(seed: int) -> None:
    at = INSTANTS[seed] + timedelta(microseconds=seed)
    drawn = WildRecords(100 + seed, at, so_many(400, 30))
    seen = set().union(*(assert_same(drawn, at, drawn.rules()) for _ in range(so_many(12, 3))))
    assert seen == {True, False}


def test_the_facts_of_many_are_those_of_each() -> None:
    """To the byte, whoever else is asked for."""
    drawn = WildRecords(7, NOON, so_many(600, 60))
    people = list(dict.fromkeys(intent.person_id for intent in drawn.intents))
    together = Gathered(people, NOON, (), days=7)
    for person in people:
        assert together.facts(person).digest() == gather_facts(person, NOON).digest()
    last = {intent.person_id: intent for intent in drawn.intents}
    together = Gathered(people, NOON, list(last.values()), days=7)
    for person, intent in last.items():
        assert together.facts(person, intent).digest() == gather_facts(person, NOON, intent).digest()


def asked_of(people: int) -> list[str]:
    """The queries of a plan for so many people."""
    with CaptureQueriesContext(connection) as asked:
        plan_contacts(RULEBOOK, NOON, [sms(f"i-{number}", f"Q{number}") for number in range(people)])
    return [query["sql"] for query in asked]


def test_a_plan_asks_as_often_for_many_people_as_for_one() -> None:
    for number in range(60):
        put_person(f"Q{number}", *(loan_of(f"L-Q{number}{which}", f"Q{number}") for which in ("", "b")))
    assert len(asked_of(60)) == len(asked_of(1)) <= 12


def test_a_plan_of_more_people_than_a_batch_asks_once_more_a_batch() -> None:
    """Strangers: nothing is known of them, and they are asked about all the same."""
    assert len(asked_of(PEOPLE_AT_ONCE + 1)) == 2 * len(asked_of(PEOPLE_AT_ONCE))


def test_everybody_of_a_plan_of_several_batches_has_a_verdict_of_their_own() -> None:
    put_person("Q3")
    put_person(f"Q{PEOPLE_AT_ONCE + 3}")
    planned = plan_contacts(RULEBOOK, NOON, [sms(f"i-{number}", f"Q{number}") for number in range(PEOPLE_AT_ONCE + 9)])
    assert [one.intent.person_id for one in planned if one.permitted] == ["Q3", f"Q{PEOPLE_AT_ONCE + 3}"]


@pytest.mark.parametrize(
    ("clock", "permitted"), [("08:59:59.999999", False), ("09:00:00", True), ("17:59:59.999999", True), ("18:00", False)]
)
def test_a_message_about_a_microfinance_loan_is_planned_from_nine_to_six_only(clock: str, permitted: bool) -> None:
    put_person()
    (planned,) = plan_contacts(RULEBOOK, datetime.fromisoformat(f"2026-11-24 {clock}").replace(tzinfo=IST), [sms()])
    assert planned.permitted is permitted
    assert planned.refusing == (() if permitted else ("HRS-PUSH-MFL",))


def test_only_permitted_messages_of_a_plan_take_a_place_under_a_cap() -> None:
    """Two a day: of four, the second carries an offer and takes none."""
    put_person()
    planned = plan_contacts(RULEBOOK, NOON, [sms(f"i-{number}", offers=number == 1) for number in range(4)])
    assert [one.permitted for one in planned] == [True, False, True, False]
    assert planned[3].refusing == ("FRQ-MSG-DAY",)


def test_what_an_intent_has_reserved_itself_does_not_count_against_it() -> None:
    put_person()
    for intent in ("i-1", "other"):
        records.Contact.objects.create(
            intent=intent,
            person="P1",
            channel=Channel.SMS.value,
            contact_class="message",
            purpose="recovery",
            at=NOON,
            source="ours",
            state=ContactState.RESERVED.value,
            state_at=NOON,
        )
    assert [one.permitted for one in plan_contacts(RULEBOOK, NOON, [sms("i-1")])] == [True]
    assert [one.refusing for one in plan_contacts(RULEBOOK, NOON, [sms("i-3")])] == [("FRQ-MSG-DAY",)]


def test_nothing_wanted_is_nothing_planned() -> None:
    assert plan_contacts(RULEBOOK, NOON, []) == []
