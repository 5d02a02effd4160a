"""What every channel has: a message out, an answer, a look-up by our own reference; reports and people's own words that come back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sulah.kernel.sending import SendState
from sulah.outreach.http import Call
from sulah.outreach.platform import PlatformNews


class Fault(StrEnum):
    """Why a provider is known not to have taken a message.

    message: it will never take this one.  account: it takes none of ours until a person mends something.  busy: it asks for patience.
    unreachable: nothing reached it.  stalled: we were held up ourselves and sent nothing.
    """

    MESSAGE = "message"
    ACCOUNT = "account"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    STALLED = "stalled"


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready to go: our reference (their client reference), the number as +91... or the address, a registered template, its
    values.  text: the words of an answer that a person wrote within a session; then there is no template.  choices: buttons under such an
    answer.  media: a picture or document with it, the text being its caption.
    """

    reference: str
    to: str
    template: str
    values: tuple[str, ...]
    text: str = ""
    choices: "tuple[Choice, ...]" = ()
    media: "Media | None" = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One button under an answer: what comes back when it is pressed, and what stands on it."""

    payload: str
    label: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or document: kind image or document, its https link or the provider's id of it, and the name that it is saved under."""

    kind: str
    link: str = ""
    number: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider took it, under a reference of its own."""

    provider_reference: str


@dataclass(frozen=True, slots=True)
class NeverTaken:
    """The provider is known not to have it; retry_seconds: how long it asked us to wait."""

    fault: Fault
    words: str
    retry_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Unknown:
    """It may have it: no answer, or one that says nothing.  Counts as sent until a look-up says otherwise."""

    words: str


Answer = Taken | NeverTaken | Unknown


@dataclass(frozen=True, slots=True)
class Handed:
    """A message whose fate is asked for: our reference, when it was handed over, and the provider's reference where it answered."""

    reference: str
    at: datetime
    provider_reference: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a message is charged as: the provider's category, whether it is charged at all, and by which of its tariffs."""

    category: str
    billable: bool
    tariff: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says of a message: by callback or look-up; event_id is the same for the same report sent again.

    reference is empty where the provider names its own only.  cost is said by some of the reports of one message, each time the same.
    """

    event_id: str
    reference: str
    provider_reference: str
    attested: SendState
    at: str = ""
    error: str = ""
    cost: Cost | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """The answer to a look-up: reports by our reference; whole is False where the provider did not answer or not to the end."""

    reports: Mapping[str, Report]
    whole: bool
    words: str = ""


class HeardKind(StrEnum):
    """How a person answered: words, a button shown to them, keys, a call not taken, an e-mail, a picture or a voice note."""

    TEXT = "text"
    BUTTON = "button"
    KEYPAD = "keypad"
    MISSED_CALL = "missed_call"
    REPLY = "reply"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that a person sent us.

    event_id: the same for the same thing delivered again.  sender: the number as +91..., or the e-mail address in small letters.
    at: ISO text with a zone as the provider says it, '' where it does not.  text: as typed.  choice: the payload of the button, or the
    keys pressed.  answers: our reference of the message that it answers, '' unknown.  provider_reference: theirs.  media: of a picture,
    a voice note or the like, what the provider says it is and its id there; it is never fetched from here.
    """

    event_id: str
    sender: str
    at: str
    kind: HeardKind
    text: str = ""
    choice: str = ""
    answers: str = ""
    provider_reference: str = ""
    media: "Attached | None" = None


@dataclass(frozen=True, slots=True)
class Attached:
    """What a person sent besides words: its kind as the provider names it (image, audio, document), its type (image/jpeg), the id there."""

    kind: str
    form: str = ""
    number: str = ""


Told = Report | Heard | PlatformNews
"""One thing that a provider sends to our door."""


class UnreadableReportError(ValueError):
    """A genuine callback that is nothing that the provider documents; the words say what is odd."""


class Hook(Protocol):
    """What one provider sends to our door, read without touching anything."""

    @property
    def methods(self) -> frozenset[str]:
        """HTTP methods that the provider uses."""

    def greet(self, call: Call) -> str | None:
        """The answer to a handshake that proves the door is ours; None where the call is none, or a wrong one."""

    def genuine(self, call: Call) -> bool:
        """Is the secret or signature right?  Compared in constant time; two secrets while one is changed."""

    def read(self, call: Call) -> tuple[Told, ...]:
        """What it says, in its order; UnreadableReportError for anything that is not documented."""


class Channel(Protocol):
    """One channel with its providers, first choice first."""

    @property
    def providers(self) -> tuple[str, ...]:
        """Names, in the order of choice."""

    def settles_seconds(self, provider: str) -> int:
        """How long after the hand-over a whole look-up that does not know a message means that it never arrived."""

    def longest_seconds(self, provider: str) -> int:
        """How long a hand-over may take at most, once its first byte has left."""

    def send(self, provider: str, message: Message, before: float) -> Answer:
        """Hand one message over; nothing is sent when its first byte would leave after `before` (of time.monotonic)."""

    def look_up(self, provider: str, handed: Sequence[Handed]) -> LookUp:
        """Ask what became of messages."""
