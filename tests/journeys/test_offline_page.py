"""An outsider opens the page from a file, with the network cut: receipts and codes hold or do not, and what cannot be checked is said."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from sulah.transparency.receipt import Receipt
from sulah.transparency.short_code import to_code
from tests.journeys.conftest import SCREENS
from tests.transparency.made import KEYS, ORIGIN, PAGE, draft, grown, receipt_of

pytestmark = pytest.mark.browser
TRUSTED = "\n".join(key.text for key in KEYS)


@dataclass(frozen=True)
class Opened:
    """The page, and what it asked for or complained of."""

    page: Page
    asked: list[str]
    complaints: list[str]

    def check(self, text: str, keys: str = TRUSTED) -> tuple[str, str]:
        """Paste, press, read: how it ended and all that is said."""
        self.page.fill("#keys", keys)
        self.page.fill("#text", text)
        self.page.evaluate("document.getElementById('verdict').dataset.is = ''")
        self.page.click("#check")
        return self.verdict()

    def verdict(self) -> tuple[str, str]:
        """What the page says."""
        box = self.page.locator("#verdict[data-is]:not([data-is=''])")
        box.wait_for()
        return str(box.get_attribute("data-is")), " ".join(box.inner_text().split())


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """The page on a phone without a network."""
    width, height = SCREENS["phone"]
    context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
    page, asked, complaints = context.new_page(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(PAGE.as_uri())
    yield Opened(page, asked, complaints)
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    assert complaints == []


@pytest.fixture
def receipt(tmp_path: Path) -> Receipt:
    """A receipt with its words, under a witnessed checkpoint."""
    grown(tmp_path / "log", [300])
    return receipt_of(tmp_path / "log", 256)


def test_a_receipt_and_its_code_hold_and_say_what_they_are_about(opened: Opened, receipt: Receipt) -> None:
    how, said = opened.check(receipt.to_json().decode())
    assert how == "holds", said
    for words in (receipt_type(), f"Log {ORIGIN}", "Entry 256 of 300", "witness.example/w1, 2026-11-23 05:45 UTC", '"number":256'):
        assert words in said
    how, said = opened.check(to_code(receipt).lower())
    assert (how, "Entry 256 of 300" in said, "It says" in said) == ("holds", True, False)
    how, said = opened.check(to_code(receipt), KEYS[0].text)
    assert (how, "No witness that you trust" in said) == ("holds", True)
    assert opened.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def receipt_type() -> str:
    """What the entry is, as the page shows it."""
    return f"What {draft(256).type}"


def test_what_was_changed_does_not_hold(opened: Opened, receipt: Receipt, tmp_path: Path) -> None:
    other = receipt_of(tmp_path / "log", 255)
    code = to_code(receipt)
    for text in (
        receipt.to_json().decode().replace('"number\\":256', '"number\\":257'),
        replace(receipt, proof=receipt.proof[::-1], opening=None).to_json().decode(),
        replace(receipt, entry=other.entry, opening=None).to_json().decode(),
        receipt.to_json().decode().replace("\\n300\\n", "\\n301\\n"),
        "{}",
        "SULAH1:AAAA",
        code[:-8],
        code[:200] + ("A" if code[200] != "A" else "B") + code[201:],
    ):
        assert opened.check(text)[0] == "broken", text


def test_what_cannot_be_checked_is_never_said_to_hold(opened: Opened, receipt: Receipt) -> None:
    text = receipt.to_json().decode()
    for keys, words in (("", "vouch for its own keys"), (KEYS[1].text, "vouch for its own keys"), ("a+b+c", "not a key")):
        how, said = opened.check(text, keys)
        assert (how, words in said) == ("unchecked", True)
    assert opened.check("")[0] == "unchecked"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("403-MHPU-ABCD-EFGH-2345", "the code at the foot of a message"),
        ("1,403 mhpu abcd efgh 2345", "the code at the foot of a message"),
        ("K7Q2-9RTX", "on the lender's own page"),
        ("482913", "on the lender's own page"),
    ],
)
def test_a_code_of_another_kind_is_never_said_to_be_false(opened: Opened, code: str, words: str) -> None:
    """Nobody is accused because a code was tried at the wrong place."""
    ended, said = opened.check(code)
    assert ended == "unchecked"
    assert words in said


def test_a_receipt_file_is_read_and_a_browser_without_a_reader_says_so(opened: Opened, receipt: Receipt, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_bytes(receipt.to_json())
    opened.page.fill("#keys", TRUSTED)
    opened.page.set_input_files("#file", tmp_path / "receipt.json")
    assert opened.verdict()[0] == "holds"
    reads = opened.page.evaluate("'BarcodeDetector' in globalThis")
    assert ("cannot read QR codes" in opened.page.inner_text("#reader")) is not reads


def test_a_browser_without_ed25519_says_so_and_does_not_guess(opened: Opened, receipt: Receipt) -> None:
    opened.page.evaluate("void (crypto.subtle.importKey = () => Promise.reject(new Error('not supported')))")
    how, said = opened.check(receipt.to_json().decode())
    assert (how, "cannot check Ed25519" in said) == ("unchecked", True)


def test_the_page_names_no_other_host() -> None:
    text = PAGE.read_text("utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert "default-src 'none'" in text
