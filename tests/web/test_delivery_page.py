"""Delivery and cost: every message is counted in one place, by channel, provider, text and day, within reach, with what it cost."""

import csv
import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.web.supervise.delivery import COUNTED
from tests.web import small_contacts as small
from tests.web.conftest import Written

SignIn = Callable[..., Client]


@pytest.fixture
def sent(lender: Lender, written: Written) -> list[Outbox]:
    """A message in each state by SMS, and some by WhatsApp; two days."""
    small.put_people(lender, written.told)
    people = list(Standing.objects.order_by("person").values_list("person", flat=True))
    rows = [message(f"sms-{state}", people[0], "sms", "one", state) for state in SendState]
    rows.append(message("ruled", people[0], "sms", "", SendState.WITHDRAWN, ended_by=["STP-PAID"]))
    rows += [message(f"wa-{place}", people[place], "whatsapp", "meta", SendState.DELIVERED, days_ago=1, words="read") for place in (1, 2)]
    return rows


def message(reference: str, person: str, channel: str, provider: str, state: SendState, days_ago: int = 0, **said: object) -> Outbox:
    at = small.at_noon(days_ago)
    waiting = state in (SendState.QUEUED, SendState.CLAIMED, SendState.WITHDRAWN)
    given = {"purpose": "recovery", "template": "due", "number_key": "k", "sealed": "", "not_before": at, "not_after": at} | said
    return Outbox.objects.create(
        reference=reference, person=person, channel=channel, provider="" if waiting else provider, state=state, queued_at=at,
        changed_at=at, handed_at=None if waiting else at, attempts=0 if waiting else 1, **given,
    )  # fmt: skip


def answered(row: Outbox, at: datetime, answers: str = "") -> None:
    Heard.objects.create(
        channel=row.channel, provider="meta", event_id=f"e-{row.pk}-{at}", kind="text", number_key="k", sealed="", said_at=at,
        received_at=at, person=row.person, answers=answers,
    )  # fmt: skip


def taken_out(client: Client, **asked: str) -> list[dict[str, str]]:
    body = client.get("/contact/delivery", {**asked, "csv": "delivery"}).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(body)))


def test_every_message_is_counted_in_one_place(sent: list[Outbox], signed_in: SignIn) -> None:
    rows = taken_out(signed_in(Role.COMPLIANCE))
    assert sum(int(row["messages"]) for row in rows) == len(sent)
    assert all(sum(int(row[name]) for name in COUNTED) == int(row["messages"]) for row in rows)
    sms = {name: sum(int(row[name]) for row in rows if row["channel"] == "sms") for name in COUNTED}
    assert sms == {
        "waiting": 2, "refused": 1, "withdrawn": 1, "sent": 1, "undelivered": 1, "delivered": 1, "ambiguous": 2, "failed": 1,
    }  # fmt: skip


def test_read_and_answered_stand_besides(sent: list[Outbox], signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    one, other = (row for row in sent if row.channel == "whatsapp")
    answered(one, small.at_noon(1) + timedelta(hours=23))
    answered(other, small.at_noon(1) + timedelta(hours=25))
    (row,) = taken_out(client, channel="whatsapp")
    assert (row["delivered"], row["read"], row["answered"]) == ("2", "2", "1")
    answered(other, small.at_noon(0), answers=other.reference)
    (row,) = taken_out(client, channel="whatsapp")
    assert row["answered"] == "2"


def test_what_a_provider_took_costs_what_its_row_says(sent: list[Outbox], signed_in: SignIn) -> None:
    """Five SMS may have cost 35 paise each: sent, undelivered, delivered, two not known; WhatsApp two of 15."""
    rows = taken_out(signed_in(Role.COMPLIANCE))
    assert sum(int(row["cost_paise"]) for row in rows if row["channel"] == "sms") == 5 * 35
    assert sum(int(row["cost_paise"]) for row in rows if row["channel"] == "whatsapp") == 2 * 15


def test_what_a_provider_says_it_charges_stands_beside_the_rows_price(sent: list[Outbox], signed_in: SignIn) -> None:
    """Of two WhatsApp messages of 15 paise one was charged and one was free; of the SMS nobody said anything."""
    charged, free = (row for row in sent if row.channel == "whatsapp")
    Outbox.objects.filter(pk=charged.pk).update(charged=True, charged_as="utility/regular")
    Outbox.objects.filter(pk=free.pk).update(charged=False, charged_as="utility/free_customer_service")
    rows = taken_out(signed_in(Role.COMPLIANCE))
    (row,) = (row for row in rows if row["channel"] == "whatsapp")
    assert (row["charged"], row["free"], row["cost_paise"], row["told_cost_paise"]) == ("1", "1", "30", "15")
    sms = [row for row in rows if row["channel"] == "sms"]
    assert {(row["charged"], row["free"]) for row in sms} == {("0", "0")}
    assert sum(int(row["told_cost_paise"]) for row in sms) == 5 * 35


@pytest.mark.parametrize(
    ("asked", "messages"),
    [({"channel": "whatsapp"}, 2), ({"provider": "one"}, 6), ({"template": "due"}, 12), ({"template": "x"}, 0), ({"channel": "';--"}, 0)],
)
def test_each_filter_narrows_the_table(sent: list[Outbox], signed_in: SignIn, asked: dict[str, str], messages: int) -> None:
    assert sum(int(row["messages"]) for row in taken_out(signed_in(Role.COMPLIANCE), **asked)) == messages


def test_days_are_those_of_india(sent: list[Outbox], signed_in: SignIn) -> None:
    yesterday = (small.today() - timedelta(days=1)).isoformat()
    (row,) = taken_out(signed_in(Role.COMPLIANCE), **{"from": yesterday, "to": yesterday})
    assert (row["day"], row["channel"]) == (yesterday, "whatsapp")


def test_a_branch_counts_its_own_people_only(sent: list[Outbox], signed_in: SignIn) -> None:
    for role, branch in ((Role.SUPERVISOR, "BR-NASHIK"), (Role.COMPLIANCE, "BR-SALEM"), (Role.INSPECTOR, "BR-GAYA")):
        mine = [row for row in sent if branch in Standing.objects.get(pk=row.person).branches]
        rows = taken_out(signed_in(role, branch))
        assert sum(int(row["messages"]) for row in rows) == len(mine)


def test_the_page_shows_a_picture_and_its_table_can_be_taken_out(sent: list[Outbox], signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    body = unescape(client.get("/contact/delivery").content.decode())
    assert f"{len(sent)} messages from" in body
    assert re.search(r'<svg[^>]*role="img"', body)
    assert "35 paise a part" in body
    assert "To be verified" in body
    taken_out(client)
    assert AuditEntry.objects.filter(act__contains="export").count() == 1


def test_days_without_messages_say_so(lender: Lender, signed_in: SignIn) -> None:
    body = signed_in(Role.SUPERVISOR).get("/contact/delivery", {"from": "2020-01-01", "to": "2026-01-01"}).content.decode()
    assert "No message on these days" in body
