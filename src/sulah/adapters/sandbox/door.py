"""The door of every provider that is played over HTTP: reads a request within bounds, and answers as the trouble of the moment wants it."""

import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any

from sulah.adapters.sandbox.faults import Trouble

LARGEST = 100_000
_RESET = struct.pack("ii", 1, 0)


class Door(BaseHTTPRequestHandler, ABC):
    """One request; `content` is the type of what it answers, empty where it says none."""

    protocol_version = "HTTP/1.1"
    timeout = 60
    content = "application/json"

    def do_POST(self) -> None:
        """A POST."""
        self.posted()

    def do_GET(self) -> None:
        """A GET."""
        self.got()

    @abstractmethod
    def posted(self) -> None:
        """What the provider does with a POST."""

    @abstractmethod
    def got(self) -> None:
        """What the provider does with a GET."""

    def body(self) -> bytes | None:
        """The body of the request; None where it is too large or has no length."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST:
            return None
        return self.rfile.read(int(length))

    def small_headers(self) -> dict[str, str]:
        """The headers by small-letter name."""
        return {name.lower(): value for name, value in self.headers.items()}

    def answered(self, trouble: Trouble, over: Event, slow_seconds: float, answer: Callable[[], None], broken: Callable[[], None]) -> None:
        """Answer, or do what the trouble does to an answer; over: the sandbox is ending."""
        if trouble in (Trouble.HANG, Trouble.HANG_AFTER):
            over.wait(self.timeout)
            self.close_connection = True
        elif trouble is Trouble.RESET_AFTER:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n{")
            self.reset()
        elif trouble is Trouble.GARBAGE:
            self.send(200, b"<html>")
        elif trouble is Trouble.BROKEN_AFTER:
            broken()
        else:
            if trouble is Trouble.SLOW:
                over.wait(slow_seconds)
            answer()

    def send(self, status: int, body: bytes, more: Mapping[str, str] | None = None) -> None:
        """Send an answer; whoever asked may have gone."""
        with suppress(OSError):
            self.send_response(status)
            kind = {"Content-Type": self.content} if self.content else {}
            for name, value in {**kind, "Content-Length": str(len(body)), **(more or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    def reset(self) -> None:
        """Break the connection off, hard."""
        with suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self.connection.close()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: requests carry numbers and keys."""


def served(port: int, door: type[Door], sandbox: object) -> ThreadingHTTPServer:
    """A server on this machine's loopback, ready to serve_forever; port 0: a free one.  Its doors find the sandbox at `server.sandbox`."""
    server = ThreadingHTTPServer(("127.0.0.1", port), door)
    server.daemon_threads = True
    server.sandbox = sandbox  # type: ignore[attr-defined]
    return server
