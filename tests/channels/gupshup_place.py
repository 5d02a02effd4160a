"""A lender with a Gupshup gateway and its sandbox on a socket of this machine."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from sulah.adapters.channels.sms import SmsChannel
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.gupshup import GupshupGateway
from sulah.adapters.sandbox.gupshup_server import GupshupSandbox
from sulah.kernel.dates import system_clock
from sulah.outreach.channel import Answer, Message
from sulah.outreach.sms.settings import SmsSettings, settings_of
from tests.channels.smsc_place import HINDI, message
from tests.outbox.place import SECRETS

_SMS = """
[sms]
entity_id = "1101160000000000001"

[[sms.provider]]
name = "one"
kind = "gupshup"
address = "http://127.0.0.1:{port}"
user_id = "2000190001"
key_from = "SULAH_TEST_KEY"
hook_secret_from = "SULAH_TEST_HOOK"
connect_seconds = 1
answer_seconds = 1

[[sms.template]]
name = "due"
language = "en"
category = "service_implicit"
purposes = ["recovery"]
header = "KAVERI"
legal_words = false
dlt_template_id = "1107160000000000001"
text = "Rs {{#var#}} is due on loan {{#var#}}. Kaveri (simulated)"
variables = ["amount:amount", "loan:reference"]

[[sms.template]]
name = "due_hi"
language = "hi"
category = "service_implicit"
purposes = ["recovery"]
header = "KAVERI"
legal_words = false
dlt_template_id = "1107160000000000003"
text = "{hindi}"
variables = ["amount:amount", "loan:reference"]
"""


def written(port: int) -> str:
    """[sms] as it stands in lender.toml."""
    return _SMS.format(port=port, hindi=HINDI)


def settings(port: int) -> SmsSettings:
    """The settings."""
    return settings_of(tomllib.loads(written(port)), SECRETS)


@dataclass(slots=True)
class Place:
    """A channel and the gateway that it speaks to."""

    sandbox: GupshupSandbox
    channel: SmsChannel
    port: int

    def send(self, given: Message | None = None, before: float = 1e12) -> Answer:
        """Send one."""
        return self.channel.send("one", given or message(), before)


@contextmanager
def gupshup(*, seed: int = 0, faults: int = 0, hook: str = "", by_post: bool = False) -> Iterator[Place]:
    """A gateway in a thread of the test, until the block ends."""
    known = settings(1)
    sandbox = GupshupSandbox(GupshupGateway(known, known.provider("one"), system_clock), Faults(seed, faults), hook, by_post)
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = int(server.server_address[1])
    try:
        yield Place(sandbox, SmsChannel(settings(port)), port)
    finally:
        sandbox.over.set()
        server.shutdown()
        server.server_close()
