"""A day plans the next step of each person's sequence: by the channel and at the hour that suit, quiet where it must be, never twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sulah.actions.contact.actor import machine
from sulah.actions.contact.note_inbound import set_tier
from sulah.actions.contact.read_past import pasts_of
from sulah.actions.contact.record_consent import give_consent
from sulah.actions.contact.review_language import digest_of, sign_off_language, withdraw_language
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact.withdraw_steps import withdraw_steps
from sulah.actions.matter import Known, matters
from sulah.actions.plan_messages import DayPlan, plan_messages, told
from sulah.actions.talk.learn_timing import learn_timing
from sulah.actions.talk.note_link_opened import LinkOpened, note_link_opened
from sulah.actions.talk.settle_promises import settle_promises
from sulah.actions.talk.take_promise import take_promise
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.message_lists import Addressee
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, Purpose, Role
from sulah.outreach.configured import Channels, configured
from sulah.outreach.sequence import next_step
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.learnt import AnswerCount
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import LanguageWish
from sulah.records.dayrun import DayRun
from sulah.records.workitem import WorkItem
from sulah.resolution.promise import Offered
from sulah.web.desk.next_step import Next, what_next
from sulah.web.desk.person import facts_at
from tests.contact.people import RULES, actor
from tests.contact.small_day import HINDI, NIGHT, Lived, lived_once, template
from tests.outbox.place import SECRETS

pytestmark = pytest.mark.django_db
BY = machine("planner")
MORNING = datetime(2026, 11, 23, 10, tzinfo=IST)
BROKEN = template("broken_promise", "en", "recovery", "Loan {#var#}: Rs {#var#}, said for {#var#}.",
                  '"loan_end:reference", "amount:amount", "promised_on:date"', 41)  # fmt: skip
NOTE = template("promise_note", "en", "promise_note", "Loan {#var#}: Rs {#var#} on {#var#}.",
                '"loan_end:reference", "amount:amount", "due_on:date"', 42)  # fmt: skip
EARLY = template("overdue_early_hi", "hi", "recovery", "{#var#}: Rs {#var#} baki.", '"loan_end:reference", "amount:amount"', 43)
LINK = template("link", "en", "recovery", "Rs {#var#}: {#var#}", '"amount:amount", "link:url"', 44) + 'hosts = ["pay.kaveri.example"]\n'
DIGITAL = ("V04", "V05", "V10")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Lived:
    """The day, loaded and run once."""
    return lived_once(tmp_path_factory.mktemp("steps") / "lender", django_db_blocker.unblock(), HINDI, BROKEN, NOTE, EARLY, LINK)


@pytest.fixture
def lender(lived: Lived, monkeypatch: pytest.MonkeyPatch, db: None) -> Lender:
    """The lender with its rows, the day published."""
    lived.published(monkeypatch)
    sign_off_language(
        "en", digest_of("en"), reader="A. Reader", read_on=date(2026, 11, 1), by=actor(Role.COMPLIANCE), clock=fixed_clock(NIGHT)
    )
    return lived.lender


def channels_of(lender: Lender, *also: Channel) -> Channels:
    """SMS, and other channels that are set up like it."""
    channels = dict(configured(lender.settings, SECRETS))
    return channels | {channel: replace(channels[Channel.SMS], section=channel.value) for channel in also}


def plan(lender: Lender, at: datetime = MORNING, *also: Channel) -> DayPlan:
    """Plan and queue at an instant."""
    return plan_messages(lender, channels_of(lender, *also), rulebook_of(lender), queue=True, by=BY, clock=fixed_clock(at))


def recovery(done: DayPlan) -> dict[str, int]:
    return told(done.tallies[Purpose.RECOVERY])


def went(state: SendState, at: datetime, **which: Any) -> None:
    """What was queued was handed over."""
    Outbox.objects.filter(state="queued", **which).update(state=state, handed_at=at, changed_at=at, attempts=1)


def may_whatsapp(person: str) -> None:
    """The person agreed to WhatsApp, and the platform's limit is known."""
    give_consent(person, Channel.WHATSAPP, source="loan form", by=BY, clock=fixed_clock(NIGHT))
    set_tier(Channel.WHATSAPP, 1_000, by=BY, clock=fixed_clock(NIGHT))


def promise(lender: Lender, person: str, due_on: date, amount: int = 500_00, at: datetime = MORNING) -> Promise:
    (loan,) = Standing.objects.get(pk=person).loans
    offered, book = Offered(due_on, amount), rulebook_of(lender)
    return take_promise(person, loan["loan_id"], offered, channel=Channel.SMS, book=book, by=BY, clock=fixed_clock(at))


