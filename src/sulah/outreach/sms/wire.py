"""The gateway's wire format: MSG91's send by template (v5 flow), its log and its delivery report, as its help pages document them.

One message a request, our reference as CRQID (letters, digits, _ . - ; at most 80), which comes back in log and report.  The text
lies registered with the gateway; only the variables travel.  No answer of the gateway says that a CRQID was sent before, so nothing
here counts on its refusing a second one.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from urllib.parse import urlencode

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Answer, Fault, Message, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Reply, Request
from sulah.outreach.sms.settings import Provider
from sulah.outreach.template import Template

SEND_PATH, LOG_PATH = "/api/v5/flow", "/api/v5/report/logs/p/sms"
LOG_DAYS = 3
"""Days that one look into the log may span."""

_REFUSED = frozenset({400, 402, 404, 405, 406, 410, 411, 413, 414, 415, 422, 431})
_ACCOUNT = frozenset({401, 403, 418})
"""418: the key is bound to other machines than this one."""

_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_NUMBER = re.compile(r"\+91[6-9][0-9]{9}")
_REPORTED_NUMBER = re.compile(r"91[0-9]{10}")
_REQUEST_ID = re.compile(r"[A-Za-z0-9]{8,80}")
_LONGEST_WAIT = 3600
_ATTESTED = {"1": SendState.DELIVERED, "2": SendState.UNDELIVERED, "9": SendState.UNDELIVERED}
_ATTESTED |= dict.fromkeys(("16", "17", "25"), SendState.UNDELIVERED)
"""1 delivered, 2 failed, 9 do-not-disturb, 16 and 25 rejected, 17 blocked number (help page on reports)."""
_LOGGED = {"delivered": SendState.DELIVERED, "failed": SendState.UNDELIVERED, "rejected": SendState.UNDELIVERED}
_LOGGED |= {"blocked": SendState.UNDELIVERED, "ndnc": SendState.UNDELIVERED}


class UnsendableError(ValueError):
    """The message cannot be put into the gateway's form: a programmer's or a caller's error, seen before anything is counted."""


