"""A lender with calls set up, a provider of calls beside it in a thread, and a small door of our own that reads with the real hooks."""

import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sulah.adapters.channels.voice import VoiceChannel
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.voice_server import VoiceSandbox
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Answer, Heard, Message, Report, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.voice.calls import CallReport
from sulah.outreach.voice.hook import hook_of
from sulah.outreach.voice.settings import VoiceSettings, settings_of

SECRETS = {
    "SULAH_TEST_KEY": "a-simulated-key",
    "SULAH_TEST_TOKEN": "a-simulated-token-of-the-account",
    "SULAH_TEST_HOOK": "a-simulated-secret-of-callbacks",
}
CALLER, AGENT, BORROWER, PEOPLE = "+911601223001", "+919900000001", "+919812345678", "+918040001234"
VOICE = """
[voice]
hook_address = "http://127.0.0.1:{door}/hooks/voice"
record = true
person_number = "+918040001234"

[[voice.caller_id]]
number = "+911601223001"
series = "1601"
registered_on = 2026-02-01

[[voice.provider]]
name = "exo"
kind = "exotel"
address = "http://127.0.0.1:{port}"
account = "kaveri1"
key_from = "SULAH_TEST_KEY"
token_from = "SULAH_TEST_TOKEN"
hook_secret_from = "SULAH_TEST_HOOK"
caller_id = "+911601223001"
flow = "926"
connect_seconds = 1
answer_seconds = 1

[[voice.provider.tariff]]
effective_from = 2026-04-01
pulse_seconds = 30
paise_per_pulse = 45
citation = "rate card (simulated)"
verify = true

[[voice.provider]]
name = "twi"
kind = "twilio"
address = "http://127.0.0.1:{port}"
account = "AC00000000000000000000000000000001"
token_from = "SULAH_TEST_TOKEN"
caller_id = "+911601223001"
connect_seconds = 1
answer_seconds = 1

[[voice.script]]
name = "due_ivr"
language = "en"
purposes = ["recovery"]
legal_words = false
opening = "This is an automated call from Kaveri Finance (simulated)."
again = "We did not hear a key."
person = "Please wait, we put you through to a person."
goodbye = "Thank you. Goodbye."

[[voice.script.step]]
name = "ask"
text = "Rs {{#var#}} is due on loan {{#var#}}. If you have paid, press 1. If you will pay, press 2. For a person, press 0."
variables = ["amount:amount", "loan:reference"]
choices = {{ 1 = "paid", 2 = "promise" }}
"""


def voice_toml(port: int = 8093, door: int = 8094) -> dict[str, Any]:
    """The settings, as lender.toml holds them."""
    return tomllib.loads(VOICE.format(port=port, door=door))


@dataclass(slots=True)
class Place:
    """Everything of one test: settings, the provider, and what our door took in."""

    settings: VoiceSettings
    name: str
    sandbox: VoiceSandbox
    taken: list[Report | Heard] = field(default_factory=list)
    forged: int = 0
    unreadable: int = 0
    down: bool = False

    def send(self, channel: Channel, reference: str = "m-1", to: str = BORROWER) -> Answer:
        """Ask for one call."""
        person = channel is Channel.CALL
        message = Message(reference, to, "agent_call" if person else "due_ivr", (AGENT,) if person else ("1,234.50", "LN/1"))
        return VoiceChannel(self.settings, channel).send(self.name, message, time.monotonic() + 5)

    def end_of(self, reference: str = "m-1") -> CallReport | None:
        """What is known of a call in the end: reports only ever move it forward."""
        told = [one for one in list(self.taken) if isinstance(one, CallReport) and one.reference == reference]
        order = ["sent", "undelivered", "delivered"]
        return max(told, key=lambda one: order.index(one.attested), default=None)

    def heard(self) -> list[tuple[str, str, str]]:
        """Kind, sender and choice of what people did, each once."""
        return [
            (one.kind.value, one.sender, one.choice) for one in {o.event_id: o for o in list(self.taken) if isinstance(o, Heard)}.values()
        ]

    def settled(self, seconds: float = 10) -> bool:
        """Wait until every call is over and told."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.sandbox.quiet:
                time.sleep(0.05)
                if self.sandbox.quiet:
                    return True
            time.sleep(0.01)
        return False


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def _take(self) -> None:
        place: Place = self.server.place  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, dict(parse_qsl(parts.query)), headers, body, f"http://elsewhere.example{self.path}")
        if place.down:
            return self._say(503, "text/plain", "")
        hook = hook_of(place.settings, place.settings.provider(parts.path.rpartition("/")[2]))
        if not hook.genuine(call):
            place.forged += 1
            return self._say(401, "text/plain", "")
        try:
            place.taken.extend(hook.read(call))
        except UnreadableReportError:
            place.unreadable += 1
        about = hook.about(call)
        script = place.settings.scripts.get(about.script) if about else None
        said = (
            hook.answer(call, script.spoken(("1,234.50", "LN/1")) if script else None)
            if about or call.query.get("do") == "missed"
            else None
        )
        return self._say(said.status, said.content_type, said.text) if said else self._say(200, "text/plain", "")

    do_GET = _take  # noqa: N815  (the names that the library asks for)
    do_POST = _take  # noqa: N815
    do_HEAD = _take  # noqa: N815

    def _say(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def voice_place(name: str, *, seed: int = 0, faults: int = 0, report_faults: int = 0) -> Iterator[Place]:
    """The provider `exo` or `twi` played in a thread, with a door of ours that it can reach, until the block ends."""
    door = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    settings = settings_of(voice_toml(1, door.server_address[1]), SECRETS)
    sandbox = VoiceSandbox(settings.provider(name), Faults(seed, faults, report_faults), system_clock)
    server = sandbox.serve(0)
    settings = settings_of(voice_toml(server.server_address[1], door.server_address[1]), SECRETS)
    place = Place(settings, name, sandbox)
    door.place = place  # type: ignore[attr-defined]
    for each in (door, server):
        each.daemon_threads = True
        Thread(target=each.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield place
    finally:
        sandbox.over.set()
        for each in (door, server):
            each.shutdown()
            each.server_close()
