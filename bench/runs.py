"""One program as one process: its CPU time, wall time and peak memory, as the system accounts for them."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


class ProgramFailedError(Exception):
    """A program of the bench ended with an error; its own words stand above."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: CPU (user and system) and wall seconds, peak resident memory in MB, what it said last on standard output."""

    cpu: float
    wall: float
    peak_mb: float
    said: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program to measure: its module with arguments, what it does, and how its CPU time is scaled to the whole book.

    once: run in the first round only; scale: for a program that runs on a part of the book, which then says its own CPU seconds.
    """

    name: str
    words: tuple[str, ...]
    scope: str
    once: bool = False
    scale: int = 1


@dataclass(slots=True)
class Figures:
    """The runs of a program, and the ratio of each run's CPU to the floor of the same round."""

    runs: list[Run] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)


def run(words: Sequence[str]) -> Run:
    """Run a module of the bench to its end; ProgramFailedError when it ends with an error."""
    started = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own modules
    assert child.stdout is not None  # noqa: S101 - a pipe was asked for
    said = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - started
    child.stdout.close()
    if child.returncode:
        raise ProgramFailedError(f"{' '.join(words)} ended with {child.returncode}")
    kilobytes = used.ru_maxrss / 1024 if sys.platform == "darwin" else used.ru_maxrss
    return Run(used.ru_utime + used.ru_stime, wall, kilobytes / 1024, said.strip())


def measure(program: Program) -> Run:
    """One run of a program, its CPU time scaled to the whole book where it runs on a part."""
    made = run(program.words)
    if program.scale == 1:
        return made
    return Run(json.loads(made.said.splitlines()[-1])["cpu"] * program.scale, made.wall, made.peak_mb, made.said)


def spread(values: Sequence[float]) -> str:
    """Median, with least and most where there are several.

    >>> spread([3.0, 1.0, 2.0])
    '2.0 (1.0-3.0)'
    """
    middle = f"{statistics.median(values):.1f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):.1f}-{max(values):.1f})"
