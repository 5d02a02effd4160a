"""Canaries in every class of data: readable before, none after erasure and the stated days, and the past day still rebuilds."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.depth import so_many
from tests.vault.lived import CLASSES, OF_MONTHS, canary
from tests.vault.search import hits

PEOPLE = so_many(1000, 12)
SHAPE = re.compile(rb"Canary[A-Za-z]+Q\d{5}Z|(?<![0-9A-Za-z])98017\d{5}(?![0-9A-Za-z])")


def stage(name: str, root: Path, people: int = PEOPLE) -> dict[str, object]:
    """A part of the lender's life in a process of its own; what it says of itself."""
    command = [sys.executable, "-m", "tests.vault.lived", name, str(root), str(people)]
    done = subprocess.run(command, env={**os.environ}, capture_output=True, text=True, check=False, timeout=3600)
    assert done.returncode == 0, done.stderr[-3000:]
    assert SHAPE.findall((done.stdout + done.stderr).encode()) == []
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


def read_from(*places: Path) -> dict[str, int]:
    """Of how many people's canaries of each kind one can read; kinds of which none can be read are left out."""
    found = hits(places, SHAPE)
    counts = {kind: sum(canary(kind, number) in found for number in range(PEOPLE)) for kind in CLASSES}
    assert sum(counts.values()) == len(found), sorted(found)[:3]
    return {kind: count for kind, count in counts.items() if count}


def taken_out(folder: Path) -> dict[str, int]:
    """What can be read in what left in files; they are handed over and no longer ours."""
    found = read_from(folder)
    shutil.rmtree(folder)
    return found


def test_canaries_are_found_before_and_nowhere_after_the_stated_days(tmp_path: Path) -> None:
    stage("live", tmp_path)
    assert read_from(tmp_path) == dict.fromkeys(CLASSES, PEOPLE)
    assert set(taken_out(tmp_path / "taken-out-live")) == {"name", "refused", "reply", "sent", "note"}

    stage("erase", tmp_path)
    assert taken_out(tmp_path / "taken-out-erase") == {"refused": PEOPLE}  # rows that name nobody whom an erasure could mean
    assert read_from(tmp_path / "lender") == dict.fromkeys(OF_MONTHS, PEOPLE)
    assert read_from(tmp_path) == dict.fromkeys(CLASSES, PEOPLE)  # with copies of the keys, which are not 30 days old yet

    told = stage("retain", tmp_path)
    assert read_from(tmp_path) == {}
    assert told == {"different": [], "erased": PEOPLE, "checked": []}
    assert set(hits([tmp_path], re.compile(rb"Stays Kumar"))) == {"Stays Kumar"}  # who was not erased is still read: the search works
