"""What is sent to the Cloud API, and what each of its answers means."""

import json
import tomllib
from typing import Any

import pytest

from sulah.outreach.channel import Choice, Fault, Media, Message, NeverTaken, Taken, Unknown
from sulah.outreach.http import Reply
from sulah.outreach.whatsapp.answer import ACCOUNT_CODES, BUSY_CODES, MESSAGE_CODES, VERIFY, read_answer
from sulah.outreach.whatsapp.cloud import UnsendableError, send_request
from sulah.outreach.whatsapp.settings import WhatsAppSettingsError, settings_of
from tests.outreach.whatsapp_place import NUMBER_ID, SECRETS, TO, TOKEN, settings

SETTINGS = settings_of(tomllib.loads(settings()), SECRETS)
WAMID = "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3QTNEMDQ2MUMwQTE3RUNGQTcA"


def sent(template: str = "", values: tuple[str, ...] = (), text: str = "", **more: Any) -> dict[str, Any]:
    """The body of the request for a message."""
    message = Message(more.pop("reference", "m-1"), more.pop("to", f"+{TO}"), template, values, text, **more)
    found: dict[str, Any] = json.loads(send_request(SETTINGS.provider("meta"), SETTINGS, message).body)
    return found


def answered(status: int, told: object, **headers: str) -> Any:
    """What an answer means."""
    return read_answer(Reply(status, headers, told if isinstance(told, bytes) else json.dumps(told).encode()))


def error(code: object, **more: object) -> dict[str, object]:
    """An error as the platform writes it ("Error codes")."""
    return {"error": {"message": f"(#{code}) of {TO}", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}}


def test_a_template_goes_out_as_the_platform_documents_it() -> None:
    message = Message("m-1", f"+{TO}", "due_en", ("1,234.50", "LN/1", "a7x"))
    request = send_request(SETTINGS.provider("meta"), SETTINGS, message)
    assert (request.method, request.path) == ("POST", f"/v23.0/{NUMBER_ID}/messages")
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in repr(request)
    assert TO not in repr(request)
    assert json.loads(request.body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": TO,
        "type": "template",
        "template": {
            "name": "loan_due",
            "language": {"code": "en"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "1,234.50"}, {"type": "text", "text": "LN/1"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "paid"}]},
                {"type": "button", "sub_type": "quick_reply", "index": "1", "parameters": [{"type": "payload", "payload": "call_me"}]},
                {"type": "button", "sub_type": "url", "index": "2", "parameters": [{"type": "text", "text": "a7x"}]},
            ],
        },
        "biz_opaque_callback_data": "m-1",
    }


def test_a_receipt_carries_its_document_in_the_header() -> None:
    link = "https://papers.kaveri.example/r/1.pdf"
    head = sent("receipt_en", (link, "500", "LN/1"))["template"]["components"][0]
    document = {"link": link, "filename": "receipt.pdf"}
    assert head == {"type": "header", "parameters": [{"type": "document", "document": document}]}


def test_a_template_without_values_has_no_components() -> None:
    assert sent("hello_en")["template"] == {"name": "hello_en", "language": {"code": "en"}}


def test_the_values_of_another_language_stand_in_its_own_order() -> None:
    template = sent("due_hi", ("LN/1", "500"))["template"]
    assert template["language"] == {"code": "hi"}
    assert [each["text"] for each in template["components"][0]["parameters"]] == ["LN/1", "500"]


def test_an_answer_within_a_session_goes_as_text_with_buttons_or_with_media() -> None:
    assert sent(text="Thank you.")["text"] == {"preview_url": False, "body": "Thank you."}
    asked = sent(text="Shall we call you?", choices=(Choice("yes", "Yes"), Choice("no", "No")))
    assert (asked["type"], asked["interactive"]["type"]) == ("interactive", "button")
    assert asked["interactive"]["action"]["buttons"][1] == {"type": "reply", "reply": {"id": "no", "title": "No"}}
    paper = sent(text="Your receipt", media=Media("document", number="1003383421387256", file_name="r.pdf"))
    assert paper["document"] == {"id": "1003383421387256", "caption": "Your receipt", "filename": "r.pdf"}
    assert sent(media=Media("image", link="https://papers.kaveri.example/1.png"))["image"] == {
        "link": "https://papers.kaveri.example/1.png"
    }


@pytest.mark.parametrize(
    "given",
    [
        {"template": "hello_en", "reference": ""},
        {"template": "hello_en", "reference": "a b"},
        {"template": "hello_en", "reference": "x" * 513},
        {"template": "hello_en", "to": "+16505551234"},
        {"template": "hello_en", "to": TO},
        {"template": "hello_en", "to": "+915812345678"},
        {"template": "hello_en", "text": "and more"},
        {"template": "due_en", "values": ("1",)},
        {"text": ""},
        {"text": "   "},
        {"text": "x" * 4097},
        {"text": "x" * 1025, "choices": (Choice("a", "A"),)},
        {"text": "x", "choices": tuple(Choice(f"p{n}", f"L{n}") for n in range(4))},
        {"text": "x", "choices": (Choice("a", "A"), Choice("a", "B"))},
        {"text": "x", "choices": (Choice("a", "A"), Choice("b", "A"))},
        {"text": "x", "choices": (Choice("a", "A" * 21),)},
        {"text": "x", "choices": (Choice("", "A"),)},
        {"text": "x", "values": ("1",)},
        {"media": Media("video", link="https://a.example/1")},
        {"media": Media("image")},
        {"media": Media("image", link="http://a.example/1")},
        {"media": Media("image", link="https://a.example/1", number="1003383421387256")},
        {"text": "x" * 1025, "media": Media("image", link="https://a.example/1")},
    ],
)
def test_what_the_platform_would_not_take_is_not_asked(given: dict[str, Any]) -> None:
    with pytest.raises(UnsendableError):
        sent(**given)


