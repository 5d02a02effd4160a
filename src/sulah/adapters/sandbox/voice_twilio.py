"""Twilio as its pages document it, without its telephones: make a call, follow its TwiML, tell how it went, signed.

It follows Say, Gather, Dial with Number, Reject and Hangup, the verbs that we use; any other verb or attribute ends the call, as an
application error does.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from sulah.adapters.sandbox.sms import Said
from sulah.adapters.sandbox.voice import Back, Callback, Does, Placed, Plan, Telephones, knock
from sulah.kernel.dates import Clock
from sulah.outreach.voice.calls import LONGEST_SECONDS
from sulah.outreach.voice.form import basic, urlencoded, whole_number
from sulah.outreach.voice.settings import Provider
from sulah.outreach.voice.twilio import signature

_KNOWN = {"To", "From", "Url", "Method", "Twiml", "Timeout", "TimeLimit", "Record", "RecordingChannels"}
_KNOWN |= {"StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"}
_VERBS = {
    "Say": {"language", "voice"},
    "Gather": {"input", "numDigits", "timeout", "actionOnEmptyResult", "method", "action"},
    "Dial": {"callerId", "timeout", "timeLimit", "record", "action", "method"},
    "Reject": set(),
    "Hangup": set(),
}
_LONGEST_TWIML = 4000
_MOST_TURNS = 20


def error(status: int, code: int, words: str) -> Said:
    """An error in Twilio's form."""
    return Said(status, {"code": code, "message": words, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status})


class BadTwimlError(ValueError):
    """What our door said is no TwiML that a call can follow."""


def verbs(text: str) -> list[ElementTree.Element]:
    """The verbs of a document; BadTwimlError for anything that is not documented or not used here."""
    try:
        root = ElementTree.fromstring(text)  # noqa: S314  (what our own door said)
    except ElementTree.ParseError as bad:
        raise BadTwimlError(str(bad)) from bad
    if root.tag != "Response":
        raise BadTwimlError("no Response")
    for verb in root:
        if verb.tag not in _VERBS or set(verb.attrib) - _VERBS[verb.tag]:
            raise BadTwimlError(f"{verb.tag} with {sorted(verb.attrib)}")
    return list(root)


