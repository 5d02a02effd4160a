"""An inspector answers five set questions, each within three pages and a minute; all fit a phone, and nothing there changes anything."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

import pytest
from playwright.sync_api import Browser, Page

from sulah.kernel.terms import Role
from sulah.records.contact.task import Complaint
from sulah.records.person import Person
from tests.journeys.conftest import Visit, empty_ledgers
from tests.web import small_contacts as small
from tests.web.conftest import PASSWORD, Written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MOST_PAGES = 3
"""Pages that an answer may take, from the first page after signing in: the questions, the answer, what lies behind it."""
LONGEST = 60.0
"""Seconds that an answer may take, the server's and the browser's together."""


@pytest.fixture
def inspected(desk: str, written: Written) -> Iterator[str]:
    """The live server with what was done about its people, a complaint that was answered, and an inspector."""
    small.fill_contacts(written.lender, written.told)
    said = {"kind": "complaint", "channel": "sms", "opened_by": "desk", "reply_by": small.today() + timedelta(days=20)}
    closed = {"state": "answered", "closed_at": small.at_noon(2), "closed_by": "meera", "words": "Letter 12"}
    Complaint.objects.create(number="C-0001", person=small.COMPLAINED, opened_at=small.at_noon(6), **said, **closed)
    small.try_at_night(written.lender)
    Person.objects.create_user("ravi", password=PASSWORD, role=Role.INSPECTOR.value)
    Person.objects.create_user("meera", password=PASSWORD, role=Role.COMPLIANCE.value)
    yield desk
    empty_ledgers()


class Walk:
    """What an inspector clicks, and how many pages it took."""

    def __init__(self, visit: Visit) -> None:
        self.page: Page = visit.page
        self._opened = 0
        self.page.on("framenavigated", self._count)

    def _count(self, _frame: object) -> None:
        self._opened += 1

    def begin(self, address: str) -> None:
        """Stand on the first page after signing in."""
        self.page.goto(address + "/")
        self._opened = 0

    def click(self, selector: str) -> str:
        """Follow the first such link, by the keyboard; the words of the page it leads to."""
        self.page.locator(selector).first.focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self.page.inner_text("main")

    def opened(self) -> int:
        """Pages opened since the beginning."""
        return self._opened


QUESTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "Who was called most often, and under which limit?": (
        ("nav >> text=Inspection", "Most to one borrower"),
        ("#calls tbody a", "Contacts and attempts"),
    ),
    "Which attempts fell outside the hours, and what refused them?": (
        ("nav >> text=Inspection", "Attempts outside the hours"),
        ("#out_of_hours tbody a", "HRS-PUSH"),
        ("main a.rule >> text=HRS-", "HRS-"),
    ),
    "What did borrowers complain of, and how long did an answer take?": (
        ("nav >> text=Inspection", "Longest until closed"),
        ("#complaints tbody a", "Letter 12"),
    ),
    "Who contacts borrowers, and are the papers in order?": (
        ("nav >> text=Inspection", "With a paper missing or running out"),
        ("#agents tbody a", "IIBF 4471"),
    ),
    "Which rules are in force, and who signed them off?": (
        ("nav >> text=Inspection", "Signed off by nobody"),
        ("#rules a.button", "meera"),
        ("tbody a >> text=HRS-MFL", "HRS-MFL"),
    ),
}


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_the_inspector_answers_five_questions_within_three_pages_and_a_minute_each(browser: Browser, inspected: str, screen: str) -> None:
    """From the first page on: the number, its rows, and the rule or the paper behind it; by links alone, without typing."""
    visit = Visit(browser, inspected, screen)
    visit.sign_in("ravi")
    walk = Walk(visit)
    for question, clicks in QUESTIONS.items():
        walk.begin(inspected)
        began = monotonic()
        for selector, words in clicks:
            assert words in walk.click(selector), (question, selector)
        assert walk.opened() <= MOST_PAGES, question
        assert monotonic() - began < LONGEST, question
        visit.shot(f"inspection-{clicks[1][0].split()[0].strip('#')}", whole=True)
    assert visit.strangers == []
    assert visit.complaints == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_evidence_is_wider_than_the_screen(browser: Browser, inspected: str, screen: str, scheme: str) -> None:
    """The questions, each answer, and the ledger of a person."""
    visit = Visit(browser, inspected, screen, scheme)
    visit.sign_in("ravi")
    answers = ("calls", "out_of_hours", "complaints", "agents", "rules", "overrides", "stops", "readings")
    for address in ("/inspection", *(f"/inspection/{name}" for name in answers), f"/contact/ledger/{small.COMPLAINED}"):
        visit.page.goto(inspected + address)
        visit.shot(address.strip("/").replace("/", "-"), whole=True)
        assert visit.overflow() <= 0, f"{address} is too wide"
    assert visit.strangers == []
    assert visit.complaints == []


def test_nothing_that_the_inspector_sees_changes_anything(browser: Browser, inspected: str) -> None:
    """The only forms besides filters and signing out hand out documents."""
    visit = Visit(browser, inspected, "desktop")
    visit.sign_in("ravi")
    for address in ("/inspection", "/inspection/calls", f"/contact/ledger/{small.CALM}"):
        visit.page.goto(inspected + address)
        posts = visit.page.eval_on_selector_all("form[method=post]", "forms => forms.map(form => new URL(form.action).pathname)")
        assert set(posts) <= {"/sign-out", "/contact/ledger-act/html", "/contact/ledger-act/json", "/contact/ledger-act/pack"}


def test_the_pack_of_a_person_is_downloaded_by_one_click(browser: Browser, inspected: str) -> None:
    visit = Visit(browser, inspected, "desktop")
    visit.sign_in("meera")
    visit.page.goto(f"{inspected}/contact/person/{small.COMPLAINED}")
    visit.page.click("text=the contact ledger")
    with visit.page.expect_download() as download:
        visit.page.click("button >> text=Incident pack")
    assert download.value.suggested_filename.startswith(f"incident-{small.COMPLAINED}-")
