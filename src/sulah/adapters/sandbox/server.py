"""The sandbox over a socket: the two documented addresses, the faults that were asked for, and delivery reports to our own door.

`/_sandbox/...` is no address of the gateway: tests ask there what it took and order faults.
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
from urllib.parse import parse_qsl, quote, urlsplit

from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.sms import Gateway, Kept, Said, error, report_of
from sulah.outreach.sms.wire import LOG_PATH, SEND_PATH

_LARGEST = 100_000
_AGAIN = 0.2
_RESET = struct.pack("ii", 1, 0)


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
        server = ThreadingHTTPServer(("127.0.0.1", port), _Door)
        server.daemon_threads = True
        server.sandbox = self  # type: ignore[attr-defined]
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


class _Door(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def sandbox(self) -> Sandbox:
        """The gateway behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def do_POST(self) -> None:
        """The gateway's two addresses, and ours."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST:
            return self._say(error(413, "too large"))
        body, parts = self.rfile.read(int(length)), urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if parts.path == SEND_PATH:
            return self._send(headers, body)
        if parts.path == LOG_PATH:
            return self._log(headers, dict(parse_qsl(parts.query)))
        if parts.path == "/_sandbox/trouble":
            asked = dict(parse_qsl(parts.query))
            self.sandbox.faults.ask(asked["kind"], int(asked.get("times", "1")))
            return self._say(Said(200, {}))
        return self._say(error(404, "no such address"))

    def do_GET(self) -> None:
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
            return self._reset()
        looked = self.sandbox.gateway.look_at(headers, body) if trouble in TAKES else error(500, "hanging")
        if isinstance(looked, Kept):
            said = self.sandbox.gateway.keep(looked)
            self.sandbox.taken(looked)
        else:
            said = looked
            self.sandbox.gateway.refused += 1
        return self._answered(trouble, said)

    def _answered(self, trouble: Trouble, said: Said) -> None:
        """Answer as the trouble wants it."""
        if trouble in (Trouble.HANG, Trouble.HANG_AFTER):
            self.sandbox.over.wait(self.timeout)
            self.close_connection = True
        elif trouble is Trouble.RESET_AFTER:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{")
            self._reset()
        elif trouble is Trouble.GARBAGE:
            self._bytes(200, b"<html>", {})
        elif trouble is Trouble.BROKEN_AFTER:
            self._say(error(500, "Internal error"))
        else:
            if trouble is Trouble.SLOW:
                self.sandbox.over.wait(self.sandbox.slow_seconds)
            self._say(said)

    def _log(self, headers: dict[str, str], asked: dict[str, str]) -> None:
        self._say(self.sandbox.gateway.log(headers, asked))

    def _say(self, said: Said, more: dict[str, str] | None = None) -> None:
        self._bytes(said.status, json.dumps(said.body).encode(), more or {})

    def _bytes(self, status: int, body: bytes, more: dict[str, str]) -> None:
        with suppress(OSError):  # whoever asked has gone
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **more}.items():
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
        """Say nothing: requests carry numbers."""
