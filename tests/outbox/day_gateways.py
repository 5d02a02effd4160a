"""The two gateways of a full day (simulated): faults by seed, an account that is refused, an outage, and reports that go astray."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import ThreadingHTTPServer
from random import Random
from threading import Thread

from sulah.adapters.book.layout import open_lender
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway, Kept, report_of
from sulah.adapters.sandbox.whatsapp import Kept as WhatsAppKept
from sulah.adapters.sandbox.whatsapp import Platform
from sulah.adapters.sandbox.whatsapp_events import WebhookFaults, batch
from sulah.adapters.sandbox.whatsapp_server import WhatsAppSandbox
from sulah.adapters.sandbox.whatsapp_webhooks import Webhooks
from sulah.kernel.dates import system_clock
from sulah.outreach.sms.settings import settings_of
from sulah.outreach.whatsapp.hook import signature
from sulah.outreach.whatsapp.settings import settings_of as whatsapp_settings
from tests.outbox.place import HOOK, SECRETS, Place
from tests.outreach import whatsapp_place


@dataclass(slots=True)
class Day:
    """The clock of the day: the machine's, put forward."""

    offset: int = 0

    def __call__(self) -> datetime:
        """The time of the day."""
        return system_clock() + timedelta(seconds=self.offset)


@dataclass(slots=True)
class Operator:
    """One gateway that can go down and come back on the same port; told: how many of its messages were reported on."""

    name: str
    sandbox: Sandbox
    port: int = 0
    told: int = 0
    server: ThreadingHTTPServer | None = None
    troubles: Counter[str] = field(default_factory=Counter)

    def up(self) -> None:
        """Serve."""
        self.server = self.sandbox.serve(self.port)
        self.port = int(self.server.server_address[1])
        Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        """Be gone: nothing listens."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def account(self, *, good: bool) -> None:
        """Know our key, or refuse it."""
        gateway = self.sandbox.gateway
        gateway.provider = replace(gateway.provider, key=SECRETS["SULAH_TEST_KEY"] if good else "another-key")

    @property
    def kept(self) -> list[Kept]:
        """Its own book."""
        return self.sandbox.gateway.kept

    def reports(self, draw: Random, *, all_of_them: bool = False) -> list[list[str]]:
        """Reports of what it took since the last time, as they arrive: lost, doubled, contrary first, forged, spoiled, in any order."""
        bodies: list[list[str]] = []
        for kept in self.kept[self.told :]:
            kept.reported = True
            right, wrong = report_of(kept).decode(), report_of(kept, contrary=True).decode()
            trouble = (
                "none" if all_of_them or draw.random() < 0.8 else draw.choice(("lost", "doubled", "failed_first", "forged", "spoiled"))
            )
            trouble = "doubled" if trouble == "failed_first" and not kept.delivered else trouble
            self.troubles[trouble] += 1
            bodies += {
                "none": [[HOOK, right]],
                "lost": [],
                "doubled": [[HOOK, right]] * 3,
                "failed_first": [[HOOK, wrong], [HOOK, right]],
                "forged": [["not-the-secret-of-anybody", wrong], [HOOK, right]],
                "spoiled": [[HOOK, right[: len(right) // 2]]],
            }[trouble]
        self.told = len(self.kept)
        draw.shuffle(bodies)
        return bodies


@dataclass(slots=True)
class Messenger:
    """The platform of WhatsApp, to which falls what the operators could not deliver; its webhooks wait until they are asked for."""

    sandbox: WhatsAppSandbox
    troubles: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> list[WhatsAppKept]:
        """Its own book."""
        return self.sandbox.platform.kept

    def webhooks(self, draw: Random) -> list[list[str]]:
        """What it has to say, each with its signature: some doubled, some spoiled and brought again, some forged, in any order."""
        waiting, bodies = self.sandbox.webhooks.waiting, list[list[str]]()
        provider, now = self.sandbox.platform.provider, self.sandbox.platform.clock()
        while waiting:
            due = waiting.popleft()
            body = json.dumps(batch(provider, [due.change] if due.change else [], now)).encode()
            right = [f"sha256={signature(body, provider.app_secrets[0])}", body.decode("latin-1")]
            trouble = draw.choice(("none", "none", "none", "doubled", "forged", "spoiled"))
            self.troubles[trouble] += 1
            bodies += {
                "none": [right],
                "doubled": [right] * 3,
                "forged": [[f"sha256={signature(body, 'not-the-secret-of-anybody')}", right[1]], right],
                "spoiled": [[right[0], right[1][:-9]], right],
            }[trouble]
        draw.shuffle(bodies)
        return bodies


@contextmanager
def messenger(place: Place, day: Day, percent: int) -> Iterator[Messenger]:
    """The platform, up, with faults in so many of a hundred requests; lender.toml points to it beside the operators."""
    path = place.root / "lender.toml"
    known = whatsapp_settings(tomllib.loads(whatsapp_place.settings(1)), whatsapp_place.SECRETS)
    platform = Platform(known, known.provider("meta"), day, tier=1_000_000)
    sandbox = WhatsAppSandbox(platform, Faults(7, percent), Webhooks(platform, WebhookFaults(), "http://127.0.0.1:1/hooks/whatsapp/meta"))
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    path.write_text(path.read_text("utf-8") + whatsapp_place.settings(int(server.server_address[1])), "utf-8")
    try:
        yield Messenger(sandbox)
    finally:
        sandbox.webhooks.over.set()
        server.shutdown()
        server.server_close()


@contextmanager
def operators(place: Place, day: Day, percent: int) -> Iterator[tuple[Operator, Operator]]:
    """Both of them, up, with faults in so many of a hundred requests; lender.toml points to them."""
    place.ports = [1, 1]
    place.set_up()
    known = settings_of(open_lender(place.root).settings, SECRETS)
    made = [
        Operator(name, Sandbox(Gateway(known, known.provider(name), day), Faults(seed, percent)))
        for seed, name in enumerate(("one", "two"))
    ]
    with ExitStack() as stack:
        for each in made:
            each.up()
            stack.callback(each.down)
            stack.callback(each.sandbox.over.set)
        place.ports = [each.port for each in made]
        place.set_up()
        yield made[0], made[1]
