"""The call that the platform makes when a person writes or presses a button: one signed batch, as its webhooks bring it.

Source: Meta for Developers, WhatsApp Business Platform, "Webhooks: messages" references (text, button) and "Create a webhook endpoint"
(X-Hub-Signature-256).
"""

import json
from datetime import datetime

from sulah.adapters.sandbox.whatsapp_events import batch, said_by
from sulah.outreach.channel import Heard, HeardKind
from sulah.outreach.http import Call
from sulah.outreach.whatsapp.hook import signature
from sulah.outreach.whatsapp.settings import Provider


def call_of(provider: Provider, said: Heard, at: datetime) -> Call:
    """What the platform would send to our door; said.event_id is its id of the message, provider_reference that of the one answered."""
    if said.kind is HeardKind.BUTTON:
        told: dict[str, object] = {"type": "button", "button": {"payload": said.choice, "text": said.text}}
    else:
        told = {"type": "text", "text": {"body": said.text}}
    if said.provider_reference:
        told["context"] = {"from": provider.number_id, "id": said.provider_reference}
    change = said_by(provider, said.sender.removeprefix("+"), f"wamid.{said.event_id}", at, told)
    body = json.dumps(batch(provider, [change], at), ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature(body, provider.app_secrets[0])}"}
    return Call("POST", {}, headers, body)
