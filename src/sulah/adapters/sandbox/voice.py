"""Telephones played on this machine, and what every provider of calls does with them; all of it simulated.

A telephone answers unless something else was planned for it; numbers that end in 0 ring out.  What its owner saw and heard is kept for
tests: the caller id on the display, and every word that was spoken into it.
"""

import http.client
import socket
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from urllib.parse import urlsplit


class Does(StrEnum):
    """What a telephone does when it rings; hangs_up: answers, and ends the call before its next key."""

    ANSWERS = "answers"
    BUSY = "busy"
    RINGS_OUT = "rings_out"
    FAILS = "fails"
    HANGS_UP = "hangs_up"


STATUS = {Does.ANSWERS: "completed", Does.HANGS_UP: "completed", Does.BUSY: "busy", Does.RINGS_OUT: "no-answer", Does.FAILS: "failed"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one telephone will do: keys are pressed one a question ('' or none left: silence); seconds: how long it talks."""

    does: Does = Does.ANSWERS
    keys: tuple[str, ...] = ()
    seconds: int = 42

    @property
    def status(self) -> str:
        """What a provider says of a call to it."""
        return STATUS[self.does]

    @property
    def answered(self) -> bool:
        """Is it picked up?"""
        return self.status == "completed"


@dataclass(slots=True)
class Telephones:
    """All telephones; shown: caller ids on each display, said: what was spoken into each, in order."""

    plans: dict[str, Plan] = field(default_factory=dict)
    shown: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    said: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _turn: Lock = field(default_factory=Lock)

    def plan(self, number: str, plan: Plan) -> None:
        """What a telephone will do from now on."""
        with self._turn:
            self.plans[number] = plan

    def ring(self, number: str, caller: str) -> Plan:
        """Let it ring with a caller id on its display; what it does."""
        with self._turn:
            self.shown[number].append(caller)
            return self.plans.get(number, Plan(Does.RINGS_OUT) if number.endswith("0") else Plan())

    def hear(self, number: str, words: str) -> None:
        """Words spoken into it."""
        with self._turn:
            self.said[number].append(words)


@dataclass(slots=True)
class Placed:
    """One call that a provider took; form: as it was asked for; parent: the call that it was dialled from."""

    sid: str
    form: Mapping[str, str]
    to: str
    status: str = "queued"
    seconds: int = 0
    parent: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class Back:
    """One request to our door: address, method, headers, body."""

    address: str
    method: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Callback:
    """A report that a provider wants to send, in the ways in which it may go wrong: right, contrary, and forged."""

    right: Back
    contrary: Back
    forged: Back


def knock(back: Back, seconds: int = 10) -> tuple[int, bytes]:
    """Send one request to our door; status 0 where it does not answer."""
    parts = urlsplit(back.address)
    door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
    try:
        door.request(back.method, f"{parts.path}?{parts.query}" if parts.query else parts.path, back.body or None, dict(back.headers))
        answer = door.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException, socket.timeout):  # noqa: UP041  (both names, for what sockets raise)
        return 0, b""
    finally:
        door.close()
