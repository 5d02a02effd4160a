"""What a borrower says has its consequence: at once where it is sure, by a person where it is not, and never twice."""

from datetime import date, datetime, timedelta

import pytest

from sulah.actions.contact.actor import NotPermittedError
from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.consequences import CONSEQUENCES
from sulah.actions.talk.doing import Doing
from sulah.guard.verdict import Permit, Refusal
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import HeardKind
from sulah.policy.talk import task_rows
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Inbound
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import Occasion
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint, LanguageWish, Task
from sulah.records.contact.wish import Consent
from tests.contact.people import BY, NOON, RULES, loan_of, put_person, sms
from tests.talk.said import NUMBER, TODAY, Desk, Reading

pytestmark = pytest.mark.django_db
FIFTH = date(2026, 12, 5)


def stops() -> list[tuple[str, str, str]]:
    """The stops in force."""
    return sorted(StopEvent.objects.filter(lifted_at=None).values_list("event", "scope", "key"))


def tasks() -> list[str]:
    """Kinds of the open tasks."""
    return sorted(Task.objects.filter(closed_at=None).values_list("kind", flat=True))


def heard(desk: Desk, reading: Reading, **said: object) -> Heard:
    """One known person says something that is read so."""
    desk.person()
    desk.readings = {"words": reading}
    return desk.said("words", **said)  # type: ignore[arg-type]


def test_every_intent_has_a_consequence_and_every_task_a_clock() -> None:
    for consequence in CONSEQUENCES.values():
        assert consequence.task in ("", *task_rows())
        assert consequence.stop or consequence.task or consequence.reply or consequence.restores
    assert {"read", "agree_plan", "urgent_call"} <= set(task_rows())


def test_a_promise_is_written_down_and_nobody_asks_before_the_day_after_it(desk: Desk) -> None:
    row = heard(desk, Reading("promise", amount_paise=300_00, due_on=FIFTH))
    (promise,) = Promise.objects.all()
    assert (promise.person, promise.loan_id, promise.due_on, promise.amount_paise) == ("P1", "L-P1", FIFTH, 300_00)
    assert (promise.whole, promise.overdue_paise, promise.state, promise.heard_id) == (False, 500_00, "open", row.pk)
    assert (row.outcome, row.intent, row.done) == ("acted", "promise", [f"promise:{promise.pk}"])
    key = desk.vault.number_key(NUMBER)
    for at, permitted in (
        (NOON + timedelta(minutes=1), False),
        (datetime(2026, 12, 5, 17, 59, 59, tzinfo=IST), False),
        (datetime(2026, 12, 7, 9, 0, tzinfo=IST), True),
    ):
        StandingBook.objects.create(as_of=at.astimezone(IST).date() - timedelta(1), run_path="days/y", published_at=at, published_by="x")
        answer = reserve_contact(sms(f"i-{at}", number_key=key, amount_paise=500_00), RULES, by=BY, clock=fixed_clock(at), template=True)
        assert isinstance(answer, Permit) is permitted, answer
        if isinstance(answer, Refusal):
            assert "STP-PROMISE" in answer.refusing


def test_the_quiet_of_a_promise_ends_with_its_day(desk: Desk) -> None:
    heard(desk, Reading("promise", due_on=FIFTH))
    stop = StopEvent.objects.get(event="promise")
    assert stop.until == datetime(2026, 12, 6, tzinfo=IST)
    assert Promise.objects.get().whole


def test_a_new_promise_replaces_the_old_one_and_its_quiet(desk: Desk) -> None:
    heard(desk, Reading("promise", due_on=date(2026, 11, 30)))
    desk.readings = {"later": Reading("promise", due_on=FIFTH, amount_paise=100_00)}
    desk.said("later")
    assert list(Promise.objects.values_list("state", "due_on")) == [("replaced", date(2026, 11, 30)), ("open", FIFTH)]
    assert [stop.until for stop in StopEvent.objects.filter(lifted_at=None)] == [datetime(2026, 12, 6, tzinfo=IST)]


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (Reading("promise", due_on=None), "No day was named."),
        (Reading("promise", due_on=TODAY - timedelta(1)), "The day named has passed."),
        (Reading("promise", due_on=TODAY + timedelta(31)), "The day named lies more than 30 days ahead."),
        (Reading("part", due_on=FIFTH, amount_paise=500_01), "The amount is more than what is overdue."),
        (Reading("part", due_on=FIFTH, amount_paise=0), "The amount is no amount."),
    ],
)
def test_what_no_machine_may_agree_to_goes_to_a_person(desk: Desk, reading: Reading, words: str) -> None:
    row = heard(desk, reading)
    assert (Promise.objects.count(), tasks(), row.words, stops()) == (0, ["agree_plan"], words, [])


