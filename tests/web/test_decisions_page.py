"""Decisions on the pages: every search narrows, permits and refusals alike; one decision tells all that it stood on."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.keep_words import NOT_SHOWN
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.policy.load import CONTACT
from sulah.records.audit import AuditEntry
from sulah.records.contact.decision import Decision, Override
from sulah.records.said import Said
from tests.web import small_contacts as small
from tests.web.conftest import Written

SignIn = Callable[..., Client]
PEOPLE = ("B-0003", "B-0005", "B-0007")


@pytest.fixture
def decided(lender: Lender, written: Written) -> Lender:
    """The lender with some days of decisions about three people."""
    small.put_people(lender, written.told)
    small.put_contacts(lender, rulebook_of(lender), list(PEOPLE), days=4)
    return lender


def listed(client: Client, **asked: str) -> set[int]:
    """The numbers of the decisions that a search lists."""
    body = client.get("/contact/decisions", asked).content.decode()
    return {int(number) for number in re.findall(r'href="/contact/decisions/(\d+)"', body)}


def ids(**only: object) -> set[int]:
    """The decisions that there are."""
    return set(Decision.objects.filter(**only).values_list("pk", flat=True))


def test_each_part_of_the_search_narrows_the_list(decided: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    every = ids()
    assert listed(client) == every
    assert len(every) == 12
    assert listed(client, person="B-0003") == ids(person="B-0003")
    assert listed(client, loan="LN/10004") == ids(person="B-0003")
    assert listed(client, loan="10004") == set()
    assert listed(client, channel="call") == ids(channel="call") != every
    assert listed(client, purpose="receipt") == set()
    assert listed(client, outcome="permit") == ids(permitted=True)
    assert listed(client, outcome="refusal") == ids(permitted=False) != set()
    assert listed(client, rule="WA-OPT") == ids(refused_by__contains=" WA-OPT ") != set()
    assert listed(client, rule="WA") == set()
    yesterday = small.at_noon(1).date().isoformat()
    assert listed(client, **{"from": yesterday, "to": yesterday}) == ids(at=small.at_noon(1))
    assert listed(client, agency="AG-1") == set()


def test_a_branch_sees_the_decisions_about_its_people_only(decided: Lender, signed_in: SignIn) -> None:
    """B-0003 is of BR-NASHIK, B-0007 of BR-SALEM, B-0005 of BR-GAYA and BR-SALEM or the like; the records say which."""
    whole, own = signed_in(Role.COMPLIANCE), signed_in(Role.SUPERVISOR, "BR-NASHIK")
    assert listed(own) == listed(whole, branch="BR-NASHIK")
    assert ids(person="B-0003") <= listed(own)
    assert not ids(person="B-0007") & listed(own)
    assert listed(own, branch="BR-SALEM") <= listed(own)
    strange = min(ids(person="B-0007"))
    assert own.get(f"/contact/decisions/{strange}").status_code == own.get("/contact/decisions/999999").status_code == 404


def test_the_list_is_taken_out_as_it_was_searched_and_that_is_written_down(decided: Lender, signed_in: SignIn) -> None:
    response = signed_in(Role.INSPECTOR).get("/contact/decisions", {"outcome": "refusal", "csv": "decisions"})
    lines = response.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) - 1 == len(ids(permitted=False))
    assert lines[0].startswith("id,at,person,channel,purpose,outcome")
    entry = AuditEntry.objects.get(act="page.export")
    assert (entry.actor, entry.after["rows"]) == ("inspector0", len(lines) - 1)


def test_one_decision_tells_every_rule_and_is_decided_again_to_the_byte(decided: Lender, signed_in: SignIn) -> None:
    row = Decision.objects.filter(permitted=False).order_by("pk")[0]
    body = unescape(signed_in(Role.INSPECTOR).get(f"/contact/decisions/{row.pk}").content.decode())
    asked = [verdict["rule_id"] for verdict in row.verdicts]
    assert len(asked) > 10
    assert all(f">{rule_id}</a>" in body for rule_id in asked)
    assert all(verdict["citation"] in body for verdict in row.verdicts)
    assert "the same answer, to the byte" in body
    assert "Nothing: it was refused." in body


def test_a_decision_shows_no_name_and_no_whole_key_of_a_number(decided: Lender, signed_in: SignIn) -> None:
    row = Decision.objects.filter(permitted=True).order_by("pk")[0]
    body = signed_in(Role.COMPLIANCE).get(f"/contact/decisions/{row.pk}").content.decode()
    key = row.intent["number_key"]
    assert key not in body
    assert f"{key[:8]}…" in body
    assert "Salma Bano" not in body
    assert "98200" not in body


def test_the_contact_that_followed_is_told_with_its_steps(decided: Lender, signed_in: SignIn) -> None:
    row = Decision.objects.filter(permitted=True).order_by("pk")[0]
    body = signed_in(Role.COMPLIANCE).get(f"/contact/decisions/{row.pk}").content.decode()
    assert "Contact no." in body
    assert "reserved, told by worker" in body


def test_when_the_rules_have_changed_since_the_page_says_so_and_shows_what_was_answered(decided: Lender, signed_in: SignIn) -> None:
    """The lender's own folder makes a rule stricter from long ago: what was decided then is shown, not what would be decided now."""
    row = Decision.objects.filter(permitted=True, channel="call").order_by("pk")[0]
    shipped = (CONTACT / "contact_rule.toml").read_text("utf-8")
    rule = next(part for part in shipped.split("[[row]]") if '"FRQ-CALL-WEEK"' in part)
    decided.policy.mkdir(exist_ok=True)
    own = decided.policy / "contact_rule.toml"
    own.write_text("[[row]]" + rule.replace("most = 10", "most = 9").split("[[row]]")[0], "utf-8")
    try:
        body = signed_in(Role.COMPLIANCE).get(f"/contact/decisions/{row.pk}").content.decode()
    finally:
        own.unlink()
    assert "have changed since" in body
    assert "to the byte" not in body
    assert "Permit no." in body


