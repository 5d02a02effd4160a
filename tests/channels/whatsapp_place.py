"""The simulated platform in a thread of the test, a door of ours that its webhooks reach, and the channel that sends to it."""

import json
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sulah.adapters.channels.whatsapp import WhatsAppChannel
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults
from sulah.adapters.sandbox.whatsapp_server import WhatsAppSandbox
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks
from sulah.outreach.channel import Answer, Message, Told, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.whatsapp.hook import CloudHook
from sulah.outreach.whatsapp.settings import settings_of
from tests.outreach.whatsapp_place import SECRETS, TO, VERIFY, settings

BEGIN = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PATIENCE = 20


@dataclass(slots=True)
class Hands:
    """A clock that a test puts forward."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        """The time of the test."""
        return self.now

    def forward(self, **some: int) -> None:
        """Let some time pass."""
        self.now += timedelta(**some)


@dataclass(slots=True)
class OurDoor:
    """A door as ours is: greets, refuses what is not genuine, reads the rest; closed: it answers 503 so many times first."""

    hook: CloudHook
    closed: int = 0
    told: list[Told] = field(default_factory=list)
    unreadable: int = 0
    forged: int = 0
    posts: int = 0
    turned_away: int = 0
    turn: Lock = field(default_factory=Lock)

    def take(self, call: Call) -> tuple[int, str]:
        """One call."""
        with self.turn:
            if self.closed:
                self.closed -= 1
                return 503, ""
            greeting = self.hook.greet(call)
            if greeting is not None:
                return 200, greeting
            if call.method == "GET":
                self.turned_away += 1
                return 401, ""
            self.posts += 1
            if not self.hook.genuine(call):
                self.forged += 1
                return 401, ""
            try:
                self.told += self.hook.read(call)
            except UnreadableReportError:
                self.unreadable += 1
            return 200, ""


class _Opened(BaseHTTPRequestHandler):
    """One request at our door."""

    protocol_version = "HTTP/1.1"

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or "0"))
        parts = urlsplit(self.path)
        call = Call(self.command, dict(parse_qsl(parts.query)), {name.lower(): value for name, value in self.headers.items()}, body)
        status, text = self.server.door.take(call)  # type: ignore[attr-defined]
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = _take  # noqa: N815  (the names that the library calls)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@dataclass(slots=True)
class Place:
    """All of it together."""

    port: int
    sandbox: WhatsAppSandbox
    door: OurDoor
    channel: WhatsAppChannel
    clock: Hands

    def send(self, reference: str = "m-1", to: str = TO, template: str = "hello_en", **more: Any) -> Answer:
        """Hand one message over, by a template unless a text is given."""
        message = Message(reference, f"+{to}", "" if "text" in more or "media" in more else template, more.pop("values", ()), **more)
        return self.channel.send("meta", message, time.monotonic() + 5)

    def post(self, path: str, asked: object = None) -> tuple[int, dict[str, Any]]:
        """Ask the sandbox itself."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", json.dumps(asked).encode(), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def get(self, path: str) -> dict[str, Any]:
        """Look at the sandbox."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
        return found

    def trouble(self, kind: str, times: int = 1) -> None:
        """Order a fault."""
        assert self.post(f"/_sandbox/trouble?kind={kind}&times={times}")[0] == 200

    @property
    def kept(self) -> list[str]:
        """Our references of what the platform took."""
        return [each["reference"] for each in self.get("/_sandbox/taken")["kept"]]


@contextmanager
def whatsapp(*, hook: bool = True, most: int = 1, closed: int = 0, verify: str = VERIFY, **platform: Any) -> Iterator[Place]:
    """The place, until the block ends; hook: do webhooks come to our door?  verify: the token that our door knows."""
    clock = Hands()
    known = settings_of(tomllib.loads(settings()), SECRETS)
    door = OurDoor(CloudHook(replace(known.provider("meta"), verify_token=verify)), closed)
    ours = _served(ThreadingHTTPServer(("127.0.0.1", 0), _Opened))
    ours.door = door  # type: ignore[attr-defined]
    address = f"http://127.0.0.1:{ours.server_address[1]}/hooks/whatsapp/meta" if hook else ""
    played = Platform(known, known.provider("meta"), clock, **platform)
    sandbox = WhatsAppSandbox(played, Faults(), Webhooks(played, WebhookFaults(), address, most))
    theirs = _served(sandbox.serve(0))
    port = int(theirs.server_address[1])
    channel = WhatsAppChannel(settings_of(tomllib.loads(settings(port)), SECRETS))
    try:
        yield Place(port, sandbox, door, channel, clock)
    finally:
        sandbox.webhooks.over.set()
        for server in (theirs, ours):
            server.shutdown()
            server.server_close()


def _served(server: ThreadingHTTPServer) -> ThreadingHTTPServer:
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def until(met: Callable[[], object]) -> bool:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.02)
    return bool(met())
