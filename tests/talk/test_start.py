"""START takes back the person's own STOP on the channel by which it came: only that, only what was said before, only where it is sure."""

from datetime import timedelta

import pytest

from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.record_consent import give_consent
from sulah.actions.talk.correct_reading import correct_reading
from sulah.actions.talk.reading import read_answer
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, Role, StopEvent
from sulah.outreach.channel import HeardKind
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.contact.task import Task
from sulah.records.contact.wish import Consent
from tests.contact.people import BY, NOON, RULEBOOK, actor
from tests.talk.said import Desk

pytestmark = pytest.mark.django_db
EARLIER, BEFORE = NOON - timedelta(days=2), NOON - timedelta(hours=1)


@pytest.fixture
def wrote(desk: Desk) -> Desk:
    """Somebody who agreed to WhatsApp; the reader is the one that ships."""
    desk.person()
    desk.reader = read_answer
    give_consent("P1", Channel.WHATSAPP, source="loan form", by=BY, clock=fixed_clock(EARLIER))
    return desk


def in_force() -> set[tuple[str, str]]:
    return set(Stop.objects.filter(lifted_at=None).values_list("event", "key"))


def consents() -> bool:
    return Consent.objects.order_by("-at", "-id")[0].given


@pytest.mark.parametrize("word", ["START", "shuru karo", "शुरू करो"])
def test_start_after_stop_lets_messages_come_again_on_that_channel_alone(wrote: Desk, word: str) -> None:
    wrote.said("STOP", channel="whatsapp", at=BEFORE)
    wrote.said("STOP", channel="sms", at=BEFORE)
    assert in_force() == {("opt_out", "whatsapp"), ("opt_out", "sms")}
    assert not consents()
    row = wrote.said(word, channel="whatsapp")
    assert (row.intent, row.sure, row.done) == ("start", "sure", ["restored:whatsapp"])
    assert in_force() == {("opt_out", "sms")}
    assert consents()
    assert Stop.objects.get(key="whatsapp").lift_reason == "said so (start)"


def test_nothing_else_that_stops_contact_is_taken_back(wrote: Desk) -> None:
    for event in (StopEvent.COMPLAINT, StopEvent.HARDSHIP):
        raise_stop(event, Struck("P1"), reason="told us", book=RULEBOOK, by=BY, clock=fixed_clock(BEFORE))
    wrote.said("STOP", channel="sms", at=BEFORE)
    wrote.said("START", channel="sms")
    assert {event for event, _ in in_force()} == {"complaint", "hardship"}


def test_a_stop_that_was_said_later_stands_whatever_comes_first(wrote: Desk) -> None:
    wrote.said("STOP", channel="whatsapp", at=NOON)
    wrote.said("START", channel="whatsapp", at=BEFORE)
    assert in_force() == {("opt_out", "whatsapp")}
    assert not consents()


def test_start_without_a_stop_is_for_a_person_to_read_and_gives_no_consent(wrote: Desk) -> None:
    rows = [wrote.said("START", channel=channel) for channel in ("sms", "whatsapp")]
    assert [row.done for row in rows] == [["task:read"], ["task:read"]]
    assert Consent.objects.count() == 1  # the one from the loan form


@pytest.mark.parametrize(("text", "reviewed"), [("start kab hoga", ("en", "hi")), ("START", ("en",))])
def test_what_is_not_sure_or_in_a_language_nobody_reviewed_goes_to_a_person(wrote: Desk, text: str, reviewed: tuple[str, ...]) -> None:
    wrote.said("STOP", channel="sms", at=BEFORE)
    wrote.reviewed = reviewed
    row = wrote.said(text, channel="sms")
    assert row.outcome == "to_person"
    assert in_force() == {("opt_out", "sms")}
    assert Task.objects.filter(kind="read", closed_at=None).exists()


def test_stop_and_start_in_one_message_is_a_stop(wrote: Desk) -> None:
    wrote.said("STOP", channel="sms", at=BEFORE)
    row = wrote.said("start nahi, STOP", channel="sms")
    assert row.intent != "start"
    assert ("opt_out", "sms") in in_force()


def test_a_number_that_several_people_have_restores_nothing(wrote: Desk) -> None:
    wrote.said("STOP", channel="sms", at=BEFORE)
    wrote.person("P2")
    wrote.said("START", channel="sms")
    assert ("opt_out", "sms") in in_force()


def test_a_start_that_was_read_wrongly_tells_the_officer_what_stands(wrote: Desk) -> None:
    wrote.said("STOP", channel="sms", at=BEFORE)
    row = wrote.said("START", channel="sms")
    made = correct_reading(row.pk, "stop", book=RULEBOOK, by=actor(Role.SUPERVISOR), clock=fixed_clock(NOON))
    assert made.standing == ["Look at the STOP that was taken back yourself: it stands."]


def test_a_button_of_ours_may_say_start(wrote: Desk) -> None:
    wrote.said("STOP", channel="whatsapp", at=BEFORE)
    wrote.said("", channel="whatsapp", kind=HeardKind.BUTTON, choice="start")
    assert in_force() == set()
