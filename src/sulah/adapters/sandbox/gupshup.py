"""Gupshup's SMS gateway as its pages document it, without its telephones: what it refuses, what it takes, what it reports.

Sources: docs.gupshup.io, "Send Messages to Single Number", "Error Codes", "Real Time Delivery Reports", "Setting a Response SMS to
Marketing Call-to-Actions".  They name no code for a text that is not the registered one, so that comes as the operators' scrubbing does:
taken first, and reported as failed with the DLT code.  A message that is sent again is taken again: nothing else is promised.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import Lock
from urllib.parse import urlencode

from sulah.adapters.sandbox.dlt import WORDS, scrubbed
from sulah.kernel.dates import Clock
from sulah.outreach.smpp.alphabet import in_gsm
from sulah.outreach.sms.settings import Provider, SmsSettings

_NEEDED = ("method", "userid", "password", "auth_scheme", "v", "send_to", "msg", "msg_type")
_MASK = re.compile(r"[0-9]{10}|[0-9A-Za-z]{1,8}")
_MOBILE = re.compile(r"(91)?[6-9][0-9]{9}")
UNKNOWN_SUBSCRIBER = ("001", "ABSENT_SUBSCRIBER")


@dataclass(slots=True)
class Kept:
    """One message that the gateway took; code: how the operators scrubbed it."""

    theirs: str
    mobile: str
    text: str
    mask: str
    at: datetime
    code: str = ""

    @property
    def delivered(self) -> bool:
        """Numbers that end in 0 belong to telephones that are switched off."""
        return not self.code and not self.mobile.endswith("0")


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: success with the id, or an error with its code; in the form that was asked for."""

    status: str
    id: str
    phone: str = ""
    details: str = ""

    def written(self, form: str) -> bytes:
        """As JSON, or with pipes."""
        if form.lower() == "json":
            return json.dumps({"response": {"id": self.id, "phone": self.phone, "details": self.details, "status": self.status}}).encode()
        parts = (self.status, self.phone, self.id) if self.status == "success" else (self.status, self.id, self.details)
        return " | ".join(parts).encode()


@dataclass(slots=True)
class GupshupGateway:
    """One gateway with the lender's registered templates."""

    settings: SmsSettings
    provider: Provider
    clock: Clock
    kept: list[Kept] = field(default_factory=list)
    refused: int = 0
    _turn: Lock = field(default_factory=Lock)

    def look_at(self, asked: Mapping[str, str]) -> Said | Kept:
        """Read a request to send: what the gateway would keep, or its error; nothing is kept yet."""
        missing = next((name for name in _NEEDED if not asked.get(name)), "")
        if missing:
            return Said("error", "101", details=f'The parameter "{missing}" is missing.')
        for wrong, code, words in (
            (asked["userid"] != self.provider.user, "103", "The user does not exist."),
            (asked["password"] != self.provider.key or asked["auth_scheme"].lower() != "plain", "102", "Authentication failed."),
            (asked["method"].lower() != "sendmessage", "106", "The method is not supported."),
            (asked["v"] not in ("1.0", "1.1"), "107", "The specified version is invalid."),
            (not _MOBILE.fullmatch(asked["send_to"]), "105", "The phone number is not valid."),
            (not _MASK.fullmatch(asked.get("mask", "")), "108", "The mask is invalid."),
        ):
            if wrong:
                return Said("error", code, details=words)
        unicode = asked["msg_type"].lower() == "unicode_text"
        text = asked["msg"] if unicode else "".join(letter if in_gsm(letter) else "?" for letter in asked["msg"])
        ids = {"entity": asked.get("principalEntityId", ""), "template_id": asked.get("dltTemplateId", ""), "header": asked["mask"]}
        return Kept("", f"91{asked['send_to'][-10:]}", text, asked["mask"], self.clock(), scrubbed(self.settings, **ids, text=text))

    def keep(self, message: Kept) -> Said:
        """Take a message, under an id of its own."""
        with self._turn:
            digest = int(sha256(f"{self.provider.name}:{len(self.kept)}".encode()).hexdigest(), 16)
            message.theirs = f"{digest % 10**19:019d}-{digest // 10**19 % 10**18:018d}"
            self.kept.append(message)
        return Said("success", message.theirs, message.mobile)


def report_of(kept: Kept, *, contrary: bool = False, theirs: str = "") -> dict[str, str]:
    """The delivery report of a message as the query of a GET; contrary: the opposite of what happened; theirs: another id."""
    delivered = kept.delivered is not contrary
    code, cause = ("000", "SUCCESS") if delivered else (kept.code, WORDS[kept.code]) if kept.code else UNKNOWN_SUBSCRIBER
    return {
        "externalId": theirs or kept.theirs,
        "deliveredTS": str(int(kept.at.timestamp()) * 1000),
        "status": "SUCCESS" if delivered else "FAILURE",
        "cause": cause,
        "phoneNo": kept.mobile,
        "errCode": code,
        "noOfFrags": "1",
        "mask": kept.mask,
    }


def event_of(report: Mapping[str, str]) -> dict[str, object]:
    """The same report as one event of a POST."""
    return {
        "externalId": report["externalId"],
        "eventType": "DELIVERED" if report["status"] == "SUCCESS" else "FAILED",
        "eventTs": int(report["deliveredTS"]),
        "destAddr": int(report["phoneNo"]),
        "srcAddr": report["mask"],
        "cause": report["cause"],
        "errCode": report["errCode"],
        "channel": "SMS",
        "noOfFrags": 1,
    }


def posted(reports: list[dict[str, str]]) -> bytes:
    """The body of a POST with these reports."""
    return urlencode({"response": json.dumps([event_of(report) for report in reports])}).encode()


def said(sender: str, text: str, at: datetime, phonecode: str = "9220092200") -> dict[str, str]:
    """The query of the GET by which a person's message to a keyword comes."""
    return {
        "phonecode": phonecode,
        "keyword": (text.split() or [""])[0],
        "location": "Karnataka",
        "carrier": "Sandbox",
        "content": text,
        "msisdn": sender.removeprefix("+91"),
        "timestamp": str(int(at.timestamp()) * 1000),
    }
