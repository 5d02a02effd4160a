"""Rules of contact on the pages: by subject with their sources, signed, switched, and changed by two persons."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.rulebook import rulebook_of
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.policy.load import load_contact_policy
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.rule_change import RuleChange
from sulah.records.person import Person
from sulah.web.contact_book import SUBJECTS, rows_of, said, subject_of
from sulah.web.govern.contact_rule import forms_of, last_row
from tests.web import small_contacts as small
from tests.web.conftest import Written

SignIn = Callable[..., Client]
DRAFT, CAP = "HRS-VISIT", "FRQ-CALL-WEEK"


def body_of(client: Client, address: str, **asked: str) -> str:
    """A page as it is read."""
    response = client.get(address, asked)
    assert response.status_code == 200
    return unescape(response.content.decode())


def act(client: Client, name: str, rule_id: str, lender: Lender, **given: str) -> str:
    """What the page says after an act on a rule as it reads now."""
    row = last_row(rulebook_of(lender), rule_id)
    assert row is not None
    seen = {name: form.hidden for name, form in forms_of(row).items()}
    asked = {"rule_id": rule_id, **seen.get(name, {}), **given}
    return unescape(client.post(f"/contact/rule-act/{name}", asked, follow=True).content.decode())


def second(client: Client) -> Client:
    """Another compliance officer."""
    other = Person.objects.create_user("second", password=None, role=Role.COMPLIANCE.value)
    client = Client()
    client.force_login(other, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_row_of_the_rule_book_has_a_subject_and_words() -> None:
    rows = [row for rows in load_contact_policy().tables.values() for row in rows]
    assert {subject_of(row) for row in rows} == set(SUBJECTS)
    assert all(said(row).endswith(".") for row in rows)


def test_the_page_shows_every_rule_in_force_with_source_and_mark(lender: Lender, signed_in: SignIn) -> None:
    body = body_of(signed_in(Role.INSPECTOR), "/contact/rules")
    rows = [row for row in rows_of(rulebook_of(lender)) if row.in_force(small.today())]
    assert len(rows) > 80
    assert all(f'id="{row.rule_id}"' in body and row.citation in body for row in rows)
    assert all(mark in body for mark in ("Law", "Draft", "Platform", "Lender’s choice", "to be confirmed"))


def test_an_earlier_date_shows_the_rules_of_then(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT)
    assert 'id="HRS-GEN"' in body_of(client, "/contact/rules", on="2022-08-12").split('id="to-come"')[0]
    assert 'id="HRS-GEN"' not in body_of(client, "/contact/rules", on="2022-08-11").split('id="to-come"')[0]
    assert client.get("/contact/rules", {"on": "soon"}).status_code == 404


def test_a_sign_off_names_person_and_version_and_lapses_with_a_change(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert "is signed off as it reads, version 1" in act(client, "sign_off", DRAFT, lender)
    assert "Signed off as it reads by compliance0" in " ".join(body_of(client, f"/contact/rules/{DRAFT}").split())
    assert "switched off" in act(client, "switch", DRAFT, lender, reason="text not final")
    assert "Signed in another wording" in body_of(client, f"/contact/rules/{DRAFT}")
    assert [entry.act for entry in AuditEntry.objects.filter(subject=f"rule:{DRAFT}").order_by("id")] == ["rule.sign_off", "rule.switch"]


def test_a_signature_is_for_the_wording_that_was_seen(lender: Lender, signed_in: SignIn) -> None:
    assert "reads otherwise by now" in act(signed_in(Role.COMPLIANCE), "sign_off", DRAFT, lender, digest="0" * 64)
    assert not RuleChange.objects.exists()


def test_a_draft_is_switched_after_a_page_of_confirmation_with_a_reason(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    assert "are you sure" in body_of(client, f"/contact/rules/{DRAFT}", switch="yes")
    assert "are you sure" not in body_of(client, f"/contact/rules/{DRAFT}")
    assert "Give the reason" in act(client, "switch", DRAFT, lender, reason=" ")
    act(client, "switch", DRAFT, lender, reason="text not final")
    assert f'id="{DRAFT}"' in body_of(client, "/contact/rules").split('id="off"')[1]
    assert "only a draft has a switch" in act(client, "switch", "HRS-MFL", lender, reason="x", on="no")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COMPLIANCE])
def test_nobody_but_compliance_acts_on_a_rule(lender: Lender, signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    assert client.post("/contact/rule-act/sign_off", {"rule_id": DRAFT}).status_code == 403
    if role is not Role.AGENCY:
        assert "Acts of the compliance officer" not in body_of(client, f"/contact/rules/{DRAFT}")


def test_compliance_of_some_branches_reads_and_does_not_act(lender: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE, "BR-SALEM")
    assert "Acts of the compliance officer" not in body_of(client, f"/contact/rules/{DRAFT}")
    assert "some branches only" in act(client, "sign_off", DRAFT, lender)
    assert not RuleChange.objects.exists()


def test_a_change_is_proposed_by_one_and_approved_by_another(lender: Lender, signed_in: SignIn) -> None:
    first = signed_in(Role.COMPLIANCE)
    begins = (small.today() + timedelta(days=5)).isoformat()
    example = '{"given": {"channel": "call", "purpose": "recovery", "counted": [4, 5], "days_ago": [6, 7]}, '
    example += '"expect": {"yes": [true, false], "inside": [true, false]}}'
    wrong = act(first, "propose", CAP, lender, most="5", effective_from=begins, reason="complaints")
    assert "the example expects" in wrong
    assert "Another person must approve" in act(
        first, "propose", CAP, lender, most="5", example=example, effective_from=begins, reason="complaints"
    )
    page = body_of(first, f"/contact/rules/{CAP}")
    assert "waits for a second person" in page
    assert ">Approve<" not in page
    proposal = str(RuleChange.objects.get(kind="propose").pk)
    assert "another person must approve it" in act(first, "approve", CAP, lender, proposal=proposal, reason="mine")
    other = second(first)
    assert "is approved" in act(other, "approve", CAP, lender, proposal=proposal, reason="agreed")
    assert "At most 5 attempts" in body_of(other, "/contact/rules", on=begins)
    assert "At most 10 attempts" in body_of(other, "/contact/rules")
    assert "decided about already" in act(other, "reject", CAP, lender, proposal=proposal, reason="late")


def test_a_look_back_tells_which_contacts_a_proposal_would_have_stopped(lender: Lender, written: Written, signed_in: SignIn) -> None:
    small.put_people(lender, written.told)
    book = rulebook_of(lender)
    small.put_contacts(lender, book, ["B-0005", "B-0006"])
    small.put_rules(book)
    proposal = str(RuleChange.objects.get(kind="propose").pk)
    body = body_of(signed_in(Role.COMPLIANCE), f"/contact/rules/{CAP}", look_back=proposal)
    calls = [Contact.objects.filter(person=person, channel="call").count() for person in ("B-0005", "B-0006")]
    stopped = sum(max(0, count - 1) for count in calls)
    assert stopped > 0
    assert f"<b>{stopped}</b> would have been stopped" in body
    taken = signed_in(Role.INSPECTOR).get(f"/contact/rules/{CAP}", {"look_back": proposal, "csv": "look_back"})
    assert len(taken.content.decode("utf-8-sig").strip().splitlines()) == stopped + 1
    assert "would have been stopped" not in body_of(signed_in(Role.AGENT), f"/contact/rules/{CAP}", look_back=proposal)
    assert signed_in(Role.VALIDATOR).get(f"/contact/rules/{CAP}", {"look_back": "999"}).status_code == 404


def test_an_unknown_rule_is_not_found_and_no_id_comes_back(lender: Lender, signed_in: SignIn) -> None:
    response = signed_in(Role.COMPLIANCE).get("/contact/rules/NO-SUCH-RULE")
    assert response.status_code == 404
    assert "NO-SUCH-RULE" not in response.content.decode()
