"""WhatsApp through queue, guard, worker, door and inbox: sent once, followed by its webhooks, answers heard, tiers written down."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from django.test import Client, override_settings

from sulah.actions.contact.actor import machine
from sulah.actions.contact.note_inbound import set_tier
from sulah.actions.process_inbox import process_inbox
from sulah.actions.put_heard import media_of, words_of
from sulah.actions.queue_message import Wanted, queue_message
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import HEARD, Vault
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults
from sulah.adapters.sandbox.whatsapp_events import batch as whole
from sulah.adapters.sandbox.whatsapp_server import WhatsAppSandbox
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks
from sulah.guard.intent import Intent
from sulah.kernel.dates import fixed_clock, system_clock
from sulah.kernel.terms import Channel, Purpose
from sulah.outreach.channel import Attached
from sulah.outreach.configured import configured
from sulah.outreach.whatsapp.settings import WhatsAppSettings
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox, InboxRefused
from sulah.records.contact.outbox import Outbox
from sulah.records.contact.tier import ChannelTier
from sulah.web import hooks
from tests.outbox import crew
from tests.outbox.place import Place
from tests.outreach.whatsapp_place import FAILED, INBOUND, MESSAGE, SECRETS, STATUS, TO, VERIFY, batch, call, change, news, settings

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(slots=True)
class Ours:
    """A lender with WhatsApp set up, and its pages."""

    place: Place
    client: Client

    def post(self, body: bytes, **headers: str) -> int:
        """A webhook at our door, signed unless a signature is given."""
        signed = headers or {"HTTP_X_HUB_SIGNATURE_256": call(body).headers["x-hub-signature-256"]}
        path = "/hooks/whatsapp/meta"
        return int(self.client.post(path, body, content_type="application/json", **signed).status_code)  # type: ignore[arg-type]

    def read(self, at: datetime = NOW) -> list[tuple[str, str]]:
        """Process the inbox; outcome and words of all events."""
        lender = open_lender(self.place.root)
        process_inbox(None, configured(lender.settings, os.environ), Vault(lender), fixed_clock(at))  # type: ignore[arg-type]
        return list(Inbox.objects.order_by("id").values_list("outcome", "words"))


def set_up(place: Place, port: int) -> None:
    """[whatsapp] of the lender, played on this port."""
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8").partition("\n[whatsapp]")[0] + settings(port), "utf-8")


@pytest.fixture
def ours(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ours]:
    """The pages of such a lender."""
    set_up(place, 1)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    hooks._door.cache_clear()
    with override_settings(LENDER=place.root):
        yield Ours(place, Client(enforce_csrf_checks=True))
    hooks._door.cache_clear()


def test_the_handshake_is_answered_at_our_door(ours: Ours) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = ours.client.get("/hooks/whatsapp/meta", asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert ours.client.get("/hooks/whatsapp/meta", {**asked, "hub.verify_token": "x"}).status_code == 401
    assert ours.client.get("/hooks/whatsapp/nobody", asked).status_code == 404


def test_only_a_signed_batch_is_kept(ours: Ours) -> None:
    body = batch(change(messages=[MESSAGE]))
    assert ours.post(body, HTTP_X_HUB_SIGNATURE_256="sha256=" + "0" * 64) == 401
    assert ours.post(body, HTTP_ACCEPT="*/*") == 401
    assert (Inbox.objects.count(), InboxRefused.objects.get().count) == (0, 2)
    assert [ours.post(body) for _ in range(3)] == [200, 200, 200]
    assert Inbox.objects.count() == 1


def test_a_batch_of_three_megabytes_is_kept_and_a_larger_one_is_not(ours: Ours) -> None:
    messages = [{**MESSAGE, "id": f"wamid.{n}", "text": {"body": "x" * 4000}} for n in range(740)]
    body = batch(change(messages=messages))
    assert 3_000_000 < len(body) < 3_200_000
    assert ours.post(body) == 200
    assert ours.post(batch(change(messages=[{**MESSAGE, "text": {"body": "x" * 3_200_000}}]))) == 413
    assert ours.read() == [("heard", "")]
    assert HeardRow.objects.count() == 740


def test_what_people_write_is_heard_once_with_what_it_answers(ours: Ours) -> None:
    answer = {**MESSAGE, "context": {"from": "1", "id": STATUS["id"]}}
    assert ours.post(batch(change(messages=[answer]))) == 200
    assert ours.post(batch(change(messages=[answer], errors=[{"code": 1}]))) == 200
    assert [outcome for outcome, _ in ours.read()] == ["heard", "news"]
    (row,) = HeardRow.objects.all()
    assert (row.channel, row.provider, row.kind, row.provider_reference) == ("whatsapp", "meta", "text", STATUS["id"])
    assert words_of(Vault(open_lender(ours.place.root)), row) == (f"+{TO}", MESSAGE["text"]["body"])


def test_a_picture_is_heard_as_what_the_platform_says_it_is_and_is_not_fetched(ours: Ours) -> None:
    assert ours.post(batch(change(messages=[INBOUND["image"], INBOUND["audio"], INBOUND["location"]]))) == 200
    ours.read()
    vault = Vault(open_lender(ours.place.root))
    rows = HeardRow.objects.order_by("pk")
    assert [(row.kind, words_of(vault, row)[1]) for row in rows] == [("media", "paid on Monday"), ("media", ""), ("media", "")]
    assert [media_of(vault, row) for row in rows] == [
        Attached("image", "image/jpeg", "1003383421387256"),
        Attached("audio", "audio/ogg; codecs=opus", "1"),
        Attached("location"),
    ]
    assert (
        media_of(
            vault,
            HeardRow(
                provider="meta", event_id="x", sealed=vault.seal_until(HEARD, date(2026, 4, 1), "heard|meta|x", '{"from": "", "text": ""}')
            ),
        )
        is None
    )


def test_statuses_of_messages_that_are_not_ours_change_nothing(ours: Ours) -> None:
    ours.post(batch(change(statuses=[STATUS, FAILED])))
    assert ours.read() == [("unknown_message", "No message of ours has this reference.")]


def tier(limit: int, at: int) -> bytes:
    """A new tier, told at so many seconds past."""
    told = json.loads(batch(news("business_capability_update", {"max_daily_conversations_per_business": limit})))
    told["entry"][0]["time"] = int((NOW + timedelta(seconds=at)).timestamp())
    return json.dumps(told).encode()


def test_a_new_tier_is_written_down_and_an_old_word_that_comes_late_can_only_lower_it(ours: Ours) -> None:
    limits = []
    for limit, told, comes in ((2000, 0, 10), (10_000, 20, 30), (2000, 0, 40), (10_000, 20, 50), (250, 5, 60), (100_000, 70, 80)):
        assert ours.post(tier(limit, told)) == 200
        ours.read(NOW + timedelta(seconds=comes))
        limits.append(ChannelTier.objects.get().most)
    # The third and fourth are the same words as before: the inbox has them already.  The fifth is old, and lower.
    assert limits == [2000, 10_000, 10_000, 10_000, 250, 100_000]
    assert ChannelTier.objects.get().changed_by == "whatsapp"


def test_the_same_tier_told_again_changes_nothing(ours: Ours) -> None:
    for told in (0, 20):
        ours.post(tier(2000, told))
        ours.read(NOW + timedelta(seconds=told + 5))
    assert ChannelTier.objects.get().changed_at == NOW + timedelta(seconds=5)


def test_a_tier_that_a_person_set_later_is_not_raised_by_older_news(ours: Ours) -> None:
    set_tier(Channel.WHATSAPP, 100, by=machine("asha"), clock=fixed_clock(NOW + timedelta(seconds=100)))
    ours.post(tier(2000, 0))
    assert ours.read(NOW + timedelta(seconds=110)) == [("news", "business_capability_update")]
    assert ChannelTier.objects.get().most == 100


def test_what_we_do_not_know_is_kept_and_named(ours: Ours) -> None:
    ours.post(batch(news("flows", {})))
    ours.post(b'{"object": "page"}')
    assert ours.read() == [("unhandled", "the field flows"), ("unreadable", "it is no batch of a WhatsApp Business Account")]


@dataclass(slots=True)
class Played:
    """The platform in a thread of the test, for a lender whose worker is this process."""

    ours: Ours
    sandbox: WhatsAppSandbox

    def queue(self, reference: str, purpose: str = "recovery") -> None:
        """Queue a message by template."""
        lender = open_lender(self.ours.place.root)
        intent = Intent(
            intent_id=reference,
            person_id="p1",
            at=system_clock(),
            channel=Channel.WHATSAPP,
            purpose=Purpose(purpose),
            loan_ids=("LN/1",),
            number_key="key-p1",
            amount_paise=1_234_50,
        )
        begin, end = system_clock() - timedelta(seconds=1), system_clock() + timedelta(hours=2)
        wanted = Wanted(intent, f"+{TO}", "due_en", {"amount": 1_234_50, "loan": "LN/1", "way": "a7x"}, begin, end)
        queue_message(wanted, channels=configured(lender.settings, os.environ), vault=Vault(lender), actor="planner", clock=system_clock)

    def work(self) -> dict[str, int]:
        """Send what may go, and read the inbox; what became of messages."""
        found: dict[str, int] = crew.work(open_lender(self.ours.place.root), {})["outcomes"]
        return found

    def webhooks(self) -> None:
        """Bring what the platform has to say to our door."""
        waiting, provider = self.sandbox.webhooks.waiting, self.sandbox.platform.provider
        while waiting:
            due = waiting.popleft()
            assert due.change is not None
            assert self.ours.post(json.dumps(whole(provider, [due.change], system_clock())).encode()) == 200

    def rows(self) -> list[tuple[Any, ...]]:
        """State and words of each message, and the state of its contact."""
        return list(Outbox.objects.order_by("id").values_list("state", "words", "contact__state"))


@pytest.fixture
def played(ours: Ours) -> Iterator[Played]:
    """The platform, and a lender that points to it.  Nobody answers its handshake, so the test carries the webhooks itself."""
    known = configured(open_lender(ours.place.root).settings, os.environ)[Channel.WHATSAPP].settings
    assert isinstance(known, WhatsAppSettings)
    platform = Platform(known, known.provider("meta"), system_clock)
    sandbox = WhatsAppSandbox(platform, Faults(), Webhooks(platform, WebhookFaults(), "http://127.0.0.1:1/hooks/whatsapp/meta"))
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    set_up(ours.place, int(server.server_address[1]))
    yield Played(ours, sandbox)
    sandbox.webhooks.over.set()
    server.shutdown()
    server.server_close()


def test_a_reminder_goes_by_whatsapp_once_and_is_followed_until_it_was_read(played: Played) -> None:
    played.queue("m-1")
    assert played.work() == {"sent": 1}
    assert [(kept.asked.to, kept.asked.reference) for kept in played.sandbox.platform.kept] == [(TO, "m-1")]
    played.webhooks()
    assert played.work() == {}
    assert played.rows() == [("delivered", "read", "delivered")]
    assert Outbox.objects.values_list("charged", "charged_as").get() == (True, "utility/regular")


def test_a_pressed_button_answers_the_message_that_showed_it(played: Played) -> None:
    played.queue("m-1")
    played.work()
    assert played.sandbox.say({"from": TO, "payload": "paid", "answers": "m-1"}).status == 200
    assert played.sandbox.say({"from": TO, "text": "hello"}).status == 200
    played.webhooks()
    played.work()
    assert list(HeardRow.objects.order_by("id").values_list("kind", "choice", "answers")) == [("button", "paid", "m-1"), ("text", "", "")]


def test_a_lost_answer_stays_counted_is_never_sent_again_and_is_made_good_by_the_webhook(played: Played) -> None:
    played.sandbox.faults.ask("broken_after", 1)
    played.queue("m-1")
    assert played.work() == {"ambiguous": 1}
    Outbox.objects.update(look_at=system_clock() - timedelta(hours=1))
    played.work()
    assert [row[0] for row in played.rows()] == ["ambiguous"]
    assert len(played.sandbox.platform.kept) == 1
    played.webhooks()
    played.work()
    assert [(row[0], row[2]) for row in played.rows()] == [("delivered", "delivered")]
    assert len(played.sandbox.platform.kept) == 1


def test_a_paused_template_is_not_sent_and_does_not_count(played: Played) -> None:
    for _ in range(3):
        played.sandbox.report({"name": "loan_due", "language": "en"})
    played.queue("m-1")
    assert played.work() == {"failed": 1}
    ((state, words, contact),) = played.rows()
    assert (state, contact, "132015" in words) == ("failed", "failed", True)
    played.webhooks()
    played.work()
    assert ("news", "PAUSED NONE") in list(Inbox.objects.values_list("outcome", "words"))


def test_a_message_that_failed_later_counts_and_says_why(played: Played) -> None:
    played.sandbox.platform.told_late = True
    played.sandbox.platform.windows.clear()
    played.queue("m-1")
    played.work()
    played.sandbox.webhooks.waiting.clear()
    assert played.ours.post(batch(change(statuses=[{**FAILED, "id": played.sandbox.platform.kept[0].id}]))) == 200
    played.work()
    ((state, words, contact),) = played.rows()
    assert (state, contact, words[:6]) == ("undelivered", "sent", "131026")