def row_of(person: str) -> Outbox:
    found = Outbox.objects.filter(person=person).order_by("-id").first()
    assert found is not None
    return found


def test_a_message_carries_its_step_and_the_text_of_that_step(lender: Lender) -> None:
    """V10 reads Hindi, in which the text of the step is registered; the others get the lender's own text."""
    plan(lender)
    rows = {row.person: (row.step, row.template) for row in Outbox.objects.all()}
    assert rows["V10"] == ("digital_reminder/third", "overdue_early_hi")
    assert rows["V04"] == ("digital_reminder/first", "due")
    assert row_of("V04").reference.startswith("20261122-recovery-first-")
    entry = AuditEntry.objects.get(act="message.queue", subject=f"message:{row_of('V04').reference}")
    assert entry.after["because"] == "day 4 of what is overdue; SMS: no hour stands out"


@pytest.mark.parametrize(("days", "queued"), [(1, 0), (2, 0), (3, 1)])
def test_the_next_step_goes_three_days_after_the_last_message_and_not_before(lender: Lender, days: int, queued: int) -> None:
    """V04 is overdue since 20 November and got the first step on the 23rd; the second, of the 24th, waits for the 26th."""
    plan(lender)
    went(SendState.DELIVERED, MORNING)
    done = plan(lender, MORNING + timedelta(days=days))
    # The book is still the one of the 22nd, so on the 26th the guard says no: it is too old.  What was proposed is what counts here.
    assert recovery(done)["permitted"] + recovery(done)["refused"] == queued


def test_a_part_payment_that_makes_the_arrears_younger_does_not_bring_a_message_the_next_day(lender: Lender) -> None:
    """The sequence begins anew with the oldest unpaid due date; the days between messages count over both."""
    plan(lender)
    went(SendState.DELIVERED, MORNING)
    tomorrow = MORNING + timedelta(days=1)
    younger = Addressee("V10", "VIL-10", None, "", "digital_reminder", date(2026, 11, 20), digital=True)
    known = Known(Standing.objects.get(pk="V10"), {}, pasts_of(["V10"], tomorrow)["V10"])
    asked = {"today": tomorrow.date(), "as_of": tomorrow.date(), "days_off": {}}
    (matter,) = matters(Purpose.RECOVERY, younger, known, (Channel.SMS,), **asked)
    step = next_step(matter.rows, matter.history, tomorrow)
    assert step is not None
    assert (step.row.step, step.on) == ("second", date(2026, 11, 26))


def test_who_promised_is_left_alone_but_for_a_word_on_the_eve(lender: Lender) -> None:
    promise(lender, "V04", date(2026, 11, 24))
    done = plan(lender)
    assert recovery(done)["no_step_due"] == 1
    assert told(done.tallies[Purpose.PROMISE_NOTE])["queued"] == 1
    row = row_of("V04")
    assert (row.purpose, row.step, row.template) == ("promise_note", "promise/eve", "promise_note")
    assert row.reference.startswith("20261124-promise_note-eve-")
    assert row.intent["amount_paise"] == 500_00


@pytest.mark.parametrize(("due_on", "noted"), [(date(2026, 11, 23), 0), (date(2026, 11, 24), 1), (date(2026, 11, 25), 0)])
def test_the_eve_of_a_promise_is_the_day_before(lender: Lender, due_on: date, noted: int) -> None:
    promise(lender, "V04", due_on)
    plan(lender)
    assert Outbox.objects.filter(person="V04").count() == noted


def test_a_promise_that_was_not_kept_brings_its_message_on_the_next_working_day(lender: Lender) -> None:
    """Promised on the 20th for the 22nd, a Sunday, which the book of the 22nd knows to its end: on Monday the text names the day."""
    made = promise(lender, "V05", date(2026, 11, 22), at=datetime(2026, 11, 20, 11, tzinfo=IST))
    settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT))
    made.refresh_from_db()
    assert made.state == "broken"
    plan(lender)
    row = row_of("V05")
    assert (row.step, row.template, row.priority) == ("broken_promise/broken", "broken_promise", 40)
    (loan,) = Standing.objects.get(pk="V05").loans
    assert row.intent["amount_paise"] == loan["demand_paise"]
    went(SendState.DELIVERED, MORNING)
    assert recovery(plan(lender, MORNING + timedelta(hours=3)))["queued"] == 0