@pytest.mark.parametrize("day", [TODAY, TODAY + timedelta(30)])
def test_today_and_the_last_quiet_day_can_be_promised(desk: Desk, day: date) -> None:
    heard(desk, Reading("promise", due_on=day))
    assert Promise.objects.get().due_on == day


def test_a_promise_on_one_of_two_loans_that_nobody_named_is_for_a_person(desk: Desk) -> None:
    key = desk.vault.number_key(NUMBER)
    desk.person("P9", number="+919812345670")
    put_person("P1", loan_of("L1", "P1"), loan_of("L2", "P1"), numbers={key: ["own", "good"]})
    put_numbers([(key, "P1")])
    desk.readings = {"words": Reading("promise", due_on=FIFTH)}
    row = desk.said("words")
    assert (tasks(), row.words) == (["agree_plan"], "It is not known which loan is meant.")


@pytest.mark.parametrize(
    ("intent", "expected", "opened"),
    [
        ("paid", [("paid", "loan", "L-P1")], ["check_payment"]),
        ("cannot_pay", [("hardship", "person", "P1")], ["hardship"]),
        ("self_harm", [("hardship", "person", "P1")], ["urgent_call"]),
        ("complaint", [("complaint", "person", "P1")], ["complaint"]),
        ("dispute", [("dispute", "loan", "L-P1")], ["dispute"]),
        ("death", [("death", "loan", "L-P1"), ("death", "person", "P1")], ["death"]),
        ("stop", [("opt_out", "channel", "sms")], []),
        ("call_me", [], ["call_back"]),
    ],
)
def test_each_intent_stops_what_it_stops_and_calls_whom_it_calls(
    desk: Desk, intent: str, expected: list[tuple[str, str, str]], opened: list[str]
) -> None:
    row = heard(desk, Reading(intent))
    assert (stops(), tasks(), row.outcome) == (sorted(expected), opened, "acted")
    assert Inbound.objects.get().person == "P1"


def test_a_wrong_number_is_blocked_and_marked_for_everybody_who_has_it(desk: Desk) -> None:
    key = desk.person("P1")
    desk.person("P2")
    desk.readings = {"words": Reading("wrong_number")}
    row = desk.said("words")
    assert stops() == [("wrong_number", "number", key)]
    assert sorted(NumberStanding.objects.values_list("person", "whose", "standing")) == [("P1", "other", "wrong"), ("P2", "other", "wrong")]
    assert row.words == "2 people have this number; it holds for all of them."
    answer = reserve_contact(sms("i-2", "P2", number_key=key), RULES, by=BY, clock=fixed_clock(NOON), template=True)
    assert isinstance(answer, Refusal)
    assert "STP-WRONG-NUMBER" in answer.refusing


def test_a_wrong_number_of_one_person_asks_for_the_right_one(desk: Desk) -> None:
    heard(desk, Reading("wrong_number"))
    assert tasks() == ["find_number"]


def test_stop_by_whatsapp_takes_the_consent_back(desk: Desk) -> None:
    heard(desk, Reading("stop"), channel="whatsapp")
    assert list(Consent.objects.values_list("person", "channel", "given")) == [("P1", "whatsapp", False)]
    assert stops() == [("opt_out", "channel", "whatsapp")]


def test_a_complaint_has_a_number_and_thirty_days(desk: Desk) -> None:
    row = heard(desk, Reading("complaint"))
    complaint = Complaint.objects.get()
    assert (complaint.number, complaint.reply_by) == (f"C261124-{complaint.pk}", date(2026, 12, 24))
    assert f"complaint:{complaint.number}" in row.done


def test_a_death_in_the_family_leaves_the_family_alone_and_is_not_the_borrowers(desk: Desk) -> None:
    heard(desk, Reading("death", about="family"))
    assert (stops(), tasks()) == ([], ["death"])
    occasion = Occasion.objects.get()
    assert (occasion.kind, occasion.first, (occasion.last - occasion.first).days) == ("bereavement", TODAY, 14)


