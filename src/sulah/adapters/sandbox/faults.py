"""What goes wrong in a sandbox: asked for by a test, or drawn from a seed."""

from collections import deque
from enum import StrEnum
from random import Random
from threading import Lock


class Trouble(StrEnum):
    """What may happen to one request.

    busy: 429 with Retry-After.  broken: 503, nothing taken.  broken_after: 500, and taken all the same.  hang: nothing taken, no answer.
    hang_after: taken, no answer.  reset: the connection breaks, nothing taken.  reset_after: taken, the connection breaks in the
    answer.  slow: taken, answered late.  garbage: taken, the answer cannot be read.  refuse: 400.
    """

    NONE = "none"
    BUSY = "busy"
    BROKEN = "broken"
    BROKEN_AFTER = "broken_after"
    HANG = "hang"
    HANG_AFTER = "hang_after"
    RESET = "reset"
    RESET_AFTER = "reset_after"
    SLOW = "slow"
    GARBAGE = "garbage"
    REFUSE = "refuse"


class ReportTrouble(StrEnum):
    """What may happen to one delivery report; swapped: a contrary report comes first; forged: one with a wrong secret comes too."""

    NONE = "none"
    DROP = "drop"
    DUPLICATE = "duplicate"
    LATE = "late"
    SWAPPED = "swapped"
    FORGED = "forged"
    CORRUPT = "corrupt"


TAKES = frozenset({Trouble.NONE, Trouble.BROKEN_AFTER, Trouble.HANG_AFTER, Trouble.RESET_AFTER, Trouble.SLOW, Trouble.GARBAGE})
"""With these the message is taken, whatever the answer says."""


class Faults:
    """Gives the next trouble: first what was asked for, in order; then by the seed, in so many of a hundred requests."""

    def __init__(self, seed: int = 0, percent: int = 0, report_percent: int = 0) -> None:
        """percent and report_percent: of requests and of delivery reports."""
        self._draw, self._turn = Random(seed), Lock()  # noqa: S311  (a plan of faults, no secret)
        self._percent, self._report_percent = percent, report_percent
        self._asked: deque[Trouble] = deque()
        self._asked_reports: deque[ReportTrouble] = deque()

    def ask(self, trouble: str, times: int) -> None:
        """The next so many requests, or reports where it is a trouble of reports; ValueError for an unknown one."""
        with self._turn:
            if trouble.startswith("report_"):
                self._asked_reports.extend([ReportTrouble(trouble.removeprefix("report_"))] * times)
            else:
                self._asked.extend([Trouble(trouble)] * times)

    def of_request(self) -> Trouble:
        """The trouble of the next request."""
        with self._turn:
            if self._asked:
                return self._asked.popleft()
            return self._draw.choice(list(Trouble)[1:]) if self._draw.randrange(100) < self._percent else Trouble.NONE

    def of_report(self) -> ReportTrouble:
        """The trouble of the next delivery report."""
        with self._turn:
            if self._asked_reports:
                return self._asked_reports.popleft()
            return self._draw.choice(list(ReportTrouble)[1:]) if self._draw.randrange(100) < self._report_percent else ReportTrouble.NONE
