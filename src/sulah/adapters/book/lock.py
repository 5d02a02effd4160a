"""The locks of a lender: what one process at a time may do.  Each ends with its process, however that ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sulah.adapters.book.layout import Lender
from sulah.kernel.refusal import Refusal


class BusyError(Refusal):
    """Another process holds what one at a time may do; the words say which and what to do."""


@contextmanager
def held(path: Path, words: str, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file, made where it is missing; BusyError with the words when it is held already.

    shared: any number hold it together, and none of them while one holds it alone.
    """
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(words) from error
        yield


@contextmanager
def sole_runner(lender: Lender) -> Iterator[None]:
    """Hold the lender's book for one load or day; BusyError when another process has it.

    Approving, rejecting and undoing do not take it: whoever holds it looks once more in its own transaction.
    """
    lender.book.mkdir(parents=True, exist_ok=True)
    with held(lender.book / ".lock", "Another load or day cycle is running on this lender. Wait until it has ended, then try again."):
        yield


@contextmanager
def sole_publisher(lender: Lender) -> Iterator[None]:
    """Hold the publication of people for the guard; BusyError when another process publishes."""
    lender.book.mkdir(parents=True, exist_ok=True)
    with held(lender.book / ".publishing", "Another process publishes the people of the last day. Nothing is sent until it has ended."):
        yield
