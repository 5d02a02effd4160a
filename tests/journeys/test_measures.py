"""A supervisor follows figures to loans by links alone: from a matrix cell, from India to a PIN code; charts in both schemes and sizes."""

import re

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import Visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
CHARTED = ("/trend", "/rolls", "/places", "/quality")
SEEN = """() => [...document.querySelectorAll('svg[role=img]')].map(svg => ({
    wide: svg.getBoundingClientRect().width,
    room: svg.parentElement.getBoundingClientRect().width,
    small: Math.min(...[...svg.querySelectorAll('text')].map(text => text.getBoundingClientRect().height)),
    out: [...svg.querySelectorAll('text')].filter(text => {
        const box = text.getBoundingClientRect(), frame = svg.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1;
    }).map(text => text.textContent),
    fill: getComputedStyle(svg.querySelector('text')).fill,
}))"""


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_supervisor_goes_from_the_book_to_the_loans_that_rolled(browser: Browser, desk: str, screen: str) -> None:
    """Book, rolls, a cell, a loan: each by a link on the page."""
    visit = Visit(browser, desk, screen)
    visit.sign_in()
    page = visit.page
    page.click("nav >> text=Rolls")
    assert page.inner_text("h1") == "Where loans rolled"
    page.click("text=By number of loans")
    cell = page.locator(".matrix td a").nth(1)
    count = int(re.sub(r"\D", "", cell.locator("xpath=following-sibling::small").inner_text()))
    cell.click()
    assert page.inner_text(".lead").startswith(f"{count} loan")
    assert "Stood in" in page.inner_text(".asked")
    page.click("tbody th a")
    assert page.inner_text("#why").startswith("Why ")
    assert visit.strangers == []
    assert visit.complaints == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_supervisor_goes_from_india_to_a_pin_code(browser: Browser, desk: str, screen: str) -> None:
    """State, district, PIN code, loans."""
    visit = Visit(browser, desk, screen)
    visit.sign_in()
    page = visit.page
    page.click("nav >> text=Places")
    page.click("tbody th a >> text=Maharashtra")
    page.click("tbody th a >> text=Nashik")
    page.click("tbody tr:has-text('422000') td a >> nth=0")
    assert page.inner_text(".asked").split()[1:4] == ["PIN", "code", "422000"]
    assert visit.complaints == []


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_charts_fit_their_room_and_can_be_read(browser: Browser, desk: str, screen: str) -> None:
    """No wider than their figure, no text cut at an edge, none lower than nine pixels; dark texts differ from light ones."""
    inks: dict[str, set[str]] = {"light": set(), "dark": set()}
    for scheme, found in inks.items():
        visit = Visit(browser, desk, screen, scheme)
        visit.sign_in()
        for address in CHARTED:
            visit.page.goto(desk + address)
            charts = visit.page.evaluate(SEEN)
            assert charts, address
            for chart in charts:
                assert chart["wide"] <= chart["room"] + 1, address
                assert chart["small"] >= 9, (address, chart)
                assert chart["out"] == [], (address, chart)
                found.add(chart["fill"])
    assert not inks["light"] & inks["dark"]


def test_a_table_is_taken_out_as_a_file(browser: Browser, desk: str) -> None:
    """The browser keeps it under the table's name and day."""
    visit = Visit(browser, desk, "desktop")
    visit.sign_in()
    visit.page.goto(f"{desk}/compare")
    with visit.page.expect_download() as taken:
        visit.page.click("text=Take this table out")
    assert taken.value.suggested_filename == "measures-branch-2026-03-31.csv"


def test_the_configuration_prints_without_its_navigation(browser: Browser, desk: str) -> None:
    """On paper: the document alone, black on white, nothing cut off."""
    visit = Visit(browser, desk, "desktop", "dark")
    visit.sign_in()
    visit.page.goto(f"{desk}/configuration")
    visit.page.emulate_media(media="print")
    assert not visit.page.locator("nav").first.is_visible()
    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert visit.overflow() <= 0
