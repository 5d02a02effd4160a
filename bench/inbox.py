"""Callbacks a second that share commits, as tasks of a loop (`sulah receive hooks`) and as threads (the pages), against one commit each.

`python -m bench.inbox [--events N] [--at-once N] [--rounds N]` on lenders made for it; SQLite with synchronous=FULL.  Simulated.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sulah.adapters.book.layout import Lender, open_lender
from sulah.kernel.terms import EntityType

T = TypeVar("T")


def intake(lender: Lender, events: int, threads: int, prefix: str = "") -> dict[str, Any]:
    """Events a second kept by callbacks that share commits (tasks of a loop, and threads), against a commit for each; p99 of one event."""
    from sulah.actions.share_commits import LoopWriter
    from sulah.actions.take_callback import InboxWriter
    from sulah.records.contact.inbox import Inbox

    now = datetime.now(UTC)

    def rows(name: str, many: int) -> list[Inbox]:
        alike: dict[str, Any] = {"channel": "sms", "provider": "one", "sealed": "x" * 400, "received_at": now}
        return [Inbox(event_id=f"{name}{prefix}{number}", **alike) for number in range(many)]

    def alone(row: Inbox) -> None:
        InboxWriter().keep(row)  # a writer for each event has nothing to share

    async def looped(rows: list[Inbox]) -> tuple[float, list[float]]:
        writer, waits = LoopWriter(), list[float]()

        async def run(share: list[Inbox]) -> None:
            for row in share:
                began = time.perf_counter()
                await writer.keep(row)
                waits.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(run(rows[place::threads]) for place in range(threads)))
        seconds = time.perf_counter() - began
        await writer.end()
        return seconds, waits

    writer = InboxWriter()
    few = max(threads, events // 20)
    one, _ = _timed(rows("a", few), 1, alone)
    single, _ = _timed(rows("b", few), threads, alone)
    many, slow = _timed(rows("c", events), threads, writer.keep)
    loop, fast = asyncio.run(looped(rows("d", events)))
    p99 = {name: round(statistics.quantiles(waits, n=100)[98] * 1000, 1) for name, waits in (("threads", slow), ("loop", fast))}
    each = {"by_one_thread": few / one, "by_threads": few / single}
    shared = {"by_threads": events / many, "by_loop": events / loop}
    return {
        "events": events,
        "at_once": threads,
        "commit_per_event": {name: round(rate, 1) for name, rate in each.items()},
        "shared_commits": {name: round(rate, 1) for name, rate in shared.items()},
        "ratio": round(shared["by_loop"] / each["by_threads"], 1),
        "ratio_to_one_thread": round(shared["by_loop"] / each["by_one_thread"], 1),
        "p99_ms": p99,
    }


def _timed(rows: list[T], threads: int, keep: Callable[[T], None]) -> tuple[float, list[float]]:
    """Seconds for all, and for each."""
    waits: list[float] = []
    shares = [rows[place::threads] for place in range(threads)]

    def run(share: list[T]) -> None:
        for row in share:
            began = time.perf_counter()
            keep(row)
            waits.append(time.perf_counter() - began)

    crew = [threading.Thread(target=run, args=(share,)) for share in shares]
    began = time.perf_counter()
    for each in crew:
        each.start()
    for each in crew:
        each.join()
    return time.perf_counter() - began, waits


def main() -> None:
    """Measure so many rounds, each with events of its own; one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    from sulah.cli.init import make_lender
    from sulah.records.connect import bring_up_to_date, connect_records

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "kaveri"
        make_lender(root, name="Kaveri", entity=EntityType.NBFC_MFI, simulated=True)
        lender = open_lender(root)
        connect_records(lender.root, lender.database)
        bring_up_to_date()
        for number in range(asked.rounds):
            sys.stdout.write(json.dumps(intake(lender, asked.events, asked.at_once, f"{number}-")) + "\n")


if __name__ == "__main__":
    main()
