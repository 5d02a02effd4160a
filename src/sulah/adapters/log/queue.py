"""Where entries wait for their number: what a sequencer asks of the records."""

from collections.abc import Sequence
from typing import Protocol

from sulah.transparency.entry import Draft


class EntryQueue(Protocol):
    """Entries that acts wrote, each in the act's own transaction, and the numbers that they were given.

    A number is given once, durably, before any file of the log is written: after a kill the same entries get the same places, so the log is
    written again to the same bytes and there is no second history to sign.
    """

    def numbered(self) -> int:
        """How many entries have a number; these are 0 up to one less, without a gap."""

    def number(self, limit: int) -> int:
        """Give the next numbers to at most so many waiting entries, in the order in which they are seen; how many, durable on return."""

    def drafts(self, start: int, limit: int) -> Sequence[Draft]:
        """At most so many numbered entries, in the order of their numbers, from a number on."""
