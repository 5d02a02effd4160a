"""Numbers are marked by what happened on them, once a change; staff numbers on borrowers are found; who has none gets a task."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sulah.actions.contact.actor import NotPermittedError
from sulah.actions.contact.mark_number import mark_number
from sulah.actions.contact.number_owners import put_numbers
from sulah.actions.contact.read_people import numbers_of, standings_of
from sulah.actions.talk.learn_numbers import NumberFinding, learn_numbers
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault, make_key
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.task import Task
from sulah.records.workitem import WorkItem
from tests.contact.people import BY, NOON, actor, put_person

pytestmark = pytest.mark.django_db
CLOCK = fixed_clock(NOON)
STAFF = "+919800000001"


@pytest.fixture
def lender(tmp_path: Path) -> Lender:
    """A lender with a vault, and one telephone of its own people on file."""
    make_key(tmp_path / "keys" / "personal.key")
    (tmp_path / "lender.toml").write_text(
        f'[lender]\nname = "Village"\nentity_type = "nbfc_mfi"\n[load]\nstaff_phones = ["{STAFF}"]\n', "utf-8"
    )
    return open_lender(tmp_path)


def learn(lender: Lender, **said: Any) -> dict[str, int]:
    found = learn_numbers(lender, **{"since": None, "by": BY, "clock": CLOCK, **said})
    return {kind.value: found[kind] for kind in NumberFinding if found[kind]}


def message(person: str, key: str, state: str, days_ago: int, words: str = "") -> Outbox:
    """A message that ended so, some days ago."""
    at = NOON - timedelta(days=days_ago)
    row = Outbox(reference=f"{person}-{key}-{days_ago}-{state}", person=person, channel="sms", purpose="receipt", template="x", sealed="")
    row.number_key, row.state, row.words, row.attempts = key, state, words, 1
    row.not_before, row.not_after, row.queued_at, row.handed_at, row.changed_at = at, at, at, at, at
    row.save()
    return row


def answered(person: str, key: str, at: datetime) -> None:
    Heard.objects.create(
        channel="sms", provider="one", event_id=f"{person}{at}", kind="text", number_key=key, sealed="", said_at=at, received_at=at,
        person=person,
    )  # fmt: skip


def standing(person: str, key: str) -> str:
    return numbers_of(standings_of([person]))[person][key].standing.value


def on_the_worklist(person: str, hold: str = "") -> None:
    days = {"overdue_since": date(2026, 11, 1), "opened_on": date(2026, 11, 1), "changed_on": date(2026, 11, 1)}
    WorkItem.objects.create(
        borrower_id=person, work_order="1", product="JLG", lead_loan_id="L", loans_overdue=1, overdue_paise=1, stage="1-30", treatment="t",
        channel="digital", worked_by="system", hold_reason=hold, rule_id="R", **days,
    )  # fmt: skip


def test_a_number_that_operators_call_invalid_on_two_days_is_marked_once(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "good"]})
    message("P1", "k1", "undelivered", 3, "16 Invalid Number")
    assert learn(lender) == {}
    message("P1", "k1", "undelivered", 2, "16 Invalid Number")
    assert learn(lender) == {"standing_changed": 1}
    assert learn(lender) == {}
    mark = NumberStanding.objects.get()
    assert (mark.standing, mark.whose, mark.source) == ("invalid", "", "learned")
    assert standing("P1", "k1") == "invalid"


def test_a_number_that_answers_again_is_good_again(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "invalid"]})
    answered("P1", "k1", NOON - timedelta(hours=1))
    assert learn(lender) == {"standing_changed": 1}
    assert standing("P1", "k1") == "good"


def test_what_a_person_said_of_a_number_is_never_taken_back_by_the_machine(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "good"], "k2": ["own", "good"]})
    mark_number("P1", "k1", whose="other", standing="wrong", source="reply", by=BY, clock=CLOCK)
    mark_number("P1", "k2", whose="family", source="desk", by=BY, clock=CLOCK)
    for key in ("k1", "k2"):
        message("P1", key, "delivered", 0)
        message("P1", key, "undelivered", 2, "invalid number")
        message("P1", key, "undelivered", 1, "invalid number")
    assert learn(lender) == {}
    assert (standing("P1", "k1"), standing("P1", "k2")) == ("wrong", "good")


def test_what_is_our_own_fault_says_nothing_of_the_number(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "good"]})
    for days in range(1, 9):
        message("P1", "k1", "undelivered", days, "DLT template mismatch")
    assert learn(lender) == {}


def test_a_number_that_is_never_reached_is_unknown_after_five_days(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "good"]})
    for days in range(1, 6):
        message("P1", "k1", "undelivered", days, "absent subscriber")
    assert learn(lender) == {"standing_changed": 1}
    assert standing("P1", "k1") == "unknown"


def test_the_telephone_of_one_of_our_own_people_on_a_borrower_is_found_and_marked_once(lender: Lender) -> None:
    key = Vault(lender).number_key(STAFF)
    put_person("P1", numbers={key: ["own", "good"]})
    put_numbers([(key, "P1")])
    assert learn(lender) == {"staff_number": 1}
    assert learn(lender) == {}
    number = numbers_of(standings_of(["P1"]))["P1"][key]
    assert number.whose is not None
    assert number.whose.value == "staff"


def test_a_number_of_several_people_is_counted(lender: Lender) -> None:
    put_numbers([("k1", "P1"), ("k1", "P2"), ("k2", "P2")])
    assert learn(lender) == {"shared_number": 1}


def test_who_is_to_be_worked_and_has_no_number_that_can_be_used_gets_one_task(lender: Lender) -> None:
    put_person("P1", numbers={"k1": ["own", "invalid"]})
    put_person("P2", numbers={"k2": ["own", "good"]})
    put_person("P3", numbers={})
    for person in ("P1", "P2"):
        on_the_worklist(person)
    on_the_worklist("P3", hold="deceased")
    assert learn(lender) == {"no_usable_number": 1}
    assert learn(lender) == {"no_usable_number": 1}
    task = Task.objects.get()
    assert (task.kind, task.person, task.about) == ("find_number", "P1", "no_usable_number")


@pytest.mark.parametrize(("hours", "changed"), [(47, 0), (49, 1)])
def test_only_what_happened_since_is_looked_at(lender: Lender, hours: int, changed: int) -> None:
    """Who is not touched is not read; the last observation is two days old."""
    put_person("P1", numbers={"k1": ["own", "good"]})
    message("P1", "k1", "undelivered", 3, "invalid number")
    message("P1", "k1", "undelivered", 2, "invalid number")
    assert learn(lender, since=NOON - timedelta(hours=hours)).get("standing_changed", 0) == changed


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_the_machine_and_the_administrator_let_it_learn(lender: Lender, role: Role) -> None:
    with pytest.raises(NotPermittedError):
        learn(lender, by=actor(role))
    assert not AuditEntry.objects.filter(act="numbers.learn").exists()
