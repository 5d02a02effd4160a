"""An officer's code in a browser: shown on his telephone, checked on hers, in her language; a wrong one says what to do."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from sulah.actions.contact.engage_agent import engage_agent, file_paper
from sulah.kernel.dates import system_clock
from sulah.policy.languages import LANGUAGES
from sulah.policy.languages.check_words import check_words
from tests.journeys.conftest import Visit
from tests.journeys.test_contact import contacted
from tests.web.conftest import Written
from tests.web.small_contacts import CALM, COMPLIANCE
from tests.web.small_texts import with_texts

__all__ = ["contacted"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def doors(contacted: str, written: Written) -> Iterator[str]:
    """The live server; its supervisor is on file as an officer."""
    with with_texts(written.lender):
        engage_agent("usha", "Usha Kulkarni", by=COMPLIANCE, clock=system_clock)
        day = system_clock().date()
        file_paper(
            "usha", "certificate", day - timedelta(9), last=day + timedelta(90), reference="IIBF 7", by=COMPLIANCE, clock=system_clock
        )
        yield contacted


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_she_checks_the_code_that_he_shows_before_she_opens(browser: Browser, doors: str, scheme: str) -> None:
    """By the picture and by typing; the pages fit a small telephone, ask no other host, and break no content policy."""
    his, hers = Visit(browser, doors, "phone", scheme), Visit(browser, doors, "phone", scheme)
    his.sign_in("usha")
    his.page.goto(f"{doors}/contact/code/{CALM}")
    his.page.get_by_role("button", name="Show a new code").click()
    spoken = his.page.locator(".spoken").inner_text()
    assert his.page.locator("svg.qr").bounding_box() is not None
    his.shot("officer-code", whole=True)
    hers.page.goto(f"{doors}/officer?language=hi")
    hers.shot("officer-check", whole=True)
    hers.page.fill("#code", spoken)
    hers.page.keyboard.press("Enter")
    hers.page.wait_for_selector(".verdict.good")
    assert check_words("hi")["genuine"] in hers.page.inner_text("main")
    assert "Usha Kulkarni" in hers.page.inner_text("main")
    hers.shot("officer-genuine", whole=True)
    assert (his.overflow() <= 0, hers.overflow() <= 0) == (True, True)
    hers.page.fill("#code", "00000000")
    hers.page.keyboard.press("Enter")
    hers.page.wait_for_selector(".verdict.bad-news")
    assert check_words("hi")["do_not"].replace("{number}", "18001230000") in hers.page.inner_text("main")
    hers.shot("officer-wrong", whole=True)
    for visit in (his, hers):
        assert visit.strangers == []
        assert visit.complaints == []


def test_the_page_fits_a_small_telephone_in_every_language(browser: Browser, doors: str) -> None:
    hers = Visit(browser, doors, "phone")
    for language in LANGUAGES:
        hers.page.goto(f"{doors}/officer?language={language}")
        assert hers.overflow() <= 0, language
