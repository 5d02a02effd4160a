"""A real Chromium over a live server with the small book; skipped, with the reason said, where there is no Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

from sulah.kernel.terms import Role
from sulah.records.person import Person
from tests.web.conftest import PASSWORD, fill_records, written

__all__ = ["written"]

CHROMIUM = Path(os.environ.get("SULAH_CHROMIUM", "/usr/bin/chromium"))
SHOTS = os.environ.get("SULAH_SHOTS", "")
SCREENS = {"desktop": (1280, 860), "phone": (360, 740)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: install it (apt-get install chromium) or name it in SULAH_CHROMIUM")
    # Playwright's loop runs in this thread; Django's guard against ORM calls inside a loop does not apply to it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def desk(written: Any, settings: Any, live_server: Any) -> str:
    """The address of a live server on the small book, with a supervisor of all branches who can sign in."""
    settings.LENDER = written.lender.root
    fill_records(written)
    Person.objects.create_user("usha", password=PASSWORD, role=Role.SUPERVISOR.value)
    return str(live_server.url)


def empty_ledgers() -> None:
    """After a test: the database lets no ledger row be deleted, not even by the emptying; the triggers stand aside for that alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("PRAGMA foreign_keys = OFF")
        for table in {table for _, table, _ in triggers}:
            cursor.execute(f'DELETE FROM "{table}"')
        cursor.execute("PRAGMA foreign_keys = ON")
        for _, _, statement in triggers:
            cursor.execute(statement)


@pytest.fixture(autouse=True)
def emptied_ledgers(request: pytest.FixtureRequest) -> Iterator[None]:
    """However a journey ends, and wherever it failed: the next one of the process begins with empty ledgers."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    empty_ledgers()


@pytest.fixture(autouse=True)
def closed_visits(browser: Browser) -> Iterator[None]:
    """Every visit ends with its test, so that the server is not left with open connections."""
    yield
    for context in list(browser.contexts):
        context.close()


class Visit:
    """One visit on one screen: the page, and what it asked of other hosts or complained of."""

    def __init__(self, browser: Browser, address: str, screen: str, scheme: str = "light") -> None:
        """Open a fresh context of that screen."""
        width, height = SCREENS[screen]
        self.screen, self.scheme, self.address = screen, scheme, address
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if scheme == "dark" else "light", java_script_enabled=True
        )
        self.page: Page = self.context.new_page()
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.strangers.append(url)

    def sign_in(self, name: str = "usha") -> None:
        """Sign in through the form."""
        self.page.goto(f"{self.address}/sign-in")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.address}/")

    def overflow(self) -> int:
        """Pixels by which the page is wider than the screen."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def shot(self, name: str, *, whole: bool = False) -> None:
        """A picture, when SULAH_SHOTS names a folder."""
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/{name}-{self.screen}-{self.scheme}.png", full_page=whole)
