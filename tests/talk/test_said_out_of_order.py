"""What follows hangs on when a thing was said, not on when it came in; and on whom, where the number is hidden."""

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.put_heard import put_heard
from sulah.actions.talk.answer_heard import HIDDEN, answer_heard, language_of
from sulah.outreach.channel import Heard, HeardKind
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import LanguageWish, Task
from sulah.records.contact.wish import Consent
from tests.contact.people import NOON, loan_of, put_person
from tests.talk.said import NUMBER, TODAY, Desk, Reading

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
NEAR, FAR = date(2026, 11, 28), date(2026, 12, 5)


def message(key: str, reference: str, at: datetime, person: str = "P1", loan: str = "L-P1") -> Outbox:
    """A message that went to a number by WhatsApp and is with the platform."""
    plain = {"channel": "whatsapp", "purpose": "recovery"}
    state: dict[str, Any] = {"contact_class": "message", "at": at, "source": "ours", "state": "sent", "state_at": at, "provider": "one"}
    contact = Contact.objects.create(intent=reference, person=person, provider_ref=f"wamid.{reference}", **plain, **state)
    row: dict[str, Any] = {
        "template": "due",
        "sealed": "",
        "not_before": at,
        "not_after": at,
        "state": "sent",
        "attempts": 1,
        "provider": "one",
    }
    row |= {"handed_at": at, "queued_at": at, "queued_by": "planner", "changed_at": at, "number_key": key, "intent": {"loan_ids": [loan]}}
    return Outbox.objects.create(
        reference=reference, person=person, provider_reference=f"wamid.{reference}", contact=contact, **plain, **row
    )


def arrives(desk: Desk, name: str, said_at: datetime, *, number: str = NUMBER, text: str = "", answers: str = "") -> None:
    """One thing comes in at noon, said before, and is acted on before the next."""
    event = Inbox(channel="whatsapp", provider="one", event_id=name, received_at=NOON)
    said = Heard(name, number, said_at.isoformat(), HeardKind.TEXT, text or name, provider_reference=answers)
    put_heard(desk.vault, event, said, NOON)
    answer_heard(desk.listener())


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_promises_the_one_said_last_stands_in_whatever_order_they_come(desk: Desk, order: tuple[int, ...]) -> None:
    desk.person()
    days = (FAR, date(2026, 12, 1), NEAR)
    desk.readings = {f"e{n}": Reading("promise", due_on=day) for n, day in enumerate(days)}
    for n in order:
        arrives(desk, f"e{n}", NOON - (9 - n) * MINUTE)
    found = Promise.objects.order_by("made_at").values_list("due_on", "state", "made_at")
    assert list(found) == [
        (FAR, "replaced", NOON - 9 * MINUTE),
        (date(2026, 12, 1), "replaced", NOON - 8 * MINUTE),
        (NEAR, "open", NOON - 7 * MINUTE),
    ]
    assert [stop.until.date() for stop in StopEvent.objects.filter(lifted_at=None) if stop.until] == [NEAR]  # 00:00 IST of the 29th


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_of_promises_of_the_same_second_the_same_one_stands(desk: Desk, order: tuple[str, str]) -> None:
    desk.person()
    desk.readings = {"a": Reading("promise", due_on=NEAR), "b": Reading("promise", due_on=FAR)}
    for name in order:
        arrives(desk, name, NOON - MINUTE)
    assert [(row.due_on, row.state) for row in Promise.objects.order_by("due_on")] == [(NEAR, "replaced"), (FAR, "open")]


def test_a_promise_is_judged_by_the_day_on_which_it_was_said(desk: Desk) -> None:
    """Promised yesterday for yesterday, heard today: it was a promise, and there is no quiet left to give."""
    desk.person()
    desk.readings = {"a": Reading("promise", due_on=TODAY - timedelta(1))}
    arrives(desk, "a", NOON - timedelta(days=1))
    assert Promise.objects.get().made_at == NOON - timedelta(days=1)
    assert (StopEvent.objects.count(), Task.objects.count()) == (0, 0)


@pytest.mark.parametrize("order", [("ta", "hi"), ("hi", "ta")])
def test_of_two_languages_the_one_asked_for_later_is_written_in(desk: Desk, order: tuple[str, str]) -> None:
    desk.person()
    desk.reviewed = ("hi", "ta")
    desk.readings = {code: Reading("language", wanted_language=code) for code in order}
    said = {"ta": NOON - 5 * MINUTE, "hi": NOON - 3 * MINUTE}
    for code in order:
        arrives(desk, code, said[code])
    assert LanguageWish.objects.count() == 2
    assert [language_of("P1", NOON - n * MINUTE) for n in (6, 5, 4, 3, 0)] == ["hi", "ta", "ta", "hi", "hi"]


