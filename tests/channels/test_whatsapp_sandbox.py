"""The simulated platform is as strict as its documents: what our own sender never asks is refused there with the documented code."""

import copy
import http.client
import json
import tomllib
from typing import Any

import pytest

from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_asked import RefusedError, asked_of
from sulah.kernel.dates import fixed_clock
from sulah.outreach.channel import Message
from sulah.outreach.whatsapp.cloud import send_request
from sulah.outreach.whatsapp.settings import settings_of
from tests.channels.whatsapp_place import BEGIN, whatsapp
from tests.outreach.whatsapp_place import NUMBER_ID, SECRETS, TO, TOKEN, settings

SETTINGS = settings_of(tomllib.loads(settings()), SECRETS)
FORMS = Platform(SETTINGS, SETTINGS.provider("meta"), fixed_clock(BEGIN)).forms


def body_of(template: str = "due_en", *values: str, bare: bool = False) -> dict[str, Any]:
    """The body of a message as our sender writes it."""
    message = Message("m-1", f"+{TO}", template, () if bare else values or ("1,234.50", "LN/1", "a7x"))
    found: dict[str, Any] = json.loads(send_request(SETTINGS.provider("meta"), SETTINGS, message).body)
    return found


def changed(*path: str | int, to: object = None, of: dict[str, Any] | None = None) -> dict[str, Any]:
    """The body with one value changed, or taken away."""
    made = copy.deepcopy(of or body_of())
    place: Any = made
    for step in path[:-1]:
        place = place[step]
    if to is None:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return made


FREE = {"messaging_product": "whatsapp", "to": TO, "type": "text", "text": {"body": "hello"}}
REPLY = {"type": "reply", "reply": {"id": "yes", "title": "Yes"}}
ASKED = {"type": "button", "body": {"text": "Call?"}, "action": {"buttons": [REPLY]}}
ASKS = {"messaging_product": "whatsapp", "to": TO, "type": "interactive", "interactive": ASKED}
PAPER = {"messaging_product": "whatsapp", "to": TO, "type": "document", "document": {"link": "https://a.example/1"}}
COMPONENTS = ("template", "components")
RECEIPT = body_of("receipt_en", "https://papers.kaveri.example/1.pdf", "500", "LN/1")


