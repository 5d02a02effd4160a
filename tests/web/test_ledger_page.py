"""A borrower's contact ledger: the page, its tables, the document and the incident pack, within role and branch, each written down."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from sulah.actions.contact.actor import Actor, NotPermittedError, machine
from sulah.actions.evidence.incident_pack import FILES, incident_pack
from sulah.actions.evidence.person_document import NobodyKnownError, gathered
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.decision import Decision
from sulah.records.contact.task import Complaint
from tests.web import small_contacts as small

SignIn = Callable[..., Client]
PERSON = small.CALM
ADDRESS = f"/contact/ledger/{PERSON}"
PARTS = ("contacts", "decisions", "messages", "calls", "visits", "heard", "overrides")
MORE = ("complaints", "promises", "consents", "wishes", "stops", "agents", "payments", "readings")


def take(client: Client, act: str, person: str = PERSON) -> bytes:
    """Take a document out; its bytes."""
    answer = client.post(f"/contact/ledger-act/{act}", {"person": person})
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.content


def test_the_ledger_shows_every_attempt_and_refusal_with_its_rule_and_source(contacted: Lender, signed_in: SignIn) -> None:
    text = signed_in(Role.COMPLIANCE).get(ADDRESS).content.decode()
    for name in (*PARTS, *MORE):
        assert f'id="{name}"' in text
    refusal = Decision.objects.filter(person=PERSON, permitted=False).order_by("pk").first()
    assert refusal is not None
    assert f'href="/contact/decisions/{refusal.pk}"' in text
    rule = refusal.refused_by.split()[0]
    assert f"{rule} (" in text
    assert f"Contacts and attempts ({Contact.objects.filter(person=PERSON).count()})" in text


def test_numbers_and_words_are_shown_as_far_as_the_role_sees_them(contacted: Lender, signed_in: SignIn) -> None:
    whole, masked, pseudonym = (
        signed_in(role).get(ADDRESS).content.decode() for role in (Role.COMPLIANCE, Role.SUPERVISOR, Role.INSPECTOR)
    )
    number = small.phone_of(int(PERSON[2:]))
    assert number in whole
    assert number not in masked
    assert f"•••••• {number[-4:]}" in masked
    assert "••••••" not in pseudonym
    assert number not in pseudonym
    told = signed_in(Role.VALIDATOR).get(f"/contact/ledger/{small.COMPLAINED}").content.decode()
    assert "(not shown to your role)" in told
    assert "Called rudely" not in told


def test_who_looked_is_in_the_ledger_from_then_on(contacted: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    client.get(ADDRESS)
    assert "page:ledger/B-0003" in client.get(ADDRESS).content.decode()


@pytest.mark.parametrize("part", [*PARTS, *MORE])
def test_each_table_is_taken_out_without_a_number_and_written_down(contacted: Lender, signed_in: SignIn, part: str) -> None:
    answer = signed_in(Role.COMPLIANCE).get(f"{ADDRESS}?csv={part}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    entry = AuditEntry.objects.get(act="page.export")
    assert (entry.subject, entry.after["rows"]) == (part, len(rows))
    assert small.phone_of(int(PERSON[2:])) not in answer.content.decode()


def test_the_document_is_one_page_or_json_and_its_taking_is_written_down(contacted: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.LEGAL)
    page = take(client, "html").decode()
    assert page.startswith("<!doctype html>")
    assert "<script" not in page
    assert 'href="#decisions"' in page
    told = json.loads(take(client, "json"))
    assert told["about"]["person"] == PERSON
    assert set(told["parts"]) == {*PARTS, *MORE}
    assert len(told["parts"]["contacts"]) == Contact.objects.filter(person=PERSON).count()
    entries = AuditEntry.objects.filter(act="evidence.document").order_by("id")
    assert [(entry.after["form"], entry.subject) for entry in entries] == [("html", f"borrower:{PERSON}"), ("json", f"borrower:{PERSON}")]


def test_the_incident_pack_holds_everything_and_its_manifest_fits(contacted: Lender, signed_in: SignIn) -> None:
    content = take(signed_in(Role.INSPECTOR), "pack", small.COMPLAINED)
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        assert set(pack.namelist()) == {"index.html", *FILES}
        manifest = json.loads(pack.read("manifest.json"))
        for name, said in manifest["files"].items():
            assert hashlib.sha256(pack.read(name)).hexdigest() == said["sha256"]
        decisions = [json.loads(line) for line in pack.read("raw/decisions.jsonl").splitlines()]
        assert len(decisions) == Decision.objects.filter(person=small.COMPLAINED).count() > 0
        assert {one["content_sha256"] for one in decisions} == set(
            Decision.objects.filter(person=small.COMPLAINED).values_list("content_sha256", flat=True)
        )
        assert all("row" in json.loads(line) for line in pack.read("raw/rules.jsonl").splitlines())
        assert all("after" not in json.loads(line) for line in pack.read("raw/audit.jsonl").splitlines())
        assert b"raw/decisions.jsonl" in pack.read("index.html")
        digest = hashlib.sha256(pack.read("manifest.json")).hexdigest()
    entry = AuditEntry.objects.get(act="evidence.incident")
    assert (entry.subject, entry.after["digest"]) == (f"borrower:{small.COMPLAINED}", digest)


def test_another_branchs_person_and_other_roles_are_refused(contacted: Lender, signed_in: SignIn, tmp_path: Path) -> None:
    """By the page, by the taking out, and by the act itself."""
    client = signed_in(Role.SUPERVISOR, "BR-NOWHERE")
    assert client.get(ADDRESS).status_code == 404
    assert client.get(f"{ADDRESS}?csv=contacts").status_code == 404
    for act in ("html", "json", "pack"):
        assert client.post(f"/contact/ledger-act/{act}", {"person": PERSON}).status_code == 404
    assert signed_in(Role.AGENT).get(ADDRESS).status_code == 403
    assert signed_in(Role.INSPECTOR).post("/contact/ledger-act/other", {"person": PERSON}).status_code == 404
    clock, day = fixed_clock(small.at_noon(0)), small.today()
    dossier = gathered(contacted, PERSON, day, day, face=None, by=machine("x"), clock=clock)
    for by in (Actor("y", Role.AGENT), Actor("z", Role.SUPERVISOR, ("BR-NOWHERE",))):
        with pytest.raises(NotPermittedError):
            gathered(contacted, PERSON, day, day, face=None, by=by, clock=clock)
        with pytest.raises(NotPermittedError):
            incident_pack(contacted, dossier, tmp_path / "x.zip", by=by, clock=clock)
    with pytest.raises(NobodyKnownError, match="Nothing is on record"):
        gathered(contacted, "NOBODY", day, day, face=None, by=machine("x"), clock=clock)
    assert not AuditEntry.objects.filter(act__startswith="evidence.").exists()


def test_only_what_lies_within_the_days_is_told(contacted: Lender, signed_in: SignIn) -> None:
    day = small.today() - timedelta(days=400)
    asked = {"person": PERSON, "from": day.isoformat(), "to": day.isoformat()}
    told = json.loads(signed_in(Role.COMPLIANCE).post("/contact/ledger-act/json", asked).content)
    assert told["parts"]["contacts"] == told["parts"]["decisions"] == []
    assert told["about"]["first"] == told["about"]["last"] == day.isoformat()


def test_a_complaint_leads_to_its_own_page(contacted: Lender, signed_in: SignIn) -> None:
    opened = {"opened_at": small.at_noon(3), "opened_by": "desk", "reply_by": small.today() + timedelta(days=20)}
    Complaint.objects.create(number="C-1", kind="complaint", person=PERSON, channel="sms", **opened)
    assert 'href="/talk/complaints?number=C-1"' in signed_in(Role.COMPLIANCE).get(ADDRESS).content.decode()
