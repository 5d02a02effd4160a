"""Many callbacks share a commit: each returns when its own is kept, and nobody waits for ever, whatever happens to another."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from threading import Event, Semaphore
from typing import Any

import pytest

from sulah.actions import take_callback
from sulah.actions.take_callback import InboxWriter
from sulah.records.contact.inbox import Inbox
from tests.outbox.place import until

PATIENCE = 20


class Disk(InboxWriter):
    """A writer whose commits end when the test says so; each is told by the events in it."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go = Semaphore(0), Semaphore(0)
        self.commits: list[list[str]] = []
        self.broken = False

    def _commit(self, batch: list[Any]) -> None:
        self.commits.append([each.row.event_id for each in batch])
        self.begun.release()
        assert self.go.acquire(timeout=PATIENCE)
        if self.broken:
            raise OSError("disk full")

    def waits(self, count: int) -> None:
        """Until so many events wait."""
        assert until(lambda: len(self._pending) == count)


def named(name: str) -> Inbox:
    return Inbox(event_id=name)


@pytest.fixture
def crew() -> Any:
    with ThreadPoolExecutor(12) as crew:
        yield crew


def one_and_then(crew: ThreadPoolExecutor, disk: Disk, count: int, start: Callable[[], object] | None = None) -> list[Future[None]]:
    """One is being written; so many more have come meanwhile."""
    first = crew.submit(start or (lambda: disk.keep(named("first"))))
    assert disk.begun.acquire(timeout=PATIENCE)
    rest = []
    for number in range(count):
        rest.append(crew.submit(disk.keep, named(f"e{number}")))
        disk.waits(number + 1)
    return [first, *rest]  # type: ignore[list-item]


def test_all_that_came_while_one_was_written_share_the_next_commit(crew: ThreadPoolExecutor) -> None:
    disk = Disk()
    asked = one_and_then(crew, disk, 6)
    disk.go.release()
    asked[0].result(PATIENCE)
    assert not any(each.done() for each in asked[1:])
    disk.go.release()
    assert [each.result(PATIENCE) for each in asked] == [None] * 7
    assert disk.commits == [["first"], [f"e{number}" for number in range(6)]]


def test_an_error_is_raised_to_everybody_who_waited_for_it_and_the_next_are_written(crew: ThreadPoolExecutor) -> None:
    disk = Disk()
    asked = one_and_then(crew, disk, 3)
    disk.go.release()
    asked[0].result(PATIENCE)
    assert disk.begun.acquire(timeout=PATIENCE)
    disk.broken = True
    disk.go.release()
    for each in asked[1:]:
        with pytest.raises(OSError, match="disk full"):
            each.result(PATIENCE)
    disk.broken = False
    disk.go.release()
    disk.keep(named("later"))
    assert disk.commits[-1] == ["later"]


def test_who_came_while_a_refusal_was_counted_is_woken_too(crew: ThreadPoolExecutor) -> None:
    """The commit of a refusal has no event of its own; the first of those who wait gets the turn after it."""
    disk = Disk()
    first = crew.submit(disk.refuse, "one", date(2026, 11, 23), "forged")
    assert disk.begun.acquire(timeout=PATIENCE)
    asked = [crew.submit(disk.keep, named(f"e{number}")) for number in range(3)]
    disk.waits(3)
    disk.go.release()
    first.result(PATIENCE)
    disk.go.release()
    assert [each.result(PATIENCE) for each in asked] == [None] * 3


@pytest.mark.parametrize("interrupted", [0, 1, 3])
def test_an_interrupted_one_keeps_nobody_behind_it_waiting(
    crew: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch, interrupted: int
) -> None:
    """The first of those who wait would have written for all of them, the others would have woken the next: somebody stands in."""
    disk, gone, whole = Disk(), Event(), take_callback._Waiting.sleep

    def sleep(self: take_callback._Waiting) -> None:
        if self.row.event_id == f"e{interrupted}" and not gone.is_set():
            gone.set()
            raise KeyboardInterrupt
        whole(self)

    monkeypatch.setattr(take_callback._Waiting, "sleep", sleep)
    asked = one_and_then(crew, disk, 4)
    with pytest.raises(KeyboardInterrupt):
        asked[1 + interrupted].result(PATIENCE)
    disk.go.release(2)
    assert [each.result(PATIENCE) for each in asked if each is not asked[1 + interrupted]] == [None] * 4
    assert disk.commits == [["first"], ["e0", "e1", "e2", "e3"]]
    disk.go.release()
    disk.keep(named("later"))
