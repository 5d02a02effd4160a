"""A day's worklist becomes lawful messages: proposed once, asked of the guard, queued where permitted, and stoppable until they go."""

import tomllib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact.plan_contacts import next_opening
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.reserve_contact import reserve_contact
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.contact_borrower import sealed_message
from sulah.actions.plan_messages import DayPlan, PlanRefusedError, plan_messages, told
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, Purpose, Role, StopEvent
from sulah.outreach.configured import configured
from sulah.records.audit import AuditEntry
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.dayrun import DayRun
from tests.contact.people import RULES
from tests.contact.small_day import DEAD_LINE, HINDI, NIGHT, REMINDER, Lived, lived_once, template
from tests.outbox.place import SECRETS
from tests.village.cast import LAST_DAY

pytestmark = pytest.mark.django_db
BY = machine("planner")
MORNING = datetime(2026, 11, 23, 10, tzinfo=IST)
DIGITAL = ("V03", "V04", "V05", "V10")
"""The people whose stage row says `digital` and whom nothing holds: V07 died, V08 is in a flood."""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Lived:
    """The day, loaded and run once."""
    return lived_once(tmp_path_factory.mktemp("day") / "lender", django_db_blocker.unblock(), HINDI)


@pytest.fixture
def lender(lived: Lived, monkeypatch: pytest.MonkeyPatch, db: None) -> Lender:
    """The lender with its rows, the day published."""
    return lived.published(monkeypatch)


def plan(lender: Lender, at: datetime = MORNING, *, queue: bool = True, by: Actor = BY) -> DayPlan:
    """Plan at an instant."""
    clock = fixed_clock(at)
    return plan_messages(lender, configured(lender.settings, SECRETS), rulebook_of(lender), queue=queue, by=by, clock=clock)


def recovery(done: DayPlan) -> dict[str, int]:
    """What became of the people to be written to for what is overdue."""
    return told(done.tallies[Purpose.RECOVERY])


def people_queued() -> list[str]:
    return sorted(Outbox.objects.values_list("person", flat=True))


def complain(lender: Lender, person: str) -> None:
    """A complaint comes in."""
    book = rulebook_of(lender)
    raise_stop(StopEvent.COMPLAINT, Struck(person=person), reason="a letter", book=book, by=machine("desk"), clock=fixed_clock(MORNING))


def test_everybody_of_the_day_is_accounted_for(lender: Lender) -> None:
    """Four are to be written to: one has a fixed line only, three get a message."""
    done = plan(lender)
    assert recovery(done) == {
        "people": 4,
        "no_number": 1,
        "no_template": 0,
        "charge_not_named": 0,
        "values_do_not_fit": 0,
        "no_step_due": 0,
        "proposed": 3,
        "queued_before": 0,
        "refused": 0,
        "permitted": 3,
        "queued": 3,
    }
    assert people_queued() == [person for person in DIGITAL if person != DEAD_LINE]
    assert (done.as_of, done.at, done.until) == (LAST_DAY, MORNING, datetime(2026, 11, 24, tzinfo=IST))


def test_the_same_day_planned_again_adds_nothing(lender: Lender) -> None:
    plan(lender)
    before = list(Outbox.objects.order_by("id").values_list("reference", "sealed", "queued_at"))
    again = recovery(plan(lender, MORNING + timedelta(hours=1)))
    assert (again["proposed"], again["queued_before"], again["permitted"], again["queued"]) == (3, 3, 0, 0)
    assert list(Outbox.objects.order_by("id").values_list("reference", "sealed", "queued_at")) == before
    assert AuditEntry.objects.filter(act="message.queue").count() == 3


def test_a_message_names_the_demand_of_the_leading_loan_in_the_language_of_the_person(lender: Lender) -> None:
    plan(lender)
    vault = Vault(lender)
    row = Outbox.objects.get(person="V10")
    (loan,) = Standing.objects.get(pk="V10").loans
    assert (row.template, row.intent["loan_ids"], row.intent["amount_paise"]) == ("due_hi", ["VIL-10"], loan["demand_paise"])
    message = sealed_message(vault, row)
    assert (message.to, message.values) == ("+919812300009", ("VIL-10", "2,400"))
    assert row.number_key == vault.number_key(message.to)
    assert Outbox.objects.get(person="V04").template == "due"  # Tamil has no template: English


