"""The page of the log: how it stands, and one entry with its proof, taken along as a receipt that an outsider checks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from sulah.actions.log.sequence_log import sequence_log
from sulah.actions.log.start_log import log_store, signing_key, start_log
from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.log_entry import LogHead
from tests.contact.people import NOON
from tests.transparency.made import outside

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
CLOCK = fixed_clock(NOON)


@pytest.fixture
def logged(lender: Lender, tmp_path: Path, settings: object) -> Lender:
    """A lender of the test's own with a log of two entries."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "lender.toml").write_bytes((lender.root / "lender.toml").read_bytes())
    settings.LENDER = tmp_path  # type: ignore[attr-defined]
    made = open_lender(tmp_path)
    start_log(made, actor="init", clock=CLOCK)
    write_audit(at=NOON, actor="asha", act="task.open", subject="borrower:B-17", after={"words": "98450 12345"})
    sequence_log(made, clock=CLOCK, now=True)
    return made


def test_a_lender_without_a_log_is_told_how_it_is_begun(lender: Lender, signed_in: SignIn) -> None:
    assert "sulah log start" in signed_in(Role.INSPECTOR).get("/log").content.decode()


def test_the_inspector_sees_how_the_log_stands_and_takes_a_receipt_that_holds(logged: Lender, signed_in: SignIn, tmp_path: Path) -> None:
    client = signed_in(Role.INSPECTOR)
    key = signing_key(logged).verifier.text
    page = client.get("/log").content.decode()
    assert all(words in page for words in ("sahyadri-demo-microfinance/sulah-log", key, "none: nobody else vouches"))
    found = client.get("/log", {"entry": "borrower:B-17"}).content.decode()
    assert "task.open" in found
    assert "Holds:" in found
    receipt = client.get("/log", {"receipt": "1"})
    assert receipt.headers["Content-Disposition"] == 'attachment; filename="receipt-1.json"'
    assert b"98450" not in receipt.content
    path = tmp_path / "receipt.json"
    path.write_bytes(receipt.content)
    assert outside("receipt", path, trusted=[key])[0] == 0


@pytest.mark.parametrize("which", ["99", "-1", "x", "1" * 30, "٣"])
def test_an_entry_that_is_not_there_is_not_found(logged: Lender, signed_in: SignIn, which: str) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert client.get("/log", {"receipt": which}).status_code == 404
    assert "No entry" in client.get("/log", {"entry": f"borrower:{which}"}).content.decode()


def test_a_log_that_does_not_hold_or_is_held_is_said_so(logged: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    LogHead.objects.update(held="2026-11-24T100000")
    assert "2026-11-24T100000" in client.get("/log").content.decode()
    checkpoint = log_store(logged).root / "checkpoint"
    checkpoint.write_text(checkpoint.read_text("utf-8").replace("\n2\n", "\n3\n"), "utf-8")
    assert "does not hold" in client.get("/log").content.decode()
