"""Takes the pictures of docs/screens from a served demo: `python tools/screens.py ADDRESS PASSWORD [FOLDER]`.

ADDRESS is what `sulah demo` printed (http://127.0.0.1:8000), PASSWORD the word it printed for `supervisor`.  Chromium must be installed.
The demo is simulated and its seed is fixed, so the same pages come out for the same `--until`; a page wider than its screen is said.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PAGES = {
    "book": "/",
    "trend": "/trend",
    "compare": "/compare?by=officer",
    "rolls": "/rolls",
    "vintages": "/vintages",
    "places": "/places",
    "alerts": "/alerts",
    "worklist": "/worklist",
    "loans": "/loans?sort=-dpd",
    "inbox": "/talk",
    "promises": "/talk/promises",
    "complaints": "/talk/complaints",
    "delivery": "/contact/delivery",
    "decisions": "/contact/decisions",
    "stops": "/contact/stops",
    "erasures": "/contact/erasures",
    "overrides": "/contact/overrides",
    "inspection": "/inspection",
    "inspection-calls": "/inspection/calls",
    "calendar": "/contact/calendar",
    "agencies": "/contact/agencies",
    "contact-rules": "/contact/rules",
    "texts": "/contact/texts?language=hi",
    "text": "/contact/texts/overdue_early?language=hi&channel=whatsapp&with=penal",
    "quality": "/quality",
    "differences": "/differences",
    "payments": "/payments",
    "returns": "/returns",
    "quarantine": "/quarantine",
    "loads": "/loads",
    "runs": "/runs",
    "rules": "/rules",
}
BEHIND = {
    "loan": ("loans", "/loan/"),
    "thread": ("inbox", "/talk/thread/"),
    "person": ("decisions", "/contact/person/"),
    "decision": ("decisions", "/contact/decisions/"),
}
"""Pages reached by the first link of a list: name -> (the list, how its links begin)."""

OF_PERSON = {"ledger": "/contact/ledger/"}
"""Pages reached from the first person of the decisions by one link."""
FROM_PERSON = {"officer-code": "/contact/code/"}
"""Pages reached from the first person of the decisions; the officer shows a new code there, if he may."""
PUBLIC = {"officer-check": "/officer?language=hi"}
"""Pages for anybody: where an officer's code is checked."""

SCREENS = {"": (1280, 860), "-phone": (390, 844)}
CHROMIUM = "/usr/bin/chromium"


def main(address: str, password: str, folder: Path) -> int:
    """Sign in on both screens and take every page; 1 when one is too wide for its screen."""
    wide = []
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for ending, size in SCREENS.items():
            page = _signed_in(browser, address, password, size)
            for name, path in PAGES.items():
                page.goto(address + path)
                wide += _taken(page, folder / f"{name}{ending}.png")
            for name, (listed, link) in BEHIND.items():
                page.goto(address + PAGES[listed])
                page.locator(f"main a[href^='{link}']").first.click()
                page.wait_for_load_state()
                wide += _taken(page, folder / f"{name}{ending}.png")
            for name, link in OF_PERSON.items():
                page.goto(address + PAGES["decisions"])
                page.locator("main a[href^='/contact/person/']").first.click()
                page.locator(f"main a[href^='{link}']").first.click()
                page.wait_for_load_state()
                wide += _taken(page, folder / f"{name}{ending}.png")
            for name, link in FROM_PERSON.items():
                page.goto(address + PAGES["decisions"])
                page.locator("main a[href^='/contact/person/']").first.click()
                page.locator(f"main a[href^='{link}']").first.click()
                page.locator("main form button").first.click()
                page.wait_for_load_state()
                wide += _taken(page, folder / f"{name}{ending}.png")
            for name, path in PUBLIC.items():
                page.goto(address + path)
                wide += _taken(page, folder / f"{name}{ending}.png")
        browser.close()
    sys.stdout.writelines(f"{name} is wider than its screen\n" for name in wide)
    return 1 if wide else 0


def _signed_in(browser: Browser, address: str, password: str, size: tuple[int, int]) -> Page:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    page.goto(f"{address}/sign-in")
    page.fill("#id_username", "supervisor")
    page.fill("#id_password", password)
    page.click("main button")
    page.wait_for_url(f"{address}/")
    return page


def _taken(page: Page, path: Path) -> list[str]:
    """Take the picture of what the screen shows; the name of a page that is too wide."""
    page.screenshot(path=path)
    over: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [path.stem] if over > 0 else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1].rstrip("/"), sys.argv[2], Path(sys.argv[3] if len(sys.argv) > 3 else "docs/screens")))
