"""A complaint on a person's page: contact is refused with the rule, compliance lifts the stop, and contact is allowed again."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from sulah.kernel.terms import Role
from sulah.records.contact.decision import Decision
from sulah.records.contact.rule_change import RuleChange
from sulah.records.person import Person
from tests.journeys.conftest import Visit
from tests.web import small_contacts as small
from tests.web.conftest import PASSWORD, Written

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
PERSON = "/contact/person/B-0003"


@pytest.fixture
def contacted(desk: str, written: Written) -> str:
    """The live server with what was done about its people, an agent and a compliance officer."""
    small.fill_contacts(written.lender, written.told)
    Person.objects.create_user("asha", password=PASSWORD, role=Role.AGENT.value)
    Person.objects.create_user("meera", password=PASSWORD, role=Role.COMPLIANCE.value)
    return desk


def noon() -> str:
    """12:00 in India of a weekday to come, as the page's field writes it."""
    day = small.today() + timedelta(days=1)
    return f"{(day if day.weekday() < 6 else day + timedelta(days=1)).isoformat()}T12:00"


def look_at_noon(page: Page) -> None:
    """Ask the page for noon of a day ahead, through its own field."""
    page.fill("#at", noon())
    page.click(".day-bar button")


def recovery_by_sms(page: Page) -> str:
    """The first cell of the first row: recovery by SMS."""
    return " ".join(page.inner_text(".allowed tbody tr:first-child td:nth-child(2) a").split())


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_complaint_refuses_contact_until_compliance_lifts_it(browser: Browser, contacted: str, screen: str) -> None:
    agent = Visit(browser, contacted, screen)
    agent.sign_in("asha")
    page = agent.page
    page.click("nav >> text=Contact")
    page.fill("#q", "LN/10004")
    page.click("main button")
    page.wait_for_url(f"**{PERSON}")
    look_at_noon(page)
    assert recovery_by_sms(page) == "Yes until 19:00"
    page.click("summary >> text=Something happened: stop contact")
    page.select_option("#stop-event", "complaint")
    page.fill("#stop-reason", "Called rudely on Monday")
    page.click("button >> text=Stop contact now")
    assert "contact is stopped at once" in page.inner_text("[role=status]")
    look_at_noon(page)
    assert recovery_by_sms(page) == "No not by waiting"
    page.click(".allowed tbody tr:first-child td:nth-child(2) a")
    assert "STP-COMPLAINT" in page.inner_text("#why")
    assert page.locator("summary >> text=Lift this stop").count() == 0
    agent.shot("complaint", whole=True)
    assert agent.overflow() <= 0

    officer = Visit(browser, contacted, screen)
    officer.sign_in("meera")
    page = officer.page
    page.goto(contacted + PERSON)
    page.click("summary >> text=Lift this stop")
    page.fill("#lift-reason", "Answered, letter 12")
    page.click("button >> text=Lift it")
    assert "is lifted" in page.inner_text("[role=status]")
    look_at_noon(page)
    assert recovery_by_sms(page) == "Yes until 19:00"
    for visit in (agent, officer):
        assert visit.strangers == []
        assert visit.complaints == []


def addresses() -> dict[str, str]:
    """Every page of contact, by the name of its picture."""
    refusal, permit = (Decision.objects.filter(permitted=answer).order_by("pk")[0].pk for answer in (False, True))
    proposal = RuleChange.objects.get(kind="propose").pk
    return {
        "people": "/contact",
        "person": f"{PERSON}?at={noon()}&channel=whatsapp&purpose=recovery",
        "person-complained": f"/contact/person/{small.COMPLAINED}?at={noon()}",
        "person-given": f"/contact/person/{small.GIVEN}",
        "decisions": "/contact/decisions",
        "refusal": f"/contact/decisions/{refusal}",
        "permit": f"/contact/decisions/{permit}",
        "stops": "/contact/stops",
        "calendar": "/contact/calendar",
        "agencies": "/contact/agencies",
        "agent": "/contact/agents/RA-2",
        "contact-rules": "/contact/rules",
        "rule-switch": "/contact/rules/HRS-VISIT?switch=yes&look_back=switch",
        "rule-proposed": f"/contact/rules/FRQ-CALL-WEEK?look_back={proposal}",
    }


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_contact_is_wider_than_the_screen(browser: Browser, contacted: str, screen: str, scheme: str) -> None:
    """With every small form unfolded; nothing is blocked by the content policy and no other host is asked."""
    visit = Visit(browser, contacted, screen, scheme)
    visit.sign_in("meera")
    for name, address in addresses().items():
        visit.page.goto(contacted + address)
        visit.shot(name, whole=True)
        visit.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        visit.shot(f"{name}-unfolded", whole=True)
        assert visit.overflow() <= 0, f"{address} is too wide"
    assert visit.strangers == []
    assert visit.complaints == []


def test_a_cell_of_what_is_allowed_is_reached_and_opened_by_the_keyboard_alone(browser: Browser, contacted: str) -> None:
    visit = Visit(browser, contacted, "desktop")
    visit.sign_in("asha")
    page = visit.page
    page.goto(f"{contacted}{PERSON}?at={noon()}")
    page.locator(".day-bar button").focus()
    while "allowed" not in page.evaluate("document.activeElement.closest('table')?.className ?? ''"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#why")
    assert page.inner_text("#why h2") == "Recovery by SMS"
