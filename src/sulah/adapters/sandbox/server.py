"""The sandbox over a socket: the two documented addresses, the faults that were asked for, and delivery reports to our own door.

`/_sandbox/...` is no address of the gateway: tests ask there what it took and order faults.
"""

import http.client
import json
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Event, Thread
from urllib.parse import parse_qsl, quote, urlsplit

from sulah.adapters.sandbox.door import Door, served
from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.sms import Gateway, Kept, Said, error, report_of
from sulah.outreach.sms.wire import LOG_PATH, SEND_PATH

_AGAIN = 0.2


@dataclass(slots=True)
class Sandbox:
    """One gateway being served; hook: where delivery reports go (empty: none are sent); slow_seconds: how late a slow answer comes."""

    gateway: Gateway
    faults: Faults
    hook: str = ""
    slow_seconds: int = 1
    refused_reports: int = 0
    reports: "deque[tuple[float, bytes, str]]" = field(default_factory=deque)
    over: Event = field(default_factory=Event)

    def serve(self, port: int) -> ThreadingHTTPServer:
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        server = served(port, _Door, self)
        if self.hook:
            Thread(target=self._report, daemon=True).start()
        return server

    def taken(self, kept: Kept) -> None:
        """Plan the delivery report of a message that was kept."""
        kept.reported = True
        if not self.hook:
            return
        now, key, body = time.monotonic(), self.gateway.provider.hook_secrets[0], report_of(kept)
        plans = {
            ReportTrouble.NONE: [(now, body, key)],
            ReportTrouble.DROP: [],
            ReportTrouble.DUPLICATE: [(now, body, key)] * 3,
            ReportTrouble.LATE: [(now + 2, body, key)],
            ReportTrouble.SWAPPED: [(now, report_of(kept, contrary=True), key), (now, body, key)],
            ReportTrouble.FORGED: [(now, report_of(kept, contrary=True), "not-the-secret-of-anybody"), (now, body, key)],
            ReportTrouble.CORRUPT: [(now, body[: len(body) // 2], key)],
        }
        self.reports.extend(plans[self.faults.of_report()])

    def _report(self) -> None:
        """Send reports until the sandbox is over; a door that does not answer is tried again, as the gateway does."""
        while not self.over.wait(0.002):
            for _ in range(len(self.reports)):
                due, body, key = self.reports.popleft()
                if time.monotonic() < due:
                    self.reports.append((due, body, key))
                elif not self._posted(body, key):
                    self.reports.append((time.monotonic() + _AGAIN, body, key))

    def _posted(self, body: bytes, key: str) -> bool:
        parts = urlsplit(self.hook)
        door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            door.request("POST", f"{parts.path}?key={quote(key)}", body, {"Content-Type": "application/json"})
            status = door.getresponse().status
        except (OSError, http.client.HTTPException):
            return False
        finally:
            door.close()
        self.refused_reports += status == 401
        return status < 500


class _Door(Door):
    """One request."""

    @property
    def sandbox(self) -> Sandbox:
        """The gateway behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def posted(self) -> None:
        """The gateway's two addresses, and ours."""
        body = self.body()
        if body is None:
            return self._say(error(413, "too large"))
        parts = urlsplit(self.path)
        headers = self.small_headers()
        if parts.path == SEND_PATH:
            return self._send(headers, body)
        if parts.path == LOG_PATH:
            return self._log(headers, dict(parse_qsl(parts.query)))
        if parts.path == "/_sandbox/trouble":
            asked = dict(parse_qsl(parts.query))
            self.sandbox.faults.ask(asked["kind"], int(asked.get("times", "1")))
            return self._say(Said(200, {}))
        return self._say(error(404, "no such address"))

    def got(self) -> None:
        """What was taken, for tests."""
        if self.path != "/_sandbox/taken":
            return self._say(error(405, "POST only"))
        kept = [
            {"reference": k.reference, "request_id": k.request_id, "mobile": k.mobile, "text": k.text, "at": k.at.isoformat()}
            for k in list(self.sandbox.gateway.kept)
        ]
        return self._say(Said(200, {"kept": kept, "refused_reports": self.sandbox.refused_reports}))

    def _send(self, headers: dict[str, str], body: bytes) -> None:
        trouble = self.sandbox.faults.of_request()
        if trouble in (Trouble.BUSY, Trouble.BROKEN, Trouble.REFUSE):
            status = {Trouble.BUSY: 429, Trouble.BROKEN: 503, Trouble.REFUSE: 400}[trouble]
            return self._say(error(status, trouble.value), {"Retry-After": "1"} if trouble is Trouble.BUSY else {})
        if trouble is Trouble.RESET:
            return self.reset()
        looked = self.sandbox.gateway.look_at(headers, body) if trouble in TAKES else error(500, "hanging")
        if isinstance(looked, Kept):
            said = self.sandbox.gateway.keep(looked)
            self.sandbox.taken(looked)
        else:
            said = looked
            self.sandbox.gateway.refused += 1
        return self._answered(trouble, said)

    def _answered(self, trouble: Trouble, said: Said) -> None:
        self.answered(
            trouble, self.sandbox.over, self.sandbox.slow_seconds, lambda: self._say(said), lambda: self._say(error(500, "Internal error"))
        )

    def _log(self, headers: dict[str, str], asked: dict[str, str]) -> None:
        self._say(self.sandbox.gateway.log(headers, asked))

    def _say(self, said: Said, more: dict[str, str] | None = None) -> None:
        self.send(said.status, json.dumps(said.body).encode(), more or {})
