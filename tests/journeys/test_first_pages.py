"""A supervisor's morning: sign in, the book, a loan and why, the worklist - on a desk and on a 5-inch phone."""

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import PASSWORD, Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # Django's live server leaves a browser's kept-alive sockets to the collector; nothing of ours is in them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

PAGES = (
    *(
        "/",
        "/loans",
        "/loans?bucket=31-60",
        "/loan/LN/10006",
        "/worklist",
        "/differences",
        "/payments",
        "/returns",
        "/quarantine",
        "/loads",
        "/runs",
        "/rules",
    ),
    *("/trend", "/compare", "/compare?by=officer", "/rolls", "/rolls?period=day&show=loans", "/vintages", "/places"),
    *("/places?state=Maharashtra", "/alerts", "/quality", "/configuration", "/rolls?day=2026-03-30", "/loans?was=1-30&now=worse"),
)


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_supervisor_goes_from_sign_in_to_the_book_to_a_loan_to_the_worklist(browser: Browser, desk: str, screen: str) -> None:
    """Each step by the links on the page, no address typed."""
    visit = Visit(browser, desk, screen)
    visit.sign_in()
    page = visit.page
    assert page.inner_text("h1") == "The book on 31 Mar 2026"
    page.click("text=31–60 days")
    assert "loan" in page.inner_text(".lead")
    page.click("tbody th a")
    assert page.inner_text("#why").startswith("Why ")
    assert "do not tie" not in page.inner_text("main")
    page.click("nav >> text=Worklist")
    assert page.inner_text("h1") == "Worklist"
    assert visit.strangers == []
    assert visit.complaints == []


def test_signing_in_works_with_the_keyboard_alone(browser: Browser, desk: str) -> None:
    """Tab and Enter only, from a fresh page; the skip link comes first."""
    visit = Visit(browser, desk, "desktop")
    page = visit.page
    page.goto(f"{desk}/")
    # Chromium moves the focus with the first frame it draws, which on a busy machine is after the page has loaded.
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type("usha")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{desk}/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    page.keyboard.press("Enter")
    page.wait_for_url("**/#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


@pytest.mark.parametrize("screen", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen_or_asks_another_host(browser: Browser, desk: str, screen: str, scheme: str) -> None:
    """Every page on both screens, light and dark; nothing is blocked by the content policy either."""
    visit = Visit(browser, desk, screen, scheme)
    visit.page.goto(f"{desk}/sign-in")
    visit.shot("sign-in")
    visit.sign_in()
    for address in PAGES:
        visit.page.goto(desk + address)
        name = address.strip("/").replace("/", "-").replace("?", "-").replace("=", "-").replace("&", "-") or "book"
        visit.shot(name)
        visit.shot(f"{name}-whole", whole=True)
        assert visit.overflow() <= 0, f"{address} is too wide"
    assert visit.strangers == []
    assert visit.complaints == []
