"""An officer takes a task from the inbox, reads the thread, corrects a reading, answers in the session and closes the task."""

import pytest
from playwright.sync_api import Browser

from sulah.actions.keep_words import said
from sulah.actions.talk.answer_by_hand import Looked
from sulah.actions.talk.answer_heard import answer_heard
from sulah.adapters.book.vault import Vault
from sulah.kernel.terms import Channel, Role
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.task import Complaint, Task
from sulah.records.person import Person
from sulah.records.said import Said
from sulah.web import talk_ways
from tests.journeys.conftest import Visit
from tests.journeys.test_contact import contacted
from tests.web import small_talk as talk
from tests.web.conftest import PASSWORD, Written

__all__ = ["contacted"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def talked(contacted: str, written: Written, monkeypatch: pytest.MonkeyPatch) -> str:
    """The live server after a day of talk; channels made by hand, and a look through words that finds nothing but shouting."""
    monkeypatch.setattr(talk_ways, "channels_here", talk.channels)
    monkeypatch.setattr(talk_ways, "LINT", lambda text, *_: Looked(("Do not shout.",) if text.isupper() else (), False, False))
    talk.fill_talk(written.lender, written.told)
    Person.objects.create_user("ravi", password=PASSWORD, role=Role.FIELD_OFFICER.value, branches=["BR-NASHIK"])
    return contacted


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_an_officer_takes_a_task_reads_the_thread_answers_and_closes(browser: Browser, talked: str, written: Written, screen: str) -> None:
    visit = Visit(browser, talked, screen)
    visit.sign_in("ravi")
    page = visit.page
    page.click("nav >> text=Talk")
    page.wait_for_url("**/talk")
    row = page.locator(".tasks tbody tr").filter(has_text="Salma Bano")
    row.get_by_role("button", name="Take").click()
    assert "it is yours" in page.inner_text("[role=status]")
    visit.shot("inbox", whole=True)
    page.click(".tasks >> text=Salma Bano")
    page.wait_for_url("**/talk/thread/B-0003")
    assert talk.UNSURE in page.inner_text(".thread")
    assert "की किस्त 450 बाकी है" in page.inner_text(".thread")
    page.fill("textarea[name=text]", "PAY NOW")
    page.click("text=Send the answer")
    assert "Do not shout." in page.inner_text("[role=alert]")
    page.fill("textarea[name=text]", "Aap shanivar ko kendra par bata sakti hain.")
    page.click("text=Send the answer")
    assert "the guard decides when it goes" in page.inner_text("[role=status]")
    assert "Aap shanivar ko" in page.inner_text(".thread")
    assert Outbox.objects.get(template="").queued_by == "ravi"
    page.click("summary >> text=This was read wrongly")
    page.select_option("select[name=right]", "call_me")
    page.click("text=Correct it")
    assert "it was: asks for a call" in page.inner_text("[role=status]")
    visit.shot("thread", whole=True)
    page.click("#tasks ~ article summary >> text=Close")
    page.fill("#tasks ~ article input[name=outcome]", "Agreed for Saturday")
    page.click("text=Close it")
    assert "closed" in page.inner_text("[role=status]")
    assert "Nothing is open about this person" in page.inner_text("main")
    task = Task.objects.get(person="B-0003", kind="read")
    assert (task.closed_by, task.outcome) == ("ravi", f"said:{Said.objects.get().pk}")
    assert said(Vault(written.lender), "B-0003", task.outcome) == "Agreed for Saturday"
    assert visit.overflow() <= 0
    assert (visit.strangers, visit.complaints) == ([], [])


def test_she_answers_on_her_phone_and_the_officer_reads_it(browser: Browser, talked: str, written: Written) -> None:
    talk.reminded(written.lender, 8, Channel.WHATSAPP)
    visit = Visit(browser, talked, "phone")
    visit.sign_in()
    page = visit.page
    page.goto(f"{talked}/sandbox/phone/B-0008")
    assert "की किस्त 450 बाकी है" in page.inner_text(".phone")
    page.fill("#say", "5 tareekh ko dunga")
    page.click(".speak >> text=Send")
    assert "5 tareekh ko dunga" in page.inner_text(".phone")
    page.click("text=मुझे फ़ोन करें")
    visit.shot("borrowers-phone", whole=True)
    assert Heard.objects.filter(provider="simulated-phone").count() == 2
    assert answer_heard(talk.listener(written.lender)) == 2
    page.goto(f"{talked}/talk/thread/B-0008")
    text = page.inner_text(".thread")
    assert "Promise taken" in text
    assert "Read as asks for a call" in text
    page.goto(f"{talked}/talk/promises")
    assert "B-0008" in page.inner_text("main table")
    assert visit.overflow() <= 0
    assert (visit.strangers, visit.complaints) == ([], [])


def test_compliance_closes_a_complaint_by_the_keyboard_alone(browser: Browser, talked: str, written: Written) -> None:
    visit = Visit(browser, talked, "desktop")
    visit.sign_in("meera")
    page = visit.page
    page.goto(f"{talked}/talk/complaints")
    page.locator("tbody summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Answered by letter 12")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert "is closed" in page.inner_text("[role=status]")
    closed = Complaint.objects.get()
    assert closed.words == f"said:{Said.objects.get().pk}"
    assert said(Vault(written.lender), closed.person, closed.words) == "Answered by letter 12"


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_talk_is_wider_than_the_screen(browser: Browser, talked: str, written: Written, screen: str, scheme: str) -> None:
    talk.reminded(written.lender, 5, Channel.WHATSAPP)
    visit = Visit(browser, talked, screen, scheme)
    visit.sign_in("meera")
    addresses = {
        "talk-inbox": "/talk",
        "talk-thread": "/talk/thread/B-0005",
        "talk-thread-urgent": "/talk/thread/B-0009",
        "talk-promises": "/talk/promises?show=all",
        "talk-complaints": "/talk/complaints",
        "talk-unknown": "/talk/unknown",
        "talk-phone": "/sandbox/phone/B-0005",
        "talk-person": "/contact/person/B-0006",
    }
    for name, address in addresses.items():
        page = visit.page
        page.goto(talked + address)
        visit.shot(name, whole=True)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        assert visit.overflow() <= 0, f"{address} is too wide"
        identical = "[...document.querySelectorAll('main [id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"
        assert page.evaluate(identical) == [], f"{address} gives an id twice"
    assert (visit.strangers, visit.complaints) == ([], [])
