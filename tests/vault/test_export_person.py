"""What a person is told that is held about them: everything, whoever read it, in their language where it is signed off."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.contact.review_language import digest_of
from sulah.actions.contact_borrower import subject_of
from sulah.actions.export_person import export_person, headings
from sulah.actions.export_table import ExportRefusedError
from sulah.actions.load_extract import load_extract
from sulah.actions.put_heard import subject_of as heard_subject
from sulah.adapters.book.keyfile import PERSONAL_KEY, make_key
from sulah.adapters.book.keystore import Kind
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import EntityType, Role
from sulah.policy.held import held_words
from sulah.records.audit import AuditEntry, write_audit
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.task import Complaint
from sulah.records.contact.text import LanguageReview
from sulah.records.contact.wish import Consent
from tests.intake.extract import AS_OF, good, write

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 2, 6, tzinfo=UTC)
CLOCK = fixed_clock(NOW)
BY = machine("asha")


@pytest.fixture
def lender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """Asha (B1) and Ravi (B2), and what was said with Asha."""
    root = tmp_path / "lender"
    make_key(root / "keys" / PERSONAL_KEY)
    (root / "lender.toml").write_text('[lender]\nname = "Test"\nentity_type = "nbfc_mfi"\n')
    monkeypatch.setattr(settings, "LENDER", root)
    made = Lender(root, "Test", EntityType.NBFC_MFI, settings={"load": {"quarantine_percent": 100}})
    load_extract(made, write(root / "sent", good()), AS_OF, actor="asha", clock=CLOCK, code_version="test")
    vault = Vault(made)
    Outbox.objects.create(
        reference="m1", person="B1", channel="sms", purpose="recovery", template="", state="delivered", not_before=NOW, not_after=NOW,
        sealed=vault.seal_about("B1", subject_of("m1"), json.dumps({"to": "+91", "values": [], "text": "We wrote this"})), queued_at=NOW,
        queued_by="x", changed_at=NOW,
    )  # fmt: skip
    Heard.objects.create(
        channel="sms", provider="one", event_id="e1", kind="text", number_key="k", person="B1", said_at=NOW, received_at=NOW, done_at=NOW,
        sealed=vault.seal_about("B1", heard_subject("one", "e1"), json.dumps({"from": "+91", "text": "You wrote <this>"})),
    )  # fmt: skip
    Complaint.objects.create(number="C-1", kind="complaint", person="B1", channel="sms", opened_at=NOW, opened_by="x", reply_by=NOW.date())
    Consent.objects.create(person="B1", channel="sms", given=True, at=NOW, source="branch", recorded_at=NOW, recorded_by="x")
    for who, people in (("meera", ["B1", "B2"]), ("tara", ["B2"]), ("uma", ["B10"])):
        write_audit(at=NOW, actor=who, act="read_personal", subject="page:/x", after={"page": "/x", "borrowers": people})
    return made


def told(lender: Lender, person: str, **said: Any) -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """The page, and the sections of the JSON."""
    given: dict[str, Any] = {"language": "en", "channels": {}, "by": BY, "clock": CLOCK} | said
    page, plain = export_person(lender, person, lender.root / f"out-{person}-{len(said)}", **given)
    return page.read_text("utf-8"), json.loads(plain.read_text("utf-8"))["held"]


def test_a_person_is_told_everything_that_is_held_and_who_read_it(lender: Lender) -> None:
    page, held = told(lender, "B1")
    assert set(held) == set(held_words("en") or {}) - {"title", "note", "nothing", "erased"}
    assert held["person"][0]["name"] == "Asha Devi"
    assert held["numbers"] == [{"kind": "phone", "value": "+919000000001"}]
    assert [row["loan_id"] for row in held["loans"]] == ["L1"]
    assert [row["repayment_id"] for row in held["payments"]] == ["R1"]
    assert [row["text"] for row in (*held["messages"], *held["heard"])] == ["We wrote this", "You wrote <this>"]
    assert [row["number"] for row in held["complaints"]] == ["C-1"]
    assert [row["channel"] for row in held["consents"]] == ["sms"]
    assert [row["by"] for row in held["readers"]] == ["meera", BY.name]  # this export is one too
    assert "You wrote &lt;this&gt;" in page
    assert "Ravi" not in page


def test_the_entry_stands_and_the_files_are_their_owners_alone(lender: Lender) -> None:
    told(lender, "B1")
    assert AuditEntry.objects.get(act="person.export").subject == "borrower:B1"
    assert [oct(path.stat().st_mode & 0o777) for path in sorted((lender.root / "out-B1-0").iterdir())] == ["0o600", "0o600"]
    with pytest.raises(ExportRefusedError, match="already there"):
        told(lender, "B1")


def test_of_somebody_erased_the_words_are_said_to_be_gone(lender: Lender) -> None:
    Vault(lender).store.destroy(Kind.BORROWER, ["B1"], NOW)
    page, held = told(lender, "B1")
    assert held["person"] == [{"id": "B1"}]
    assert {row["text"] for row in (*held["messages"], *held["heard"])} == {(held_words("en") or {})["erased"]}
    assert "Asha" not in page


def test_a_language_that_nobody_signed_off_is_told_in_english_with_a_note() -> None:
    words, code = headings("hi")
    assert (code, words["title"]) == ("en", "What we hold about you")
    assert "hi" in words["note"]
    for code in ("hi", "ta"):
        read = {"reader": "r", "read_on": NOW.date(), "at": NOW, "by": "x"}
        LanguageReview.objects.create(language=code, signed_off=True, digest=digest_of(code), **read)
    assert headings("hi") == (held_words("hi"), "hi")
    assert headings("ta")[1] == "en"  # signed off, and there are no headings in it yet


def test_only_compliance_tells_it(lender: Lender) -> None:
    with pytest.raises(NotPermittedError):
        told(lender, "B1", by=Actor("agent", Role.AGENT))


def test_every_language_has_every_heading() -> None:
    assert {code for code in ("en", "hi") if held_words(code)} == {"en", "hi"}
