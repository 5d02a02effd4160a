"""What is sent: one message a request, POST /VERSION/PHONE_NUMBER_ID/messages, our reference as biz_opaque_callback_data.

Formats: Meta for Developers, WhatsApp Business Platform, "Send messages", "Utility templates", "Interactive reply buttons messages",
"Document messages", "Image messages".  biz_opaque_callback_data has at most 512 characters and comes back in every status of the message
("Status messages webhook reference").  Nothing documented refuses a second message with the same one.
"""

import json
import re

from sulah.outreach.channel import Choice, Media, Message
from sulah.outreach.http import Request
from sulah.outreach.whatsapp.form import FormError
from sulah.outreach.whatsapp.settings import Provider, WhatsAppSettings

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_ASKED = 4096, 1024, 1024
MOST_CHOICES, LONGEST_CHOICE, LONGEST_PAYLOAD = 3, 20, 64
LONGEST_REFERENCE = 512
"""Characters of a text, a caption and a text over buttons; buttons, and characters on one (the platform takes 256 in a payload)."""

_REFERENCE = re.compile(r"[\x21-\x7e]{1,512}")
_NUMBER = re.compile(r"\+91[6-9][0-9]{9}")
_LINK = re.compile(r"https://[a-z0-9.-]+/[A-Za-z0-9._~/?=&%-]*")
_MEDIA_ID = re.compile(r"[0-9]{5,32}")


class UnsendableError(ValueError):
    """The message cannot be put into the platform's form: a programmer's or a caller's error, seen before anything is counted."""


def sendable(number: str) -> bool:
    """Is it an Indian mobile number, as +91 and ten digits?  Others are not sent to.

    >>> sendable("+919812345678"), sendable("+16505551234"), sendable("919812345678")
    (True, False, False)
    """
    return _NUMBER.fullmatch(number) is not None


def send_path(provider: Provider) -> str:
    """Where messages of a number are posted."""
    return f"/{provider.version}/{provider.number_id}/messages"


def send_request(provider: Provider, settings: WhatsAppSettings, message: Message) -> Request:
    """The request that hands one message over; UnsendableError for what the platform would not take.

    The guard says whether a session is open; without one only a message by a template goes (WA-24H).
    """
    if not _REFERENCE.fullmatch(message.reference):
        raise UnsendableError(f"the reference {message.reference!r} has letters that cannot travel, or more than {LONGEST_REFERENCE}")
    if not sendable(message.to):
        raise UnsendableError("the number is no Indian mobile number written as +91 and ten digits")
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to.removeprefix("+"),
        **(_by_template(settings, message) if message.template else _in_session(message)),
        "biz_opaque_callback_data": message.reference,
    }
    headers = {"Authorization": f"Bearer {provider.token}", "Content-Type": "application/json", "Accept": "application/json"}
    return Request(send_path(provider), headers, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _by_template(settings: WhatsAppSettings, message: Message) -> dict[str, object]:
    if message.text or message.choices or message.media:
        raise UnsendableError("a message by a template has no text, buttons or media of its own")
    form = settings.form(message.template)
    try:
        components = form.components(message.values)
    except FormError as error:
        raise UnsendableError(str(error)) from error
    template = {"name": form.registered, "language": {"code": form.code}}
    return {"type": "template", "template": template | ({"components": components} if components else {})}


def _in_session(message: Message) -> dict[str, object]:
    if message.values:
        raise UnsendableError("values belong to a template, and none is named")
    if message.media is not None:
        return _media(message.media, message.text, message.choices)
    longest = LONGEST_ASKED if message.choices else LONGEST_TEXT
    if not message.text.strip() or len(message.text) > longest:
        raise UnsendableError(f"a text within a session has 1 to {longest} characters")
    if not message.choices:
        return {"type": "text", "text": {"preview_url": False, "body": message.text}}
    return {"type": "interactive", "interactive": _asked(message.text, message.choices)}


def _asked(text: str, choices: tuple[Choice, ...]) -> dict[str, object]:
    payloads, labels = [choice.payload for choice in choices], [choice.label for choice in choices]
    if len(choices) > MOST_CHOICES or len(set(payloads)) < len(payloads) or len(set(labels)) < len(labels):
        raise UnsendableError(f"at most {MOST_CHOICES} buttons, and no two with the same payload or label")
    if any(not 1 <= len(label) <= LONGEST_CHOICE for label in labels) or any(not 1 <= len(each) <= LONGEST_PAYLOAD for each in payloads):
        raise UnsendableError(f"a button has 1 to {LONGEST_CHOICE} characters on it, and a payload of 1 to {LONGEST_PAYLOAD}")
    buttons = [{"type": "reply", "reply": {"id": choice.payload, "title": choice.label}} for choice in choices]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}


def _media(media: Media, caption: str, choices: tuple[Choice, ...]) -> dict[str, object]:
    if choices or media.kind not in ("image", "document") or len(caption) > LONGEST_CAPTION:
        raise UnsendableError(f"media is an image or a document with a caption of {LONGEST_CAPTION} characters at most, without buttons")
    if bool(_LINK.fullmatch(media.link)) == bool(_MEDIA_ID.fullmatch(media.number)) or (media.link and media.number):
        raise UnsendableError("media is named by an https link or by its id, and not by both")
    place = {"link": media.link} if media.link else {"id": media.number}
    named = {"filename": media.file_name} if media.kind == "document" and media.file_name else {}
    return {"type": media.kind, media.kind: {**place, **({"caption": caption} if caption else {}), **named}}
