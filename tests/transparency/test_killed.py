"""SIGKILL of a real process at every point of numbering, writing tiles, signing, publishing: no fork, no gap, nothing twice or lost."""

import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from sulah.adapters.log import sequencer, store, witness
from sulah.adapters.log.store import TileStore
from sulah.kernel.points import POINTS, register
from sulah.kernel.refusal import Refusal
from sulah.transparency.checkpoint import open_checkpoint
from sulah.transparency.tiles import entry_at
from tests.depth import so_many
from tests.transparency import grow
from tests.transparency.made import KEYS, LOG_KEY, draft, fill, outside

pytestmark = pytest.mark.slow
COUNT = 600
WITNESS_OWN = {"tlog.witness_kept"}
"""Struck by tests/transparency/test_witness.py."""

OWN = {point for point in POINTS if point.startswith("tlog.")} - WITNESS_OWN
PASSES = so_many(20, 3)
"""Passings of each point that are struck: all where there are fewer, else so many spread evenly.  Three at least: the first checkpoint
is of an empty log and the last one has no news, so only those between need tiles of their own."""


@dataclass(frozen=True)
class Whole:
    """A run that nobody killed: its folder, and how often it passed each point."""

    folder: Path
    reached: Counter[str]


def child(folder: Path, **environment: str) -> int:
    """Grow the log in a process of its own; the signal that ended it, 0 for none.  It is forked, so that a trial costs no start-up."""
    pid = os.fork()
    if pid == 0:
        os.environ.update(environment)
        register(*POINTS)  # a fork inherits how often this process passed them: begin at one
        try:
            grow.main(folder)
            os._exit(0)
        except Refusal:
            os._exit(1)
        finally:
            os._exit(2)
    status = os.waitpid(pid, 0)[1]
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """The run that the others must end like."""
    folder = tmp_path_factory.mktemp("whole")
    fill(folder, COUNT)
    assert child(folder, SULAH_STRIKE_COUNT=str(folder / "passed")) == 0
    yield Whole(folder, Counter((folder / "passed").read_text("utf-8").split()))
    shutil.rmtree(folder)


def standing(log: Path) -> dict[str, bytes]:
    """Every file of a log but partial tiles of earlier sizes, which may stay or go."""
    latest = (".p/88", ".p/2")
    kept = (path for path in log.rglob("*") if path.is_file() and not path.relative_to(log).parts[0].startswith("."))
    return {str(path.relative_to(log)): path.read_bytes() for path in kept if ".p/" not in str(path) or str(path).endswith(latest)}


def registered_by(*modules: ModuleType) -> set[str]:
    """The points that these modules name as they stand."""
    return {name for module in modules for name in re.findall(r'"(tlog\.\w+)"', Path(str(module.__file__)).read_text("utf-8"))}


def test_every_point_of_the_log_is_struck_here(whole: Whole) -> None:
    assert set(whole.reached) == OWN
    assert registered_by(store, sequencer, witness) == OWN | WITNESS_OWN


@pytest.mark.parametrize("point", sorted(OWN))
def test_killed_anywhere_the_log_is_its_checkpoint_and_goes_on_to_the_same_bytes(whole: Whole, tmp_path: Path, point: str) -> None:
    times = whole.reached[point]
    for nth in sorted({1 + step * (times - 1) // max(1, PASSES - 1) for step in range(PASSES)}):
        folder = tmp_path / f"{nth}"
        fill(folder, COUNT)
        assert child(folder, SULAH_STRIKE=f"{point}:{nth}", SULAH_STRIKE_WITH="kill") == signal.SIGKILL
        seen: tuple[object, ...] = ()
        note = TileStore(folder / "log").checkpoint()
        if note is not None:
            assert outside("log", folder / "log")[0] == 0, "what a killed process leaves is a whole log of its checkpoint's size"
            (folder / "seen").write_text(note, "utf-8")
            seen = ("--seen", folder / "seen")
        assert child(folder) == 0
        assert outside("log", folder / "log", *seen)[0] == 0, "the checkpoint that was out is a part of what came after"
        assert standing(folder / "log") == standing(whole.folder / "log")


def test_the_log_has_every_entry_once_in_its_place(whole: Whole) -> None:
    files = TileStore(whole.folder / "log")
    checkpoint, _ = open_checkpoint(files.checkpoint() or "", KEYS)
    assert checkpoint.size == COUNT
    assert all(entry_at(files, number, COUNT) == draft(number).numbered(number) for number in range(0, COUNT, 7))


def test_a_killed_writer_holds_no_lock(tmp_path: Path) -> None:
    fill(tmp_path, 10)
    assert child(tmp_path, SULAH_STRIKE="tlog.signed:1") == signal.SIGKILL
    with TileStore(tmp_path / "log").writing():
        assert child(tmp_path) == -1, "while one writes, another is refused"
    assert child(tmp_path) == 0
    assert LOG_KEY.verifier in KEYS
