"""The sandbox Gupshup over a socket: the one documented address, the faults that were asked for, reports and people's words to our door.

`/_sandbox/...` is no address of the gateway: tests ask there what it took, order faults, and let a person write.
"""

import http.client
import json
import socket
import struct
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.gupshup import GupshupGateway, Kept, Said, posted, report_of, said
from sulah.outreach.sms.gupshup import SEND_PATH

_LARGEST = 100_000
_AGAIN = 0.2
_RESET = struct.pack("ii", 1, 0)


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
        server = ThreadingHTTPServer(("127.0.0.1", port), _Door)
        server.daemon_threads = True
        server.sandbox = self  # type: ignore[attr-defined]
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


class _Door(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def sandbox(self) -> GupshupSandbox:
        """The gateway behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def do_POST(self) -> None:
        """The gateway's address with a form, and ours."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST:
            return self._bytes(413, b"")
        body, parts = self.rfile.read(int(length)), urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if parts.path == SEND_PATH:
            form = dict(parse_qsl(body.decode("utf-8", errors="replace"), keep_blank_values=True))
            return self._send({**asked, **form})
        if parts.path == "/_sandbox/trouble":
            self.sandbox.faults.ask(asked["kind"], int(asked.get("times", "1")))
            return self._bytes(200, b"{}")
        if parts.path == "/_sandbox/say":
            self.sandbox.say(asked["from"], asked["text"])
            return self._bytes(200, b"{}")
        return self._bytes(404, b"")

    def do_GET(self) -> None:
        """The gateway's address with a query, and what was taken, for tests."""
        parts = urlsplit(self.path)
        if parts.path == SEND_PATH:
            return self._send(dict(parse_qsl(parts.query)))
        if parts.path != "/_sandbox/taken":
            return self._bytes(404, b"")
        kept = [{"id": k.theirs, "mobile": k.mobile, "text": k.text, "code": k.code} for k in list(self.sandbox.gateway.kept)]
        told = {"kept": kept, "refused_reports": self.sandbox.refused_reports, "texted_back": self.sandbox.texted_back}
        return self._bytes(200, json.dumps(told).encode())

    def _send(self, asked: dict[str, str]) -> None:
        trouble = self.sandbox.faults.of_request()
        if trouble in (Trouble.BUSY, Trouble.BROKEN, Trouble.REFUSE):
            status = {Trouble.BUSY: 429, Trouble.BROKEN: 503, Trouble.REFUSE: 400}[trouble]
            return self._bytes(status, trouble.value.encode(), {"Retry-After": "1"} if trouble is Trouble.BUSY else {})
        if trouble is Trouble.RESET:
            return self._reset()
        looked = self.sandbox.gateway.look_at(asked) if trouble in TAKES else Said("error", "100", details="hanging")
        if isinstance(looked, Kept):
            answer = self.sandbox.gateway.keep(looked)
            self.sandbox.taken(looked)
        else:
            answer = looked
            self.sandbox.gateway.refused += 1
        return self._answered(trouble, answer.written(asked.get("format", "text")))

    def _answered(self, trouble: Trouble, body: bytes) -> None:
        """Answer as the trouble wants it."""
        if trouble in (Trouble.HANG, Trouble.HANG_AFTER):
            self.sandbox.over.wait(self.timeout)
            self.close_connection = True
        elif trouble is Trouble.RESET_AFTER:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{")
            self._reset()
        elif trouble is Trouble.GARBAGE:
            self._bytes(200, b"<html>")
        elif trouble is Trouble.BROKEN_AFTER:
            self._bytes(500, b"Internal error")
        else:
            if trouble is Trouble.SLOW:
                self.sandbox.over.wait(self.sandbox.slow_seconds)
            self._bytes(200, body)

    def _bytes(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
        with suppress(OSError):  # whoever asked has gone
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def _reset(self) -> None:
        """Break the connection off, hard."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: requests carry numbers and a password."""
