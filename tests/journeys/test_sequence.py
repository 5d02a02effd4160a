"""A reminder to its end: it arrives in Hindi, she answers, the promise quiets the sequence, is broken, and the next lawful step follows."""

import os
from collections.abc import Iterator
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sulah.actions.contact.actor import Actor, machine
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.note_inbound import set_tier
from sulah.actions.contact.record_consent import give_consent
from sulah.actions.contact.review_language import digest_of, sign_off_language
from sulah.actions.contact.rulebook import rulebook_of
from sulah.guard.decide import decide
from sulah.guard.intent import Intent
from sulah.guard.verdict import Refusal
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Channel, Purpose, Role
from sulah.outreach.configured import configured
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.standing import Standing
from sulah.records.contact.task import Task
from sulah.records.person import Person
from tests.contact.approved import approve_own
from tests.journeys.conftest import Visit
from tests.journeys.moving_days import Life, living, put_on
from tests.web.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
SUNDAY, MONDAY = date(2026, 11, 22), datetime(2026, 11, 23, 10, tzinfo=IST)
HER, NEIGHBOUR, BY = "V04", "V06", machine("test")
NUMBER = "9812300003"
"""Hers, as the extract has it."""


@pytest.fixture
def life(tmp_path: Path, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """Monday at ten; Hindi is signed off, and the lender's texts are approved."""
    with put_on(monkeypatch) as time, living(tmp_path / "lender", str(live_server.url), time, monkeypatch) as life:
        settings.LENDER = life.lender.root
        time.comes(MONDAY)
        compliance = Actor("meera", Role.COMPLIANCE)
        sign_off_language("hi", digest_of("hi"), reader="A. Reader", read_on=SUNDAY, by=compliance, clock=system_clock)
        approve_own(configured(life.lender.settings, os.environ), system_clock)
        set_tier(Channel.WHATSAPP, 1_000, by=BY, clock=system_clock)
        Person.objects.create_user("usha", password=PASSWORD, role=Role.SUPERVISOR.value)
        yield life


def may_whatsapp(*people: str) -> None:
    """They agreed to be written to by WhatsApp."""
    for person in people:
        give_consent(person, Channel.WHATSAPP, source="loan form", by=BY, clock=system_clock)


def hers(page: Page, url: str) -> str:
    """What stands on the telephone."""
    page.goto(url)
    return page.inner_text(".phone")


def test_a_promise_said_on_the_phone_quiets_the_sequence_and_broken_brings_the_next_step(
    browser: Browser, life: Life, live_server: Any
) -> None:
    """ "5 tareekh ko 500" on 23 November: the 5th of December is a Saturday, so what follows follows on Monday the 7th."""
    life.day(SUNDAY, lambda row: {"language": "hi"} if row["borrower_id"] == HER else {})
    life.work()
    may_whatsapp(HER)
    life.plan()
    life.work()
    visit = Visit(browser, str(live_server.url), "phone")
    visit.sign_in()
    page, phone, record = visit.page, f"{live_server.url}/sandbox/phone/{HER}", f"{live_server.url}/contact/person/{HER}"
    assert "की किस्त रु 500 बाकी है" in hers(page, phone)
    assert page.get_attribute(".bubble.theirs", "lang") == "hi"
    page.fill("#say", "5 tareekh ko 500")
    page.click(".speak >> text=Send")
    life.work()
    page.goto(record)
    text = page.inner_text("main")
    assert "₹500 by 5 Dec 2026" in text
    assert "taken by worker" in text
    assert "Stopped: promise." in text
    page.goto(f"{live_server.url}/talk/promises")
    assert "Lakshmi Raman" in page.inner_text("main table")
    assert "in 12 days" in page.inner_text("main table")

    for quiet in (datetime(2026, 11, 24, 10, tzinfo=IST), datetime(2026, 11, 25, 10, tzinfo=IST)):
        life.time.comes(quiet)
        life.plan()
        life.work()
    assert Outbox.objects.filter(person=HER).count() == 1

    life.time.comes(datetime(2026, 12, 6, 10, tzinfo=IST))  # a Sunday
    life.day(date(2026, 12, 5), lambda row: {"language": "hi"} if row["borrower_id"] == HER else {})
    life.work()
    page.goto(f"{live_server.url}/talk/promises?show=broken")
    assert "Broken" in page.inner_text("main table")
    page.goto(record)
    assert "7 Dec 2026: step broken of the sequence after a broken promise" in page.inner_text("main")
    life.plan()
    life.work()
    assert Outbox.objects.filter(person=HER).count() == 1
    life.time.comes(datetime(2026, 12, 7, 10, tzinfo=IST))
    life.plan()
    life.work()
    assert "रु 1,500 बाकी है, आपने 5 Dec 2026 तक देने को कहा था" in hers(page, phone)
    last = Outbox.objects.filter(person=HER).order_by("-id")[0]
    assert (last.step, last.state, Outbox.objects.filter(person=HER).count()) == ("broken_promise/broken", "delivered", 2)
    assert visit.overflow() <= 0
    assert (visit.strangers, visit.complaints) == ([], [])


@pytest.mark.parametrize("how", ["words", "button"])
def test_a_wrong_number_is_blocked_for_every_person_loan_and_channel(browser: Browser, life: Life, live_server: Any, how: str) -> None:
    """One number on file for a person and for a neighbour with two loans; whoever answers at it, it is the wrong one for both."""
    told = {HER: {"language": "hi"}, NEIGHBOUR: {"language": "hi", "phone": NUMBER}}
    life.day(SUNDAY, lambda row: told.get(row["borrower_id"], {}))
    life.work()
    may_whatsapp(HER, NEIGHBOUR)
    life.plan()
    life.work()
    visit = Visit(browser, str(live_server.url), "phone")
    visit.sign_in()
    page = visit.page
    assert refused(page, str(live_server.url), NEIGHBOUR) == [False] * 8
    page.goto(f"{live_server.url}/sandbox/phone/{HER}")
    if how == "words":
        page.fill("#say", "galat number hai")
        page.click(".speak >> text=Send")
    else:
        page.click(".offered >> text=गलत नंबर")
    life.work()
    assert Heard.objects.get().intent == "wrong_number"
    for person in (HER, NEIGHBOUR):
        assert refused(page, str(live_server.url), person) == [True] * 5 + [False] * 3  # visits and letters need no number
        assert "Wrong number" in page.inner_text("section[aria-labelledby=stops]")
        assert_barred(life, person)
    sent = Outbox.objects.count()
    life.time.comes(datetime(2026, 11, 30, 10, tzinfo=IST))
    life.day(date(2026, 11, 29), lambda row: told.get(row["borrower_id"], {}))
    life.work()
    life.plan()
    life.work()
    assert Outbox.objects.filter(person__in=(HER, NEIGHBOUR)).count() == sent == Outbox.objects.count()
    assert Task.objects.filter(kind="find_number").exists()
    assert (visit.strangers, visit.complaints) == ([], [])


def refused(page: Page, address: str, person: str) -> list[bool]:
    """What the person's page says of recovery at noon tomorrow: refused by SMS, WhatsApp, e-mail, call, machine call, visit ...?"""
    page.goto(f"{address}/contact/person/{person}?at=2026-11-24T12:00")
    cells = page.locator(".allowed tbody tr").first.locator("td").all_inner_texts()
    return [cell.startswith("No") for cell in cells]


def assert_barred(life: Life, person: str) -> None:
    """The guard refuses the number on every channel, for every purpose and for each loan of the person."""
    rules, at = rulebook_of(life.lender).rules, datetime(2026, 11, 24, 12, tzinfo=IST)
    known = Standing.objects.get(pk=person)
    (key,) = known.numbers
    loans = [(loan["loan_id"],) for loan in known.loans]
    assert len(loans) == (2 if person == NEIGHBOUR else 1)
    for channel, purpose, loan in product((Channel.SMS, Channel.WHATSAPP, Channel.CALL, Channel.BOT_CALL), Purpose, [*loans, ()]):
        intent = Intent("x", person, at, channel, purpose, loan_ids=loan, number_key=key, offers=False, caller_series="1601")
        answer = decide(intent, gather_facts(person, at, intent, template=True), rules)
        assert isinstance(answer, Refusal), (channel, purpose, loan)
        assert "STP-WRONG-NUMBER" in answer.refusing