def test_the_limits_themselves_are_taken() -> None:
    assert len(sent(text="x" * 4096)["text"]["body"]) == 4096
    assert len(sent("hello_en", reference="x" * 512)["biz_opaque_callback_data"]) == 512


def test_a_template_that_is_not_in_the_settings_is_refused() -> None:
    with pytest.raises(WhatsAppSettingsError, match="only registered texts"):
        sent("nothing_of_ours")


@pytest.mark.parametrize("status", [{}, {"message_status": "accepted"}, {"message_status": "held_for_quality_assessment"}])
def test_an_id_means_that_the_platform_has_it(status: dict[str, str]) -> None:
    contacts = [{"input": f"+{TO}", "wa_id": TO}]
    told = {"messaging_product": "whatsapp", "contacts": contacts, "messages": [{"id": WAMID, **status}]}
    assert answered(200, told) == Taken(WAMID)


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"<html>",
        b"[]",
        b"[" * 100_000,
        {"messaging_product": "whatsapp"},
        {"messaging_product": "whatsapp", "messages": []},
        {"messaging_product": "whatsapp", "messages": [{"id": 12}]},
        {"messaging_product": "whatsapp", "messages": [{"id": ""}]},
        {"messaging_product": "whatsapp", "messages": [{"id": WAMID, "message_status": "lost"}]},
        {"messaging_product": "whatsapp", "messages": [{"id": WAMID}, {"id": WAMID}]},
        {"messages": [{"id": WAMID}]},
        {"success": True},
    ],
)
def test_a_200_without_an_id_may_have_taken_effect(told: object) -> None:
    assert isinstance(answered(200, told), Unknown)


@pytest.mark.parametrize("code", sorted(MESSAGE_CODES))
def test_a_refusal_of_the_message_says_so_without_a_number_of_a_person(code: int) -> None:
    found = answered(400, error(code, error_data={"messaging_product": "whatsapp", "details": f"not to {TO}"}))
    assert (found.fault, TO in found.words, str(code) in found.words) == (Fault.MESSAGE, False, True)


@pytest.mark.parametrize("code", [*sorted(ACCOUNT_CODES), 200, 299])
def test_a_refusal_of_the_account_stops_all_of_ours(code: int) -> None:
    assert answered(403, error(code)).fault is Fault.ACCOUNT


@pytest.mark.parametrize("code", sorted(BUSY_CODES))
def test_a_limit_asks_for_patience_by_the_header_or_else_as_documented(code: int) -> None:
    assert answered(400, error(code)) == answered(429, error(code))
    assert answered(400, error(code)).retry_seconds == BUSY_CODES[code][0]
    assert answered(429, error(code), **{"retry-after": "17"}).retry_seconds == 17
    assert answered(429, error(code), **{"retry-after": "9" * 5000}).retry_seconds == BUSY_CODES[code][0]


def test_what_was_read_nowhere_is_named_and_is_among_the_refusals_only() -> None:
    assert {*MESSAGE_CODES, *ACCOUNT_CODES} >= VERIFY
    assert not VERIFY & {
        131026,
        131047,
        131049,
        131056,
        130429,
        131048,
        132000,
        132001,
        132005,
        132007,
        132012,
        132015,
        132016,
        133010,
        131031,
        190,
    }


def test_a_spam_limit_is_for_people_to_mend_and_waits_an_hour() -> None:
    assert answered(400, error(131048)).retry_seconds == 3600


def test_a_number_that_the_token_does_not_have_is_the_accounts_fault() -> None:
    assert answered(400, error(100)).fault is Fault.MESSAGE
    assert answered(400, error(100, error_subcode=33)).fault is Fault.ACCOUNT


@pytest.mark.parametrize(("status", "fault"), [(429, Fault.BUSY), (401, Fault.ACCOUNT), (403, Fault.ACCOUNT)])
def test_a_bare_refusal_goes_by_its_status(status: int, fault: Fault) -> None:
    found = answered(status, b"")
    assert isinstance(found, NeverTaken)
    assert found.fault is fault


@pytest.mark.parametrize(
    ("status", "told"),
    [
        *[(status, error(code)) for status in (500, 502, 503, 504) for code in (1, 2, 131000, 131016, 131026, 190)],
        *[(400, error(code)) for code in (1, 199, 300, 999_999, "131026", None, True, 131026.0)],
        *[(status, b"") for status in (201, 202, 301, 400, 404, 408, 409)],
        (400, {"error": "131026"}),
    ],
)
def test_any_other_answer_may_have_taken_effect(status: int, told: object) -> None:
    assert isinstance(answered(status, told), Unknown)
