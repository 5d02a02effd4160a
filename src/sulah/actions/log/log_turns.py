"""The sequencer as a part of a worker's loop: a turn at most every so many seconds, and words once when the log cannot be gone on."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import OperationalError

from sulah.actions.log.sequence_log import Turn, sequence_log
from sulah.adapters.book.layout import Lender
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal

LOOK_SECONDS = 5.0
"""How often a worker looks whether a checkpoint is due; one is put out each minute with news, whoever of the workers looks first."""


@dataclass(slots=True)
class LogTurns:
    """Called between rounds; tell: says the words of a trouble, once until it changes; seconds: a steady clock."""

    lender: Lender
    clock: Clock
    seconds: Callable[[], float]
    tell: Callable[[str], None]
    _next: float = 0.0
    _said: str = ""

    def __call__(self) -> None:
        """Take a turn when it is time; a database that does not answer is asked again at the next look."""
        if self.seconds() >= self._next:
            self._next = self.seconds() + LOOK_SECONDS
            self._turn(now=False)

    def last(self) -> None:
        """What waits still goes in, at the end of the work."""
        self._turn(now=True)

    def _turn(self, *, now: bool) -> None:
        try:
            words = sequence_log(self.lender, clock=self.clock, now=now).words
        except OperationalError:
            return
        except Refusal as refusal:
            words = str(refusal)
        if words and words != self._said:
            self.tell(words)
        self._said = words


def turn_of(lender: Lender, clock: Clock) -> Turn:
    """A turn now, for an act that ends with one: a refusal becomes its words, for the act itself stands."""
    try:
        return sequence_log(lender, clock=clock, now=True)
    except Refusal as refusal:
        return Turn(words=str(refusal))