def test_on_a_sunday_nothing_overtakes_what_a_broken_promise_brings_on_monday(lender: Lender) -> None:
    """V05's treatment has a step due, but the word about the promise comes first, and that waits for a working day."""
    made = promise(lender, "V05", date(2026, 11, 21), at=datetime(2026, 11, 20, 11, tzinfo=IST))
    settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT))
    made.refresh_from_db()
    assert made.state == "broken"
    sunday = datetime(2026, 11, 22, 10, tzinfo=IST)
    plan(lender, sunday)
    assert not Outbox.objects.filter(person="V05").exists()
    assert Outbox.objects.filter(person="V04").exists()
    plan(lender)
    assert row_of("V05").step == "broken_promise/broken"


def test_in_a_language_that_no_native_reader_signed_off_only_a_plain_reminder_goes(lender: Lender) -> None:
    """The text about the promise is a rich one: without the sign-off the lender's plain text goes instead, and no note on the eve."""
    withdraw_language("en", note="to be read again", by=actor(Role.COMPLIANCE), clock=fixed_clock(NIGHT))
    promise(lender, "V05", date(2026, 11, 22), at=datetime(2026, 11, 20, 11, tzinfo=IST))
    promise(lender, "V04", date(2026, 11, 24))
    settle_promises(lender, DayRun.objects.get(), by=BY, clock=fixed_clock(NIGHT))
    done = plan(lender)
    assert row_of("V05").template == "due"
    assert Purpose.PROMISE_NOTE not in done.tallies


def test_the_cheaper_channel_goes_first_where_the_guard_permits_it(lender: Lender) -> None:
    """WhatsApp needs consent: V04 gave it, the others get an SMS."""
    may_whatsapp("V04")
    done = plan(lender, MORNING, Channel.WHATSAPP)
    assert dict(Outbox.objects.values_list("person", "channel")) == {"V04": "whatsapp", "V05": "sms", "V10": "sms"}
    assert (recovery(done)["permitted"], recovery(done)["refused"], dict(done.refused_by)) == (3, 0, {})


@pytest.mark.parametrize(("state", "again"), [(SendState.UNDELIVERED, "sms"), (SendState.DELIVERED, None), (SendState.AMBIGUOUS, None)])
def test_what_did_not_arrive_goes_once_more_by_the_next_channel(lender: Lender, state: SendState, again: str | None) -> None:
    may_whatsapp("V04")
    plan(lender, MORNING, Channel.WHATSAPP)
    went(state, MORNING, person="V04")
    later = MORNING + timedelta(hours=1)
    plan(lender, later, Channel.WHATSAPP)
    plan(lender, later + timedelta(minutes=5), Channel.WHATSAPP)
    rows = list(Outbox.objects.filter(person="V04").order_by("id"))
    assert [row.channel for row in rows[1:]] == ([again] if again else [])
    if again:
        assert rows[1].reference.startswith("20261122-recovery-first2-")


def test_a_person_is_written_to_at_the_hour_at_which_she_answers(lender: Lender) -> None:
    """Three evening messages, all answered: the next is for 16:00, and may still go until midnight."""
    for days in (30, 20, 10):
        _answered("V04", MORNING.replace(hour=17) - timedelta(days=days))
    plan(lender)
    row = row_of("V04")
    assert (row.not_before, row.not_after) == (MORNING.replace(hour=16), datetime(2026, 11, 24, tzinfo=IST))
    assert row_of("V05").not_before == MORNING


def test_people_of_the_same_product_and_place_speak_for_who_is_not_known(lender: Lender) -> None:
    for number, days in enumerate((30, 20, 10, 9, 8, 7)):
        _answered("V04", MORNING.replace(hour=15) - timedelta(days=days, minutes=number))
    assert learn_timing(by=BY, clock=fixed_clock(NIGHT)) == 2
    rows = list(AnswerCount.objects.values_list("group", "channel", "band", "tried", "answered"))
    assert [row[1:] for row in rows] == [("sms", 3, 6, 6)] * 2
    before = list(AnswerCount.objects.values_list("group", "tried"))
    learn_timing(by=BY, clock=fixed_clock(NIGHT))
    assert list(AnswerCount.objects.values_list("group", "tried")) == before
    plan(lender)
    assert row_of("V05").not_before == MORNING.replace(hour=14)


def _answered(person: str, at: datetime) -> None:
    """A message of long ago that the person answered within the hour."""
    (key,) = Standing.objects.get(pk=person).numbers
    row = Outbox(reference=f"old-{person}-{at:%m%d%H%M}", person=person, channel="sms", purpose="receipt", template="receipt", sealed="")
    row.number_key, row.not_before, row.not_after, row.queued_at, row.handed_at, row.changed_at = key, at, at, at, at, at
    row.state, row.attempts = SendState.DELIVERED, 1
    row.save()
    said = at + timedelta(minutes=20)
    Heard.objects.create(
        channel="sms", provider="one", event_id=row.reference, kind="text", number_key=key, sealed="", said_at=said, received_at=said,
        person=person,
    )  # fmt: skip


