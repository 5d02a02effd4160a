"""What staff types about a borrower on a page stands in no row in clear, and is read on the pages as it was typed."""

import json
from collections.abc import Callable
from html import unescape

import pytest
from django.core import serializers
from django.db.models import Model
from django.test import Client

from sulah.actions.evidence.access_log import readings_of
from sulah.actions.keep_words import NOT_SHOWN
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records import models
from sulah.records.audit import AuditEntry
from sulah.records.contact.occasion import Occasion
from sulah.records.contact.stop import StopEvent
from sulah.records.said import Said
from tests.web import small_contacts as small

SignIn = Callable[..., Client]
SECRET = "Zubeida-at-the-mill"


def act(client: Client, name: str, **given: str) -> str:
    """What the person's page says after an act."""
    return unescape(client.post(f"/contact/person-act/{name}", {"person": "B-0003", **given}, follow=True).content.decode())


def in_clear(words: str) -> list[str]:
    """The records in which these words can be read."""
    kinds: list[type[Model]] = [getattr(models, name) for name in models.__all__]
    rows = [row for kind in kinds for row in kind._default_manager.all()]
    return [row._meta.label for row in rows if words in json.dumps(json.loads(serializers.serialize("json", [row])), ensure_ascii=False)]


def test_reasons_and_notes_typed_on_a_page_are_in_no_record_and_on_the_page(people: Lender, signed_in: SignIn) -> None:
    """Raised, lifted, noted: row, trail and log carry the place of the words alone."""
    client = signed_in(Role.COMPLIANCE)
    assert SECRET in act(client, "stop", event="complaint", reason=f"{SECRET} wrote")
    stop = StopEvent.objects.filter(event="complaint").first()
    assert stop is not None
    assert stop.reason.startswith("said:")
    assert AuditEntry.objects.filter(act="stop.raise").latest("id").after["reason"] == stop.reason
    assert f"{SECRET} wrote" in unescape(client.get("/contact/stops").content.decode())
    assert f"{SECRET} wrote" in client.get("/contact/stops", {"csv": "stops"}).content.decode("utf-8-sig")
    act(client, "lift", which=str(stop.pk), reason=f"{SECRET} agreed")
    assert f"{SECRET} agreed" in unescape(client.get("/contact/stops", {"ended": "yes"}).content.decode())
    page = act(client, "occasion", kind="bereavement", first=small.today().isoformat(), note=f"told by {SECRET}")
    assert Occasion.objects.get().note.startswith("said:")
    assert f"told by {SECRET}" in page or "is noted" in page
    assert in_clear(SECRET) == []
    assert in_clear("said:") != []


@pytest.mark.parametrize("role", [Role.VALIDATOR, Role.INSPECTOR, Role.ADMINISTRATOR])
def test_a_role_of_pseudonyms_reads_no_words_that_can_name_anybody(people: Lender, signed_in: SignIn, role: Role) -> None:
    compliance = signed_in(Role.COMPLIANCE)
    act(compliance, "stop", event="complaint", reason=f"{SECRET} wrote")
    act(compliance, "occasion", kind="bereavement", first=small.today().isoformat(), note=f"told by {SECRET}")
    client = signed_in(role)
    for answer in (client.get("/contact/stops"), client.get("/contact/stops", {"csv": "stops"}), client.get("/contact/person/B-0003")):
        page = unescape(answer.content.decode("utf-8-sig"))
        assert SECRET not in page
        assert NOT_SHOWN in page
    assert not AuditEntry.objects.filter(act="read_personal", subject="page:stops").exists()


def test_who_read_the_words_is_written_down_with_their_numbers(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    act(client, "stop", event="complaint", reason=f"{SECRET} wrote")
    client.get("/contact/stops")
    stop = StopEvent.objects.filter(event="complaint").latest("id")
    read = AuditEntry.objects.filter(act="read_personal", subject="page:stops").latest("id")
    assert read.after == {"page": "stops", "words": [stop.reason], "borrowers": ["B-0003"]}
    assert ("supervisor0", "page:stops") in {(one["actor"], one["what"]) for one in readings_of("B-0003")}
    assert readings_of("B-0007") == []


def test_an_act_that_refuses_leaves_no_words_behind(people: Lender, signed_in: SignIn) -> None:
    """A lift by a role that may not, and an occasion of no known kind."""
    act(signed_in(Role.COMPLIANCE), "stop", event="complaint", reason="wrote")
    raised = StopEvent.objects.latest("id")
    assert Said.objects.count() == 1
    supervisor = signed_in(Role.SUPERVISOR)
    act(supervisor, "lift", which=str(raised.pk), reason=SECRET)
    act(supervisor, "occasion", kind="no such kind", first=small.today().isoformat(), note=SECRET)
    raised.refresh_from_db()
    assert raised.lifted_at is None
    assert Said.objects.count() == 1


def test_words_without_a_person_stay_as_they_are(people: Lender, signed_in: SignIn) -> None:
    """A stop of the lender is about nobody; a place that somebody types there leads nowhere."""
    client = signed_in(Role.COMPLIANCE)
    act(client, "stop", event="complaint", reason=SECRET)
    client.post("/contact/stop-act/raise", {"event": "lender_stopped", "reason": "said:1"}, follow=True)
    assert StopEvent.objects.get(event="lender_stopped").reason == "said:1"
    only = client.get("/contact/stops", {"event": "lender_stopped"}).content.decode()
    assert "said:1" in only
    assert SECRET not in only
