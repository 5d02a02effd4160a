"""Words of an officer's own go only within a session, looked through first, and as nothing else but an answer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sulah.actions.contact.actor import NotPermittedError
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.queue_message import MessageError, Written, queue_written
from sulah.actions.talk.answer_by_hand import LONGEST, AnswerRefusedError, Looked, answer_by_hand, session_of
from sulah.guard.intent import Intent
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, Purpose, Role
from sulah.outreach.configured import Configured, NotConfiguredError
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from tests.contact.people import BY, NOON, RULES, actor
from tests.talk.said import NUMBER, Desk, Reading

pytestmark = pytest.mark.django_db
WAYS = {Channel.WHATSAPP: Configured("whatsapp", None, {}, lambda number: number.startswith("+91"), {})}
LATER = NOON + timedelta(minutes=5)


def fine(text: str, language: str, person: str) -> Looked:
    """Nothing is wrong with the words."""
    return Looked(legal_words=False, offers=False)


def written(desk: Desk, channel: str = "whatsapp") -> Heard:
    """A person who wrote at noon."""
    desk.person()
    desk.readings = {"words": Reading("call_me")}
    return desk.said("words", channel=channel)


def answer(desk: Desk, text: str = "We call you at four.", *, role: Role = Role.AGENT, **changed: object) -> Outbox:
    given: dict[str, object] = {"lint": fine, "channels": WAYS, "vault": desk.vault, "by": actor(role), "clock": fixed_clock(LATER)}
    channel = changed.pop("channel", Channel.WHATSAPP)
    return answer_by_hand("P1", channel, text, **given | changed)  # type: ignore[arg-type]


def test_an_answer_is_sealed_says_that_it_is_free_and_is_permitted_by_the_guard(desk: Desk) -> None:
    heard = written(desk)
    row = answer(desk)
    message = sealed_message(desk.vault, row)
    assert (message.to, message.text, message.template, message.values) == (NUMBER, "We call you at four.", "", ())
    assert "four" not in row.sealed
    assert (row.purpose, row.number_key, row.not_after) == ("session_answer", heard.number_key, NOON + timedelta(hours=24))
    intent = Intent.from_plain(row.intent)
    assert (intent.free_text, intent.offers, intent.legal_words, intent.loan_ids) == (True, False, False, ("L-P1",))
    assert isinstance(reserve_contact(intent, RULES, by=BY, clock=fixed_clock(LATER), template=True), Permit)
    entry = AuditEntry.objects.get(act="message.queue")
    assert (entry.actor, "four" in str(entry.after)) == ("some-agent", False)


def test_the_guard_refuses_an_answer_that_goes_after_the_session(desk: Desk) -> None:
    written(desk)
    intent = Intent.from_plain(answer(desk).intent)
    late = reserve_contact(intent, RULES, by=BY, clock=fixed_clock(NOON + timedelta(hours=24, seconds=1)), template=True)
    assert isinstance(late, Refusal)
    assert "WA-24H" in late.refusing


def test_the_same_words_to_the_same_message_are_one_answer(desk: Desk) -> None:
    written(desk)
    assert answer(desk).pk == answer(desk, " We call you at four. ").pk
    assert answer(desk, "At five.").pk != answer(desk).pk
    assert Outbox.objects.count() == 2


def test_nothing_goes_where_nothing_looks_through_the_words_or_it_finds_something(desk: Desk) -> None:
    written(desk)
    with pytest.raises(AnswerRefusedError, match="not sent from here"):
        answer_by_hand("P1", Channel.WHATSAPP, "x", channels=WAYS, vault=desk.vault, by=actor(Role.AGENT), clock=fixed_clock(LATER))
    with pytest.raises(AnswerRefusedError, match=r"It threatens\. It shames\."):
        answer(desk, lint=lambda *_: Looked(("It threatens.", "It shames.")))
    assert not Outbox.objects.exists()


def test_the_words_are_looked_through_in_the_persons_language(desk: Desk) -> None:
    written(desk)
    asked: list[tuple[str, str, str]] = []

    def look(text: str, language: str, person: str) -> Looked:
        asked.append((text, language, person))
        return Looked(legal_words=False, offers=False)

    answer(desk, "  Haan  ", lint=look)
    assert asked == [("Haan", "hi", "P1")]


@pytest.mark.parametrize("after", [timedelta(hours=24), timedelta(hours=24, seconds=1), timedelta(seconds=-1)])
def test_no_answer_outside_of_the_session(desk: Desk, after: timedelta) -> None:
    written(desk)
    with pytest.raises(AnswerRefusedError, match="No session is open"):
        answer(desk, clock=fixed_clock(NOON + after))


def test_a_session_lasts_24_hours_from_the_last_message(desk: Desk) -> None:
    first = written(desk)
    last = desk.said("words", channel="whatsapp", at=NOON - timedelta(hours=1))
    session = session_of("P1", Channel.WHATSAPP, NOON + timedelta(hours=24) - timedelta(seconds=1))
    assert session is not None
    assert (session.heard.pk, last.pk > first.pk) == (first.pk, True)
    assert session_of("P2", Channel.WHATSAPP, LATER) is None


def test_an_sms_opens_no_session_neither_there_nor_on_whatsapp(desk: Desk) -> None:
    written(desk, "sms")
    for channel in (Channel.SMS, Channel.WHATSAPP):
        with pytest.raises(AnswerRefusedError, match="No session is open"):
            answer(desk, channel=channel)


@pytest.mark.parametrize("text", ["", "  ", "x" * (LONGEST + 1)])
def test_an_answer_without_words_or_with_too_many_is_refused(desk: Desk, text: str) -> None:
    written(desk)
    with pytest.raises(AnswerRefusedError, match="characters"):
        answer(desk, text)
    assert answer(desk, "x" * LONGEST).pk


def test_who_may_answer(desk: Desk) -> None:
    written(desk)
    for role in (Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE):
        assert answer(desk, role.value, role=role).queued_by == f"some-{role.value}"
    for role in (Role.LEGAL, Role.VALIDATOR, Role.INSPECTOR, Role.ADMINISTRATOR, Role.AGENCY):
        with pytest.raises(NotPermittedError):
            answer(desk, role.value, role=role)
    with pytest.raises(NotPermittedError):
        answer(desk, by=actor(Role.AGENT, "ELSEWHERE"))


def test_a_channel_that_is_not_set_up_carries_no_answer(desk: Desk) -> None:
    written(desk)
    with pytest.raises(NotConfiguredError):
        answer(desk, channels={})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda i: Written(i("purpose", Purpose.RECOVERY), NUMBER, "x", NOON, LATER), "not for recovery"),
        (lambda i: Written(i("number_key", None), NUMBER, "x", NOON, LATER), "which number on file"),
        (lambda i: Written(i("person_id", "P1"), "12345", "x", NOON, LATER), "must be an Indian mobile"),
        (lambda i: Written(i("person_id", "P1"), NUMBER, " ", NOON, LATER), "no words"),
        (lambda i: Written(i("person_id", "P1"), NUMBER, "x", LATER, LATER), "may not go before"),
    ],
)
def test_free_words_are_queued_as_an_answer_and_as_nothing_else(desk: Desk, change: Callable[..., Written], words: str) -> None:
    def intent(name: str, value: object) -> Intent:
        given: dict[str, object] = {"purpose": Purpose.SESSION_ANSWER, "number_key": "a" * 32, "person_id": "P1"} | {name: value}
        return Intent("w-1", at=NOON, channel=Channel.WHATSAPP, **given)  # type: ignore[arg-type]

    with pytest.raises(MessageError, match=words):
        queue_written(change(intent), channels=WAYS, vault=desk.vault, actor="x", clock=fixed_clock(NOON))
    assert not Outbox.objects.exists()


def test_an_id_that_carries_other_words_is_refused(desk: Desk) -> None:
    intent = Intent("w-1", "P1", NOON, Channel.WHATSAPP, Purpose.SESSION_ANSWER, number_key="a" * 32)
    one, other = (Written(intent, NUMBER, text, NOON, LATER) for text in ("one", "other"))
    row, fresh = queue_written(one, channels=WAYS, vault=desk.vault, actor="x", clock=fixed_clock(NOON))
    again, fresh_again = queue_written(one, channels=WAYS, vault=desk.vault, actor="x", clock=fixed_clock(NOON))
    assert (row.pk == again.pk, fresh, fresh_again) == (True, True, False)
    with pytest.raises(MessageError, match="other content"):
        queue_written(other, channels=WAYS, vault=desk.vault, actor="x", clock=fixed_clock(NOON))
