"""Exotel as its pages document it, without its telephones: connect two numbers, connect to a flow, call details, status callbacks.

The flow is the one of docs/operate/voice.md: Greeting, Gather, Passthru (keys), Passthru (person), Greeting (bye), each asking our door.
A second connect with a CustomField that it has seen is a second call: the documents promise nothing else.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from urllib.parse import parse_qsl, urlencode

from sulah.adapters.sandbox.sms import Said
from sulah.adapters.sandbox.voice import Back, Callback, Does, Placed, Plan, Telephones, knock
from sulah.kernel.dates import IST, Clock
from sulah.outreach.voice.calls import LONGEST_SECONDS
from sulah.outreach.voice.form import basic, whole_number
from sulah.outreach.voice.settings import Provider

_A_MINUTE = 200
_BOTH = {"From", "CallerId", "CallType", "TimeLimit", "TimeOut", "StatusCallback", "StatusCallbackContentType", "CustomField"}
_BOTH |= {"StatusCallbackEvents[0]", "StatusCallbackEvents[1]"}
_TWO = _BOTH | {"To", "Record", "RecordingChannels", "RecordingFormat", "WaitUrl"}
_CONTRARY = {"completed": "no-answer"}


def error(status: int, words: str) -> Said:
    """An error in Exotel's form."""
    return Said(status, {"RestException": {"Status": status, "Message": words}})