def test_words_in_the_address_that_are_no_search_do_no_harm(decided: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.COMPLIANCE)
    for asked in ({"from": "x"}, {"person": "<script>"}, {"loan": "';--"}, {"branch": '"]'}, {"page": "-1"}, {"rule": "%"}):
        response = client.get("/contact/decisions", asked)
        assert response.status_code == 200
        assert "<script" not in response.content.decode()


def refused_by_wish() -> Decision:
    """A refusal by the person's own wish, which a supervisor may set aside."""
    return Decision.objects.filter(refused_by=" HRS-PREF ").order_by("pk")[0]


def test_a_supervisor_sets_a_rule_aside_with_a_reason_and_the_register_tells_it(decided: Lender, signed_in: SignIn) -> None:
    small.put_wish(rulebook_of(decided), "B-0005")
    row = refused_by_wish()
    client = signed_in(Role.SUPERVISOR)
    page = f"/contact/decisions/{row.pk}"
    assert "Set HRS-PREF aside for this contact" in client.get(page).content.decode()
    act = {"decision": row.pk, "rule": "HRS-PREF"}
    body = client.post("/contact/override-act/set_aside", act, follow=True).content.decode()
    assert "Give the reason." in body
    assert not Override.objects.exists()
    body = client.post("/contact/override-act/set_aside", act | {"reason": "she asked for this call"}, follow=True).content.decode()
    assert "HRS-PREF is set aside for this contact." in body
    assert "Set HRS-PREF aside" not in client.get(page).content.decode()
    given = Override.objects.get()
    assert (given.intent_id, given.rule_id, given.role) == (row.intent_id, "HRS-PREF", "supervisor")
    assert given.reason == f"said:{Said.objects.get().pk}"
    assert AuditEntry.objects.filter(act="override.give").count() == 1
    register = client.get("/contact/overrides", {"rule": "HRS-PREF"}).content.decode()
    assert "she asked for this call" in register
    assert "she asked for this call" not in client.get("/contact/overrides", {"rule": "HRS-MFL"}).content.decode()
    assert "she asked for this call" in client.get("/contact/overrides", {"csv": "overrides"}).content.decode()
    masked = signed_in(Role.VALIDATOR)
    for page in (masked.get("/contact/overrides"), masked.get("/contact/overrides", {"csv": "overrides"})):
        assert "she asked for this call" not in page.content.decode()
        assert NOT_SHOWN in page.content.decode()


@pytest.mark.parametrize("role", [Role.COMPLIANCE, Role.LEGAL])
def test_a_rule_is_set_aside_by_the_role_of_its_row_alone(decided: Lender, signed_in: SignIn, role: Role) -> None:
    small.put_wish(rulebook_of(decided), "B-0005")
    row = refused_by_wish()
    client = signed_in(role)
    assert "aside for this contact" not in client.get(f"/contact/decisions/{row.pk}").content.decode()
    act = {"decision": row.pk, "rule": "HRS-PREF", "reason": "so"}
    body = client.post("/contact/override-act/set_aside", act, follow=True).content.decode()
    assert "Only a person of the role supervisor may lift it" in body
    assert not Override.objects.exists()


def test_nothing_is_set_aside_for_somebody_of_another_branch(decided: Lender, signed_in: SignIn) -> None:
    small.put_wish(rulebook_of(decided), "B-0005")
    act = {"decision": refused_by_wish().pk, "rule": "HRS-PREF", "reason": "so"}
    client = signed_in(Role.SUPERVISOR, "BR-NOWHERE")
    assert client.post("/contact/override-act/set_aside", act).status_code == 404
    for wrong in ({}, {"decision": "x"}, {"decision": "9" * 30}):
        assert client.post("/contact/override-act/set_aside", wrong).status_code == 404


def test_an_act_that_there_is_not_sets_nothing_aside(decided: Lender, signed_in: SignIn) -> None:
    small.put_wish(rulebook_of(decided), "B-0005")
    act = {"decision": refused_by_wish().pk, "rule": "HRS-PREF", "reason": "so"}
    assert signed_in(Role.SUPERVISOR).post("/contact/override-act/strange", act).status_code == 404
    assert not Override.objects.exists()