def test_the_language_that_was_asked_for_wins_over_the_book(lender: Lender) -> None:
    LanguageWish.objects.create(person="V04", language="hi", at=NIGHT, recorded_by="x")
    plan(lender)
    assert row_of("V04").template == "overdue_early_hi"


def test_who_spoke_with_us_is_left_alone_for_some_days(lender: Lender) -> None:
    _answered("V04", MORNING - timedelta(days=1))
    assert recovery(plan(lender))["no_step_due"] == 1
    assert sorted(Outbox.objects.filter(state="queued").values_list("person", flat=True)) == ["V05", "V10"]


def test_steps_of_people_who_are_no_longer_on_the_treatment_are_withdrawn(lender: Lender) -> None:
    plan(lender)
    WorkItem.objects.filter(borrower_id="V04").update(treatment="call_by_agent", channel="call")
    WorkItem.objects.filter(borrower_id="V05").update(closed_on=date(2026, 11, 23))
    clock = fixed_clock(MORNING)
    assert dict(withdraw_steps(by=BY, clock=clock)) == {"digital_reminder": 2}
    assert dict(withdraw_steps(by=BY, clock=clock)) == {}
    assert dict(Outbox.objects.values_list("person", "state")) == {"V04": "withdrawn", "V05": "withdrawn", "V10": "queued"}
    assert row_of("V04").words == "The person is no longer on the treatment digital reminder."
    assert AuditEntry.objects.filter(act="message.withdraw").count() == 2


def test_a_reminder_of_a_promise_goes_no_more_when_the_promise_has_ended(lender: Lender) -> None:
    promise(lender, "V04", date(2026, 11, 24))
    plan(lender)
    Promise.objects.update(state="kept")
    assert withdraw_steps(by=BY, clock=fixed_clock(MORNING))["promise"] == 1


def test_a_link_that_was_opened_and_not_paid_by_brings_one_nudge_hours_later(lender: Lender) -> None:
    plan(lender)
    went(SendState.DELIVERED, MORNING, person="V04")
    row, opened_at = row_of("V04"), MORNING + timedelta(minutes=30)
    opened = LinkOpened("plink-1", "https://pay.kaveri.example/p/1", row.reference, row.intent["loan_ids"][0], opened_at)
    note: Callable[[LinkOpened], Outbox | None] = lambda one: note_link_opened(  # noqa: E731
        one, channels=channels_of(lender), vault=Vault(lender), by=BY, clock=fixed_clock(opened_at)
    )
    nudge, again = note(opened), note(replace(opened, at=opened_at + timedelta(minutes=5)))
    assert nudge is not None
    assert again == nudge
    assert (nudge.step, nudge.template, nudge.not_before) == ("link_opened/nudge", "link", opened_at + timedelta(hours=2))
    assert AuditEntry.objects.filter(act="link.opened").count() == 1
    assert note(replace(opened, carried_by="nothing of ours")) is None
    assert note(replace(opened, link="plink-2", loan_id="another loan")) is None
    assert note(replace(opened, link="plink-3", address="https://elsewhere.example/p/1")) is None


def test_a_person_page_says_what_comes_next_and_why(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page says is what a plan then does, and after it the next step stands there with its day."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    said = coming("V04", MORNING)
    assert (said.sequence, said.step, said.on, said.channels) == ("digital reminder", "first", MORNING.date(), (Channel.SMS,))
    assert said.because == "day 4 of what is overdue"
    plan(lender)
    assert row_of("V04").step.endswith("/first")
    went(SendState.DELIVERED, MORNING)
    said = coming("V04", MORNING + timedelta(hours=1))
    assert (said.step, said.on, said.because) == ("second", date(2026, 11, 26), "3 days after the last message")
    promise(lender, "V04", date(2026, 11, 27))
    assert coming("V04", MORNING + timedelta(hours=2)).because == "Stopped: promise."
    WorkItem.objects.filter(borrower_id="V05").update(hold_reason="deceased")
    WorkItem.objects.filter(borrower_id="V10").update(channel="call", treatment="call_by_agent")
    assert [coming(person, MORNING).because for person in ("V05", "V10", "V16")] == [
        "Held: deceased.",
        "The treatment call by agent is worked by call, not by messages.",
        "Nothing is overdue, so nothing is asked for.",
    ]


def coming(person: str, at: datetime) -> Next:
    facts = facts_at(person, at, RULES)
    return what_next(Standing.objects.get(pk=person), facts, pasts_of([person], at)[person], RULES, at)
