"""What is true of a call whoever puts it through: its outcome, what the outcome means for the contact, and what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sulah.kernel.sending import SendState
from sulah.kernel.terms import Channel, ContactState, Purpose
from sulah.outreach.channel import Report
from sulah.outreach.template import Template, Variable, VariableKind

LONGEST_SECONDS = 14_400
"""What both providers allow a call to last (TimeLimit; developer.exotel.com "Connect Two Numbers", twilio.com/docs "Call resource")."""


class CallOutcome(StrEnum):
    """What became of a call, as far as the borrower's telephone goes.

    under_way: the provider has it and it is not over.  completed: the borrower answered.  busy, no_answer, failed: the borrower's
    telephone was called and not answered.  not_dialled: the agent did not answer or hung up, the borrower's telephone never rang.
    canceled: taken back before it rang.
    """

    UNDER_WAY = "under_way"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    NOT_DIALLED = "not_dialled"
    CANCELED = "canceled"

    @property
    def contact(self) -> ContactState:
        """The state of the contact: a call that is not over may connect yet; one that was not answered is an attempt all the same.

        >>> CallOutcome.BUSY.contact.value, CallOutcome.UNDER_WAY.contact.value, CallOutcome.COMPLETED.contact.value
        ('not_connected', 'ringing', 'connected')
        """
        return _CONTACT.get(self, ContactState.NOT_CONNECTED)

    @property
    def attested(self) -> SendState:
        """The same for the outbox: delivered is answered, undelivered is not answered, sent is under way."""
        return _ATTESTED.get(self, SendState.UNDELIVERED)


_CONTACT = {CallOutcome.UNDER_WAY: ContactState.RINGING, CallOutcome.COMPLETED: ContactState.CONNECTED}
_ATTESTED = {CallOutcome.UNDER_WAY: SendState.SENT, CallOutcome.COMPLETED: SendState.DELIVERED}


@dataclass(frozen=True, slots=True)
class CallReport(Report):
    """A provider's word on one call: a Report whose `attested` is the outbox's, and what only calls have.

    seconds: how long the two spoke, 0 unknown.  recording: where the recording lies with the provider; it is never fetched from here.
    """

    outcome: CallOutcome = CallOutcome.UNDER_WAY
    seconds: int = 0
    recording: str = field(default="", repr=False)

    @property
    def contact(self) -> ContactState:
        """What the contact is by this report: ringing, connected or not_connected."""
        return self.outcome.contact


AGENT_CALL = Template(
    name="agent_call",
    language="en",
    text="{#var#}",
    variables=(Variable("agent", VariableKind.PHONE),),
    purposes=tuple(purpose.value for purpose in Purpose),
    header="",
    registered_id="",
    provider_ids={},
)
"""What a person's call is queued under: no text of ours, one value, the agent's own number from the register of agents at that moment."""

CHANNELS = (Channel.CALL, Channel.BOT_CALL)


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a provider takes for a call from a day on: so many paise for each pulse begun; citation: the contract or rate card."""

    effective_from: date
    pulse_seconds: int
    paise_per_pulse: int
    citation: str
    verify: bool


def cost_paise(tariffs: Sequence[Tariff], on: date, seconds: int) -> int | None:
    """What a call of so many seconds costs by the tariff of its day, each pulse begun in full; None where no tariff stands for the day.

    >>> rows = (Tariff(date(2026, 4, 1), 30, 45, "rate card", True), Tariff(date(2026, 10, 1), 60, 80, "rate card", True))
    >>> cost_paise(rows, date(2026, 5, 1), 61), cost_paise(rows, date(2026, 11, 1), 61), cost_paise(rows, date(2026, 3, 1), 61)
    (135, 160, None)
    >>> cost_paise(rows, date(2026, 5, 1), 0)
    0
    """
    known = [row for row in tariffs if row.effective_from <= on]
    if not known:
        return None
    row = max(known, key=lambda each: each.effective_from)
    return -(-seconds // row.pulse_seconds) * row.paise_per_pulse
