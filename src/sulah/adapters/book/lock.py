"""The lock of a lender's book: one load or one day cycle at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sulah.adapters.book.layout import Lender
from sulah.kernel.refusal import Refusal


class BusyError(Refusal):
    """Another load or day cycle holds the lender's book."""


@contextmanager
def sole_runner(lender: Lender) -> Iterator[None]:
    """Hold the lender's book for one load or day; BusyError when another process has it.  The lock ends with its process.

    Approving, rejecting and undoing do not take it: whoever holds it looks once more in its own transaction.
    """
    lender.book.mkdir(parents=True, exist_ok=True)
    with (lender.book / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("Another load or day cycle is running on this lender. Wait until it has ended, then try again.") from error
        yield
