"""The one process that puts entries into the log: number, write, sign.

Things become durable in this order: the numbers (records), the files of the tree, the checkpoint.  So a kill anywhere leaves a log that
is exactly its checkpoint, and what was numbered beyond it is put in again, to the same bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sulah.adapters.log.queue import EntryQueue
from sulah.adapters.log.store import TileStore
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.unproven import UnprovenError
from sulah.transparency.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from sulah.transparency.merkle import EMPTY_ROOT
from sulah.transparency.note import Note, SigningKey, VerifierKey
from sulah.transparency.tiles import Growth, entry_at

register("tlog.numbered", "tlog.signed", "tlog.closed")

BATCH = 16_384
"""Entries in one go: 64 bundles and 64 tiles, so that their syncs are shared."""

EVERY = timedelta(seconds=60)


def begin_log(store: TileStore, key: SigningKey) -> None:
    """Make a log without entries, by its first checkpoint; Refusal where one stands.  The key's name is the log's origin."""
    with store.writing():
        if store.checkpoint() is not None:
            raise Refusal(f"A log stands in {store.root} already. A log is begun once.")
        store.publish(str(sign_checkpoint(Checkpoint(key.name, 0, EMPTY_ROOT), [key])))


@dataclass(slots=True)
class Sequencer:
    """Appends what waits in the queue; held inside `store.writing()`, made by `open_log`.

    keys: the log's, all of the origin's name (a second one while keys change); last_at: when the last checkpoint was put out by this
    process.
    """

    store: TileStore
    queue: EntryQueue
    keys: tuple[SigningKey, ...]
    growth: Growth
    published: Checkpoint
    last_at: datetime | None = None
    _whole: list[str] = field(default_factory=list)

    def append(self, limit: int = BATCH) -> int:
        """Number what waits and put what is numbered into the tree, at most so many; how many entries went in.

        Full tiles and bundles are durable on return.  Nobody can see the entries before `publish`.
        """
        behind = self.queue.numbered() - self.growth.size
        if behind < 0:
            raise Refusal(_older(self.growth.size, self.queue.numbered()))
        if behind < limit:
            self.queue.number(limit - behind)
            reach("tlog.numbered")
        drafts = self.queue.drafts(self.growth.size, limit)
        if not drafts:
            return 0
        first = self.growth.size
        whole = self.growth.extend([draft.numbered(first + place) for place, draft in enumerate(drafts)])
        self.store.keep(whole)
        self._whole += whole
        return len(drafts)

    def is_due(self, now: datetime) -> bool:
        """Is there news, and no checkpoint in the last minute?  After a start, news are put out at once."""
        return self.growth.size > self.published.size and (self.last_at is None or now - self.last_at >= EVERY)

    def publish(self, now: datetime) -> Note:
        """Sign what went in and put the checkpoint out, its tiles durable before it; without news, the one that stands is signed anew."""
        if self.growth.size > self.published.size:
            self.store.keep(self.growth.edge())
        checkpoint = Checkpoint(self.published.origin, self.growth.size, self.growth.root())
        note = sign_checkpoint(checkpoint, self.keys)
        reach("tlog.signed")
        self.store.publish(str(note))
        self.published, self.last_at = checkpoint, now
        self.store.drop_partials(self._whole)
        self._whole = []
        return note

    def turn(self, now: datetime) -> int:
        """One look: append a batch, put a checkpoint out when it is due; how many entries went in."""
        count = self.append()
        if self.is_due(now):
            self.publish(now)
        return count

    def close(self, on: date, now: datetime) -> str:
        """Everything that waits goes in, and the checkpoint is kept as the day's close; the same note again for a day that is closed."""
        if (closed := self.store.closed(on)) is not None:
            return closed
        while self.append():
            pass
        note = str(self.publish(now))
        self.store.keep_close(on, note)
        reach("tlog.closed")
        return note


def open_log(store: TileStore, queue: EntryQueue, *keys: SigningKey) -> Sequencer:
    """The sequencer of a log that was begun, from where its checkpoint stands; call it inside `store.writing()`.

    Refusal where files, records or key do not fit the checkpoint: nothing is signed then.
    """
    note = store.checkpoint()
    if note is None:
        raise Refusal(f"There is no checkpoint in {store.root}: begin the log, or bring its folder back from a backup.")
    checkpoint, growth = _stood(store, note, [key.verifier for key in keys])
    if any(key.name != checkpoint.origin for key in keys):
        raise Refusal(f"Keys of the log carry its origin as their name, {checkpoint.origin}.")
    _fits_records(store, queue, checkpoint)
    return Sequencer(store, queue, keys, growth, checkpoint)


def _stood(store: TileStore, note: str, keys: list[VerifierKey]) -> tuple[Checkpoint, Growth]:
    """The checkpoint and the edge of the tree under it, held against each other."""
    try:
        checkpoint, _ = open_checkpoint(note, keys)
        growth = Growth.at(checkpoint.size, store)
    except UnprovenError as error:
        raise Refusal(f"The log in {store.root} cannot be gone on with: {error}.") from None
    if growth.root() != checkpoint.root:
        raise Refusal(f"The tiles in {store.root} do not give the root of its checkpoint. Verify the log and restore it from a backup.")
    return checkpoint, growth


def _fits_records(store: TileStore, queue: EntryQueue, checkpoint: Checkpoint) -> None:
    """The records know at least what was signed, and the last entry signed is theirs."""
    if (known := queue.numbered()) < checkpoint.size:
        raise Refusal(_older(checkpoint.size, known))
    last = checkpoint.size - 1
    if checkpoint.size and [draft.numbered(last) for draft in queue.drafts(last, 1)] != [entry_at(store, last, checkpoint.size)]:
        raise Refusal(
            f"Entry {last:,} of the log is another one than the records have. The records and the log belong to different histories."
        )


def _older(size: int, known: int) -> str:
    return (
        f"The log has {size:,} entries and the records know {known:,}: the records are older than the log. What was signed cannot be taken "
        "back; restore records that are as new as the log."
    )


def run(sequencer: Sequencer, clock: Callable[[], datetime], idle: Callable[[], bool]) -> None:
    """Take turns until `idle`, asked after each turn that found nothing, says to stop; then put out what is not out yet."""
    while sequencer.turn(clock()) or not idle():
        pass
    if sequencer.growth.size > sequencer.published.size:
        sequencer.publish(clock())
