"""A provider of calls over a socket: its documented addresses, the faults that were asked for, and its requests to our own door.

`/_sandbox/...` is no address of the provider: tests plan telephones there, order faults and ring us up.
"""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qsl, urlsplit

from sulah.adapters.sandbox.door import Door, served
from sulah.adapters.sandbox.faults import TAKES, Faults, ReportTrouble, Trouble
from sulah.adapters.sandbox.sms import Said
from sulah.adapters.sandbox.voice import Back, Callback, Does, Placed, Plan, Telephones, knock
from sulah.adapters.sandbox.voice_exotel import Exotel
from sulah.adapters.sandbox.voice_twilio import Twilio, shown
from sulah.kernel.dates import Clock
from sulah.outreach.voice.settings import Kind, Provider

_AGAIN = 0.2
_TRIES = 3
"""A report that our door does not answer well is sent twice again (developer.exotel.com, "Webhooks & Callbacks")."""


class VoiceSandbox:
    """One provider being served, with its telephones."""

    def __init__(self, provider: Provider, faults: Faults, clock: Clock, *, late_seconds: int = 1) -> None:
        """late_seconds: how late a late report, or a slow answer, comes."""
        played = Exotel if provider.kind is Kind.EXOTEL else Twilio
        self.phones, self.faults, self.late_seconds = Telephones(), faults, late_seconds
        self.line: Exotel | Twilio = played(provider, self.phones, clock, self.report)
        self.over, self.statuses = Event(), _Count()
        self._due: deque[_Due] = deque()

    def serve(self, port: int) -> ThreadingHTTPServer:
        """A server on this machine's loopback, ready to serve_forever; port 0: a free one."""
        server = served(port, _Door, self)
        Thread(target=self._post, daemon=True).start()
        return server

    def placed(self, call: Placed) -> None:
        """Play a call that was taken, while the answer to it is on its way."""
        Thread(target=self.line.play, args=(call,), daemon=True).start()

    def report(self, callback: Callback) -> None:
        """Plan one report, with whatever goes wrong with it."""
        now, right = time.monotonic(), callback.right
        cut = Back(right.address, right.method, right.headers, right.body[: len(right.body) // 2])
        plans = {
            ReportTrouble.NONE: [_Due(now, right)],
            ReportTrouble.DROP: [],
            ReportTrouble.DUPLICATE: [_Due(now, right) for _ in range(3)],
            ReportTrouble.LATE: [_Due(now + self.late_seconds, right)],
            ReportTrouble.SWAPPED: [_Due(now, callback.contrary), _Due(now, right)],
            ReportTrouble.FORGED: [_Due(now, callback.forged), _Due(now, right)],
            ReportTrouble.CORRUPT: [_Due(now, cut)],
        }
        self._due.extend(plans[self.faults.of_report()])

    @property
    def quiet(self) -> bool:
        """Is every call over and every report sent?"""
        return not self._due and all(call.over for call in self.line.kept)

    def _post(self) -> None:
        while not self.over.wait(0.002):
            for _ in range(len(self._due)):
                due = self._due.popleft()
                if time.monotonic() < due.at:
                    self._due.append(due)
                    continue
                status = knock(due.back)[0]
                self.statuses.add(status)
                if (status == 0 or status >= 500) and due.tries < _TRIES:
                    self._due.append(_Due(time.monotonic() + _AGAIN, due.back, due.tries + 1))


@dataclass(frozen=True, slots=True)
class _Due:
    at: float
    back: Back
    tries: int = 1


@dataclass(slots=True)
class _Count:
    """How our door answered reports."""

    by_status: dict[int, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def add(self, status: int) -> None:
        """One more."""
        with self._turn:
            self.by_status[status] = self.by_status.get(status, 0) + 1


class _Door(Door):
    """One request."""

    @property
    def sandbox(self) -> VoiceSandbox:
        """The provider behind this door."""
        return self.server.sandbox  # type: ignore[attr-defined,no-any-return]

    def posted(self) -> None:
        """The provider's addresses, and ours."""
        body = self.body()
        if body is None:
            return self._say(Said(413, {"message": "too large"}))
        return self._ours() if self.path.startswith("/_sandbox/") else self._theirs(body)

    def got(self) -> None:
        """Details of calls; what was taken, for tests."""
        if self.path == "/_sandbox/calls":
            return self.send(200, shown(self.sandbox.line.kept).encode(), {})
        if self.path == "/_sandbox/heard":
            phones = self.sandbox.phones
            return self._say(Said(200, {"shown": dict(phones.shown), "said": dict(phones.said)}))
        return self._theirs(b"")

    def _ours(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        if parts.path == "/_sandbox/trouble":
            self.sandbox.faults.ask(asked["kind"], int(asked.get("times", "1")))
        elif parts.path == "/_sandbox/plan":
            keys = tuple(asked.get("keys", "").split(",")) if asked.get("keys") else ()
            self.sandbox.phones.plan(asked["number"], Plan(Does(asked.get("does", "answers")), keys, int(asked.get("seconds", "42"))))
        elif parts.path == "/_sandbox/missed":
            return self._say(Said(200, {"status": self.sandbox.line.missed(asked["number"])}))
        else:
            return self._say(Said(404, {}))
        return self._say(Said(200, {}))

    def _theirs(self, body: bytes) -> None:
        """One request of the provider's API; troubles befall what makes calls, not what asks for them."""
        headers = self.small_headers()
        trouble = self.sandbox.faults.of_request() if self.command == "POST" else Trouble.NONE
        if trouble in (Trouble.BUSY, Trouble.BROKEN, Trouble.REFUSE):
            status = {Trouble.BUSY: 429, Trouble.BROKEN: 503, Trouble.REFUSE: 400}[trouble]
            return self._say(Said(status, {"message": trouble.value}), {"Retry-After": "1"} if trouble is Trouble.BUSY else {})
        if trouble is Trouble.RESET:
            return self.reset()
        looked = self.sandbox.line.receive(self.command, self.path, headers, body) if trouble in TAKES else Said(500, {})
        if isinstance(looked, Placed):
            said = self.sandbox.line.place(looked)
            self.sandbox.placed(looked)
        else:
            said = looked
            self.sandbox.line.refused += said.status >= 400
        return self._answered(trouble, said)

    def _answered(self, trouble: Trouble, said: Said) -> None:
        self.answered(
            trouble,
            self.sandbox.over,
            self.sandbox.late_seconds,
            lambda: self._say(said, {"Retry-After": "30"} if said.status == 429 else {}),
            lambda: self._say(Said(500, {"message": "Internal error"})),
        )

    def _say(self, said: Said, more: dict[str, str] | None = None) -> None:
        self.send(said.status, json.dumps(said.body).encode(), more or {})