@pytest.mark.parametrize("asked", [body_of(), body_of("hello_en", bare=True), RECEIPT, FREE, ASKS, PAPER])
def test_what_is_documented_is_well_formed(asked: dict[str, Any]) -> None:
    if asked["type"] == "template" and asked["template"]["name"] == "loan_due":
        assert asked_of(json.dumps(asked).encode(), FORMS).choices == {"paid": "I have paid", "call_me": "Call me"}
    assert asked_of(json.dumps(asked).encode(), FORMS).to == TO


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ([], 100),
        (changed("messaging_product"), 100),
        (changed("messaging_product", to="sms"), 100),
        (changed("surprise", to=1), 100),
        (changed("recipient_type", to="group"), 131009),
        (changed("to"), 131008),
        (changed("to", to="91 98123"), 131009),
        (changed("type", to="hologram"), 131051),
        (changed("template"), 131008),
        (changed("biz_opaque_callback_data", to="x" * 513), 131009),
        (changed("biz_opaque_callback_data", to={"a": 1}), 131009),
        (changed("template", "name", to="nothing"), 132001),
        (changed("template", "language", "code", to="ta"), 132001),
        (changed("template", "language"), 131008),
        (changed(*COMPONENTS), 132000),
        (changed(*COMPONENTS, 0, "parameters", 1), 132000),
        (changed(*COMPONENTS, 0, "parameters", 0, "type", to="currency"), 132012),
        (changed(*COMPONENTS, 0, "parameters", 0, "text", to=""), 131008),
        (changed(*COMPONENTS, 0, "parameters", 0, "text", to="1\n2"), 132018),
        (changed(*COMPONENTS, 0, "parameters", 0, "text", to="1     2"), 132018),
        (changed(*COMPONENTS, 0, "parameters", 0, "text", to="x" * 1024), 132005),
        (changed(*COMPONENTS, 1, "index", to="7"), 132000),
        (changed(*COMPONENTS, 1, "index", to="1"), 131009),
        (changed(*COMPONENTS, 1, "index", to="first"), 131009),
        (changed(*COMPONENTS, 1, "sub_type", to="url"), 132012),
        (changed(*COMPONENTS, 1, "parameters", 0, "payload", to="x" * 129), 132012),
        (changed(*COMPONENTS, 3), 132000),
        (changed(*COMPONENTS, 0, "type", to="carousel"), 131009),
        (changed(*COMPONENTS, to=[1]), 131009),
        (changed(*COMPONENTS, 0, of=RECEIPT), 132000),
        (changed(*COMPONENTS, 0, "parameters", 0, "type", to="image", of=RECEIPT), 132012),
        (changed("text", "body", to="", of=FREE), 131008),
        (changed("text", "body", to="x" * 4097, of=FREE), 131009),
        (changed("interactive", "action", "buttons", to=[], of=ASKS), 131009),
        (changed("interactive", "action", "buttons", to=[REPLY, REPLY], of=ASKS), 131009),
        (changed("interactive", "type", to="list", of=ASKS), 131009),
        (changed("document", "id", to="1", of=PAPER), 131008),
        (changed("document", "link", of=PAPER), 131008),
        (changed("document", "link", to="nowhere", of=PAPER), 131009),
        (changed("document", "caption", to="x" * 1025, of=PAPER), 131009),
    ],
)
def test_what_is_not_documented_is_refused_with_its_code(asked: Any, code: int) -> None:
    with pytest.raises(RefusedError) as refusal:
        asked_of(json.dumps(asked).encode(), FORMS)
    told: Any = refusal.value.said.body["error"]
    assert (told["code"], told["type"], refusal.value.said.status) == (code, "OAuthException", 404 if code == 132001 else 400)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 50_000, b"\xff"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(RefusedError):
        asked_of(body, FORMS)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("POST", f"/v23.0/{NUMBER_ID}/messages", {}, 401, 190),
        ("POST", f"/v23.0/{NUMBER_ID}/messages", {"Authorization": "Bearer another"}, 401, 190),
        ("POST", f"/v23.0/{NUMBER_ID}/messages", {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain"}, 400, 100),
        ("POST", f"/v22.0/{NUMBER_ID}/messages", {"Authorization": f"Bearer {TOKEN}"}, 400, 100),
        ("POST", f"/v23.0/{NUMBER_ID}/media", {"Authorization": f"Bearer {TOKEN}"}, 400, 100),
        ("POST", f"/v23.0/{NUMBER_ID}", {"Authorization": f"Bearer {TOKEN}"}, 400, 100),
        ("GET", f"/v23.0/{NUMBER_ID}/messages", {"Authorization": f"Bearer {TOKEN}"}, 400, 100),
    ],
)
def test_only_the_one_address_is_there_and_only_for_who_has_the_token(
    method: str, path: str, headers: dict[str, str], status: int, code: int
) -> None:
    with whatsapp(hook=False) as place:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
        connection.request(method, path, json.dumps(FREE), headers)
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (status, code)
        connection.close()
        assert place.kept == []


def test_the_success_is_as_documented() -> None:
    with whatsapp(hook=False, held={"hello_en"}) as place:
        connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=10)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        for asked, status in ((body_of(), "accepted"), (body_of("hello_en", bare=True), "held_for_quality_assessment")):
            connection.request("POST", f"/v23.0/{NUMBER_ID}/messages", json.dumps(asked), headers)
            told = json.loads(connection.getresponse().read())
            assert set(told) == {"messaging_product", "contacts", "messages"}
            assert told["contacts"] == [{"input": TO, "wa_id": TO}]
            assert told["messages"][0]["id"].startswith("wamid.")
            assert told["messages"][0]["message_status"] == status
        connection.close()
