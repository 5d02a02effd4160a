"""From words to acts, with the reader that ships: what a borrower types has its consequence, in the languages that are signed off."""

from datetime import date

import pytest

from sulah.actions.talk.reading import read_answer
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Task
from tests.talk.said import TODAY, Desk

pytestmark = pytest.mark.django_db


def said(desk: Desk, text: str) -> str:
    """A person who is written to in Hindi says it; the outcome."""
    desk.person()
    desk.reader = read_answer
    return desk.said(text).outcome


@pytest.mark.parametrize("text", ["5 tareekh ko 500", "5 तारीख को 500 दूंगा", "5 tarikh ko 500 rs dunga"])
def test_a_day_and_a_sum_are_a_promise(desk: Desk, text: str) -> None:
    assert said(desk, text) == "acted"
    promise = Promise.objects.get()
    assert (promise.due_on, promise.amount_paise) == (date(2026, 12, 5), 500_00)


def test_in_a_language_that_nobody_signed_off_the_same_words_go_to_a_person(desk: Desk) -> None:
    desk.reviewed = ("en",)
    assert said(desk, "5 tareekh ko 500") == "to_person"
    assert Promise.objects.count() == 0
    assert Task.objects.get().kind == "read"


@pytest.mark.parametrize("text", ["STOP", "stop", "बंद करो", "message band karo"])
def test_stop_stops_in_words_and_in_script(desk: Desk, text: str) -> None:
    said(desk, text)
    assert "opt_out" in set(StopEvent.objects.values_list("event", flat=True))


@pytest.mark.parametrize("text", ["zeher kha lunga", "jeena nahi chahta ab"])
def test_a_threat_to_oneself_calls_a_person_at_once(desk: Desk, text: str) -> None:
    said(desk, text)
    assert Task.objects.filter(kind="urgent_call", urgent=True).exists()


def test_what_is_kept_of_a_reading_holds_places_and_rules_and_not_the_words() -> None:
    told = read_answer("mera bhai Ravi mar gaya, 5 tareekh ko 500", "", "hi", TODAY).told()
    assert "Ravi" not in str(told)
    assert told["spans"]
