"""SMS over SMPP: a bound connection of the worker's own, parts submitted one after the other, and what is known when it breaks.

The worker binds as transmitter, or as transceiver where the operator offers nothing else; then what arrives is kept, or refused for now
where nobody keeps it.  A bind that failed is tried again after 1, 2, 4 ... 60 seconds; meanwhile nothing is sent here.
"""

import time
from dataclasses import dataclass, field
from threading import Lock

from sulah.adapters.smpp.line import BindRefusedError, LateError, Line, NothingLeftError, UnansweredError, line_of
from sulah.adapters.smpp.link import Keep, Link, opened
from sulah.kernel.points import reach
from sulah.outreach.channel import Answer, Fault, Message, NeverTaken, Taken, Unknown
from sulah.outreach.smpp.codes import Command
from sulah.outreach.smpp.pdu import Pdu
from sulah.outreach.smpp.settings import Session, SmppSettings
from sulah.outreach.sms.settings import Provider
from sulah.outreach.sms.smpp import read_answer, refused_bind, submits
from sulah.outreach.sms.wire import UnsendableError
from sulah.outreach.template import Template

_LONGEST_PAUSE = 60
_AGAIN_SECONDS = 0.2
"""Pause before a part is offered again to an SMSC that had part of the message and then asked for patience."""


@dataclass(slots=True)
class SmppSender:
    """One gateway with its connection, made when it is first needed; threads may share it."""

    provider: Provider
    smpp: SmppSettings
    entity_id: str
    keep: Keep | None = None
    _link: Link | None = None
    _failed: NeverTaken | None = None
    _pause: int = 0
    _closed_until: float = 0.0
    _turn: Lock = field(default_factory=Lock)

    def longest_seconds(self) -> int:
        """Connecting, binding, and all parts of a message."""
        return self.provider.connect_seconds + 2 * self.provider.answer_seconds

    def send(self, template: Template, message: Message, before: float) -> Answer:
        """Hand one message over, in as many parts as it needs; see Channel."""
        try:
            pdus = submits(self.smpp, self.entity_id, template, message)
        except UnsendableError as error:
            return NeverTaken(Fault.MESSAGE, f"It cannot be sent by SMPP: {error}.")
        bound = self._bound()
        if isinstance(bound, NeverTaken):
            return bound
        reach("outbox.before_send")
        answer = self._submitted(bound, pdus[0], before)
        if len(pdus) == 1 or not isinstance(answer, Taken):
            return answer
        return self._rest(bound, pdus[1:], len(pdus))

    def close(self) -> None:
        """Take leave of the SMSC."""
        with self._turn:
            if self._link is not None:
                self._link.close()

    def _rest(self, link: Link, pdus: list[Pdu], total: int) -> Answer:
        """The other parts: once the SMSC has one, the message counts, and only all of them are a message."""
        over = time.monotonic() + self.provider.answer_seconds
        answer: Answer = Unknown("")
        for at, pdu in enumerate(pdus, 2):
            answer = self._submitted(link, pdu, over)
            while isinstance(answer, NeverTaken) and answer.fault is Fault.BUSY and time.monotonic() + _AGAIN_SECONDS < over:
                time.sleep(_AGAIN_SECONDS)  # the SMSC is known not to have this part
                answer = self._submitted(link, pdu, over)
            if not isinstance(answer, Taken):
                return Unknown(f"{self.provider.name} has {at - 1} of {total} parts; of the next it says: {answer.words}")
        return answer

    def _submitted(self, link: Link, pdu: Pdu, before: float) -> Answer:
        name = self.provider.name
        try:
            answer = link.ask(pdu, seconds=self.provider.answer_seconds, before=before)
        except LateError as error:
            return NeverTaken(Fault.STALLED, str(error))
        except NothingLeftError as error:
            return NeverTaken(Fault.UNREACHABLE, f"{name} was gone before anything was sent ({error}).")
        except UnansweredError as error:
            return Unknown(f"{name} gave no answer ({error}).")
        reach("outbox.sent_whole")
        return read_answer(self.smpp, answer)

    def _bound(self) -> Link | NeverTaken:
        """The connection, made anew where it ended; why there is none."""
        with self._turn:
            if self._link is not None and self._link.alive:
                return self._link
            left = self._closed_until - time.monotonic()
            if self._failed is not None and left > 0:
                return NeverTaken(self._failed.fault, self._failed.words, max(self._failed.retry_seconds, int(left) + 1))
            try:
                self._link = opened(self._line(), self.keep)
            except BindRefusedError as error:
                return self._no_bind(refused_bind(error.status))
            except NothingLeftError as error:
                return self._no_bind(NeverTaken(Fault.UNREACHABLE, f"{self.provider.name} cannot be reached ({error})."))
            self._failed, self._pause = None, 0
            return self._link

    def _no_bind(self, why: NeverTaken) -> NeverTaken:
        self._pause = min(_LONGEST_PAUSE, max(1, 2 * self._pause))
        self._failed, self._closed_until = why, time.monotonic() + self._pause
        return why

    def _line(self) -> Line:
        both = self.smpp.session is Session.TRANSCEIVER
        return line_of(self.provider, self.smpp, Command.BIND_TRANSCEIVER if both else Command.BIND_TRANSMITTER)
