"""A small disk of its own for one trial, and how much room a command needs on it."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.campaigns.process import Ended
from tests.campaigns.stages import Stage
from tests.campaigns.trials import Bench, Trial

ROOMY = "256m"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own at a folder; skipped, with the reason said, where the machine does not let us mount one."""
    folder.mkdir(parents=True)
    mount = shutil.which("mount")
    words = [mount or "mount", "-t", "tmpfs", "-o", f"size={ROOMY}", "sulah-campaign", str(folder)]
    mounted = subprocess.run(words, capture_output=True, text=True, check=False) if mount else None
    if mounted is None or mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip() if mounted else 'there is no mount command'}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def resize(folder: Path, size: int | str) -> None:
    """Give the disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def used(folder: Path) -> int:
    """Bytes in use on the disk."""
    return shutil.disk_usage(folder).used


def need(bench: Bench, stage: Stage) -> tuple[int, int]:
    """Bytes that the lender takes before the command, and at most while it runs."""
    with small_disk(bench.folder() / "disk") as disk:
        return _most_used(bench, stage, disk)


def _most_used(bench: Bench, stage: Stage, disk: Path) -> tuple[int, int]:
    lender = Path(shutil.copytree(stage.before, disk / "lender"))
    before, most, over = used(disk), [0], threading.Event()

    def look() -> None:
        while not over.is_set():
            most[0] = max(most[0], used(disk))
            time.sleep(0.002)

    looking = threading.Thread(target=look)
    looking.start()
    outcome = bench.machine.run(lender, stage.arguments)
    over.set()
    looking.join()
    assert outcome.code == 0, outcome.words
    return before, most[0]


def on_a_disk_of(bench: Bench, stage: Stage, size: int) -> Trial:
    """One trial on a disk of that size, which is made roomy again before the command is repeated."""

    def run(lender: Path) -> Ended:
        disk = lender.parent
        (disk / "tmp").mkdir()
        resize(disk, size)
        try:
            return bench.machine.run(lender, stage.arguments)
        finally:
            resize(disk, ROOMY)

    with small_disk(bench.folder() / "disk") as disk:
        lender = Path(shutil.copytree(stage.before, disk / "lender"))
        return bench.trial(stage, f"{stage.command} on a disk of {size} bytes", run, lender)
