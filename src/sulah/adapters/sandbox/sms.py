"""The SMS gateway as its help pages document it, without its telephones: what it refuses, what it keeps, what it logs.

A second message with a CRQID that it has seen is taken as a second message: the documents promise nothing else.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from threading import Lock

from sulah.kernel.dates import IST, Clock
from sulah.outreach.sms.settings import Provider, SmsSettings
from sulah.outreach.sms.wire import LOG_DAYS
from sulah.outreach.template import LONGEST_VALUE, Template, VariableKind

PAGE = 500
_KEYS = {"template_id", "short_url", "CRQID", "recipients"}
_CRQID = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_MOBILE = re.compile(r"91[6-9][0-9]{9}")


@dataclass(slots=True)
class Kept:
    """One message that the gateway took."""

    request_id: str
    reference: str
    mobile: str
    text: str
    sender: str
    at: datetime
    reported: bool = False

    @property
    def delivered(self) -> bool:
        """Numbers that end in 0 belong to telephones that are switched off."""
        return not self.mobile.endswith("0")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: status and JSON."""

    status: int
    body: Mapping[str, object]


def error(status: int, words: str) -> Said:
    """An error in the gateway's form."""
    return Said(status, {"type": "error", "message": words})


@dataclass(slots=True)
class Gateway:
    """One gateway with the lender's registered templates; log_lag: seconds after which a message is in the log."""

    settings: SmsSettings
    provider: Provider
    clock: Clock
    log_lag: int = 0
    kept: list[Kept] = field(default_factory=list)
    refused: int = 0
    _turn: Lock = field(default_factory=Lock)

    def look_at(self, headers: Mapping[str, str], body: bytes) -> Said | Kept:
        """Read a request to send: what the gateway would keep, or its error; nothing is kept yet."""
        if headers.get("authkey") != self.provider.key:
            return error(401, "Invalid authkey")
        if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return error(415, "Content-Type must be application/json")
        try:
            asked = json.loads(body)
        except ValueError:
            return error(400, "Invalid JSON")
        if not isinstance(asked, dict) or set(asked) != _KEYS or asked["short_url"] not in ("0", "1"):
            return error(400, f"The request must have exactly {', '.join(sorted(_KEYS))}")
        reference, recipients = asked["CRQID"], asked["recipients"]
        if not isinstance(reference, str) or not _CRQID.fullmatch(reference):
            return error(400, "CRQID may have letters, digits, _ . - and 80 characters")
        if not isinstance(recipients, list) or len(recipients) != 1 or not isinstance(recipients[0], dict):
            return error(400, "One CRQID is for one recipient")
        return self._message(str(asked["template_id"]), reference, recipients[0])

    def _message(self, template_id: str, reference: str, recipient: Mapping[str, object]) -> Said | Kept:
        template = self._registered(template_id)
        if template is None:
            return error(400, "template id missing or not approved")
        wanted = {f"VAR{place}" for place in range(1, len(template.variables) + 1)}
        if set(recipient) - {"mobiles"} != wanted:
            return error(400, "the variables are not those of the template")
        values = [str(recipient[f"VAR{place}"]) for place in range(1, len(wanted) + 1)]
        if any(not isinstance(recipient[name], str) or not recipient[name] for name in wanted):
            return error(400, "a variable is no text")
        long = [v for v, k in zip(values, template.variables, strict=True) if len(v) > LONGEST_VALUE and k.kind is not VariableKind.URL]
        if long:
            return error(400, "a variable is longer than its registration allows")
        mobile = str(recipient.get("mobiles", ""))
        if not _MOBILE.fullmatch(mobile):
            return error(400, "mobiles must be 91 and ten digits")
        return Kept("", reference, mobile, template.body(values), template.header, self.clock())

    def _registered(self, template_id: str) -> Template | None:
        templates = self.settings.templates.values()
        return next((each for each in templates if each.provider_ids.get(self.provider.name) == template_id), None)

    def keep(self, message: Kept) -> Said:
        """Take a message; a request id of its own each time."""
        with self._turn:
            number = len(self.kept)
            message.request_id = sha256(f"{self.provider.name}:{number}:{message.reference}".encode()).hexdigest()[:24]
            self.kept.append(message)
        return Said(200, {"type": "success", "message": message.request_id})

    def log(self, headers: Mapping[str, str], asked: Mapping[str, str]) -> Said:
        """A page of the log."""
        if headers.get("authkey") != self.provider.key:
            return error(401, "Invalid authkey")
        try:
            first, last = date.fromisoformat(asked.get("startDate", "")), date.fromisoformat(asked.get("endDate", ""))
            begun = int(asked.get("paginationToken", "0"))
        except ValueError:
            return error(400, "startDate and endDate must be written as 2026-03-31")
        if not 0 <= (last - first).days < LOG_DAYS:
            return error(400, f"at most {LOG_DAYS} days")
        now = self.clock()
        with self._turn:
            known = [k for k in self.kept if (now - k.at).total_seconds() >= self.log_lag and first <= k.at.astimezone(IST).date() <= last]
        page = known[begun : begun + PAGE]
        more = {"paginationToken": str(begun + PAGE)} if begun + PAGE < len(known) else {}
        return Said(200, {"data": [_row(kept) for kept in page], "metadata": {"total": len(known), **more}})


def _row(kept: Kept) -> dict[str, object]:
    status = ("Delivered" if kept.delivered else "Failed") if kept.reported else "Sent"
    return {
        "requestId": kept.request_id,
        "CRQID": kept.reference,
        "telNum": kept.mobile,
        "senderId": kept.sender,
        "requestedAt": _moment(kept.at),
        "deliveryTime": _moment(kept.at) if kept.reported and kept.delivered else "",
        "status": status,
        "failureReason": "" if kept.delivered or not kept.reported else "Absent subscriber",
    }


def report_of(kept: Kept, *, contrary: bool = False) -> bytes:
    """The delivery report of a message (webhook v3); contrary: the opposite of what happened."""
    delivered = kept.delivered is not contrary
    told = {
        "date": _moment(kept.at),
        "number": kept.mobile,
        "senderId": kept.sender,
        "amount": "0.20",
        "requestId": kept.request_id,
        "INMSID": "0",
        "CRQID": kept.reference,
        "credit": "1",
        "userId": "100000",
        "status": "1" if delivered else "2",
        "desc": "DELIVERED" if delivered else "FAILED",
    }
    return json.dumps(told).encode()


def _moment(at: datetime) -> str:
    return at.astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")
