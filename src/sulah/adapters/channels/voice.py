"""Calls through the providers of lender.toml: asks for them, looks them up, says what is known; nothing here decides whether to call."""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.adapters.channels.http import NoAnswerError, NothingSentError, TooLateError, exchange
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Answer, Fault, Handed, LookUp, Message, NeverTaken, Report, Unknown
from sulah.outreach.http import Reply, Request
from sulah.outreach.voice import exotel, twilio
from sulah.outreach.voice.calls import CallReport
from sulah.outreach.voice.form import REFERENCE
from sulah.outreach.voice.settings import Kind, Provider, VoiceSettings


@dataclass(frozen=True, slots=True)
class VoiceChannel:
    """One of the two kinds of call (channel: CALL, a person's; BOT_CALL, an automated one) as the worker uses it."""

    settings: VoiceSettings
    channel: Channel

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the providers, in the order of choice."""
        return tuple(provider.name for provider in self.settings.providers)

    def settles_seconds(self, provider: str) -> int:
        """After so long a look-up would be believed; no look-up of calls is ever whole, so it is never needed."""
        return self.settings.provider(provider).settles_seconds

    def longest_seconds(self, provider: str) -> int:
        """How long a hand-over may take at most; the call itself goes on without us."""
        one = self.settings.provider(provider)
        return one.connect_seconds + one.answer_seconds

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Ask for one call; see Channel."""
        one = self.settings.provider(provider)
        asked, read = (exotel.send_request, exotel.read_answer) if one.kind is Kind.EXOTEL else (twilio.send_request, twilio.read_answer)
        request = asked(self.settings, one, self.channel, message)
        try:
            reply = _asked(one, request, before)
        except TooLateError as error:
            return NeverTaken(Fault.STALLED, str(error))
        except NothingSentError as error:
            return NeverTaken(Fault.UNREACHABLE, f"{provider} cannot be reached ({error}).")
        except NoAnswerError as error:
            return Unknown(f"{provider} gave no whole answer ({error}).")
        return read(reply)

    def look_up(self, provider: str, handed: Sequence[Handed]) -> LookUp:
        """Ask for calls by the provider's own number of them; never whole, because none can be asked for by our reference.

        A call whose hand-over was never answered stays ambiguous, and counts, until its callback comes.
        """
        one = self.settings.provider(provider)
        found: dict[str, Report] = {}
        faults = []
        for each in handed:
            if not REFERENCE.fullmatch(each.provider_reference):
                continue
            try:
                report = self._details(one, each.reference, each.provider_reference)
            except (NothingSentError, NoAnswerError) as error:
                faults.append(f"{provider} does not answer ({error}).")
                break
            if report is not None:
                found[each.reference] = report
        words = faults[0] if faults else f"{provider} cannot be asked for a call by our reference, only by its own number of it."
        return LookUp(found, whole=False, words=words)

    def _details(self, provider: Provider, reference: str, sid: str) -> CallReport | None:
        if provider.kind is Kind.EXOTEL:
            return exotel.read_details(_asked(provider, exotel.details_request(provider, sid)), reference, sid)
        reply = _asked(provider, twilio.details_request(provider, self.channel, sid))
        return twilio.read_details(reply, self.channel, reference, sid)


def _asked(provider: Provider, request: Request, before: float | None = None) -> Reply:
    return exchange(
        provider.address, request, connect_seconds=provider.connect_seconds, answer_seconds=provider.answer_seconds, before=before
    )
