"""What persons sent us: the messages of the `messages` webhook.

Source: Meta for Developers, WhatsApp Business Platform, "Webhooks: messages" references (text, button, interactive, image, audio, video,
document, sticker, location, contacts, reaction, system, unsupported), and "Business-scoped user IDs" (May 2026): `from` may be missing
for a person who hides the number behind a username.  context.id is the platform's id of the message that is answered.
"""

import re
from collections.abc import Mapping

from sulah.outreach.channel import Attached, Heard, HeardKind
from sulah.outreach.platform import NewsKind, PlatformNews
from sulah.outreach.whatsapp.reading import event_id, instant, part, text

_NOT_SAID = ("system", "request_welcome", "ephemeral")
"""The platform's own notes about a person: a changed number, a chat that was opened."""


def heard_of(message: Mapping[str, object]) -> Heard | PlatformNews:
    """What a person sent; news that is unhandled where nobody said anything, or nothing that can be told apart.

    What we cannot read (a voice message, a place, a kind that the platform adds later) is of the kind media, without text: a person of
    the lender looks at it.  sender is empty where the platform hides the number; provider_reference is that of the message answered.
    """
    theirs, kind, at = text(message, "id"), text(message, "type", 40), instant(message, "timestamp")
    event = event_id("heard", theirs)
    if not theirs or kind in _NOT_SAID or message.get("group_id"):
        more = text(part(message, "system"), "type", 40)
        where = " of a group" if message.get("group_id") else ""
        return PlatformNews(NewsKind.UNHANDLED, f"a message{where} {kind or '(no type)'} {more}".rstrip(), at=at, event_id=event)
    read = _read(message, kind)
    if read is None:
        return PlatformNews(NewsKind.UNHANDLED, "a reaction was taken back", at=at, event_id=event)
    how, words, choice, answered = read
    named = answered or text(part(message, "context"), "id", 160)
    return Heard(event, _sender(message), at, how, words, choice, "", named, _attached(message, kind) if how is HeardKind.MEDIA else None)


def _attached(message: Mapping[str, object], kind: str) -> Attached:
    """What was sent, by the platform's word on it; the id is of use only with our token, and only for some days."""
    body = part(message, kind)
    return Attached(kind if re.fullmatch(r"[a-z_]{1,40}", kind) else "", text(body, "mime_type", 80), text(body, "id", 160))


def _read(message: Mapping[str, object], kind: str) -> tuple[HeardKind, str, str, str] | None:
    """Kind, text, choice and what it answers; None for a reaction that was taken back."""
    body = part(message, kind)
    if kind == "text":
        return HeardKind.TEXT, text(body, "body"), "", ""
    if kind == "button":
        return HeardKind.BUTTON, text(body, "text"), text(body, "payload"), ""
    if kind == "interactive":
        pressed = part(body, "button_reply") or part(body, "list_reply")
        return (HeardKind.BUTTON, text(pressed, "title"), text(pressed, "id"), "") if pressed else (HeardKind.MEDIA, "", "", "")
    if kind == "reaction":
        sign = text(body, "emoji")
        return (HeardKind.TEXT, sign, "", text(body, "message_id", 160)) if sign else None
    return HeardKind.MEDIA, text(body, "caption"), "", ""


def _sender(message: Mapping[str, object]) -> str:
    """The number as + and its digits; empty where the platform names none."""
    found = text(message, "from", 20)
    return f"+{found}" if found.isascii() and found.isdigit() and 7 <= len(found) <= 15 else ""
