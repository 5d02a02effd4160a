"""A small lender whose days go on: the simulated WhatsApp platform beside it, its webhooks at the real door, a clock that can be put on.

Nothing is written down by hand: a day is loaded and run, a plan queues, the worker sends, listens and acts, as the commands do.
"""

import csv
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from sulah.actions.contact.actor import machine
from sulah.actions.contact.rulebook import rulebook_of
from sulah.actions.load_book import current_load
from sulah.actions.load_extract import load_extract
from sulah.actions.plan_messages import DayPlan, plan_messages
from sulah.actions.work_outbox import work
from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults
from sulah.adapters.sandbox.whatsapp_server import WhatsAppSandbox
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks
from sulah.cli.work import listener_of, worker_of
from sulah.daycycle.run import run_day
from sulah.kernel import dates
from sulah.kernel.dates import IST, system_clock
from sulah.outreach.configured import configured
from sulah.outreach.whatsapp.settings import settings_of
from sulah.web import hooks
from tests.contact.small_day import small_extract, small_lender
from tests.outbox import place as sms_place
from tests.outreach import whatsapp_place

_PATIENCE = 20
_TEMPLATE = """
[[whatsapp.template]]
name = "{name}"
language = "hi"
category = "utility"
purposes = ["{purpose}"]
legal_words = false
text = "{text} कावेरी (simulated)"
variables = [{variables}]
"""
TEMPLATES = (
    _TEMPLATE.format(
        name="overdue_early_hi",
        purpose="recovery",
        text="ऋण {{1}} की किस्त रु {{2}} बाकी है।",
        variables='"loan_end:reference", "amount:amount"',
    )
    + 'buttons = [{ kind = "quick_reply", label = "गलत नंबर", payload = "wrong_number" }]\n',
    _TEMPLATE.format(
        name="broken_promise_hi",
        purpose="recovery",
        text="ऋण {{1}} पर रु {{2}} बाकी है, आपने {{3}} तक देने को कहा था।",
        variables='"loan_end:reference", "amount:amount", "promised_on:date"',
    ),
)


@dataclass(slots=True)
class Time:
    """The time of the whole process, put forward; the real one goes on underneath."""

    ahead: timedelta = field(default_factory=timedelta)

    def comes(self, moment: datetime) -> None:
        """It is that moment."""
        self.ahead = moment - datetime.now(IST)


@contextmanager
def put_on(monkeypatch: pytest.MonkeyPatch) -> Iterator[Time]:
    """Every system_clock of the process tells this time, the pages' too."""
    told = Time()

    class Told(datetime):
        """What the one module that reads the machine's clock is given to read."""

        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + told.ahead  # type: ignore[arg-type]

    with monkeypatch.context() as changed:
        changed.setattr(dates, "datetime", Told)
        yield told


class Held(Webhooks):
    """Webhooks that go when the test says so, and not while the worker writes: SQLite in memory takes one writer."""

    def start(self) -> None:
        """Nothing goes by itself."""

    def deliver(self) -> None:
        """Greet the door once, and bring what waits until it has acknowledged everything."""
        end = time.monotonic() + _PATIENCE
        self.greeted = self.greeted or self._greet()
        assert self.greeted, "the door did not answer the handshake"
        while self.waiting and time.monotonic() < end:
            self.waiting.extend(self._round())
        assert not self.waiting


@dataclass(slots=True)
class Life:
    """The lender, its platform, and what happens from day to day."""

    lender: Lender
    sandbox: WhatsAppSandbox
    time: Time

    def day(self, as_of: date, changed: Callable[[dict[str, str]], Mapping[str, str]]) -> None:
        """The extract of a day arrives, and the day is run; changed: what is otherwise than in the village about a borrower."""
        folder = _with(small_extract(self.lender.root / "inbox" / as_of.isoformat()), changed)
        outcome = load_extract(self.lender, folder, as_of, actor="asha", clock=system_clock, code_version="test")
        assert outcome.report.state == "accepted", outcome.report.reasons
        load = current_load(as_of)
        assert load is not None
        run_day(self.lender, as_of, actor="asha", clock=system_clock, code="test", load=load)

    def plan(self) -> DayPlan:
        """sulah plan --queue."""
        channels = configured(self.lender.settings, os.environ)
        return plan_messages(self.lender, channels, rulebook_of(self.lender), queue=True, by=machine("planner"), clock=system_clock)

    def work(self) -> None:
        """sulah work --once; what the platform then tells comes in by the door, and is read."""
        for _ in range(2):
            sender, listener = worker_of(self.lender), listener_of(self.lender)
            work(sender, listener, once=True, over=lambda: False, wait=lambda: time.sleep(0.05), tell=lambda _: None)
            held = self.sandbox.webhooks
            assert isinstance(held, Held)
            held.deliver()


def _with(folder: Path, changed: Callable[[dict[str, str]], Mapping[str, str]]) -> Path:
    path = folder / "borrower.csv"
    with path.open(newline="", encoding="utf-8") as file:
        people = [{**row, **changed(row)} for row in csv.DictReader(file)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(people[0]))
        writer.writeheader()
        writer.writerows(people)
    return folder


@contextmanager
def living(root: Path, address: str, moment: Time, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """A lender in that folder whose pages are served at the address, with the platform up until the block ends."""
    secrets = {**sms_place.SECRETS, **whatsapp_place.SECRETS}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    lender = small_lender(root)
    path = root / "lender.toml"
    bare = path.read_text("utf-8").partition("\n[sms]")[0]

    def set_up(port: int) -> Lender:
        numbers = whatsapp_place.settings(port).partition("\n[[whatsapp.template]]")[0]
        path.write_text(bare + numbers + "".join(TEMPLATES), "utf-8")
        return open_lender(root)

    known = settings_of(set_up(1).settings, secrets)
    played = Platform(known, known.provider("meta"), system_clock)
    webhooks = Held(played, WebhookFaults(), f"{address}/hooks/whatsapp/meta")
    sandbox = WhatsAppSandbox(played, Faults(), webhooks)
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    lender = set_up(int(server.server_address[1]))
    hooks._door.cache_clear()
    try:
        yield Life(lender, sandbox, moment)
    finally:
        hooks._door.cache_clear()
        webhooks.over.set()
        server.shutdown()
        server.server_close()
