"""WhatsApp through the numbers of lender.toml: sends, and says what is known; nothing here decides whether to send."""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.adapters.channels.http import NoAnswerError, NothingSentError, TooLateError, exchange
from sulah.outreach.channel import Answer, Fault, Handed, LookUp, Message, NeverTaken, Unknown
from sulah.outreach.whatsapp.answer import read_answer
from sulah.outreach.whatsapp.cloud import send_request
from sulah.outreach.whatsapp.settings import WhatsAppSettings


@dataclass(frozen=True, slots=True)
class WhatsAppChannel:
    """The channel as the worker uses it."""

    settings: WhatsAppSettings

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the numbers, in the order of choice."""
        return tuple(provider.name for provider in self.settings.providers)

    def settles_seconds(self, provider: str) -> int:
        """As the settings say; no look-up here is ever whole, so that it decides nothing."""
        return self.settings.provider(provider).settles_seconds

    def longest_seconds(self, provider: str) -> int:
        """How long a hand-over may take at most."""
        number = self.settings.provider(provider)
        return number.connect_seconds + number.answer_seconds

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Hand one message over; see Channel."""
        number = self.settings.provider(provider)
        request = send_request(number, self.settings, message)
        try:
            reply = exchange(
                number.address,
                request,
                connect_seconds=number.connect_seconds,
                answer_seconds=number.answer_seconds,
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
        """Nothing: the platform documents no way to ask for a message by our reference, so what is not known stays not known.

        Its status webhook carries our reference and says what became of a message, also of one whose answer was lost.
        """
        return LookUp({}, whole=False, words=f"{provider} cannot be asked for a message; its status webhook tells.")
