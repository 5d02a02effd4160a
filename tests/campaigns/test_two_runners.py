"""Two runners at once: the second is refused in words, whatever the first is doing; a dead one's lock blocks nobody."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.campaigns.process import PATIENCE, Machine, ended, tree_of
from tests.campaigns.stages import Stage
from tests.campaigns.trials import Bench

pytestmark = pytest.mark.slow
STOPPED_AT = {"next load": "load.derived", "next day": "day.tables_done"}


@contextmanager
def stopped(machine: Machine, lender: Path, stage: Stage, point: str) -> Iterator[subprocess.Popen[str]]:
    """The command, stopped in the middle of its work with its lock in hand."""
    process = machine.start(lender, stage.arguments, SULAH_STRIKE=point, SULAH_STRIKE_WITH="stop")
    until = time.monotonic() + PATIENCE
    while _state_of(process.pid) != "T":
        assert process.poll() is None, "it ended before it was stopped"
        assert time.monotonic() < until, "it was never stopped"
        time.sleep(0.01)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.parametrize("command", STOPPED_AT)
def test_a_second_runner_is_refused_and_the_first_ends_as_if_alone(
    command: str, bench: Bench, stages: dict[str, Stage], machine: Machine
) -> None:
    """The first sleeps as long as it likes; waking up, it finds its work untouched."""
    stage = stages[command]
    lender = bench.lender_of(stage)
    with stopped(machine, lender, stage, STOPPED_AT[command]) as first:
        second = machine.run(lender, stage.arguments)
        assert second.code == 1, second.words
        assert "is running" in second.words
        assert "try again" in second.words
        assert machine.seen(lender) == stage.seen_before
        os.kill(first.pid, signal.SIGCONT)
        assert ended(first).code == 0
    assert tree_of(lender) == stage.tree
    assert machine.seen(lender) == stage.seen_after


def test_the_lock_of_a_dead_process_blocks_nobody(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    stage = stages["next day"]
    lender = bench.lender_of(stage)
    with stopped(machine, lender, stage, STOPPED_AT["next day"]) as first:
        first.kill()
        assert ended(first).killed
    assert any((lender / "book").glob(".*lock"))
    assert machine.run(lender, stage.arguments).code == 0
    assert tree_of(lender) == stage.tree
    assert machine.seen(lender) == stage.seen_after


def test_a_load_that_arrives_while_a_day_runs_changes_nothing_of_that_day(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    """The book has one lock: the load is told to wait, and goes in once the day has ended."""
    day, load = stages["first day"], stages["next load"]
    lender = bench.lender_of(day)
    with stopped(machine, lender, day, "day.shard_begun") as first:
        early = machine.run(lender, load.arguments)
        assert early.code == 1, early.words
        assert "is running" in early.words
        os.kill(first.pid, signal.SIGCONT)
        assert ended(first).code == 0
    assert tree_of(lender) == day.tree
    assert machine.run(lender, load.arguments).code == 0
    assert tree_of(lender) == load.tree
    seen = machine.seen(lender)
    assert seen["wrong"] == []
    assert (seen["days"], seen["items"], seen["loads"]) == tuple(load.seen_after[part] for part in ("days", "items", "loads"))