def test_what_waits_is_acted_on_in_the_order_in_which_it_was_said(desk: Desk) -> None:
    desk.person()
    desk.readings = {"late": Reading("call_me"), "early": Reading("call_me")}
    for name, back in (("late", 1), ("early", 2)):
        at = (NOON - back * MINUTE).isoformat()
        event = Inbox(channel="sms", provider="one", event_id=name, received_at=NOON)
        put_heard(desk.vault, event, Heard(name, NUMBER, at, HeardKind.TEXT, name), NOON)
    assert answer_heard(desk.listener(), 1) == 1
    assert HeardRow.objects.exclude(done_at=None).get().event_id == "early"


@pytest.mark.parametrize(("back", "loan"), [(9, "L1"), (5, "L2"), (1, "L2")])
def test_what_comes_late_answers_the_last_message_before_it_was_said(desk: Desk, back: int, loan: str) -> None:
    """The second message went out eight minutes ago; a clock of the provider may be a minute behind."""
    key = desk.vault.number_key(NUMBER)
    put_person("P1", loan_of("L1", "P1"), loan_of("L2", "P1"), numbers={key: ["own", "good"]})
    message(key, "m1", NOON - 20 * MINUTE, loan="L1")
    message(key, "m2", NOON - 8 * MINUTE + timedelta(seconds=1), loan="L2")
    put_numbers([(key, "P1")])
    desk.readings = {"a": Reading("paid")}
    arrives(desk, "a", NOON - back * MINUTE)
    assert StopEvent.objects.get().key == loan


@pytest.fixture
def hidden(desk: Desk) -> Desk:
    """Two people, each with a message by WhatsApp."""
    for person, number in (("P1", NUMBER), ("P2", "+919812345679")):
        message(desk.person(person, number), f"m-{person}", NOON - 20 * MINUTE, person, f"L-{person}")
    desk.readings = {"stop": Reading("stop"), "wrong": Reading("wrong_number"), "pay": Reading("promise", due_on=FAR)}
    return desk


def test_a_person_who_hides_the_number_is_known_by_the_message_answered_and_stop_works(hidden: Desk) -> None:
    arrives(hidden, "stop", NOON - MINUTE, number="", answers="wamid.m-P2")
    row = HeardRow.objects.get()
    assert (row.number_key, row.person, row.answers, row.outcome) == ("", "P2", "m-P2", "acted")
    assert list(StopEvent.objects.values_list("person", "event", "scope", "key")) == [("P2", "opt_out", "channel", "whatsapp")]
    assert list(Consent.objects.values_list("person", "given")) == [("P2", False)]


def test_a_promise_of_somebody_who_hides_the_number_is_on_the_loan_of_the_message(hidden: Desk) -> None:
    arrives(hidden, "pay", NOON - MINUTE, number="", answers="wamid.m-P1")
    assert list(Promise.objects.values_list("person", "loan_id")) == [("P1", "L-P1")]


def test_a_wrong_number_that_is_hidden_is_the_one_to_which_the_message_went(hidden: Desk) -> None:
    arrives(hidden, "wrong", NOON - MINUTE, number="", answers="wamid.m-P2")
    key = hidden.vault.number_key("+919812345679")
    assert list(NumberStanding.objects.values_list("person", "number_key", "standing")) == [("P2", key, "wrong")]
    assert [stop.key for stop in StopEvent.objects.filter(event="wrong_number")] == [key]


@pytest.mark.parametrize("answers", ["", "wamid.of-nobody", "m-P2"])
def test_somebody_hidden_who_answers_no_message_of_ours_is_nobody_and_a_person_reads_it(hidden: Desk, answers: str) -> None:
    arrives(hidden, "stop", NOON - MINUTE, number="", answers=answers)
    row = HeardRow.objects.get()
    assert (row.number_key, row.person, row.outcome, row.words) == ("", "", "nobody", HIDDEN)
    assert (StopEvent.objects.count(), [task.kind for task in Task.objects.all()]) == (0, ["read"])


def test_a_hidden_sender_is_not_known_by_a_message_of_another_provider(hidden: Desk) -> None:
    Outbox.objects.update(provider="two")
    arrives(hidden, "stop", NOON - MINUTE, number="", answers="wamid.m-P2")
    assert HeardRow.objects.get().outcome == "nobody"


def test_people_who_hide_their_numbers_are_not_taken_for_one(hidden: Desk) -> None:
    for person in ("P1", "P2"):
        hidden.readings = {f"stop{n}": Reading("stop") for n in ("P1", "P2")}
        arrives(hidden, f"stop{person}", NOON - MINUTE, number="", answers=f"wamid.m-{person}")
    assert sorted(StopEvent.objects.values_list("person", flat=True)) == ["P1", "P2"]
