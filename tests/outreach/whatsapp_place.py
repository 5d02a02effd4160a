"""[whatsapp] of a lender, and what the platform sends, typed in from its public references (the addresses are its own examples').

Sources: Meta for Developers, WhatsApp Business Platform, "Status messages webhook reference", "Webhooks overview", "Interactive reply
buttons messages", "phone_number_quality_update webhook reference", "business_capability_update webhook reference",
"message_template_status_update webhook reference"; ids of account, number and persons put in the place of the examples'.
"""

import copy
import json
from typing import Any

from sulah.outreach.http import Call
from sulah.outreach.whatsapp.hook import signature

TOKEN, APP, FORMER, VERIFY = "a-simulated-token", "a-simulated-app-secret", "an-older-app-secret", "a-simulated-verify-token"
SECRETS = {"WA_TOKEN": TOKEN, "WA_APP": APP, "WA_FORMER": FORMER, "WA_VERIFY": VERIFY}
NUMBER_ID, ACCOUNT_ID = "106540352242922", "102290129340398"
TO = "919812345678"


def settings(port: int = 8092, *, two: bool = False) -> str:
    """[whatsapp] with one number, or two, that a sandbox on this port plays."""
    numbers = _PROVIDER.format(name="meta", port=port, number=NUMBER_ID)
    if two:
        numbers += _PROVIDER.format(name="second", port=port, number="106540352242923")
    return "\n[whatsapp]\n" + numbers + _TEMPLATES


_PROVIDER = """
[[whatsapp.provider]]
name = "{name}"
address = "http://127.0.0.1:{port}"
version = "v23.0"
phone_number_id = "{number}"
waba_id = "102290129340398"
token_from = "WA_TOKEN"
app_secret_from = "WA_APP"
former_app_secret_from = "WA_FORMER"
verify_token_from = "WA_VERIFY"
connect_seconds = 1
answer_seconds = 1
"""
_TEMPLATES = """
[[whatsapp.template]]
name = "due_en"
registered_name = "loan_due"
language = "en"
category = "utility"
purposes = ["recovery"]
legal_words = false
header = "Kaveri (simulated)"
text = "Rs {{1}} is due on loan {{2}}. Press a button or write to us."
footer = "Write STOP to hear no more"
variables = ["amount:amount", "loan:reference", "way:reference"]
hosts = ["pay.kaveri.example"]
buttons = [
  { kind = "quick_reply", label = "I have paid", payload = "paid" },
  { kind = "quick_reply", label = "Call me", payload = "call_me" },
  { kind = "url", label = "Pay now", address = "https://pay.kaveri.example/l/{{1}}" },
]

[[whatsapp.template]]
name = "due_hi"
registered_name = "loan_due"
language = "hi"
category = "utility"
purposes = ["recovery"]
legal_words = false
text = "ऋण {{1}} पर रु {{2}} बाकी है।"
variables = ["loan:reference", "amount:amount"]

[[whatsapp.template]]
name = "receipt_en"
language = "en"
language_code = "en_US"
category = "utility"
purposes = ["receipt"]
legal_words = false
header_media = "document"
file_name = "receipt.pdf"
text = "We received Rs {{1}} on loan {{2}}. Thank you."
variables = ["paper:url", "amount:amount", "loan:reference"]
hosts = ["papers.kaveri.example"]

[[whatsapp.template]]
name = "hello_en"
language = "en"
category = "utility"
purposes = ["service"]
legal_words = false
text = "Your number is now with us. Write to us at any time."
"""

