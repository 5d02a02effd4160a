"""Inspection: each number is that of the records, leads to its rows and names its rules, within role, branch and days."""

import csv
import io
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.decision import Decision, Override
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Complaint
from sulah.web.govern.answers import QUESTIONS
from tests.web import small_contacts as small

SignIn = Callable[..., Client]
NAMES = [question.name for question in QUESTIONS]


def rows(client: Client, question: str, asked: str = "") -> list[dict[str, str]]:
    """The rows of an answer, as taken out."""
    answer = client.get(f"/inspection/{question}?csv={question}{asked}")
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_page_asks_every_question_and_leads_to_every_answer(contacted: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.INSPECTOR)
    text = client.get("/inspection").content.decode()
    assert "changes nothing" in text
    for name in NAMES:
        assert f"/inspection/{name}?from=" in text
        assert client.get(f"/inspection/{name}").status_code == 200
    assert client.get("/inspection/what").status_code == 404


def test_calls_are_counted_per_borrower_with_the_highest_first(contacted: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.INSPECTOR)
    calls = Contact.objects.filter(contact_class="call").exclude(state__in=("failed", "withdrawn"))
    counted = Counter(calls.values_list("person", flat=True))
    found = rows(client, "calls")
    assert {row["person"]: int(row["calls"]) for row in found} == counted
    assert [int(row["calls"]) for row in found] == sorted(counted.values(), reverse=True)
    text = client.get("/inspection/calls").content.decode()
    assert f'href="/contact/ledger/{found[0]["person"]}?from=' in text
    assert 'href="/contact/rules/FRQ-CALL-DAY"' in text


def test_out_of_hours_attempts_are_told_with_the_rule_that_refused_them(contacted: Lender, signed_in: SignIn) -> None:
    """Those that a rule of hours refused and no others: a wish of the person is none of the hours."""
    client = signed_in(Role.INSPECTOR)
    assert rows(client, "out_of_hours") == []
    small.try_at_night(contacted)
    (night,) = rows(client, "out_of_hours")
    stored = Decision.objects.get(intent_id=f"i-{small.CALM}-night")
    assert (int(night["id"]), night["person"]) == (stored.pk, small.CALM)
    assert "HRS-PUSH" in night["refused_by"]
    text = " ".join(client.get("/inspection/out_of_hours").content.decode().split())
    assert "<span>Attempts outside the hours</span><b>1</b>" in text
    assert "<span>Made all the same</span><b>0</b>" in text
    assert f'href="/contact/decisions/{stored.pk}"' in text
    assert 'href="/contact/rules/HRS-PUSH"' in text


def test_complaints_are_told_with_the_days_until_they_were_closed(contacted: Lender, signed_in: SignIn) -> None:
    given = {"kind": "complaint", "channel": "sms", "opened_by": "desk", "reply_by": small.today() - timedelta(days=1)}
    closed = {"state": "answered", "closed_at": small.at_noon(3), "closed_by": "meera", "words": "Letter 12"}
    Complaint.objects.create(number="C-1", person="B-0003", opened_at=small.at_noon(9), **given, **closed)
    Complaint.objects.create(number="C-2", person="B-0005", opened_at=small.at_noon(8), **given)
    client = signed_in(Role.INSPECTOR)
    assert [(row["number"], row["days_until_closed"]) for row in rows(client, "complaints")] == [("C-1", "6"), ("C-2", "")]
    text = " ".join(client.get("/inspection").content.decode().split())
    assert "<span>Past the last day</span><b>1</b>" in text
    assert rows(client, "complaints", f"&to={(small.today() - timedelta(days=20)).isoformat()}") == []


def test_agents_rules_overrides_and_stops_are_those_on_record(contacted: Lender, signed_in: SignIn) -> None:
    reason = {"reason": "asked for it", "given_at": small.at_noon(1), "given_by": "usha", "role": "supervisor"}
    Override.objects.create(intent_id="i-1", person="B-0003", rule_id="HRS-PREF", **reason)
    client = signed_in(Role.INSPECTOR)
    assert {row["agent"] for row in rows(client, "agents")} == {"RA-1", "RA-2"}
    signed = {row["rule_id"]: row["signed_off_by"] for row in rows(client, "rules")}
    assert {rule for rule, by in signed.items() if by} == {"HRS-MFL", "FRQ-CALL-DAY"}
    assert [(row["rule_id"], row["reason"]) for row in rows(client, "overrides")] == [("HRS-PREF", "asked for it")]
    assert len(rows(client, "stops")) == StopEvent.objects.count()
    assert "STP-COMPLAINT" in client.get("/inspection/stops").content.decode()


def test_who_read_personal_data_is_told(contacted: Lender, signed_in: SignIn) -> None:
    signed_in(Role.SUPERVISOR).get("/contact/person/B-0003")
    client = signed_in(Role.INSPECTOR)
    (row,) = rows(client, "readings")
    assert (row["actor"], row["act"], row["people"]) == ("supervisor0", "read_personal", "1")
    assert rows(signed_in(Role.SUPERVISOR, "BR-SALEM"), "readings") == []


@pytest.mark.parametrize("question", ["calls", "out_of_hours", "complaints", "overrides", "stops"])
def test_an_answer_keeps_to_the_branches_of_the_reader_and_to_the_one_asked(contacted: Lender, signed_in: SignIn, question: str) -> None:
    """A reader of another branch, and a branch out of reach, have nobody in them."""
    small.try_at_night(contacted)
    assert rows(signed_in(Role.SUPERVISOR, "BR-NOWHERE"), question) == []
    assert rows(signed_in(Role.INSPECTOR), question, "&branch=BR-NOWHERE") == []
    mine = rows(signed_in(Role.LEGAL, "BR-NASHIK"), question)
    assert rows(signed_in(Role.COMPLIANCE, "BR-NASHIK"), question, "&branch=BR-SALEM") == []
    assert mine == rows(signed_in(Role.VALIDATOR), question, "&branch=BR-NASHIK")


def test_each_taking_out_is_written_down(contacted: Lender, signed_in: SignIn) -> None:
    rows(signed_in(Role.INSPECTOR), "calls")
    assert AuditEntry.objects.get(act="page.export").subject == "calls"
