"""Complaints on their page: the number, the clock, and who may close one."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint
from tests.web import small_contacts as small
from tests.web import small_talk as talk
from tests.web.conftest import Written

SignIn = Callable[..., Client]


@pytest.fixture
def talked(lender: Lender, written: Written) -> Lender:
    """The lender after a day of talk: one complaint, of B-0007."""
    talk.fill_talk(lender, written.told)
    return lender


def text_of(client: Client, **asked: str) -> str:
    """The page as it is read, without tags."""
    response = client.get("/talk/complaints", asked)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def close(client: Client, **given: str) -> str:
    """What the page says after closing."""
    return unescape(client.post("/talk/complaint-act/close", given, follow=True).content.decode())


@pytest.mark.parametrize(
    ("left", "words", "red"), [(30, "30 days left", False), (10, "10 days left", False), (9, "9 days left", True), (1, "1 day left", True)]
)
def test_the_days_left_are_told_and_under_ten_they_are_red(talked: Lender, signed_in: SignIn, left: int, words: str, red: bool) -> None:
    Complaint.objects.update(reply_by=small.today() + timedelta(days=left))
    client = signed_in(Role.AGENT)
    assert words in text_of(client)
    assert ('<tr class="late">' in client.get("/talk/complaints").content.decode()) is red


def test_the_last_day_and_what_is_past_it_are_said(talked: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    Complaint.objects.update(reply_by=small.today())
    assert " today " in text_of(client)
    assert "Past the last day 0" in text_of(client)
    Complaint.objects.update(reply_by=small.today() - timedelta(days=1))
    assert "past its last day" in text_of(client)
    assert "Past the last day 1" in text_of(client)


def test_compliance_closes_one_with_words_and_its_stop_stays(talked: Lender, signed_in: SignIn) -> None:
    officer, number = signed_in(Role.COMPLIANCE), Complaint.objects.get().number
    assert "Say how it ended" in close(officer, number=number, end="answered", words=" ")
    assert "Say how it ended" in close(officer, number=number, end="forgotten", words="x")
    assert "is closed. Its stop stays" in close(officer, number=number, end="frivolous", words="No call was made that day")
    assert StopEvent.objects.filter(event="complaint", lifted_at=None).count() == 1
    assert "No complaint is open" in text_of(officer)
    assert "No call was made that day" in text_of(officer, state="closed")
    assert "no such open complaint" in close(officer, number=number, end="answered", words="again")


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.LEGAL, Role.INSPECTOR])
def test_others_read_and_may_not_close(talked: Lender, signed_in: SignIn, role: Role) -> None:
    client, complaint = signed_in(role), Complaint.objects.get()
    assert complaint.number in text_of(client)
    assert "complaint-act" not in client.get("/talk/complaints").content.decode()
    assert client.post("/talk/complaint-act/close", {"number": complaint.number}).status_code == 403
    complaint.refresh_from_db()
    assert complaint.state == "open"


def test_another_branchs_complaint_is_neither_seen_nor_closed(talked: Lender, signed_in: SignIn) -> None:
    client, number = signed_in(Role.COMPLIANCE, "BR-NASHIK"), Complaint.objects.get().number
    assert number not in text_of(client)
    assert number not in text_of(client, state="all").replace(f'value="{number}"', "")
    assert "is not among the people that you work with" in close(client, number=number, end="answered", words="x")


def test_complaints_are_found_by_number_and_kind(talked: Lender, signed_in: SignIn) -> None:
    client, number = signed_in(Role.SUPERVISOR), Complaint.objects.get().number
    assert "B-0007" in text_of(client, number=number)
    assert "B-0007" not in text_of(client, kind="dispute")
    assert "No complaint meets these filters" in text_of(client, number="C000000-0")


def test_complaints_are_taken_out_without_a_word_of_them(talked: Lender, signed_in: SignIn) -> None:
    taken = signed_in(Role.COMPLIANCE).get("/talk/complaints", {"csv": "complaints"}).content.decode("utf-8-sig").strip().splitlines()
    assert taken[0] == "number,kind,person,channel,opened_at,opened_by,reply_by,state,closed_at,closed_by,days_left"
    assert len(taken) == 2
    assert "rude" not in taken[1]
    assert AuditEntry.objects.get(act="page.export").subject == "complaints"
