"""Gupshup Enterprise's wire format: send a text, its answer in JSON or with pipes, delivery reports, and what people text to a keyword.

The whole text travels and must equal the registered template but for its variables.  There is no documented field for a reference of ours,
neither in the request nor in a report: a report meets its message by Gupshup's id (externalId), and there is no look-up.  Sources: Gupshup
documentation (docs.gupshup.io), "Send Messages to Single Number", "Error Codes", "Real Time Delivery Reports", "Setting a Response SMS to
Marketing Call-to-Actions", "Getting Started"; the forms of the answer: "Enterprise API Document" (2020), 5.3 and 5.4 (verify = true).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Answer, Fault, Heard, HeardKind, Message, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Call, Reply, Request
from sulah.outreach.smpp.alphabet import in_gsm
from sulah.outreach.sms.hook import secret_fits
from sulah.outreach.sms.settings import Provider
from sulah.outreach.sms.wire import UnsendableError, sendable
from sulah.outreach.template import Template

SEND_PATH = "/GatewayAPI/rest"
MOST_EVENTS = 20
"""Events of one report by POST at most."""

_REFUSED = frozenset({400, 404, 405, 413, 414, 415, 431})
_ACCOUNT = frozenset({"102", "103", "104", "106", "175"})
"""Wrong password, no such user, user disabled, method or service not enabled."""

_SAYS_NOTHING = "100"
"""Unknown error: it does not say that the message was not taken."""

_CODE = re.compile(r"[1-9][0-9]{2}")
_THEIRS = re.compile(r"[0-9A-Za-z-]{6,80}")
_STATUS = {"SUCCESS": SendState.DELIVERED, "FAILURE": SendState.UNDELIVERED, "UNKNOWN": SendState.SENT}
_STATUS |= {"DELIVERED": SendState.DELIVERED, "FAILED": SendState.UNDELIVERED}
_LONGEST_WAIT = 3600


def send_request(provider: Provider, entity_id: str, template: Template, message: Message) -> Request:
    """The request that hands one message over; UnsendableError for a number that is none.  The password stands in the body."""
    if not sendable(message.to):
        raise UnsendableError("the number is no Indian mobile number written as +91 and ten digits")
    text = template.body(message.values)
    form = {
        "method": "SendMessage",
        "userid": provider.user,
        "password": provider.key,
        "auth_scheme": "plain",
        "v": "1.1",
        "format": "json",
        "send_to": message.to.removeprefix("+"),
        "msg": text,
        "msg_type": "TEXT" if in_gsm(text) else "Unicode_text",
        "mask": template.header,
        "principalEntityId": entity_id,
        "dltTemplateId": template.registered_id,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return Request(SEND_PATH, headers, urlencode(form).encode())


def read_answer(reply: Reply) -> Answer:
    """What an answer to a send means; what is not documented as a refusal may have taken effect, and is Unknown."""
    if reply.status == 429:
        asked = reply.headers.get("retry-after", "")
        seconds = min(_LONGEST_WAIT, int(asked)) if asked.isascii() and asked.isdigit() else 60
        return NeverTaken(Fault.BUSY, "The gateway asks for patience (429).", seconds)
    if reply.status in (401, 403):
        return NeverTaken(Fault.ACCOUNT, f"The gateway refuses our account ({reply.status}). See user_id and key_from.")
    if reply.status in _REFUSED:
        return NeverTaken(Fault.MESSAGE, f"The gateway refuses the request ({reply.status}).")
    status, code, words = _said(reply.body) if reply.status == 200 else ("", "", "")
    if status == "success" and _THEIRS.fullmatch(code):
        return Taken(code)
    if status == "error" and _CODE.fullmatch(code) and code != _SAYS_NOTHING:
        fault = Fault.ACCOUNT if code in _ACCOUNT else Fault.MESSAGE
        return NeverTaken(fault, f"The gateway refuses {'our account' if fault is Fault.ACCOUNT else 'the message'} ({code}): {words}.")
    return Unknown(f"The gateway answered {reply.status} {code}, which says neither that it has the message nor that it has not.")


def _said(body: bytes) -> tuple[str, str, str]:
    """Status, id (or code of an error) and words of an answer, in JSON or as `success | number | id` and `error | code | words`."""
    text = body.decode("utf-8", errors="replace").strip()
    if not text.startswith("{"):
        pieces = [piece.strip() for piece in text.split("|", 2)]
        if len(pieces) != 3:
            return "", "", ""
        status, second, third = pieces
        return (status.lower(), third, "") if status.lower() == "success" else (status.lower(), second, _line(third))
    told = _json(text)
    first = told.get("response")
    one = _each(told) or (first if isinstance(first, Mapping) else {})
    return str(one.get("status", "")).lower(), str(one.get("id", "")), _line(str(one.get("details", "")))


def _each(told: Mapping[str, object]) -> Mapping[str, object]:
    """The answer of the one message, where the gateway answers message by message."""
    data = told.get("data")
    rows = data.get("response_messages") if isinstance(data, Mapping) else None
    return rows[0] if isinstance(rows, list) and len(rows) == 1 and isinstance(rows[0], Mapping) else {}


def _json(text: str) -> dict[str, object]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _line(words: str) -> str:
    return " ".join(words.split())[:160].rstrip(".") or "no reason given"


@dataclass(frozen=True, slots=True)
class GupshupHook:
    """What Gupshup sends to our door: reports by GET (one) or POST (up to 20), and people's messages to a keyword by GET.

    Nothing is signed: a secret in the address opens it.  The answer must stay empty: what else it answers to a keyword is texted back.
    """

    provider: Provider
    methods: frozenset[str] = frozenset({"GET", "POST"})

    def greet(self, call: Call) -> str | None:
        """This gateway asks for no handshake."""
        return None

    def genuine(self, call: Call) -> bool:
        """Is `key` of the address one of our secrets?"""
        return secret_fits(call.query.get("key", ""), self.provider.hook_secrets)

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """Reports or one thing heard; UnreadableReportError for anything else."""
        if call.method == "GET" and "msisdn" in call.query:
            return (_heard(call.query),)
        rows = [call.query] if call.method == "GET" else _events(call.body)
        return tuple(_report(row) for row in rows)


def _events(body: bytes) -> list[Mapping[str, object]]:
    """The events of a POST: a JSON array, bare or as `response=` of a form; the documented example can be read both ways."""
    text = body.decode("utf-8", errors="replace").strip()
    if not text.startswith("["):
        text = dict(parse_qsl(text)).get("response", "")
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableReportError("it is no JSON array of events") from error
    if not isinstance(rows, list) or not 0 < len(rows) <= MOST_EVENTS or not all(isinstance(row, Mapping) for row in rows):
        raise UnreadableReportError(f"it is no JSON array of 1 to {MOST_EVENTS} events")
    return rows


def _report(row: Mapping[str, object]) -> Report:
    theirs = _plain(row.get("externalId"))
    status = _plain(row.get("status") or row.get("eventType")).upper()
    number = _plain(row.get("phoneNo") or row.get("destAddr"))
    if status not in _STATUS or not _THEIRS.fullmatch(theirs) or not re.fullmatch(r"(91)?[0-9]{10}", number):
        raise UnreadableReportError("it has no externalId, status or number as the gateway documents them")
    attested = _STATUS[status]
    cause, code = _plain(row.get("cause")).strip().upper(), _plain(row.get("errCode"))
    if (attested is SendState.DELIVERED) != (cause == "SUCCESS"):
        raise UnreadableReportError("its status and its cause say different things")
    at = _instant(_plain(row.get("deliveredTS") or row.get("eventTs")))
    error = "" if attested is SendState.DELIVERED else f"{code} {cause}".strip()
    event = sha256(json.dumps([theirs, attested, at, error]).encode()).hexdigest()[:40]
    return Report(event, "", theirs, attested, at, error[:200])


def _heard(query: Mapping[str, str]) -> Heard:
    digits = query["msisdn"].strip().removeprefix("+")
    if not re.fullmatch(r"(91)?[6-9][0-9]{9}", digits):
        raise UnreadableReportError("it has no number as the gateway documents it")
    said = query.get("content", "") or query.get("keyword", "")
    given = [digits, query.get("phonecode", ""), query.get("timestamp", ""), said]
    event = sha256(json.dumps(given).encode()).hexdigest()[:40]
    return Heard(event, f"+91{digits[-10:]}", _instant(query.get("timestamp", "")), HeardKind.TEXT, said)


def _instant(given: str) -> str:
    """Milliseconds since 1970 as ISO text; '' where it is something else (the documented example of a keyword has eleven digits).

    >>> _instant("1526347800000"), _instant("13082098000")
    ('2018-05-15T01:30:00+00:00', '')
    """
    return datetime.fromtimestamp(int(given) // 1000, UTC).isoformat() if re.fullmatch(r"1[0-9]{12}", given) else ""


def _plain(given: object) -> str:
    """A text or a whole number as text; empty for anything else."""
    return str(given) if isinstance(given, str) or type(given) is int else ""
