"""Calls from the queue to the end: guard, provider, our own door over HTTP, inbox, contact; the telephones are played (simulated).

What comes over HTTP is handed to the pages in the test's own thread, where its transaction is.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

import pytest
from django.test import Client, override_settings

from sulah.actions.contact.actor import machine
from sulah.actions.contact_borrower import Limits, Sender, open_channels
from sulah.actions.guarded_ledger import GuardedLedger
from sulah.actions.process_inbox import process_inbox
from sulah.actions.queue_message import Wanted, queue_message
from sulah.actions.resolve_messages import resolve_messages
from sulah.actions.work_outbox import work
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.voice import Does, Plan
from sulah.adapters.sandbox.voice_server import VoiceSandbox
from sulah.guard.intent import Intent
from sulah.kernel.dates import system_clock
from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, ContactState, Purpose
from sulah.outreach.configured import configured
from sulah.outreach.voice.settings import settings_of
from sulah.records.contact.contact import Contact
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox
from sulah.web import hooks
from tests.channels.voice_place import AGENT, BORROWER, CALLER, SECRETS, VOICE
from tests.outbox.place import Place
from tests.outbox.small_rules import small_rules

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@dataclass(slots=True)
class Knock:
    """One request at our door, and the answer once there is one."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    done: Event = field(default_factory=Event)
    said: tuple[int, str, bytes] = (503, "text/plain", b"")


