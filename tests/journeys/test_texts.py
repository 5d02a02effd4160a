"""The text bench in a browser: a text goes from draft to approval between two people; the pages fit every screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sulah.kernel.terms import Role
from sulah.records.person import Person
from tests.journeys.conftest import Visit
from tests.web import small_texts as small
from tests.web.conftest import PASSWORD, Written

pytestmark = pytest.mark.browser


@pytest.fixture
def texted(desk: str, written: Written) -> Iterator[str]:
    """The live server of a lender with texts on their way, and two people of compliance."""
    with small.with_texts(written.lender):
        small.fill_texts()
        for name in ("meera", "nadia"):
            Person.objects.create_user(name, password=PASSWORD, role=Role.COMPLIANCE.value)
        yield desk


ADDRESSES = {
    "texts": "/contact/texts?language=hi",
    "text-sms": "/contact/texts/overdue_early?language=hi&channel=sms&with=penal",
    "text-whatsapp": "/contact/texts/overdue_late?language=ta&channel=whatsapp",
    "text-email": "/contact/texts/complaint_reply?language=en&channel=email",
    "text-call": "/contact/texts/overdue_early?language=bn&channel=bot_call",
    "text-odia": "/contact/texts/pre_due?language=or&channel=whatsapp",
}


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_texts_is_wider_than_the_screen(browser: Browser, texted: str, screen: str, scheme: str) -> None:
    """With every small form unfolded; nothing is blocked by the content policy and no other host is asked."""
    visit = Visit(browser, texted, screen, scheme)
    visit.sign_in("meera")
    for name, address in ADDRESSES.items():
        visit.page.goto(texted + address)
        visit.shot(name, whole=True)
        visit.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        visit.shot(f"{name}-unfolded", whole=True)
        assert visit.overflow() <= 0, f"{address} is too wide"
    assert visit.strangers == []
    assert visit.complaints == []


def test_a_text_is_drafted_by_one_and_the_waiting_one_approved_by_another(browser: Browser, texted: str) -> None:
    """By keyboard: the waiting version is approved by a person who had no hand in it, and a new draft begins from it."""
    visit = Visit(browser, texted, "phone")
    visit.sign_in("meera")
    page = visit.page
    page.goto(f"{texted}/contact/texts?language=hi&state=submitted")
    page.locator("td[data-label='SMS'] a").first.click()
    page.wait_for_url("**/contact/texts/overdue_early?language=hi&channel=sms")
    page.locator("summary", has_text="Approve it as it reads").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Version 2 of overdue_early is approved.")
    page.locator("summary", has_text="Draft another version").focus()
    page.keyboard.press("Enter")
    said = page.input_value("#draft-text")
    assert "आपका धन्यवाद" in said
    page.fill("#draft-text", said.replace("आपका धन्यवाद", "आपका बहुत धन्यवाद"))
    page.locator("button", has_text="Draft it").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is drafted. Submit it with its registration")
    assert visit.complaints == []
