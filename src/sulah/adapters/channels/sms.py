"""SMS through the gateways of lender.toml: sends, looks up, and says what is known; nothing here decides whether to send."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sulah.adapters.channels.http import NoAnswerError, NothingSentError, TooLateError, exchange
from sulah.kernel.dates import IST
from sulah.kernel.sending import stronger
from sulah.outreach.channel import Answer, Fault, Handed, LookUp, Message, NeverTaken, Report, Unknown
from sulah.outreach.sms.settings import Provider, SmsSettings
from sulah.outreach.sms.wire import LOG_DAYS, log_request, read_answer, read_log, send_request

_PAGES = 200
_DAY = timedelta(1)


@dataclass(frozen=True, slots=True)
class SmsChannel:
    """The channel as the worker uses it."""

    settings: SmsSettings

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
        return gateway.connect_seconds + gateway.answer_seconds

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Hand one message over; see Channel."""
        gateway = self.settings.provider(provider)
        request = send_request(gateway, self.settings.template(message.template), message)
        try:
            reply = exchange(
                gateway.address,
                request,
                connect_seconds=gateway.connect_seconds,
                answer_seconds=gateway.answer_seconds,
                before=before,
            )
        except TooLateError as error:
            return NeverTaken(Fault.STALLED, str(error))
        except NothingSentError as error:
            return NeverTaken(Fault.UNREACHABLE, f"{provider} cannot be reached ({error}).")
        except NoAnswerError as error:
            return Unknown(f"{provider} gave no whole answer ({error}).")
        return read_answer(reply)

    def look_up(self, provider: str, handed: Sequence[Handed]) -> LookUp:
        """Ask the gateway's log for messages by our reference; whole only when every page of every day asked for came.

        The day after is asked too: what left us before midnight may be logged after it.
        """
        gateway = self.settings.provider(provider)
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
