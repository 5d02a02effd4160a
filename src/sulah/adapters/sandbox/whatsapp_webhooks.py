"""How the simulated WhatsApp platform reaches a door: the handshake first, then signed batches, again until they are answered with 200."""

import http.client
import json
import time
from collections import deque
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import urlencode, urlsplit

from sulah.adapters.sandbox.whatsapp import Kept, Platform
from sulah.adapters.sandbox.whatsapp_events import Change, WebhookFaults, WebhookTrouble, batch, failed_of, statuses_of
from sulah.outreach.whatsapp.hook import signature

_AGAIN, _LATE = 0.2, 2.0
_CHALLENGE = "1158201444"
_WRONG = "not-the-secret-of-anybody"


@dataclass(slots=True)
class _Due:
    """Something on its way: from when, the change, or a raw body with the secret that signs it."""

    at: float
    change: Change | None
    body: bytes = b""
    secret: str = ""


@dataclass(slots=True)
class Webhooks:
    """The way to one door; hook: its address (empty: nothing is sent); most: changes in one batch.

    greeted: did the door answer the handshake?  Before that nothing is sent.  refused: how often it answered 401.
    """

    platform: Platform
    faults: WebhookFaults
    hook: str = ""
    most: int = 1
    greeted: bool = False
    refused: int = 0
    waiting: "deque[_Due]" = field(default_factory=deque)
    in_hand: bool = False
    over: Event = field(default_factory=Event)

    def start(self) -> None:
        """Send from now on, in a thread of its own, where there is a door."""
        if self.hook:
            Thread(target=self._run, daemon=True).start()

    def taken(self, kept: Kept) -> None:
        """Plan the statuses of a message that was kept, with the trouble that is next."""
        trouble, now = self.faults.next(), time.monotonic()
        provider = self.platform.provider
        told = statuses_of(provider, kept, skipped=trouble is WebhookTrouble.SKIPPED)
        if trouble is WebhookTrouble.OUT_OF_ORDER:
            told.reverse()
        later = _LATE if trouble is WebhookTrouble.LATE else 0
        due = [_Due(now + later, change) for change in told]
        if trouble is WebhookTrouble.DUPLICATE:
            due *= 3
        if trouble is WebhookTrouble.FORGED:
            due.insert(0, _Due(now, None, self._whole([failed_of(provider, kept, 131026)]), _WRONG))
        if trouble is WebhookTrouble.CORRUPT:
            cut = self._whole(told)
            due = [_Due(now, None, cut[: len(cut) // 2], provider.app_secrets[0])]
        if self.hook and trouble is not WebhookTrouble.DROP:
            self.waiting.extend(due)

    def tell(self, change: Change) -> None:
        """Send something else as soon as may be."""
        if self.hook:
            self.waiting.append(_Due(time.monotonic(), change))

    @property
    def unsent(self) -> int:
        """Webhooks that wait, and more while some are being sent: 0 means that every one has been answered.

        in_hand is asked before and after, because a round may begin in between.
        """
        return sum((self.in_hand, len(self.waiting), self.in_hand))

    def _whole(self, changes: list[Change]) -> bytes:
        return json.dumps(batch(self.platform.provider, changes, self.platform.clock())).encode()

    def _run(self) -> None:
        while not self.over.wait(0.002):
            if not self.greeted:
                self.greeted = self._greet()
                self.over.wait(0 if self.greeted else _AGAIN)
                continue
            self.in_hand = True
            self.waiting.extend(self._round())
            self.in_hand = False

    def _round(self) -> list[_Due]:
        """Post what is due; what must wait, or come again."""
        now, kept, ready = time.monotonic(), [], []
        for _ in range(len(self.waiting)):
            due = self.waiting.popleft()
            if now < due.at:
                kept.append(due)
            elif due.change is None:
                kept += [] if self._posted(due.body, due.secret) else [_Due(now + _AGAIN, None, due.body, due.secret)]
            else:
                ready.append(due)
        for first in range(0, len(ready), self.most):
            some = ready[first : first + self.most]
            body = self._whole([due.change for due in some if due.change is not None])
            if not self._posted(body, self.platform.provider.app_secrets[0]):
                kept += [_Due(now + _AGAIN, due.change) for due in some]
        return kept

    def _posted(self, body: bytes, secret: str) -> bool:
        """Was it answered so that it need not come again?  A forger does not try twice."""
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature(body, secret)}"}
        status, _ = self._asked("POST", "", body, headers)
        self.refused += status == 401
        return status == 200 or (status == 401 and secret == _WRONG)

    def _greet(self) -> bool:
        """The handshake: the door must answer with the challenge, no more and no less."""
        asked = {"hub.mode": "subscribe", "hub.challenge": _CHALLENGE, "hub.verify_token": self.platform.provider.verify_token}
        return self._asked("GET", f"?{urlencode(asked)}", b"", {}) == (200, _CHALLENGE.encode())

    def _asked(self, method: str, query: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(self.hook)
        door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            door.request(method, f"{parts.path}{query}", body, headers)
            answer = door.getresponse()
            return answer.status, answer.read(10_000)
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            door.close()
