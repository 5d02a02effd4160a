"""Who was it?  The person behind a number, by blind index; and the message of ours that was answered."""

from dataclasses import dataclass
from datetime import timedelta

from sulah.actions.contact.number_owners import people_of
from sulah.actions.put_heard import ours_of
from sulah.kernel.sending import SendState
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox

_GONE = (SendState.QUEUED, SendState.CLAIMED, SendState.WITHDRAWN, SendState.FAILED)

CLOCKS_APART = timedelta(minutes=1)
"""How far a provider's clock may be behind ours, and a little more because it tells whole seconds."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The people whose number it is, and the message of ours that they answer, where one is known; alone: exactly one person."""

    people: tuple[str, ...]
    answered: Outbox | None

    @property
    def alone(self) -> str:
        """The person, where it can be only one; else empty."""
        if self.answered is not None:
            return self.answered.person
        return self.people[0] if len(self.people) == 1 else ""

    def number_key(self, row: Heard) -> str:
        """Blind index of the number that spoke; where the provider hides it, of the one to which the answered message went."""
        return row.number_key or (self.answered.number_key if self.answered is not None else "")


def speaker_of(row: Heard) -> Speaker:
    """Who has the number, and which message is answered: the one that the provider names, else the last that went to this number before
    it was said, whenever that came in.

    A message counts only where it went to this very number: a reference alone can be guessed or forwarded.  Where the provider hides the
    number, nothing but the message that it names says who it was: the provider signed that, and a reference of its own cannot be guessed.
    """
    reference = row.answers or ours_of(row.provider, row.provider_reference)
    if not row.number_key:
        gone = Outbox.objects.filter(reference=reference, provider=row.provider).exclude(state__in=_GONE)
        return Speaker((), gone.first() if reference and row.provider_reference else None)
    people = people_of(row.number_key)
    mine = Outbox.objects.filter(number_key=row.number_key).exclude(state__in=_GONE)
    answered = mine.filter(reference=reference).first() if reference else None
    if answered is None:
        answered = mine.filter(handed_at__lte=row.said_at + CLOCKS_APART).order_by("-handed_at", "-id").first()
    if answered is not None and people and answered.person not in people:
        answered = None  # the number has passed to somebody else since
    return Speaker(tuple(people), answered)