@dataclass(slots=True)
class Twilio:
    """One account with its caller id; callback: where a report that is due is given."""

    provider: Provider
    phones: Telephones
    clock: Clock
    callback: Callable[[Callback], None]
    kept: list[Placed] = field(default_factory=list)
    refused: int = 0
    broken: int = 0
    _turn: Lock = field(default_factory=Lock)

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Said | Placed:
        """One request; a call that would be placed is not placed yet."""
        base = f"/2010-04-01/Accounts/{self.provider.account}/Calls"
        if headers.get("authorization") != basic(self.provider.user, self.provider.password):
            return error(401, 20003, "Authenticate")
        place, _, query = path.partition("?")
        if method == "POST" and place == f"{base}.json":
            return self._create(headers, body)
        if method == "GET" and place == f"{base}.json":
            asked = dict(parse_qsl(query))
            if set(asked) != {"ParentCallSid"}:
                return error(400, 20001, "only ParentCallSid is played")
            return Said(200, {"calls": [self._told(one) for one in self.kept if one.parent == asked["ParentCallSid"]]})
        if method == "GET" and (found := re.fullmatch(re.escape(base) + r"/(CA[0-9a-f]{32})\.json", place)):
            call = next((one for one in self.kept if one.sid == found[1]), None)
            return Said(200, self._told(call)) if call is not None else error(404, 20404, "not found")
        return error(404, 20404, "The requested resource was not found")

    def _create(self, headers: Mapping[str, str], body: bytes) -> Said | Placed:
        if headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return error(400, 20001, "Content-Type must be a form")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if odd := sorted(set(form) - _KNOWN):
            return error(400, 20001, f"{odd[0]} is no parameter")
        if not re.fullmatch(r"\+[1-9][0-9]{7,14}", form.get("To", "")):
            return error(400, 21211, "The 'To' number is not a valid phone number.")
        if form.get("From") != self.provider.caller_id.number:
            return error(400, 21210, "The source phone number provided is not yet verified for your account.")
        if ("Url" in form) == ("Twiml" in form) or len(form.get("Twiml", "")) > _LONGEST_TWIML:
            return error(400, 21205, "Url parameter is required, or Twiml of 4000 characters")
        limits = {"TimeLimit": LONGEST_SECONDS, "Timeout": 600}
        if any(not form[name].isdigit() or not 1 <= int(form[name]) <= most for name, most in limits.items() if name in form):
            return error(400, 20001, "TimeLimit or Timeout is out of its limits")
        return Placed("", form, form["To"])

    def place(self, call: Placed) -> Said:
        """Take a call; a number of its own each time."""
        self._number(call)
        return Said(201, self._told(call))

    def _number(self, call: Placed) -> None:
        with self._turn:
            call.sid = "CA" + sha256(f"twilio:{len(self.kept)}".encode()).hexdigest()[:32]
            self.kept.append(call)

    def _told(self, call: Placed) -> dict[str, object]:
        told: dict[str, object] = {"sid": call.sid, "parent_call_sid": call.parent or None, "account_sid": self.provider.account}
        told |= {"to": call.to, "from": self.provider.caller_id.number, "status": call.status, "direction": "outbound-api"}
        return told | {"duration": str(call.seconds) if call.over else None, "end_time": self._now() if call.over else None}

    def play(self, call: Placed) -> None:
        """Let the telephone ring, follow the TwiML, and tell how it went."""
        plan = self.phones.ring(call.to, self.provider.caller_id.number)
        if plan.answered:
            call.status = "in-progress"
            self._tell(call)
            try:
                self._follow(call, plan)
            except BadTwimlError:
                self.broken += 1
        call.status, call.seconds, call.over = plan.status, plan.seconds if plan.answered else 0, True
        self._tell(call)

    def _follow(self, call: Placed, plan: Plan) -> None:
        """Do what the documents say, until the end, a hang-up or a person."""
        text, keys = call.form.get("Twiml") or self._ask(call, call.form["Url"], {}), iter(plan.keys)
        for _ in range(_MOST_TURNS):
            text = self._heard(call, plan, text, keys)
            if not text:
                break

    def _heard(self, call: Placed, plan: Plan, text: str, keys: Iterator[str]) -> str:
        """Follow one document; the next one, empty at the end."""
        for verb in verbs(text):
            if verb.tag == "Say":
                self.phones.hear(call.to, verb.text or "")
            elif verb.tag == "Gather":
                for say in verb:
                    self.phones.hear(call.to, say.text or "")
                key = next(keys, "")
                hung_up = not key and plan.does is Does.HANGS_UP
                return "" if hung_up else self._ask(call, verb.attrib["action"], {"Digits": key[:1]})
            elif verb.tag == "Dial":
                self._dial(call, verb)
            else:
                break
        return ""

    def _dial(self, call: Placed, verb: ElementTree.Element) -> None:
        number = whole_number(verb.findtext("Number") or "")
        if verb.attrib.get("callerId") != self.provider.caller_id.number or not number:
            raise BadTwimlError("Dial without a caller id of the account or a number")
        plan = self.phones.ring(number, verb.attrib["callerId"])
        child = Placed("", {}, number, plan.status, plan.seconds if plan.answered else 0, call.sid, over=True)
        self._number(child)
        if "action" in verb.attrib:
            told = {"DialCallSid": child.sid, "DialCallStatus": plan.status, "DialCallDuration": str(child.seconds)}
            told |= {"RecordingUrl": f"https://api.twilio.com/Recordings/{child.sid}"} if plan.answered and "record" in verb.attrib else {}
            other = {"DialCallStatus": "no-answer" if plan.answered else "completed"}
            self._report(verb.attrib["action"], self._form(call) | told, other)

    def _ask(self, call: Placed, address: str, told: Mapping[str, str]) -> str:
        """Ask our door what to say; what it does not answer in TwiML ends the call."""
        status, text = knock(self._signed(address, self._form(call) | dict(told)))
        if status != 200:
            raise BadTwimlError(f"our door answered {status}")
        return text.decode("utf-8")

    def missed(self, number: str) -> int:
        """Somebody rings the number of the account; what our door said."""
        sid = "CA" + sha256(f"in:{number}:{len(self.kept)}".encode()).hexdigest()[:32]
        told = {"CallSid": sid, "CallStatus": "ringing", "Direction": "inbound", "From": number, "To": self.provider.caller_id.number}
        status, text = knock(self._signed(f"{self.provider.hook_address}?do=missed", told))
        return status if status != 200 or [verb.tag for verb in verbs(text.decode())] == ["Reject"] else 0

    def _tell(self, call: Placed) -> None:
        if address := call.form.get("StatusCallback", ""):
            told = self._form(call) | ({"CallDuration": str(call.seconds)} if call.over else {})
            if call.over and call.form.get("Record") == "true" and call.status == "completed":
                told["RecordingUrl"] = f"https://api.twilio.com/Recordings/{call.sid}"
            self._report(address, told, {"CallStatus": "no-answer" if call.status == "completed" else "completed"})

    def _report(self, address: str, told: Mapping[str, str], other: Mapping[str, str]) -> None:
        contrary = {**told, **other}
        forged = Back(
            address, "POST", {**_FORM, "X-Twilio-Signature": signature("not-the-token", address, contrary)}, urlencode(contrary).encode()
        )
        self.callback(Callback(self._signed(address, told), self._signed(address, contrary), forged))

    def _form(self, call: Placed) -> dict[str, str]:
        told = {"CallSid": call.sid, "AccountSid": self.provider.account, "CallStatus": call.status, "Direction": "outbound-api"}
        return told | {"From": self.provider.caller_id.number, "To": call.to, "Timestamp": self._now(), "ApiVersion": "2010-04-01"}

    def _signed(self, address: str, told: Mapping[str, str]) -> Back:
        body = urlencode(told).encode()
        mark = signature(self.provider.hook_secrets[0], address, urlencoded(body))
        return Back(address, "POST", {**_FORM, "X-Twilio-Signature": mark}, body)

    def _now(self) -> str:
        return self.clock().strftime("%a, %d %b %Y %H:%M:%S +0000")


_FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}


def shown(kept: list[Placed]) -> str:
    """The calls as JSON, for tests."""
    return json.dumps([{"sid": one.sid, "form": dict(one.form), "to": one.to, "status": one.status, "over": one.over} for one in kept])