@dataclass(slots=True)
class Exotel:
    """One account with its ExoPhone; callback: where a report that is due is given."""

    provider: Provider
    phones: Telephones
    clock: Clock
    callback: Callable[[Callback], None]
    a_minute: int = _A_MINUTE
    kept: list[Placed] = field(default_factory=list)
    refused: int = 0
    _times: "deque[float]" = field(default_factory=deque)
    _turn: Lock = field(default_factory=Lock)

    def receive(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Said | Placed:
        """One request; a call that would be placed is not placed yet."""
        base = f"/v1/Accounts/{self.provider.account}/Calls"
        if headers.get("authorization") != basic(self.provider.user, self.provider.password):
            return error(401, "Authentication failed. Invalid API Key or Token.")
        if not path.startswith(base):
            return error(404, "no such address")
        if method == "POST" and path in (f"{base}/connect", f"{base}/connect.json"):
            return self._connect(headers, body)
        if method == "GET" and (found := re.fullmatch(re.escape(base) + r"/([A-Za-z0-9]+)(\.json)?", path)):
            return self._details(found[1])
        return error(404, "no such address")

    def _connect(self, headers: Mapping[str, str], body: bytes) -> Said | Placed:
        now = self.clock().timestamp()
        while self._times and now - self._times[0] >= 60:
            self._times.popleft()
        if len(self._times) >= self.a_minute:
            return error(429, "Too Many Requests")
        self._times.append(now)
        if headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            return error(400, "Content-Type must be a form")
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if words := self._fault(form):
            return error(400, words)
        return Placed("", form, whole_number(form.get("To") or form["From"]))

    def _fault(self, form: Mapping[str, str]) -> str:
        """What is wrong with a form, by the pages on connecting."""
        flow = "Url" in form
        if odd := sorted(set(form) - (_BOTH | {"Url"} if flow else _TWO)):
            return f"{odd[0]} is no parameter"
        if missing := [name for name in ("From", "CallerId", "Url" if flow else "To") if not form.get(name)]:
            return f"{missing[0]} is mandatory"
        if not all(whole_number(form[name]) for name in ("From", "To") if name in form):
            return "From and To must be telephone numbers"
        if form["CallerId"] != self.provider.caller_id.number:
            return "CallerId is no ExoPhone of this account"
        if flow and not re.fullmatch(rf"http://my\.exotel\.com/{re.escape(self.provider.account)}/exoml/start_voice/[0-9]+", form["Url"]):
            return "Url is no flow of this account"
        if form.get("CallType", "trans") != "trans" or form.get("Record", "true") not in ("true", "false"):
            return "CallType must be trans, Record true or false"
        limits = {"TimeLimit": LONGEST_SECONDS, "TimeOut": 60}
        if any(not form[name].isdigit() or not 1 <= int(form[name]) <= most for name, most in limits.items() if name in form):
            return "TimeLimit or TimeOut is out of its limits"
        if any(form[name] not in ("terminal", "answered") for name in form if name.startswith("StatusCallbackEvents")):
            return "StatusCallbackEvents must be terminal or answered"
        return "CustomField may have 128 characters" if len(form.get("CustomField", "")) > 128 else ""

    def place(self, call: Placed) -> Said:
        """Take a call; a number of its own each time."""
        with self._turn:
            call.sid = sha256(f"exotel:{len(self.kept)}:{call.form.get('CustomField')}".encode()).hexdigest()[:32]
            self.kept.append(call)
        call.status = "in-progress"
        return Said(200, self._told(call))

    def _details(self, sid: str) -> Said:
        call = next((one for one in self.kept if one.sid == sid), None)
        return Said(200, self._told(call)) if call is not None else error(404, "no such call")

    def _told(self, call: Placed) -> dict[str, object]:
        told = {
            "Sid": call.sid,
            "ParentCallSid": None,
            "AccountSid": self.provider.account,
            "To": call.form.get("To"),
            "From": call.form["From"],
        }
        told |= {"PhoneNumberSid": call.form["CallerId"], "Status": call.status, "Direction": "outbound-api", "DateUpdated": self._now()}
        told |= {"Duration": str(call.seconds) if call.over else None, "RecordingUrl": self._recording(call)}
        return {"Call": told}

    def play(self, call: Placed) -> None:
        """Let the telephones ring, and tell how it went."""
        caller = call.form["CallerId"]
        first = self.phones.ring(whole_number(call.form["From"]), caller)
        legs = [first]
        if first.answered:
            self._tell(call, "answered", legs)
            if "To" in call.form:
                legs.append(self.phones.ring(call.to, caller))
            else:
                self._flow(call, first)
        last = legs[-1]
        call.status, call.seconds, call.over = last.status, last.seconds if last.answered else 0, True
        self._tell(call, "terminal", legs)

    def _flow(self, call: Placed, plan: Plan) -> None:
        """Walk through the flow with a telephone that was picked up."""

        def ask(do: str, keys: str = "") -> tuple[int, bytes]:
            told = {"do": do, "key": self.provider.hook_secrets[0], "CallSid": call.sid, "CallFrom": call.form["From"]}
            told |= {"CallTo": call.form["CallerId"], "Direction": "outbound-dial", "CustomField": call.form.get("CustomField", "")}
            told |= {"digits": f'"{keys}"'} if keys else {}
            return knock(Back(f"{self.provider.hook_address}?{urlencode(told)}", "GET", {}))

        status, opening = ask("greeting")
        if status != 200:
            return
        self.phones.hear(call.to, opening.decode())
        status, prompt = ask("gather")
        told = json.loads(prompt) if status == 200 else {}
        keys = self._gathered(call, plan, told)
        if not keys:
            return
        if ask("keys", keys)[0] == 302 and ask("person", keys)[0] == 200:
            self.phones.hear(call.to, "(put through to a person)")
            return
        self.phones.hear(call.to, ask("bye", keys)[1].decode())

    def _gathered(self, call: Placed, plan: Plan, told: Mapping[str, object]) -> str:
        """The key that is pressed, asked again as often as the parameters say."""
        prompt = told.get("gather_prompt")
        again = int(str(told.get("repeat_menu", 0)))
        for place in range(1 + again if isinstance(prompt, dict) else 0):
            self.phones.hear(call.to, str(prompt["text"]))  # type: ignore[index]
            key = plan.keys[place] if place < len(plan.keys) else ""
            if key:
                return key[:1]
            if plan.does is Does.HANGS_UP:
                return ""
        return ""

    def missed(self, number: str) -> int:
        """Somebody rings the ExoPhone, whose flow asks our door and hangs up unanswered; what the door said."""
        told = {
            "do": "missed",
            "key": self.provider.hook_secrets[0],
            "CallSid": sha256(f"in:{number}:{len(self.kept)}".encode()).hexdigest()[:32],
        }
        told |= {"CallFrom": f"0{number.removeprefix('+91')}", "CallTo": self.provider.caller_id.number, "Direction": "incoming"}
        return knock(Back(f"{self.provider.hook_address}?{urlencode(told)}", "GET", {}))[0]

    def _tell(self, call: Placed, event: str, legs: list[Plan]) -> None:
        address = call.form.get("StatusCallback", "")
        if not address or event not in (call.form.get("StatusCallbackEvents[0]"), call.form.get("StatusCallbackEvents[1]")):
            return
        base, _, _key = address.rpartition("key=")

        def back(to: str, statuses: list[str]) -> Back:
            told: dict[str, object] = {
                "CallSid": call.sid,
                "EventType": event,
                "DateCreated": self._now(),
                "DateUpdated": self._now(),
                "Status": statuses[-1],
            }
            told |= {
                "To": call.form.get("To", ""),
                "From": call.form["From"],
                "Direction": "outbound-api",
                "RecordingUrl": self._recording(call),
            }
            if event == "terminal":
                more = {"CustomField": call.form.get("CustomField", ""), "ConversationDuration": call.seconds}
                told |= more | {"Legs": [{"OnCallDuration": call.seconds, "Status": status} for status in statuses]}
            return Back(to, "POST", {"Content-Type": "application/json"}, json.dumps(told).encode())

        right = [leg.status for leg in legs]
        contrary = [*right[:-1], _CONTRARY.get(right[-1], "completed")]
        self.callback(Callback(back(address, right), back(address, contrary), back(f"{base}key=not-the-secret-of-anybody", contrary)))

    def _recording(self, call: Placed) -> str:
        known = call.over and call.status == "completed"
        return f"https://recordings.exotel.example/{self.provider.account}/{call.sid}.mp3" if known else ""

    def _now(self) -> str:
        return self.clock().astimezone(IST).strftime("%Y-%m-%d %H:%M:%S")