def test_the_id_of_a_message_is_the_days_and_names_nobody(lender: Lender) -> None:
    plan(lender)
    references = list(Outbox.objects.values_list("reference", flat=True))
    assert len(set(references)) == 3
    assert all(reference.startswith("20261122-recovery-") and len(reference) <= 80 for reference in references)
    assert not any(person in reference for reference in references for person in DIGITAL)


def test_a_queued_message_is_permitted_by_the_guard_when_it_is_to_be_sent(lender: Lender) -> None:
    """What was planned as permitted is permitted singly, on the facts as the records have them."""
    plan(lender)
    book = rulebook_of(lender)
    answers = [
        reserve_contact(Intent.from_plain(row.intent), book.rules, by=BY, clock=fixed_clock(MORNING), template=True)
        for row in Outbox.objects.all()
    ]
    assert [answer.refusing for answer in answers] == [(), (), ()]


def test_who_complained_is_refused_with_the_rule_and_not_queued(lender: Lender) -> None:
    complain(lender, "V05")
    done = plan(lender)
    assert dict(done.refused_by) == {"STP-COMPLAINT": 1}
    assert (recovery(done)["refused"], recovery(done)["queued"]) == (1, 2)
    assert "V05" not in people_queued()


def test_a_stop_between_planning_and_sending_withdraws(lender: Lender) -> None:
    plan(lender)
    complain(lender, "V05")
    assert dict(Outbox.objects.values_list("person", "state")) == {"V04": "queued", "V05": "withdrawn", "V10": "queued"}
    assert recovery(plan(lender, MORNING + timedelta(hours=1)))["queued"] == 0


def test_looking_queues_nothing_and_says_the_same(lender: Lender) -> None:
    looked = plan(lender, queue=False)
    assert not Outbox.objects.exists()
    done = plan(lender)
    assert recovery(looked) == {**recovery(done), "queued": 0}
    entries = AuditEntry.objects.filter(act="message.plan").order_by("id")
    assert [(entry.subject, entry.after["queue"]) for entry in entries] == [(f"day:{LAST_DAY}", False), (f"day:{LAST_DAY}", True)]


def test_a_number_that_was_marked_as_wrong_is_not_written_to(lender: Lender) -> None:
    (key,) = Standing.objects.get(pk="V10").numbers
    NumberStanding.objects.create(person="V10", number_key=key, standing="wrong", source="desk", recorded_at=NIGHT, recorded_by="x")
    assert recovery(plan(lender))["no_number"] == 2
    assert "V10" not in people_queued()


@pytest.fixture
def with_templates(lender: Lender) -> Callable[..., Lender]:
    """The same lender with more templates in lender.toml, and perhaps without the English one for what is overdue."""

    def changed(*templates: str, without_english: bool = False) -> Lender:
        given = tomllib.loads((lender.root / "lender.toml").read_text("utf-8") + "".join(templates))
        given["sms"]["template"] = [one for one in given["sms"]["template"] if one["name"] != "due" or not without_english]
        return replace(lender, settings=given)

    return changed


def test_who_reads_no_language_of_a_template_gets_none(with_templates: Callable[..., Lender]) -> None:
    """Without the English one: Hindi readers only, here V10."""
    done = plan(with_templates(without_english=True))
    assert recovery(done)["no_template"] == 2
    assert people_queued() == ["V10"]


def test_a_template_of_law_or_with_values_that_nobody_fills_is_not_used(with_templates: Callable[..., Lender]) -> None:
    law = template("law_ta", "ta", "recovery", "Notice: Rs {#var#}.", '"amount:amount"', 33, "true")
    named = template("name_mr", "mr", "recovery", "Dear {#var#}, pay.", '"name:name"', 34)
    plan(with_templates(law, named))
    assert dict(Outbox.objects.values_list("person", "template")) == {"V04": "due", "V05": "due", "V10": "due_hi"}


