"""Who was it?  The person behind a number, by blind index; and the message of ours that was answered."""

from dataclasses import dataclass

from sulah.actions.contact.number_owners import people_of
from sulah.kernel.sending import SendState
from sulah.records.contact.heard import Heard
from sulah.records.contact.outbox import Outbox

_GONE = (SendState.QUEUED, SendState.CLAIMED, SendState.WITHDRAWN, SendState.FAILED)


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


def speaker_of(row: Heard) -> Speaker:
    """Who has the number, and which message is answered: the one that the provider names, else the last that went to this number.

    A message counts only where it went to this very number: a reference alone can be guessed or forwarded.
    """
    people = people_of(row.number_key)
    mine = Outbox.objects.filter(number_key=row.number_key).exclude(state__in=_GONE)
    answered = mine.filter(reference=row.answers).first() if row.answers else None
    if answered is None:
        answered = mine.filter(handed_at__lte=row.received_at).order_by("-handed_at", "-id").first()
    if answered is not None and people and answered.person not in people:
        answered = None  # the number has passed to somebody else since
    return Speaker(tuple(people), answered)
