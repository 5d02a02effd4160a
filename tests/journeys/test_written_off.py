"""Two people and a receipt: one enters it by the bank's reference, the other confirms it; on a desk and on a phone."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser

from sulah.kernel.terms import Role
from sulah.records.person import Person
from sulah.records.written_off import APPEND_ONLY, WrittenOffEntry, WrittenOffLoan
from tests.actions.kept_book import KEEPER
from tests.journeys.conftest import PASSWORD, Visit
from tests.web.kept_loans import LATE, keep

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
GUARDS = import_module("sulah.records.migrations.0003_written_off")


@pytest.fixture
def kept(desk: str) -> Iterator[WrittenOffLoan]:
    """A kept loan whose product Sulah keeps; the guards of the tables are put away so that the test's rows can go at its end."""
    story = LATE["BR-GAYA"]
    rows = Path(settings.LENDER) / "policy" / "written_off_keeper.toml"
    rows.parent.mkdir(exist_ok=True)
    rows.write_text(
        KEEPER.replace("TW*", story.product)
        .replace("TW-OLD", story.product)
        .replace("2026-07-01", "2026-03-01")
        .replace("2026-06-30", "2026-02-28")
    )
    Person.objects.create_user("ravi", password=PASSWORD, role=Role.SUPERVISOR.value)
    with connection.cursor() as cursor:
        for statement in GUARDS.SQLITE_BACK:
            cursor.execute(statement)
    yield keep(story)
    with connection.cursor() as cursor:
        for model in reversed(APPEND_ONLY):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
        for statement in GUARDS.SQLITE:
            cursor.execute(statement)
    rows.unlink()


@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_a_receipt_goes_from_one_person_to_the_other_and_onto_the_statement(
    browser: Browser, desk: str, kept: WrittenOffLoan, screen: str
) -> None:
    """By the links and forms on the pages; no page is wider than the screen, none asks another host."""
    usha, ravi = Visit(browser, desk, screen), Visit(browser, desk, screen, "dark")
    usha.sign_in()
    page = usha.page
    page.click("nav >> text=Loans")
    page.click("nav.inside >> text=Written off")
    assert page.inner_text("h1") == "Written-off loans that Sulah keeps"
    usha.shot("written-off", whole=True)
    assert usha.overflow() <= 0
    page.click(f"#loans ~ table >> text={kept.loan_id}")
    assert page.inner_text("h1") == f"Statement of loan {kept.loan_id}"
    page.click("summary >> text=A receipt")
    page.fill("#r-ref", "utr445566")
    page.fill("#r-on", "2026-03-30")
    page.fill("#r-amount", "1500.50")
    page.fill("#r-note", "Her brother brought it")
    page.click("button[value=receipt]")
    assert "₹1,500.50, is entered" in page.inner_text("main")
    assert "another person must confirm it" in page.inner_text("main")
    usha.shot("statement", whole=True)
    assert usha.overflow() <= 0
    before = WrittenOffEntry.objects.count()
    ravi.sign_in("ravi")
    ravi.page.goto(f"{desk}/written-off/loan/{kept.loan_id}")
    asked = ravi.page.locator("article", has_text="UTR445566")
    asked.locator("input[name=note]").fill("On the bank statement of 30 March")
    asked.locator("button[value=confirm]").click()
    assert "Receipt UTR445566 is posted" in ravi.page.inner_text("main")
    ravi.shot("statement-posted", whole=True)
    assert ravi.overflow() <= 0
    assert WrittenOffEntry.objects.count() == before + 1
    entry = WrittenOffEntry.objects.get(reference="UTR445566")
    assert (entry.counter_paise, "brother" in entry.reason, "said:" in entry.reason) == (1_500_50, False, True)
    assert "entered by usha: Her brother brought it" in ravi.page.inner_text("main")
    assert usha.strangers == ravi.strangers == []
    assert usha.complaints == ravi.complaints == []
