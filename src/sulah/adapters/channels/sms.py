"""SMS through the gateways of lender.toml, each in what it speaks: sends, looks up, says what is known; nothing here decides to send."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sulah.adapters.channels.http import NoAnswerError, NothingSentError, TooLateError, exchange
from sulah.adapters.channels.smpp import SmppSender
from sulah.adapters.smpp.link import Keep
from sulah.kernel.dates import IST
from sulah.kernel.sending import stronger
from sulah.outreach.channel import Answer, Fault, Handed, LookUp, Message, NeverTaken, Report, Unknown
from sulah.outreach.http import Reply, Request
from sulah.outreach.sms import gupshup
from sulah.outreach.sms.settings import Kind, Provider, SmsSettings
from sulah.outreach.sms.wire import LOG_DAYS, UnsendableError, log_request, read_answer, read_log, send_request

_PAGES = 200
_DAY = timedelta(1)


Keeps = Callable[[Provider], Keep | None]
"""Who keeps what arrives over a connection to this gateway that also sends; None: it is refused for now, and comes again elsewhere."""


def nobody_keeps(provider: Provider) -> Keep | None:
    """What arrives goes to `sulah receive`."""
    return None


@dataclass(frozen=True, slots=True)
class SmsChannel:
    """The channel as the worker uses it; keeps: by provider, keeps what arrives over a connection that also sends."""

    settings: SmsSettings
    keeps: Keeps = nobody_keeps
    _smpp: dict[str, SmppSender] = field(default_factory=dict)

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the gateways, in the order of choice."""
        return tuple(provider.name for provider in self.settings.providers)

    def settles_seconds(self, provider: str) -> int:
        """How long after the hand-over a whole log that does not know a message is believed."""
        return self.settings.provider(provider).settles_seconds

    def longest_seconds(self, provider: str) -> int:
        """How long a hand-over may take at most."""
        gateway = self.settings.provider(provider)
        sender = self._sender(gateway)
        return sender.longest_seconds() if sender is not None else gateway.connect_seconds + gateway.answer_seconds

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Hand one message over; see Channel."""
        gateway, template = self.settings.provider(provider), self.settings.template(message.template)
        sender = self._sender(gateway)
        if sender is not None:
            return sender.send(template, message, before)
        if gateway.kind is Kind.GUPSHUP:
            try:
                request = gupshup.send_request(gateway, self.settings.entity_id, template, message)
            except UnsendableError as error:
                return NeverTaken(Fault.MESSAGE, f"It cannot be sent by {provider}: {error}.")
            return _asked(gateway, request, gupshup.read_answer, before)
        return _asked(gateway, send_request(gateway, template, message), read_answer, before)

    def look_up(self, provider: str, handed: Sequence[Handed]) -> LookUp:
        """Ask the gateway's log for messages by our reference; whole only when every page of every day asked for came.

        The day after is asked too: what left us before midnight may be logged after it.  A gateway that cannot be asked by our reference
        says nothing: what is ambiguous there stays so, and counts.
        """
        gateway = self.settings.provider(provider)
        if gateway.kind is not Kind.MSG91:
            return LookUp({}, whole=False, words=f"{provider}: a gateway of kind {gateway.kind} cannot be asked by our reference.")
        days = [one.at.astimezone(IST).date() for one in handed]
        wanted = {one.reference for one in handed}
        found: dict[str, Report] = {}
        first, last = min(days), max(days) + _DAY
        while first <= last:
            fault = self._days(gateway, first, min(last, first + (LOG_DAYS - 1) * _DAY), wanted, found)
            if fault:
                return LookUp(found, whole=False, words=f"{provider}: {fault}.")
            first += LOG_DAYS * _DAY
        return LookUp(found, whole=True)

    def close(self) -> None:
        """Take leave of every gateway that a connection stands to."""
        for sender in self._smpp.values():
            sender.close()

    def _sender(self, gateway: Provider) -> SmppSender | None:
        """The connection to an SMPP gateway, one for each; None for the others."""
        if gateway.smpp is None:
            return None
        if gateway.name not in self._smpp:
            made = SmppSender(gateway, gateway.smpp, self.settings.entity_id, self.keeps(gateway))
            self._smpp.setdefault(gateway.name, made)
        return self._smpp[gateway.name]

    def _days(self, gateway: Provider, first: date, last: date, wanted: set[str], found: dict[str, Report]) -> str:
        """Gather the reports of some days; in words what kept it from being whole."""
        token = ""
        for _ in range(_PAGES):
            try:
                reply = exchange(
                    gateway.address,
                    log_request(gateway, first, last, token),
                    connect_seconds=gateway.connect_seconds,
                    answer_seconds=gateway.answer_seconds,
                )
            except (NothingSentError, NoAnswerError) as error:
                return f"the gateway's log does not answer ({error})"
            page = read_log(reply)
            for report in page.reports:
                known = found.get(report.reference)
                if report.reference in wanted and (known is None or report.attested in stronger(known.attested)):
                    found[report.reference] = report
            if page.fault or not page.token:
                return page.fault
            token = page.token
        return "the gateway's log has no end"


def _asked(gateway: Provider, request: Request, read: Callable[[Reply], Answer], before: float) -> Answer:
    """Send a request over HTTP, and what is known when no whole answer came."""
    try:
        reply = exchange(
            gateway.address, request, connect_seconds=gateway.connect_seconds, answer_seconds=gateway.answer_seconds, before=before
        )
    except TooLateError as error:
        return NeverTaken(Fault.STALLED, str(error))
    except NothingSentError as error:
        return NeverTaken(Fault.UNREACHABLE, f"{gateway.name} cannot be reached ({error}).")
    except NoAnswerError as error:
        return Unknown(f"{gateway.name} gave no whole answer ({error}).")
    return read(reply)
