"""The borrower's phone: of a simulated lender only; what arrived on it, and what is said from it reaches the desk."""

import re
import tomllib
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from sulah.actions.contact.actor import NotPermittedError, machine
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.process_inbox import process_inbox
from sulah.actions.put_heard import words_of
from sulah.actions.talk.answer_heard import answer_heard
from sulah.actions.talk.play_phone import PROVIDER, PhoneRefusedError, Spoken, speak
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel, Role
from sulah.outreach.channel import HeardKind
from sulah.outreach.configured import Channels, configured
from sulah.records.audit import AuditEntry
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.task import Task
from sulah.web import talk_ways
from sulah.web.sandbox import phone
from tests.channels import gupshup_place
from tests.contact.people import actor
from tests.outbox.place import SECRETS as SMS_SECRETS
from tests.outreach.whatsapp_place import SECRETS, settings
from tests.web import small_contacts as small
from tests.web import small_talk as talk
from tests.web.conftest import Written

SignIn = Callable[..., Client]
PHONE = "/sandbox/phone/B-0005"


@pytest.fixture
def people(lender: Lender, written: Written, monkeypatch: pytest.MonkeyPatch) -> Lender:
    """The lender with its people, known by their numbers; its channels made by hand."""
    monkeypatch.setattr(talk_ways, "channels_here", talk.channels)
    talk.put_talkers(lender, written.told)
    return lender


def text_of(client: Client, address: str = PHONE) -> str:
    """The page as it is read, without tags."""
    response = client.get(address)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def says(client: Client, person: str = "B-0005", **given: str) -> str:
    """What the page says after something was said."""
    return unescape(client.post("/sandbox/phone-act/speak", {"person": person, **given}, follow=True).content.decode())


def test_what_the_gateways_took_stands_on_the_screen_in_its_language(people: Lender, signed_in: SignIn) -> None:
    talk.reminded(people, 5)
    talk.reminded(people, 5, state="withdrawn")
    talk.reminded(people, 5, state="queued")
    talk.reminded(people, 5, state="failed")
    client = signed_in(Role.SUPERVISOR)
    body = client.get(PHONE).content.decode()
    assert body.count("की किस्त 450 बाकी है") == 1
    assert 'lang="hi"' in body
    assert "Simulated" in body
    assert "No message reached this phone yet" in text_of(client, "/sandbox/phone/B-0006")


