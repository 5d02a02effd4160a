"""One trial: a copy of a lender meets a fault, a reader looks, the same command runs again, a reader looks again."""

import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaigns.process import Ended, Machine, cpu_seconds, tree_of
from tests.campaigns.stages import Stage
from tests.closing import TALLY

Made = Callable[[tuple[Any, ...]], Any]
"""Gives the result of a case, as soon as it is there."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one trial: how the struck process ended, what a reader then saw, and how the same command ended after it."""

    stage: Stage
    fault: str
    struck: Ended
    seen: Mapping[str, Any]
    again: Ended
    seen_again: Mapping[str, Any]
    tree: Mapping[str, str]
    left_over: tuple[str, ...]

    @property
    def became_the_day(self) -> bool:
        """Did the reader see what the command was to bring, after the fault?"""
        return self.seen == self.stage.seen_after

    def assert_all_or_nothing(self) -> None:
        """The reader saw exactly the state before or exactly the state after, and nothing that contradicts itself."""
        assert self.seen["wrong"] == [], self.fault
        assert self.seen in (self.stage.seen_before, self.stage.seen_after), self.fault

    def assert_resumed_identical(self) -> None:
        """The same command again ended in the records and the bytes of the run without a fault, with nothing left over."""
        assert self.again.code == 0, f"{self.fault}: {self.again.words}"
        assert self.seen_again == self.stage.seen_after, self.fault
        assert self.tree == self.stage.tree, self.fault
        assert self.left_over == (), self.fault


@dataclass(slots=True)
class Bench:
    """Where trials are made, and what they count up to."""

    machine: Machine
    root: Path
    _number: int = 0

    def folder(self) -> Path:
        """A new folder for one trial."""
        self._number += 1
        folder = self.root / f"trial-{self._number}"
        folder.mkdir()
        return folder

    def lender_of(self, stage: Stage) -> Path:
        """A new copy of the lender that a command begins from."""
        return Path(shutil.copytree(stage.before, self.folder() / "lender"))

    def strike(self, stage: Stage, point: str, time_: int, how: str = "kill") -> Trial:
        """Strike at the n-th passing of a point."""
        trial = self.trial(
            stage,
            f"{how} at {point}:{time_} of the {stage.command}",
            lambda lender: self.machine.run(lender, stage.arguments, SULAH_STRIKE=f"{point}:{time_}", SULAH_STRIKE_WITH=how),
        )
        TALLY["campaigns", point, "struck"] += 1
        return trial

    def kill_at(self, stage: Stage, part: float) -> Trial:
        """Kill when the process has used a part of the CPU that the run without a fault used."""
        moment = stage.cpu * part
        return self.trial(
            stage,
            f"kill after {moment:.2f} CPU seconds of the {stage.command}",
            lambda lender: self.machine.run_until(lender, stage.arguments, lambda pid: cpu_seconds(pid) >= moment, pause=0.005),
        )

    def kill_in_commit(self, stage: Stage, point: str, delay: float) -> Trial:
        """Kill some milliseconds after the process has passed the last point before its commit."""

        def run(lender: Path) -> Ended:
            tally, since = lender.parent / "points", []

            def moment(_: int) -> bool:
                if not since and tally.is_file() and point in tally.read_text():
                    since.append(time.perf_counter())
                return bool(since) and time.perf_counter() - since[0] >= delay / 1000

            return self.machine.run_until(lender, stage.arguments, moment, pause=0.0005, SULAH_STRIKE_COUNT=str(tally))

        return self.trial(stage, f"kill {delay} ms into the commit of the {stage.command}", run)

    def trial(self, stage: Stage, fault: str, run: Callable[[Path], Ended], lender: Path | None = None) -> Trial:
        """Copy, fault, look, again, look."""
        lender = lender or self.lender_of(stage)
        struck = run(lender)
        seen = self.machine.seen(lender)
        again = self.machine.run(lender, stage.arguments)
        trial = Trial(stage, fault, struck, seen, again, self.machine.seen(lender), tree_of(lender), _left_over(lender))
        _count(trial)
        shutil.rmtree(lender)
        return trial


def _count(trial: Trial) -> None:
    same = trial.seen_again == trial.stage.seen_after and trial.tree == trial.stage.tree
    for name, happened in (
        ("trials", True),
        ("killed", trial.struck.killed),
        ("refused with words", trial.struck.code == 1),
        ("ended identical", same),
    ):
        TALLY["campaigns", "", name] += happened


def _left_over(lender: Path) -> tuple[str, ...]:
    """What lies in the temporary folder after all."""
    return tuple(sorted(path.name for path in (lender.parent / "tmp").rglob("*")))