def test_a_due_date_ahead_is_reminded_of_once_where_a_template_is_registered(with_templates: Callable[..., Lender]) -> None:
    """Nobody to whom anything is overdue, and nobody who has finished: V16."""
    lender = with_templates(REMINDER)
    done = plan(lender)
    tally = told(done.tallies[Purpose.PRE_DUE])
    reminded = Outbox.objects.filter(purpose="pre_due")
    assert tally["queued"] == reminded.count() == tally["people"] > 0
    owing = {row.person for row in Standing.objects.all() if any(loan["demand_paise"] for loan in row.loans)}
    assert {row.person for row in reminded} & (owing | {"V16"}) == set()
    row = reminded.order_by("person").first()
    assert row is not None
    due = next(loan["next_due_on"] for loan in Standing.objects.get(pk=row.person).loans if loan["loan_id"] == row.intent["loan_ids"][0])
    assert 0 < (date.fromisoformat(due) - MORNING.date()).days <= 7
    assert row.reference.startswith(f"{due.replace('-', '')}-pre_due-")
    tomorrow = told(plan(lender, MORNING + timedelta(days=1)).tallies[Purpose.PRE_DUE])
    assert tomorrow["queued"] + tomorrow["queued_before"] == tomorrow["proposed"]
    assert tomorrow["queued_before"] > 0


def test_nothing_is_reminded_of_without_a_template_for_it(lender: Lender) -> None:
    assert list(plan(lender).tallies) == [Purpose.RECOVERY]


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23 08:59:59.999999", "2026-11-23 09:00:00"),
        ("2026-11-23 09:00:00", "2026-11-23 09:00:00"),
        ("2026-11-23 17:59:59.999999", "2026-11-23 17:59:59.999999"),
        ("2026-11-23 18:00:00", "2026-11-24 09:00:00"),
        ("2026-11-30 23:59:59", "2026-12-01 09:00:00"),
    ],
)
def test_a_plan_is_for_the_next_hours_in_which_messages_are_lawful(now: str, opens: str) -> None:
    asked = [(Channel.SMS, Purpose.RECOVERY)]
    found = next_opening(RULES, datetime.fromisoformat(now).replace(tzinfo=IST), asked)
    assert found == datetime.fromisoformat(opens).replace(tzinfo=IST)


def test_a_plan_of_the_night_is_for_the_morning_and_goes_no_earlier(lender: Lender) -> None:
    done = plan(lender, datetime(2026, 11, 23, 1, tzinfo=IST))
    row = Outbox.objects.first()
    assert row is not None
    assert (row.not_before, row.not_after) == (done.at, done.until)
    assert done.at == datetime(2026, 11, 23, 9, tzinfo=IST)


def test_an_old_book_is_refused_with_its_rule(lender: Lender) -> None:
    """Three days are fresh enough, four are not."""
    assert recovery(plan(lender, datetime(2026, 11, 25, 10, tzinfo=IST), queue=False))["permitted"] == 3
    done = plan(lender, datetime(2026, 11, 26, 10, tzinfo=IST))
    assert dict(done.refused_by) == {"BOOK-AGE": 3}
    assert not Outbox.objects.exists()


def test_without_a_published_day_the_words_say_what_to_do(lived: Lived) -> None:
    for row in lived.rows:
        row.save(force_insert=True)
    with pytest.raises(PlanRefusedError, match="sulah work"):
        plan(lived.lender)


def test_a_day_that_was_run_again_is_published_before_it_is_planned(lender: Lender) -> None:
    DayRun.objects.update(path="days/another")
    with pytest.raises(PlanRefusedError, match="run again since"):
        plan(lender)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR)])
def test_only_those_who_answer_for_conduct_plan_and_only_for_the_whole_lender(lender: Lender, role: Role) -> None:
    for by in (Actor("x", role), Actor("x", Role.SUPERVISOR, ("BR-MDB",))):
        with pytest.raises(NotPermittedError):
            plan(lender, by=by)
    assert not Outbox.objects.exists()