def test_what_is_written_on_the_phone_is_heard_and_acted_on(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    assert "Sent. The worker" in says(client, kind="text", channel="sms", text=talk.MONDAY)
    row = Heard.objects.get()
    assert (row.channel, row.kind, row.provider, row.done_at) == ("sms", "text", PROVIDER, None)
    assert words_of(Vault(people), row) == (talk.number_of(5), talk.MONDAY)
    assert talk.MONDAY in text_of(client)
    assert answer_heard(talk.listener(people)) == 1
    row.refresh_from_db()
    assert (row.person, row.intent) == ("B-0005", "paid")
    assert {stop.event for stop in StopEvent.objects.all()} == {"paid"}
    assert talk.MONDAY in text_of(client)
    entry = AuditEntry.objects.get(act="phone.speak")
    assert (entry.after["simulated"], talk.MONDAY in str(entry.after)) == (True, False)


def test_a_button_that_a_message_offers_answers_that_message(people: Lender, signed_in: SignIn) -> None:
    message = talk.reminded(people, 5, Channel.WHATSAPP)
    client = signed_in(Role.SUPERVISOR)
    body = client.get(PHONE).content.decode()
    assert 'value="call_me">मुझे फ़ोन करें</button>' in body
    says(client, kind="button", channel="whatsapp", choice="call_me", answers=message.reference)
    row = Heard.objects.get()
    assert (row.kind, row.choice, row.answers, row.channel) == ("button", "call_me", message.reference, "whatsapp")
    assert words_of(Vault(people), row)[1] == "मुझे फ़ोन करें"
    answer_heard(talk.listener(people))
    assert Task.objects.get().kind == "call_back"
    assert client.get(PHONE).content.decode().count("मुझे फ़ोन करें") == 2


@pytest.fixture
def whatsapp() -> Channels:
    """WhatsApp as a lender sets it up."""
    return configured(tomllib.loads(settings()), SECRETS)


def test_whatsapp_comes_in_by_the_door_signed_and_is_seen_before_it_is_read(
    people: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, whatsapp: Channels
) -> None:
    monkeypatch.setattr(talk_ways, "channels_here", lambda: whatsapp)
    client = signed_in(Role.SUPERVISOR)
    assert "Sent. The worker" in says(client, kind="text", channel="whatsapp", text="पैसे भर दिए")
    event = Inbox.objects.get()
    assert (event.channel, event.provider, Heard.objects.count()) == ("whatsapp", "meta", 0)
    assert "पैसे भर दिए" in text_of(client)
    assert process_inbox(GuardedLedger(people, None, machine("worker")), whatsapp, Vault(people), system_clock) == 1  # type: ignore[arg-type]
    event.refresh_from_db()
    row = Heard.objects.get()
    assert (event.outcome, row.provider, row.kind, row.channel) == ("heard", "meta", "text", "whatsapp")
    assert words_of(Vault(people), row) == (talk.number_of(5), "पैसे भर दिए")
    assert text_of(client).count("पैसे भर दिए") == 1


def test_an_sms_comes_in_by_the_door_where_the_gateway_brings_replies(
    people: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = configured(tomllib.loads(gupshup_place.written(1)), SMS_SECRETS)
    monkeypatch.setattr(talk_ways, "channels_here", lambda: gateway)
    client = signed_in(Role.SUPERVISOR)
    assert "Sent. The worker" in says(client, kind="text", channel="sms", text=talk.MONDAY)
    assert (Inbox.objects.get().provider, Heard.objects.count()) == ("one", 0)
    assert talk.MONDAY in text_of(client)
    process_inbox(GuardedLedger(people, None, machine("worker")), gateway, Vault(people), system_clock)  # type: ignore[arg-type]
    assert words_of(Vault(people), Heard.objects.get()) == (talk.number_of(5), talk.MONDAY)


def test_a_button_by_the_door_answers_the_very_message(
    people: Lender, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch, whatsapp: Channels
) -> None:
    message = talk.reminded(people, 5, Channel.WHATSAPP, provider="meta", provider_reference="wamid.HERS", template="due_en")
    said = {"channel": "whatsapp", "contact_class": "message", "purpose": "recovery", "at": system_clock(), "state_at": system_clock()}
    went = {"intent": message.reference, "person": "B-0005", "state": "sent", "provider": "meta", "provider_ref": "wamid.HERS"}
    Contact.objects.create(source="ours", **said, **went)
    monkeypatch.setattr(talk_ways, "channels_here", lambda: whatsapp)
    client = signed_in(Role.SUPERVISOR)
    refused = says(client, kind="button", channel="whatsapp", choice="no_such", answers=message.reference)
    assert "Press one of the buttons of the message" in refused
    says(client, kind="button", channel="whatsapp", choice="paid", answers=message.reference)
    process_inbox(GuardedLedger(people, None, machine("worker")), whatsapp, Vault(people), system_clock)  # type: ignore[arg-type]
    row = Heard.objects.get()
    assert (row.kind, row.choice, row.answers) == ("button", "paid", message.reference)


def test_keys_and_a_missed_call_are_of_the_channel_of_calls(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR)
    says(client, kind="missed_call")
    says(client, kind="keypad", choice="1")
    assert list(Heard.objects.order_by("id").values_list("kind", "choice", "channel")) == [
        ("missed_call", "", "bot_call"),
        ("keypad", "1", "bot_call"),
    ]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "text", "channel": "sms", "text": " "}, "Write 1 to 1000 characters"),
        ({"kind": "text", "channel": "sms", "text": "x" * 1001}, "Write 1 to 1000 characters"),
        ({"kind": "text", "channel": "letter", "text": "x"}, "no such channel"),
        ({"kind": "text", "channel": "email", "text": "x"}, "No number or address"),
        ({"kind": "keypad", "choice": "1x"}, "Press keys"),
        ({"kind": "keypad", "choice": "1" * 17}, "Press keys"),
        ({"kind": "button", "channel": "sms"}, "one of the buttons"),
        ({"kind": "media", "channel": "sms"}, "does not do that"),
        ({"kind": "shout", "channel": "sms"}, "choose one of the list"),
        ({"kind": "text", "channel": "sms", "text": "x", "answers": "not-hers"}, "did not go to this phone"),
    ],
)
def test_what_the_phone_cannot_say_is_refused_in_words(people: Lender, signed_in: SignIn, given: dict[str, str], words: str) -> None:
    assert words in says(signed_in(Role.SUPERVISOR), **given)
    assert not Heard.objects.exists()


def test_a_real_lender_has_no_such_phone(people: Lender, signed_in: SignIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lender.toml").write_text('[lender]\nname = "Real"\nentity_type = "nbfc_mfi"\n')
    real, client = open_lender(tmp_path), signed_in(Role.SUPERVISOR)
    monkeypatch.setattr(phone, "the_lender", lambda: real)
    assert client.get(PHONE).status_code == 404
    assert client.post("/sandbox/phone-act/speak", {"person": "B-0005", "kind": "missed_call"}).status_code == 404
    with pytest.raises(PhoneRefusedError, match="simulated"):
        speak(
            "B-0005", Spoken(Channel.SMS, HeardKind.TEXT, "x"), "", lender=real, channels={}, by=actor(Role.SUPERVISOR), clock=system_clock
        )


def test_the_phone_of_another_branchs_person_is_not_found(people: Lender, signed_in: SignIn) -> None:
    client = signed_in(Role.SUPERVISOR, "BR-SALEM")
    assert client.get("/sandbox/phone/B-0003").status_code == 404
    assert client.post("/sandbox/phone-act/speak", {"person": "B-0003", "kind": "missed_call"}).status_code == 404
    spoken = Spoken(Channel.SMS, HeardKind.TEXT, "x")
    with pytest.raises(NotPermittedError):
        speak("B-0003", spoken, "", lender=people, channels={}, by=actor(Role.SUPERVISOR, "BR-SALEM"), clock=system_clock)


@pytest.mark.parametrize("role", [Role.VALIDATOR, Role.INSPECTOR])
def test_who_only_reads_cannot_speak(people: Lender, signed_in: SignIn, role: Role) -> None:
    client = signed_in(role)
    assert "phone-act" not in client.get(PHONE).content.decode()
    assert client.post("/sandbox/phone-act/speak", {"person": "B-0005", "kind": "missed_call"}).status_code == 403
    missed = Spoken(Channel.BOT_CALL, HeardKind.MISSED_CALL)
    with pytest.raises(NotPermittedError):
        speak("B-0005", missed, "", lender=people, channels={}, by=actor(role), clock=system_clock)


def test_the_phone_shows_no_number(people: Lender, signed_in: SignIn) -> None:
    talk.reminded(people, 5)
    assert small.phone_of(5) not in text_of(signed_in(Role.SUPERVISOR))
