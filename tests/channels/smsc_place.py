"""A lender with an SMPP gateway and a sandbox SMSC that listens on a socket of this machine."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from sulah.adapters.channels.sms import SmsChannel
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.smsc import Smsc
from sulah.adapters.sandbox.smsc_server import SmscSandbox
from sulah.kernel.dates import system_clock
from sulah.outreach.channel import Answer, Message
from sulah.outreach.sms.settings import SmsSettings, settings_of
from tests.outbox.place import KEY

PASSWORD = KEY
_SMS = """
[sms]
entity_id = "1101160000000000001"

[[sms.provider]]
name = "smsc"
kind = "smpp"
address = "smpp://127.0.0.1:{port}"
key_from = "SULAH_TEST_KEY"
connect_seconds = 1
answer_seconds = 1
{more}

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
HINDI = "कावेरी से सूचना: आपके ऋण {#var#} पर {#var#} रुपये बाकी हैं। कृपया समय पर भुगतान करें या शाखा में आकर बात करें। (सिम्युलेटेड संदेश)"
DUE, DUE_HI = ("1,234.50", "LN/1"), ("LN/1", "1,234.50")


def settings(port: int, password: str = PASSWORD, **more: Any) -> SmsSettings:
    """The settings, with lines of their own for the gateway."""
    return settings_of(tomllib.loads(written(port, **more)), {"SULAH_TEST_KEY": password})


def written(port: int, **more: Any) -> str:
    """[sms] as it stands in lender.toml."""
    more = {"system_id": "'KAVERI'", **more}
    lines = "\n".join(f"{name} = {_toml(value)}" for name, value in more.items())
    return _SMS.format(port=port, more=lines, hindi=HINDI)


def _toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else str(value).replace("'", '"')


def message(reference: str = "m-1", to: str = "+919812345671", template: str = "due") -> Message:
    """A message."""
    return Message(reference, to, template, DUE if template == "due" else DUE_HI)


@dataclass(slots=True)
class Place:
    """A channel and the SMSC that it speaks to."""

    sandbox: SmscSandbox
    channel: SmsChannel
    port: int
    kept: list[bytes] = field(default_factory=list)

    def send(self, given: Message | None = None, before: float = 1e12) -> Answer:
        """Send one."""
        return self.channel.send("smsc", given or message(), before)

    def texts(self) -> list[str]:
        """What the telephones would show."""
        return [kept.text for kept in self.sandbox.smsc.whole()]

    def trouble(self, kind: str, times: int = 1) -> None:
        """Order a fault."""
        self.sandbox.faults.ask(kind, times)


@contextmanager
def smsc(*, keep: bool = False, seed: int = 0, faults: int = 0, **more: Any) -> Iterator[Place]:
    """An SMSC in a thread of the test, until the block ends."""
    known = settings(1, **more)
    sandbox = SmscSandbox(Smsc(known, known.provider("smsc"), system_clock), Faults(seed, faults))
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = int(server.server_address[1])
    place = Place(sandbox, SmsChannel(settings(port, **more)), port)
    if keep:
        place.channel = SmsChannel(settings(port, **more), lambda provider: place.kept.append)
    try:
        yield place
    finally:
        sandbox.over.set()
        place.channel.close()
        server.shutdown()
        server.server_close()
        sandbox.drop()
