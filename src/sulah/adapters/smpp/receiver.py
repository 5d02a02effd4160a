"""The receiving side of an SMPP gateway: bound for as long as it is wanted, made anew when it breaks; nothing is sent to anybody."""

from collections.abc import Callable
from dataclasses import dataclass

from sulah.adapters.smpp.line import BindRefusedError, NothingLeftError, line_of
from sulah.adapters.smpp.link import Keep, opened
from sulah.outreach.smpp.codes import Command
from sulah.outreach.smpp.settings import Session, SmppSettings
from sulah.outreach.sms.settings import Provider

_LOOK_SECONDS = 0.2
_LONGEST_PAUSE = 60.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Receiver:
    """Receives from one gateway: keep returns when an event is on the disk; wait(seconds) is True when it is time to end."""

    provider: Provider
    smpp: SmppSettings
    keep: Keep
    wait: Callable[[float], bool]
    tell: Tell

    def run(self) -> None:
        """Until it is time to end: bind, receive, and bind again 1, 2, 4 ... 60 seconds after the connection broke."""
        pause = 1.0
        while not self.wait(0):
            bound = self._once()
            pause = 1.0 if bound else min(_LONGEST_PAUSE, 2 * pause)
            if self.wait(pause):
                return

    def _once(self) -> bool:
        """One connection from bind to end; False where there was no bind."""
        command = Command.BIND_TRANSCEIVER if self.smpp.session is Session.TRANSCEIVER else Command.BIND_RECEIVER
        try:
            link = opened(line_of(self.provider, self.smpp, command), self.keep)
        except (BindRefusedError, NothingLeftError) as error:
            self.tell(f"{self.provider.name}: no bind ({error}).")
            return False
        self.tell(f"{self.provider.name}: bound.")
        while not link.ended(_LOOK_SECONDS):
            if self.wait(0):
                link.close()
                return True
        self.tell(f"{self.provider.name}: the connection ended ({link.words}).")
        return True
