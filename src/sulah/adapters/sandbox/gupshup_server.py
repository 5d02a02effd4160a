"""The sandbox Gupshup over a socket: the one documented address, the faults that were asked for, reports and people's words to our door.

`/_sandbox/...` is no address of the gateway: tests ask there what it took, order faults, and let a person write.
"""

import http.client
import json
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

from sulah.adapters.sandbox.door import Door, served
from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.gupshup import GupshupGateway, Kept, Said, posted, report_of, said
from sulah.outreach.sms.gupshup import SEND_PATH

_AGAIN = 0.2


@dataclass(frozen=True, slots=True)
class _Callback:
    """One request to our door: with a body it is a POST."""

    query: dict[str, str]
    body: bytes = b""


@dataclass(slots=True)
class GupshupSandbox:
    """One gateway being served; hook: where callbacks go (empty: none); by_post: reports as JSON by POST instead of GET.

    texted_back: what our door answered to a person's message and the gateway would text to her.
    """

    gateway: GupshupGateway
    faults: Faults
    hook: str = ""
    by_post: bool = False
    slow_seconds: int = 1
    refused_reports: int = 0
    texted_back: list[str] = field(default_factory=list)
    callbacks: "deque[tuple[float, _Callback]]" = field(default_factory=deque)
    over: Event = field(default_factory=Event)

    def serve(self, port: int) -> ThreadingHTTPServer:
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        server = served(port, _Door, self)
        if self.hook:
            Thread(target=self._bring, daemon=True).start()
        return server

    def taken(self, kept: Kept) -> None:
        """Plan the report of a message that was kept."""
        if not self.hook:
            return
        key = self.gateway.provider.hook_secrets[0]
        now, right, wrong = time.monotonic(), self._report(report_of(kept), key), self._report(report_of(kept, contrary=True), key)
        cut = _Callback({"key": key}, right.body[: len(right.body) // 2])
        if not self.by_post:
            cut = _Callback({"key": key, "externalId": kept.theirs})
        plans = {
            ReportTrouble.NONE: [(now, right)],
            ReportTrouble.DROP: [],
            ReportTrouble.DUPLICATE: [(now, right)] * 3,
            ReportTrouble.LATE: [(now + 2, right)],
            ReportTrouble.SWAPPED: [(now, wrong), (now, right)],
            ReportTrouble.FORGED: [(now, self._report(report_of(kept, contrary=True), "not-the-secret-of-anybody")), (now, right)],
            ReportTrouble.CORRUPT: [(now, cut)],
        }
        self.callbacks.extend(plans[self.faults.of_report()])

    def say(self, sender: str, text: str) -> None:
        """A person writes to the keyword."""
        query = said(sender, text, self.gateway.clock()) | {"key": self.gateway.provider.hook_secrets[0]}
        self.callbacks.append((time.monotonic(), _Callback(query)))

    def _report(self, report: dict[str, str], key: str) -> _Callback:
        return _Callback({"key": key}, posted([report])) if self.by_post else _Callback({"key": key, **report})

    def _bring(self) -> None:
        """Bring callbacks until the sandbox is over; a door that does not answer is tried again."""
        while not self.over.wait(0.002):
            for _ in range(len(self.callbacks)):
                due, callback = self.callbacks.popleft()
                if time.monotonic() < due:
                    self.callbacks.append((due, callback))
                elif not self._brought(callback):
                    self.callbacks.append((time.monotonic() + _AGAIN, callback))

    def _brought(self, callback: _Callback) -> bool:
        parts = urlsplit(self.hook)
        door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded"} if callback.body else {}
            door.request("POST" if callback.body else "GET", f"{parts.path}?{urlencode(callback.query)}", callback.body or None, headers)
            answer = door.getresponse()
            words = answer.read(1000).decode("utf-8", errors="replace")
        except (OSError, http.client.HTTPException):
            return False
        finally:
            door.close()
        self.refused_reports += answer.status == 401
        if "msisdn" in callback.query and words and answer.status < 300:
            self.texted_back.append(words[:160])
        return answer.status < 500


class _Door(Door):
    """One request."""

    content = ""

    @property
    def sandbox(self) -> GupshupSandbox:
        """The gateway behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def posted(self) -> None:
        """The gateway's address with a form, and ours."""
        body = self.body()
        if body is None:
            return self.send(413, b"")
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if parts.path == SEND_PATH:
            form = dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True))
            return self._send({**asked, **form})
        if parts.path == "/_sandbox/trouble":
            self.sandbox.faults.ask(asked["kind"], int(asked.get("times", "1")))
            return self.send(200, b"{}")
        if parts.path == "/_sandbox/say":
            self.sandbox.say(asked["from"], asked["text"])
            return self.send(200, b"{}")
        return self.send(404, b"")

    def got(self) -> None:
        """The gateway's address with a query, and what was taken, for tests."""
        parts = urlsplit(self.path)
        if parts.path == SEND_PATH:
            return self._send(dict(parse_qsl(parts.query)))
        if parts.path != "/_sandbox/taken":
            return self.send(404, b"")
        kept = [{"id": k.theirs, "mobile": k.mobile, "text": k.text, "code": k.code} for k in list(self.sandbox.gateway.kept)]
        told = {"kept": kept, "refused_reports": self.sandbox.refused_reports, "texted_back": self.sandbox.texted_back}
        return self.send(200, json.dumps(told).encode())

    def _send(self, asked: dict[str, str]) -> None:
        trouble = self.sandbox.faults.of_request()
        if trouble in (Trouble.BUSY, Trouble.BROKEN, Trouble.REFUSE):
            status = {Trouble.BUSY: 429, Trouble.BROKEN: 503, Trouble.REFUSE: 400}[trouble]
            return self.send(status, trouble.value.encode(), {"Retry-After": "1"} if trouble is Trouble.BUSY else {})
        if trouble is Trouble.RESET:
            return self.reset()
        looked = self.sandbox.gateway.look_at(asked) if trouble in TAKES else Said("error", "100", details="hanging")
        if isinstance(looked, Kept):
            answer = self.sandbox.gateway.keep(looked)
            self.sandbox.taken(looked)
        else:
            answer = looked
            self.sandbox.gateway.refused += 1
        return self._answered(trouble, answer.written(asked.get("format", "text")))

    def _answered(self, trouble: Trouble, body: bytes) -> None:
        self.answered(
            trouble, self.sandbox.over, self.sandbox.slow_seconds, lambda: self.send(200, body), lambda: self.send(500, b"Internal error")
        )
