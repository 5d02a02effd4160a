"""The sequencer's turn: number what waits, write tiles, put a checkpoint out each minute with news and at the close of a day."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sulah.actions.log.start_log import log_store, signing_key
from sulah.adapters.book.layout import Lender
from sulah.adapters.log.records_queue import RecordsQueue, head
from sulah.adapters.log.sequencer import EVERY, Sequencer, open_log
from sulah.adapters.log.store import LogBusyError
from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.records.log_entry import LogEntry, LogHead

_PATIENCE = 40


class LogHeldError(Refusal):
    """The records came back from a backup; nothing is signed until it is known what was signed after it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did: entries put in, and the size of the log afterwards; words: why nothing was done, empty else."""

    entries: int = 0
    size: int = 0
    words: str = ""


def sequence_log(lender: Lender, *, clock: Clock, now: bool = False) -> Turn:
    """Put in what waits and put a checkpoint out, if the last one is a minute old or `now` says so; Refusal where it cannot be gone on.

    While another process writes the log, or where it was never begun, nothing is done and words say so.
    """
    row, at = head(), clock()
    if not row.origin:
        return Turn(words="The log is not begun: sulah log start")
    if not _due(row, at, now=now):
        return Turn(size=row.published)
    try:
        with _opened(lender, row) as sequencer:
            before = sequencer.published.size
            while sequencer.append():
                pass
            if sequencer.growth.size > before:
                sequencer.publish(at)
                _told(sequencer, at)
            return Turn(sequencer.growth.size - before, sequencer.growth.size)
    except LogBusyError as error:
        return Turn(size=row.published, words=str(error))


def close_log(lender: Lender, on: date, *, clock: Clock, wait: Callable[[], None]) -> Turn:
    """Everything that waits goes in and the checkpoint is kept as the close of a business date; a day that is closed stays as it is.

    wait: called between tries while another process writes the log.
    """
    row = head()
    if not row.origin:
        return Turn(words="The log is not begun: sulah log start")
    for _ in range(_PATIENCE):
        try:
            with _opened(lender, row) as sequencer:
                before, at = sequencer.published.size, clock()
                sequencer.close(on, at)
                while sequencer.append():  # of a day that was closed before
                    pass
                if sequencer.growth.size > sequencer.published.size:
                    sequencer.publish(at)
                _told(sequencer, at)
                return Turn(sequencer.growth.size - before, sequencer.growth.size)
        except LogBusyError:
            wait()
    return Turn(size=row.published, words="Another process is writing the log; this day gets its close with the next `sulah log publish`.")


def _due(row: LogHead, at: datetime, *, now: bool) -> bool:
    lately = row.checkpoint_at is not None and timedelta(0) <= at - row.checkpoint_at < EVERY
    news = row.numbered > row.published or LogEntry.objects.filter(seq=None).exists()
    return news and (now or not lately)


@contextmanager
def _opened(lender: Lender, row: LogHead) -> Iterator[Sequencer]:
    """The sequencer, held as the only one; LogHeldError for records that came back from a backup."""
    if row.held:
        raise LogHeldError(
            f"These records came back from the backup {row.held}. A later checkpoint may have been signed, and what was signed cannot be "
            "taken back: bring the newest one that anybody holds (the auditor's last mail, a witness) and say "
            "sulah log resume --seen FILE. Acts go on meanwhile, and their entries wait."
        )
    store = log_store(lender)
    with store.writing():
        yield open_log(store, RecordsQueue(), signing_key(lender))


def _told(sequencer: Sequencer, at: datetime) -> None:
    LogHead.objects.filter(pk=1).update(published=sequencer.published.size, checkpoint_at=at)
