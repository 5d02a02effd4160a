"""What the platform's answer to a send means, by its error codes.

Source of codes, meanings and HTTP status: Meta for Developers, WhatsApp Business Platform, "Error codes" (updated 15 May 2026), which
asks to go by `code`, never by title or HTTP status.  Some errors come twice, in the answer and by the status webhook, or by webhook only.
The table of that page was read in part, and in copies at providers who resell it; VERIFY names the codes that were read in neither.
"""

import json
import re
from collections.abc import Mapping

from sulah.outreach.channel import Answer, Fault, NeverTaken, Taken, Unknown
from sulah.outreach.http import Reply

LONGEST_WAIT, MINUTE = 3600, 60
PAIR_SECONDS = 6
"""One message in six seconds to one person ("Messages API", pair rate limits; dated May 2026)."""

_ID = re.compile(r"[\x21-\x7e]{8,160}")
_LONG_NUMBER = re.compile(r"\d{7,}")

MESSAGE_CODES: Mapping[int, str] = {
    100: "invalid parameter, or no WhatsApp number",
    131008: "required parameter missing",
    131009: "parameter value not valid",
    131021: "sender and recipient are the same",
    131026: "undeliverable: no WhatsApp number, terms not accepted, or an old app",
    131030: "recipient not on the list of a test number",
    131047: "re-engagement: more than 24 hours since the person's last message",
    131049: "not delivered, to keep the person's engagement healthy (limits of one person)",
    131050: "the person stopped such messages",
    131051: "message type not supported",
    131052: "media of the message could not be downloaded",
    131053: "media could not be uploaded",
    130472: "the person's number is part of an experiment",
    132000: "number of parameters is not that of the template",
    132001: "template does not exist in this language, or is not approved",
    132005: "translated text too long",
    132007: "template breaks the character policy",
    132012: "parameter format is not that of the template",
    132015: "template paused for low quality",
    132016: "template disabled for low quality",
    132018: "parameters of the template not valid",
    135000: "the request's parameters failed the message",
}
"""This message will never be taken by this number; another one may be."""

ACCOUNT_CODES: Mapping[int, str] = {
    0: "the app could not be authenticated",
    3: "capability or permission",
    10: "permission not granted, or removed",
    33: "the business number was deleted",
    190: "access token expired",
    368: "account restricted or disabled for a policy",
    130497: "the account may not message persons of this country",
    131005: "access denied",
    131031: "account locked",
    131037: "display name of the number not approved",
    131042: "payment method",
    131045: "the number is not registered rightly",
    131048: "spam rate limit: earlier messages were blocked or reported",
    133010: "the number is not registered",
}
"""None of ours goes until a person mends it; so also the permissions 200 to 299."""

BUSY_CODES: Mapping[int, tuple[int, str]] = {
    4: (MINUTE, "too many calls of the app"),
    80007: (MINUTE, "rate limit of the account"),
    130429: (5, "throughput of the number"),
    131056: (PAIR_SECONDS, "too many messages to this person"),
}
"""Seconds to wait where no Retry-After says otherwise."""

VERIFY = frozenset({131021, 131030, 131037, 131045, 131050, 131052, 131053, 132018, 135000})
"""Codes whose meaning no page that we could read states: compare them with Meta's table before the first message goes out."""

_WAITING_FOR_PEOPLE = {131048: LONGEST_WAIT}
_STATUSES = ("accepted", "held_for_quality_assessment")
"""Held: the platform has it, and sends it or drops it later (template pacing); its status webhook says which."""


def read_answer(reply: Reply) -> Answer:
    """What an answer to a send means; anything that is not documented as a refusal may have taken effect, and is Unknown."""
    told = told_object(reply.body)
    if reply.status == 200:
        taken = _taken(told)
        return Taken(taken) if taken else Unknown("The platform answered 200 without the id of a message.")
    if reply.status >= 500:
        return Unknown(f"The platform answered {reply.status}: it may have the message or not.")
    error = told.get("error")
    found = _by_code(error, reply.headers.get("retry-after", "")) if isinstance(error, Mapping) else None
    if found is not None:
        return found
    if reply.status == 429:
        return NeverTaken(Fault.BUSY, "The platform asks for patience (429).", waits(reply.headers.get("retry-after", ""), MINUTE))
    if reply.status in (401, 403):
        return NeverTaken(Fault.ACCOUNT, f"The platform refuses our account ({reply.status}). See token_from and its permissions.")
    return Unknown(f"The platform answered {reply.status}, which says neither that it has the message nor that it has not.")


def fault_of(code: int) -> tuple[Fault, str, int] | None:
    """What an error code means: whose fault, in words, seconds to wait; None for one that is not documented as a refusal.

    >>> fault_of(131047)[0].value, fault_of(190)[0].value, fault_of(131056)[2], fault_of(1)
    ('message', 'account', 6, None)
    """
    if code in MESSAGE_CODES:
        return Fault.MESSAGE, MESSAGE_CODES[code], 0
    if code in ACCOUNT_CODES:
        return Fault.ACCOUNT, ACCOUNT_CODES[code], _WAITING_FOR_PEOPLE.get(code, 0)
    if 200 <= code <= 299:
        return Fault.ACCOUNT, "permission not granted, or removed", 0
    if code in BUSY_CODES:
        seconds, words = BUSY_CODES[code]
        return Fault.BUSY, words, seconds
    return None


def _by_code(error: Mapping[str, object], asked: str) -> NeverTaken | None:
    code = error.get("code")
    if type(code) is not int:
        return None
    if code == 100 and error.get("error_subcode") == 33:  # the path names no number of ours: every message would fail
        return NeverTaken(Fault.ACCOUNT, "The platform knows no such phone_number_id for this token (100, subcode 33).")
    known = fault_of(code)
    if known is None:
        return None
    fault, words, seconds = known
    said = f"{code} {words}: {_said(error)}"[:280]
    return NeverTaken(fault, f"WhatsApp refuses it ({said}).", waits(asked, seconds) if fault is Fault.BUSY else seconds)


def _taken(told: Mapping[str, object]) -> str:
    """The id that the platform gave the message; empty where it gave none, or something undocumented."""
    messages = told.get("messages")
    one = messages[0] if isinstance(messages, list) and len(messages) == 1 else None
    if told.get("messaging_product") != "whatsapp" or not isinstance(one, Mapping):
        return ""
    found, status = one.get("id"), one.get("message_status", "accepted")
    return found if isinstance(found, str) and _ID.fullmatch(found) and status in _STATUSES else ""


def _said(error: Mapping[str, object]) -> str:
    """The platform's own words on one line, numbers of persons left out."""
    more = error.get("error_data")
    details = more.get("details") if isinstance(more, Mapping) else ""
    return shown(str(details or error.get("message") or "no reason given"))


def shown(words: str) -> str:
    """Words of the platform, short, on one line, without long numbers: they may be a person's.

    >>> shown("No  account for\\n919812345678")
    'No account for ...'
    """
    return _LONG_NUMBER.sub("...", " ".join(words.split()))[:160]


def waits(asked: str, otherwise: int) -> int:
    """Seconds of a Retry-After, else what is documented; nobody makes us wait longer than an hour."""
    return min(LONGEST_WAIT, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else otherwise


def told_object(body: bytes) -> dict[str, object]:
    """A body as a JSON object; empty for anything else, however deep or large its numbers."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
