"""The line to one SMPP gateway of lender.toml, and in which ways it may fail."""

from dataclasses import dataclass

from sulah.outreach.smpp.codes import Command
from sulah.outreach.smpp.pdu import Bind
from sulah.outreach.smpp.settings import SmppSettings
from sulah.outreach.sms.settings import Provider


class NothingLeftError(Exception):
    """Not one byte of the request left us."""


class LateError(NothingLeftError):
    """The time to send had passed before the first byte could leave."""


class UnansweredError(Exception):
    """The request left us, at least in part, and no answer came: nobody knows what became of it."""


class BindRefusedError(Exception):
    """The SMSC does not let us in; status says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the bind was refused with status {status:#010x}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Line:
    """Where and how to bind, and how long to wait; enquire_seconds: after so much silence the SMSC is asked whether it is there."""

    host: str
    port: int
    tls: bool
    command: Command
    bind: Bind
    connect_seconds: int = 5
    answer_seconds: int = 20
    enquire_seconds: int = 30
    window: int = 10


def line_of(provider: Provider, smpp: SmppSettings, command: Command) -> Line:
    """Where and how to bind for sending or for receiving."""
    return Line(
        host=smpp.host,
        port=smpp.port,
        tls=smpp.tls,
        command=command,
        bind=Bind(smpp.system_id, provider.key, smpp.system_type),
        connect_seconds=provider.connect_seconds,
        answer_seconds=provider.answer_seconds,
        enquire_seconds=smpp.enquire_seconds,
        window=smpp.window,
    )
