"""Keep the events of one event loop, many a commit: hundreds wait for the disk at once and none of them holds a thread."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from django.db import close_old_connections

from sulah.actions.take_callback import MOST, Refusals, keep_events
from sulah.records.contact.inbox import Inbox

MOST_WAITING, MOST_BYTES = 20_000, 256_000_000
"""Events that wait at most, and their bytes; who comes beyond is asked to come again, which every provider does."""


class BusyError(Exception):
    """More waits for the disk than is taken in."""


class LoopWriter:
    """Writes events to the inbox in a thread of its own, one commit after another, each with all that came during the one before.

    Used by the tasks of one event loop.
    """

    def __init__(self) -> None:
        """Nothing waits."""
        self._pending: list[tuple[Inbox, asyncio.Future[None]]] = []
        self._bytes = 0
        self._refused: Counter[Refusals] = Counter()
        self._writing: asyncio.Task[None] | None = None
        self._disk = ThreadPoolExecutor(1, "inbox")

    async def keep(self, row: Inbox) -> None:
        """Return when the event is committed and on the disk; an error of the database is raised to everybody who waited for it.

        BusyError beyond MOST_WAITING and MOST_BYTES.
        """
        if len(self._pending) >= MOST_WAITING or self._bytes + len(row.sealed) > MOST_BYTES:
            raise BusyError
        self._bytes += len(row.sealed)
        kept = asyncio.get_running_loop().create_future()
        self._pending.append((row, kept))
        self._begin()
        await kept

    def refuse(self, provider: str, day: date, why: str) -> None:
        """Count a callback that was turned away, in the next commit."""
        self._refused[provider, day, why] += 1
        self._begin()

    async def end(self) -> None:
        """Return when everything that waits is written."""
        while self._writing is not None:
            await asyncio.wait([self._writing])
        self._disk.shutdown()

    def _begin(self) -> None:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """Write until nothing waits."""
        try:
            while (self._pending or self._refused) and await self._batch():
                pass
        finally:
            self._writing = None

    async def _batch(self) -> bool:
        """One commit, and those whose events it was are told; what was turned away is counted in a later one where it fails.

        False where there is nobody to tell of the failure: the next who comes tries again.
        """
        batch, self._pending = self._pending[:MOST], self._pending[MOST:]
        refused, self._refused = self._refused, Counter()
        self._bytes -= sum(len(row.sealed) for row, _ in batch)
        error: BaseException | None = None
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, _commit, [row for row, _ in batch], refused)
        except BaseException as raised:  # noqa: BLE001  (told to each who waits)
            error = raised
        for _, kept in batch:
            if kept.done():  # who waited has gone: its event is written all the same
                continue
            if error is None:
                kept.set_result(None)
            else:
                kept.set_exception(error)
        if error is None:
            return True
        self._refused += refused
        if not isinstance(error, Exception):
            raise error
        return bool(batch)


def _commit(rows: list[Inbox], refused: Counter[Refusals]) -> None:
    close_old_connections()  # one that the server has dropped meanwhile is opened anew
    keep_events(rows, refused)