def test_a_language_that_was_asked_for_is_remembered(desk: Desk) -> None:
    heard(desk, Reading("language", wanted_language="ta"))
    assert LanguageWish.objects.get().language == "ta"


def test_two_intents_in_one_message_both_have_their_consequence(desk: Desk) -> None:
    heard(desk, Reading("stop", also=("paid",)))
    assert stops() == [("opt_out", "channel", "sms"), ("paid", "loan", "L-P1")]


@pytest.mark.parametrize("confidence", ["likely", "unsure"])
@pytest.mark.parametrize("intent", ["promise", "paid", "cannot_pay", "wrong_number", "complaint", "other"])
def test_what_is_not_sure_goes_to_a_person_and_does_nothing_else(desk: Desk, intent: str, confidence: str) -> None:
    row = heard(desk, Reading(intent, confidence, due_on=FIFTH))
    assert (stops(), tasks(), row.outcome) == ([], ["read"], "to_person")
    assert (Promise.objects.count(), NumberStanding.objects.count(), Complaint.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(("intent", "stopped"), [("stop", "opt_out"), ("death", "death"), ("self_harm", "hardship")])
def test_what_would_harm_if_it_waited_stops_contact_though_it_is_not_sure(desk: Desk, intent: str, stopped: str) -> None:
    row = heard(desk, Reading(intent, "likely"))
    assert stopped in {event for event, _, _ in stops()}
    assert row.outcome == "to_person"
    assert {"read", "urgent_call"} & set(tasks())


@pytest.mark.parametrize("intent", sorted(set(CONSEQUENCES) - {"stop", "other", "self_harm"}))
def test_in_a_language_that_nobody_checked_words_do_nothing_by_themselves(desk: Desk, intent: str) -> None:
    desk.reviewed = ("en",)
    row = heard(desk, Reading(intent, due_on=FIFTH))
    assert (stops(), tasks(), row.outcome) == ([], ["read"], "to_person")
    assert row.words == "No native reader has checked hi."


def test_in_such_a_language_stop_acts_and_a_threat_to_oneself_calls_a_person_at_once(desk: Desk) -> None:
    desk.reviewed = ()
    assert heard(desk, Reading("stop")).outcome == "acted"
    desk.readings = {"words": Reading("self_harm")}
    desk.said("words")
    assert Task.objects.get().urgent
    assert stops() == [("opt_out", "channel", "sms")]


@pytest.mark.parametrize("kind", [HeardKind.BUTTON, HeardKind.KEYPAD])
def test_a_button_or_a_key_acts_in_every_language(desk: Desk, kind: HeardKind) -> None:
    desk.reviewed = ()
    desk.person()
    desk.readings = {"call_me": Reading("call_me")}
    assert desk.said("", kind=kind, choice="call_me").outcome == "acted"
    assert tasks() == ["call_back"]


def test_words_from_a_number_of_several_people_are_sorted_out_by_a_person(desk: Desk) -> None:
    desk.person("P1")
    desk.person("P2")
    desk.readings = {"words": Reading("promise", due_on=FIFTH)}
    row = desk.said("words")
    assert (row.person, row.outcome, Promise.objects.count(), tasks()) == ("", "to_person", 0, ["read"])


def test_words_from_an_unknown_number_are_kept_and_seen(desk: Desk) -> None:
    desk.readings = {"words": Reading("paid"), "help": Reading("self_harm")}
    assert desk.said("words", number="+919800000000").outcome == "nobody"
    assert tasks() == []
    assert desk.said("help", number="+919800000000").outcome == "nobody"
    assert tasks() == ["urgent_call"]


@pytest.mark.parametrize("intent", ["paid", "dispute"])
def test_what_somebody_without_a_loan_says_of_one_goes_to_a_person(desk: Desk, intent: str) -> None:
    """Gone from the book, and the number is still known: there is nothing to stop, and nobody's words are lost."""
    desk.person()
    Standing.objects.update(loans=[])
    desk.readings = {"words": Reading(intent)}
    row = desk.said("words")
    assert (row.done_at is not None, stops()) == (True, [])
    assert "read" in tasks()


def test_a_stop_never_waits_behind_what_cannot_be_acted_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an act refuses goes to a person with its words; a fault of our own is raised after all others were acted on."""
    desk.person("P1", number="+919800000001")
    desk.person("P2", number="+919800000002")
    desk.person("P3", number="+919800000003")
    desk.readings = {"refused": Reading("call_me"), "broken": Reading("language", wanted_language="hi"), "stop": Reading("stop")}
    for place, words in enumerate(("refused", "broken", "stop"), 1):
        desk.put(words, number=f"+91980000000{place}")

    def refuse(*_: object, **__: object) -> None:
        raise NotPermittedError("No.")

    def break_down(*_: object, **__: object) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(Doing, "language", break_down)
    whole = Doing.task
    monkeypatch.setattr(Doing, "task", lambda self, kind, about="": refuse() if kind == "call_back" else whole(self, kind, about))
    with pytest.raises(KeyError):
        answer_heard(desk.listener())
    refused, broken, stop = Heard.objects.order_by("id")
    assert (refused.outcome, refused.words, refused.done) == ("to_person", "No.", ["task:read"])
    assert (broken.done_at, broken.outcome) == (None, "")
    assert stop.outcome == "acted"
    assert {event for event, _, _ in stops()} == {"opt_out"}


def test_what_was_acted_on_is_not_acted_on_again(desk: Desk) -> None:
    heard(desk, Reading("promise", due_on=FIFTH))
    before = (AuditEntry.objects.count(), Promise.objects.count())
    assert answer_heard(desk.listener()) == 0
    assert (AuditEntry.objects.count(), Promise.objects.count()) == before


def test_an_act_that_fails_leaves_nothing_and_is_tried_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.person()
    desk.readings = {"words": Reading("complaint")}
    with monkeypatch.context() as patch:
        patch.setattr(Doing, "task", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            desk.said("words")
    assert (StopEvent.objects.count(), Complaint.objects.count(), Task.objects.count()) == (0, 0, 0)
    assert answer_heard(desk.listener()) == 1
    assert (len(stops()), Complaint.objects.count(), tasks()) == (1, 1, ["complaint"])


def test_everything_heard_is_in_the_audit_trail_without_a_word_of_it(desk: Desk) -> None:
    row = heard(desk, Reading("paid"))
    entry = AuditEntry.objects.get(act="heard.act")
    assert (entry.subject, entry.after["heard"], entry.after["intent"]) == ("borrower:P1", row.pk, "paid")
    assert "words" not in str(entry.after)


def test_a_call_that_answers_is_of_the_channel_of_calls(desk: Desk) -> None:
    heard(desk, Reading("call_me"), channel="voice")
    assert Inbound.objects.get().channel == Channel.BOT_CALL


@pytest.mark.parametrize(("intent", "strong", "opened"), [
    ("self_harm", True, "urgent_call"), ("self_harm", False, "suspicion"), ("death", True, "suspicion"), ("death", False, "suspicion"),
    ("stop", True, "suspicion"), ("stop", False, "suspicion"),
])  # fmt: skip
def test_a_suspicion_calls_a_person_holds_contact_where_it_is_strong_and_does_nothing_else(
    desk: Desk, intent: str, strong: bool, opened: str
) -> None:
    row = heard(desk, Reading("other", "unsure", suspected=(intent,), strongly=(intent,) if strong else ()))
    assert (stops(), tasks()) == ([("hardship", "person", "P1")] if strong else [], sorted([opened, "read"]))
    assert (row.outcome, row.intent, Consent.objects.count()) == ("to_person", "other", 0)
    assert Task.objects.get(kind=opened).urgent


def test_in_a_language_that_nobody_has_checked_a_suspicion_calls_a_person_and_holds_for_stop_alone(desk: Desk) -> None:
    desk.reviewed = ()
    heard(desk, Reading("other", "unsure", suspected=("self_harm",), strongly=("self_harm",)))
    assert (stops(), tasks()) == ([], ["read", "urgent_call"])
    desk.readings = {"later": Reading("other", "unsure", suspected=("stop",), strongly=("stop",))}
    desk.said("later")
    assert stops() == [("hardship", "person", "P1")]


def test_what_an_unknown_number_says_is_suspected_too(desk: Desk) -> None:
    desk.readings = {"words": Reading("other", "unsure", suspected=("self_harm",), strongly=("self_harm",))}
    row = desk.said("words")
    assert (row.outcome, tasks(), stops()) == ("nobody", ["urgent_call"], [])