class _Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def _knock(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        knock = Knock(self.command, self.path, dict(self.headers.items()), body)
        self.server.knocks.put(knock)  # type: ignore[attr-defined]
        knock.done.wait(10)
        status, kind, text = knock.said
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = _knock  # noqa: N815
    do_POST = _knock  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


class Desk:
    """One lender with calls set up, and one provider that is played."""

    def __init__(self, place: Place, name: str) -> None:
        self.door = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
        self.door.daemon_threads = True
        self.knocks: Queue[Knock] = Queue()
        self.door.knocks = self.knocks  # type: ignore[attr-defined]
        Thread(target=self.door.serve_forever, args=(0.02,), daemon=True).start()
        door = self.door.server_address[1]
        self.path = place.root / "lender.toml"
        self.whole = self.path.read_text("utf-8")
        self.write(1, door)
        self.sandbox = VoiceSandbox(settings_of(open_lender(place.root).settings, SECRETS).provider(name), Faults(), system_clock)
        self.server = self.sandbox.serve(0)
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        text = self.write(self.server.server_address[1], door)
        rows = text.split("[[voice.provider]]")
        mine = next(row for row in rows if f'name = "{name}"' in row).partition("[[voice.script]]")[0]
        script = text.partition("[[voice.script]]")
        self.path.write_text(self.whole + rows[0].removeprefix(self.whole) + "[[voice.provider]]" + mine + script[1] + script[2], "utf-8")
        lender = open_lender(place.root)
        channels = configured(lender.settings, SECRETS)
        ledger = GuardedLedger(lender, lambda: small_rules(most=9), machine("worker"))
        limits = Limits(held_seconds=5, spare_seconds=1, lease_seconds=5)
        self.sender = Sender("w1", "1", Vault(lender), open_channels(channels), channels, ledger, system_clock, limits)

    def write(self, port: int, door: int) -> str:
        """[voice] with both providers; the whole text."""
        text = self.whole + VOICE.format(port=port, door=door)
        self.path.write_text(text, "utf-8")
        return text

    def ask(self, channel: Channel, reference: str = "m-1") -> None:
        """Queue one call and let the worker ask for it."""
        now, person = system_clock(), channel is Channel.CALL
        intent = Intent(
            intent_id=reference,
            person_id="p1",
            at=now,
            channel=channel,
            purpose=Purpose.RECOVERY,
            loan_ids=("LN/1",),
            number_key="key-p1",
            amount_paise=1_234_50,
            caller_series="1601",
        )
        values: dict[str, Any] = {"agent": AGENT} if person else {"amount": 1_234_50, "loan": "LN/1"}
        template = "agent_call" if person else "due_ivr"
        wanted = Wanted(intent, BORROWER, template, values, now - timedelta(seconds=1), now + timedelta(hours=2))
        queue_message(wanted, channels=self.sender.configured, vault=self.sender.vault, actor="planner", clock=system_clock)
        self.work()

    def work(self) -> None:
        """Until nothing is left to do now."""
        work(self.sender, once=True, over=lambda: False, wait=lambda: None, tell=lambda done: None)

    def open_next(self) -> bool:
        """Open the door to whoever knocks next, and let the pages answer; False where nobody does."""
        try:
            knock = self.knocks.get(timeout=0.02)
        except Empty:
            return False
        kind = knock.headers.get("Content-Type", "")
        told = {name: value for name, value in knock.headers.items() if name.lower().startswith("x-")}
        answer = Client(enforce_csrf_checks=True).generic(knock.method, knock.path, knock.body, kind, headers=told)
        knock.said = answer.status_code, answer.headers["Content-Type"], answer.content
        knock.done.set()
        return True

    def close(self) -> None:
        """End both servers."""
        self.sandbox.over.set()
        for server in (self.door, self.server):
            server.shutdown()
            server.server_close()

    def settle(self) -> None:
        """Until every call is over, told and read."""
        end, quiet = time.monotonic() + 20, 0
        while quiet < 10 and time.monotonic() < end:
            opened = self.open_next()
            quiet = quiet + 1 if self.sandbox.quiet and not opened else 0
        assert quiet == 10
        while process_inbox(self.sender.ledger, self.sender.configured, self.sender.vault, system_clock):
            continue


@pytest.fixture(params=["exo", "twi"])
def desk(request: pytest.FixtureRequest, place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The same for both providers."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    hooks._door.cache_clear()
    with override_settings(LENDER=place.root):
        made = Desk(place, request.param)
        yield made
    made.close()
    hooks._door.cache_clear()


def ends() -> tuple[str, str]:
    """Where the one message and its one contact stand."""
    return Outbox.objects.get().state, Contact.objects.get().state


def test_a_persons_call_rings_counts_and_connects(desk: Desk) -> None:
    desk.ask(Channel.CALL)
    desk.settle()
    assert ends() == (SendState.DELIVERED, ContactState.CONNECTED)
    assert desk.sandbox.phones.shown == {AGENT: [CALLER], BORROWER: [CALLER]}


def test_a_call_that_is_not_answered_is_an_attempt_that_did_not_connect(desk: Desk) -> None:
    desk.sandbox.phones.plan(BORROWER, Plan(Does.RINGS_OUT))
    desk.ask(Channel.CALL)
    desk.settle()
    assert ends() == (SendState.UNDELIVERED, ContactState.NOT_CONNECTED)


def test_an_automated_call_speaks_its_script_and_its_key_is_heard(desk: Desk) -> None:
    desk.sandbox.phones.plan(BORROWER, Plan(keys=("1",)))
    desk.ask(Channel.BOT_CALL)
    desk.settle()
    said = desk.sandbox.phones.said[BORROWER]
    assert said[0].startswith("This is an automated call")
    assert said[1].startswith("Rs 1,234.50 is due on loan LN/1.")
    assert said[-1] == "Thank you. Goodbye."
    heard = Heard.objects.get()
    assert (heard.kind, heard.choice, heard.answers, heard.channel) == ("keypad", "paid", "m-1", "bot_call")
    assert ends() == (SendState.DELIVERED, ContactState.CONNECTED)


def test_a_call_whose_answer_was_lost_counts_and_its_callback_tells(desk: Desk) -> None:
    desk.sandbox.faults.ask("reset_after", 1)
    desk.ask(Channel.CALL)
    desk.settle()
    assert ends() == (SendState.DELIVERED, ContactState.CONNECTED)
    assert desk.sandbox.phones.shown[BORROWER] == [CALLER]


def test_a_call_whose_reports_were_lost_is_asked_for(desk: Desk) -> None:
    desk.sandbox.faults.ask("report_drop", 9)
    desk.ask(Channel.CALL)
    desk.settle()
    assert Contact.objects.get().state == ContactState.RINGING
    Outbox.objects.update(look_at=datetime(2020, 1, 1, tzinfo=UTC))
    resolve_messages(desk.sender)
    assert ends() == (SendState.DELIVERED, ContactState.CONNECTED)


def test_a_missed_call_is_heard(desk: Desk) -> None:
    told: list[int] = []
    caller = Thread(target=lambda: told.append(desk.sandbox.line.missed(BORROWER)))
    caller.start()
    desk.settle()
    caller.join()
    assert told == [200]
    assert Heard.objects.get().kind == "missed_call"
