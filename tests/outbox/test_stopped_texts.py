"""A text that its platform paused, or that people take badly, is queued no more until the platform lets it go again."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from sulah.actions.queue_message import MessageError, Wanted, queue_message
from sulah.actions.stopped_texts import stopped_texts, without_stopped
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.guard.intent import Intent
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel, Purpose, Role
from sulah.outreach.configured import Channels, configured
from sulah.records.audit import AuditEntry
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.platform_text import PlatformText
from sulah.records.person import Person
from tests.outbox.test_whatsapp import Ours, ours
from tests.outreach.whatsapp_place import TO, batch, news

__all__ = ["ours"]

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
OF = {"message_template_id": 1, "message_template_name": "loan_due"}


def told(at: int, code: str = "en", **value: object) -> bytes:
    """News of a text, told at so many seconds past; a status where an event is given, else its quality."""
    field = "message_template_status_update" if "event" in value else "message_template_quality_update"
    body = json.loads(batch(news(field, {**OF, "message_template_language": code, **value})))
    body["entry"][0]["time"] = int((NOW + timedelta(seconds=at)).timestamp())
    return json.dumps(body).encode()


def hear(ours: Ours, *bodies: bytes) -> list[str]:
    """The platform tells these things, in this order; the texts of ours that are stopped afterwards."""
    for body in bodies:
        assert ours.post(body) == 200
        ours.read(NOW + timedelta(minutes=10))
    return [one.template for one in stopped_texts(channels(ours))]


def channels(ours: Ours) -> Channels:
    return configured(open_lender(ours.place.root).settings, os.environ)


def queue(ours: Ours, template: str, reference: str) -> bool:
    intent = Intent(
        reference, "p1", NOW, Channel.WHATSAPP, Purpose.RECOVERY, loan_ids=("LN/1",), number_key="key-p1", amount_paise=1_234_50
    )
    values = {"amount": 1_234_50, "loan": "LN/1", **({"way": "abc"} if template == "due_en" else {})}
    wanted = Wanted(intent, f"+{TO}", template, values, NOW, NOW + timedelta(hours=2))
    vault = Vault(open_lender(ours.place.root))
    return queue_message(wanted, channels=channels(ours), vault=vault, actor="planner", clock=fixed_clock(NOW))[1]


def test_a_paused_text_is_not_queued_until_it_is_reinstated(ours: Ours) -> None:
    assert queue(ours, "due_en", "m-1")
    assert hear(ours, told(0, event="PAUSED", reason="NONE")) == ["due_en"]
    with pytest.raises(MessageError, match="has stopped the text due_en"):
        queue(ours, "due_en", "m-2")
    assert queue(ours, "due_hi", "m-3")  # the same text in another language is another one
    assert "due_en" not in without_stopped(channels(ours))[Channel.WHATSAPP].templates
    assert hear(ours, told(60, event="REINSTATED", reason="NONE")) == []
    assert queue(ours, "due_en", "m-2")
    assert Outbox.objects.count() == 3
    entries = AuditEntry.objects.filter(act="template.standing")
    assert [entry.after["stopped"] for entry in entries.order_by("pk")] == [True, False]


@pytest.mark.parametrize(
    ("told_then", "stopped"),
    [
        ([told(0, new_quality_score="RED")], True),
        ([told(0, new_quality_score="YELLOW")], False),
        ([told(0, new_quality_score="RED"), told(9, new_quality_score="GREEN")], False),
        ([told(9, new_quality_score="GREEN"), told(0, new_quality_score="RED")], False),
        ([told(0, new_quality_score="RED"), told(9, event="REINSTATED")], False),
        ([told(9, event="REINSTATED"), told(0, event="PAUSED")], False),
        ([told(0, event="PAUSED"), told(0, event="REINSTATED")], True),
        ([told(0, event="FLAGGED")], False),
        ([told(0, event="DISABLED"), told(9, new_quality_score="GREEN")], True),
    ],
)
def test_the_word_said_last_counts_in_whatever_order_words_come(ours: Ours, told_then: list[bytes], stopped: bool) -> None:
    assert bool(hear(ours, *told_then)) is stopped
    assert bool(hear(ours, *told_then)) is stopped  # delivered again


def test_a_text_that_is_none_of_ours_stops_nothing(ours: Ours) -> None:
    assert hear(ours, told(0, "ta", event="PAUSED")) == []
    assert PlatformText.objects.get().stopped


def test_the_page_of_delivery_says_which_texts_are_stopped(ours: Ours, client: Client) -> None:
    hear(ours, told(0, event="PAUSED", reason="NONE"))
    Person.objects.create_user("usha", password="a-long-password-of-usha", role=Role.SUPERVISOR.value)
    client.force_login(Person.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/contact/delivery").content.decode()
    assert "Texts that their platform has stopped" in page
    assert "due_en" in page