def send_request(provider: Provider, template: Template, message: Message) -> Request:
    """The request that hands one message over; UnsendableError for a reference or number that the gateway would not take."""
    if not _REFERENCE.fullmatch(message.reference):
        raise UnsendableError(f"the reference {message.reference!r} has letters that a CRQID may not have, or too many")
    if not sendable(message.to):
        raise UnsendableError("the number is no Indian mobile number written as +91 and ten digits")
    variables = {f"VAR{place}": value for place, value in enumerate(message.values, 1)}
    body = {
        "template_id": template.provider_ids[provider.name],
        "short_url": "0",
        "CRQID": message.reference,
        "recipients": [{"mobiles": message.to.removeprefix("+"), **variables}],
    }
    return Request(SEND_PATH, _headers(provider), json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def sendable(number: str) -> bool:
    """Is it an Indian mobile number, as +91 and ten digits?

    >>> sendable("+919812345678"), sendable("9812345678"), sendable("+911600123456")
    (True, False, False)
    """
    return _NUMBER.fullmatch(number) is not None


def read_answer(reply: Reply) -> Answer:
    """What an answer to a send means; anything that is not documented as a refusal may have taken effect, and is Unknown."""
    if reply.status == 429:
        return NeverTaken(Fault.BUSY, "The gateway asks for patience (429).", _wait(reply.headers.get("retry-after", "")))
    if reply.status in _ACCOUNT:
        return NeverTaken(
            Fault.ACCOUNT, f"The gateway refuses our account ({reply.status}): {_said(reply)}. See key_from and its allowed machines."
        )
    if reply.status in _REFUSED:
        return NeverTaken(Fault.MESSAGE, f"The gateway refuses the message ({reply.status}): {_said(reply)}.")
    told = _object(reply.body)
    if reply.status == 200 and told.get("type") == "success" and isinstance(told.get("message"), str) and told["message"]:
        return Taken(str(told["message"])[:80])
    if reply.status == 200 and told.get("type") == "error":
        return NeverTaken(Fault.MESSAGE, f"The gateway refuses the message: {_said(reply)}.")
    return Unknown(f"The gateway answered {reply.status}, which says neither that it has the message nor that it has not.")


def log_request(provider: Provider, first: date, last: date, token: str = "") -> Request:
    """The request for a page of the log of some days of India, at most LOG_DAYS of them."""
    asked = {"startDate": first.isoformat(), "endDate": last.isoformat()}
    return Request(f"{LOG_PATH}?{urlencode(asked | ({'paginationToken': token} if token else {}))}", _headers(provider), b"")


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of the log: its reports, the token of the next page (empty on the last), and in words why it is none."""

    reports: tuple[Report, ...]
    token: str = ""
    fault: str = ""


def read_log(reply: Reply) -> LogPage:
    """One page of the log; a row in it is proof that the gateway has the message."""
    told = _object(reply.body)
    rows, more = told.get("data"), told.get("metadata", {})
    if reply.status != 200 or not isinstance(rows, list) or not isinstance(more, Mapping):
        return LogPage((), fault=f"the gateway's log does not answer ({reply.status})")
    ours = [row for row in rows if isinstance(row, Mapping) and row.get("CRQID") and row.get("requestId")]
    return LogPage(tuple(_logged(row) for row in ours), str(more.get("paginationToken") or ""))


def _logged(row: Mapping[str, object]) -> Report:
    status = _plain(row.get("status")).lower()
    attested = _LOGGED.get(status, SendState.SENT)
    return _report(row, attested, _plain(row.get("deliveryTime")), _plain(row.get("failureReason")))


def read_report(body: bytes) -> Report:
    """A delivery report (webhook v3, JSON); UnreadableReportError for anything else, and for one that contradicts itself.

    The gateway signs nothing, so what can be checked is: known status, a description that fits it, our reference, a number.
    """
    told = _object(body)
    status, reference, number, theirs, desc = (_plain(told.get(name)) for name in ("status", "CRQID", "number", "requestId", "desc"))
    if status not in _ATTESTED or not _REFERENCE.fullmatch(reference) or not _REPORTED_NUMBER.fullmatch(number):
        raise UnreadableReportError("it has no status, CRQID or number as the gateway documents them")
    if not _REQUEST_ID.fullmatch(theirs):
        raise UnreadableReportError("it has no requestId as the gateway documents it")
    if (status == "1") != (desc.upper() == "DELIVERED"):
        raise UnreadableReportError("its status and its description say different things")
    return _report(told, _ATTESTED[status], _plain(told.get("date")), "" if status == "1" else f"{status} {desc}")


def _report(row: Mapping[str, object], attested: SendState, at: str, error: str) -> Report:
    reference, theirs = str(row["CRQID"]), str(row["requestId"])
    event = sha256(json.dumps([reference, theirs, attested, at, error]).encode()).hexdigest()[:40]
    return Report(event, reference, theirs[:80], attested, at[:40], error[:200])


def _plain(given: object) -> str:
    """A text or a whole number as text; empty for anything else."""
    return str(given) if isinstance(given, str) or type(given) is int else ""


def _headers(provider: Provider) -> dict[str, str]:
    return {"authkey": provider.key, "Content-Type": "application/json", "Accept": "application/json"}


def _object(body: bytes) -> dict[str, object]:
    """A body as a JSON object; empty for anything else, however deep or large its numbers."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _said(reply: Reply) -> str:
    """What the gateway says went wrong, short and on one line."""
    return " ".join(str(_object(reply.body).get("message", "no reason given")).split())[:160]


def _wait(asked: str) -> int:
    """Seconds of a Retry-After; a date or nonsense counts as a minute, and nobody makes us wait longer than an hour."""
    return min(_LONGEST_WAIT, int(asked)) if asked.isascii() and asked.isdigit() else 60
