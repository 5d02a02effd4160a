"""Killed at any point, an erasure, a sealing and the end of a month's key go on where they ended; nobody else loses a word."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sulah.kernel.points import POINTS
from tests.campaigns.points import registered
from tests.vault.lived import CLASSES, OF_MONTHS, canary
from tests.vault.search import hits
from tests.vault.test_canaries import SHAPE, stage

WHO_STAYS = re.compile(rb"Stays Kumar")

PEOPLE = 3
ERASING = (
    *("keys.copied", "file.sealed", "file.removed", "erase.wiped", "keys.destroying", "keys.destroyed", "erase.key_gone"),
    *("erase.before_commit", "erase.done"),
)
RETAINING = ("retain.keys_written", "retain.keys_gone", "keys.copy_removed")
ROTATING = ("keys.next_made", "keys.rewrapped", "keys.changed", "keys.bringing_back", "keys.brought_back")
"""Struck in test_key_store.py."""
LOADING = ("keys.made",)


def struck(name: str, root: Path, point: str) -> None:
    """A part of the lender's life that is killed at a point."""
    command = [sys.executable, "-m", "tests.vault.lived", name, str(root), str(PEOPLE)]
    given = {**os.environ, "SULAH_STRIKE": point, "SULAH_STRIKE_WITH": "kill"}
    done = subprocess.run(command, env=given, capture_output=True, check=False, timeout=1800)
    assert done.returncode == -9, done.stderr[-2000:]


def kinds(place: Path) -> set[str]:
    """The kinds of canaries that can be read in a folder."""
    found = hits([place], SHAPE)
    return {kind for kind in CLASSES if any(canary(kind, number) in found for number in range(PEOPLE))}


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lender with people in it."""
    root = tmp_path_factory.mktemp("lived")
    stage("live", root, PEOPLE)
    return root


def test_every_point_of_keys_and_erasure_is_struck() -> None:
    registered()
    ours = {point for point in POINTS if point.partition(".")[0] in ("keys", "file", "erase") or point.startswith("retain.keys")}
    assert ours == {*ERASING, *RETAINING, *ROTATING, *LOADING}


@pytest.mark.parametrize("point", ERASING)
def test_an_erasure_killed_at_a_point_is_finished_and_leaves_nothing_of_the_person(lived: Path, tmp_path: Path, point: str) -> None:
    root = Path(shutil.copytree(lived, tmp_path / "root"))
    struck("erase", root, point)
    told = stage("finish", root, PEOPLE)
    assert told == {"different": [], "erased": PEOPLE, "checked": []}
    assert kinds(root / "lender") == set(OF_MONTHS)
    assert set(hits([root / "lender"], WHO_STAYS)) == {"Stays Kumar"}


@pytest.mark.parametrize("point", RETAINING[:2])
def test_the_end_of_a_months_key_killed_at_a_point_is_finished(lived: Path, tmp_path: Path, point: str) -> None:
    root = Path(shutil.copytree(lived, tmp_path / "root"))
    stage("erase", root, PEOPLE)
    struck("retain", root, point)
    shutil.rmtree(root / "elsewhere")
    assert stage("let_go", root, PEOPLE) == {}
    assert kinds(root / "lender") == set()