STATUS: dict[str, Any] = {
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBI3QTNEMDQ2MUMwQTE3RUNGQTcA",
    "status": "sent",
    "timestamp": "1750030073",
    "recipient_id": TO,
    "biz_opaque_callback_data": "m-1",
    "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"},
}
FAILED: dict[str, Any] = {
    **{name: STATUS[name] for name in ("id", "recipient_id", "biz_opaque_callback_data")},
    "status": "failed",
    "timestamp": "1750030075",
    "errors": [
        {
            "code": 131026,
            "title": "Message undeliverable",
            "message": "Message undeliverable",
            "error_data": {"details": "Message Undeliverable to 919812345678."},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }
    ],
}
MESSAGE: dict[str, Any] = {
    "from": TO,
    "id": "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=",
    "timestamp": "1749416383",
    "type": "text",
    "text": {"body": "Does it come in another color?"},
}
CONTEXT = {"from": "15550783881", "id": STATUS["id"]}
BUTTON = {**MESSAGE, "id": "wamid.b", "type": "button", "context": CONTEXT, "button": {"payload": "paid", "text": "I have paid"}}
REPLY = {"type": "button_reply", "button_reply": {"id": "change", "title": "Change"}}
LISTED = {"type": "list_reply", "list_reply": {"id": "later", "title": "Later", "description": "next week"}}
PICTURE = {"caption": "paid on Monday", "mime_type": "image/jpeg", "sha256": "x", "id": "1003383421387256"}
INBOUND: dict[str, dict[str, Any]] = {
    "text": MESSAGE,
    "button": BUTTON,
    "button_reply": {**MESSAGE, "id": "wamid.i", "type": "interactive", "context": CONTEXT, "interactive": REPLY},
    "list_reply": {**MESSAGE, "id": "wamid.l", "type": "interactive", "context": CONTEXT, "interactive": LISTED},
    "image": {**MESSAGE, "id": "wamid.p", "type": "image", "image": PICTURE},
    "audio": {**MESSAGE, "id": "wamid.a", "type": "audio", "audio": {"mime_type": "audio/ogg; codecs=opus", "id": "1", "voice": True}},
    "location": {**MESSAGE, "id": "wamid.w", "type": "location", "location": {"latitude": 12.9, "longitude": 77.6}},
    "reaction": {**MESSAGE, "id": "wamid.r", "type": "reaction", "reaction": {"message_id": STATUS["id"], "emoji": "\U0001f44d"}},
    "unsupported": {**MESSAGE, "id": "wamid.u", "type": "unsupported", "errors": [{"code": 131051, "title": "Message type unknown"}]},
}
NEWS: dict[str, dict[str, Any]] = {
    "phone_number_quality_update": {
        "display_phone_number": "15550783881",
        "event": "UPGRADE",
        "old_limit": "TIER_2K",
        "current_limit": "TIER_10K",
        "max_daily_conversations_per_business": "TIER_10K",
    },
    "business_capability_update": {"max_daily_conversations_per_business": 2000, "max_phone_numbers_per_business": 25},
    "message_template_status_update": {
        "event": "PAUSED",
        "message_template_id": 1689556908129832,
        "message_template_name": "loan_due",
        "message_template_language": "en",
        "reason": "NONE",
        "other_info": {"title": "FIRST_PAUSE", "description": "paused for low quality"},
    },
    "account_update": {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}},
}


def change(*, statuses: Any = None, messages: Any = None, errors: Any = None) -> dict[str, Any]:
    """A change of the field messages."""
    value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "1", "phone_number_id": NUMBER_ID}}
    told = {"statuses": statuses, "messages": messages, "errors": errors}
    return {"value": value | {name: copy.deepcopy(each) for name, each in told.items() if each is not None}, "field": "messages"}


def news(field: str, value: Any = None) -> dict[str, Any]:
    """A change of another field."""
    return {"value": copy.deepcopy(NEWS[field] if value is None else value), "field": field}


def batch(*changes: Any, account: str = ACCOUNT_ID) -> bytes:
    """One POST with one entry."""
    entry = {"id": account, "time": 1750030080, "changes": list(changes)}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def call(body: bytes, secret: str = APP, **headers: str) -> Call:
    """A signed POST at our door."""
    return Call("POST", {}, {"x-hub-signature-256": f"sha256={signature(body, secret)}", **headers}, body)
