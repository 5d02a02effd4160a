"""The door for callbacks over HTTP: what opens it, what it keeps, what it turns away and counts."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from sulah.actions.take_callback import kept_call, subject_of
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.outreach.configured import LARGEST
from sulah.records.contact.inbox import Inbox, InboxRefused
from sulah.web import hooks
from tests.outbox.place import HOOK, SECRETS, Place
from tests.outreach.test_wire import REPORT

pytestmark = pytest.mark.django_db
BODY = json.dumps(REPORT)


@pytest.fixture
def door(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """The pages of a lender that has SMS set up."""
    place.ports.append(1)
    place.set_up()
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    hooks._door.cache_clear()
    with override_settings(LENDER=place.root):
        yield Client(enforce_csrf_checks=True)
    hooks._door.cache_clear()


def post(door: Client, body: str = BODY, key: str = HOOK, provider: str = "one", **more: Any) -> Any:
    """A callback."""
    return door.post(f"/hooks/sms/{provider}?key={key}", body, content_type="application/json", **more)


def test_a_callback_with_the_secret_is_kept_sealed_before_it_is_acknowledged(door: Client, place: Place) -> None:
    answer = post(door)
    assert (answer.status_code, answer.content) == (200, b"")
    (kept,) = Inbox.objects.all()
    assert (kept.reference, kept.outcome, kept.processed_at) == ("m-1", "", None)
    assert REPORT["number"] not in kept.sealed
    call = kept_call(Vault(open_lender(place.root)).unseal(subject_of("one", kept.event_id), kept.sealed), kept.headers)
    assert (call.method, call.query, call.body) == ("POST", {}, BODY.encode())


def test_the_same_callback_again_is_acknowledged_and_kept_once(door: Client) -> None:
    assert [post(door).status_code for _ in range(3)] == [200, 200, 200]
    assert Inbox.objects.count() == 1


@pytest.mark.parametrize("key", ["", "wrong", HOOK[:-1], HOOK + "x", "%F0%9F%94%91"])
def test_a_forged_callback_is_refused_without_a_word_and_counted(door: Client, key: str) -> None:
    answer = post(door, key=key)
    assert (answer.status_code, answer.content) == (401, b"")
    assert Inbox.objects.count() == 0
    assert InboxRefused.objects.get().count == 1
    assert post(door, key=key).status_code == 401
    assert InboxRefused.objects.get().count == 2


@pytest.mark.parametrize("body", ["", "{}", "not json", BODY[:40], "\x00\xff"])
def test_what_cannot_be_read_is_kept_to_be_looked_at(door: Client, body: str) -> None:
    assert post(door, body).status_code == 200
    (kept,) = Inbox.objects.all()
    assert (kept.reference, kept.event_id[:4]) == ("", "raw-")


def test_the_largest_body_is_kept_and_one_byte_more_is_not(door: Client) -> None:
    assert post(door, "x" * LARGEST).status_code == 200
    assert post(door, "x" * (LARGEST + 1)).status_code == 413


def test_another_provider_another_method_and_no_session_find_nothing(door: Client) -> None:
    assert post(door, provider="three").status_code == 404
    assert door.get(f"/hooks/sms/one?key={HOOK}").status_code == 405
    assert "Set-Cookie" not in post(door).headers


def test_a_lender_without_sms_has_no_door(door: Client, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SULAH_TEST_HOOK")
    hooks._door.cache_clear()
    assert "SULAH_TEST_HOOK" not in os.environ
    assert post(door).status_code == 404
