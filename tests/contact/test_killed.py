"""Real SIGKILL around the commit of each act on facts: before it no trace in any table, after it all of it."""

import ast
import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import sulah.actions.contact
from tests.contact.test_crowd import Crowd
from tests.real.command import done
from tests.village.cast import LAST_DAY, village_folder

pytestmark = pytest.mark.slow
ACTS = {
    "contact.consent_before_commit": "consent",
    "stop.before_commit": "stop",
    "stop.after_commit": "stop",
    "stop.lift_before_commit": "lift",
    "assignment.before_commit": "assign",
    "rule.before_commit": "rule",
    "text.before_commit": "text",
    "language.before_commit": "language",
    "steps.before_commit": "steps",
    "officer_code.before_commit": "officer_code",
    "log.before_commit": "log",
    "log.after_commit": "log",
}
"""Point -> the act of tests.contact.caller that passes it."""
RESERVING = ("contact.locked", "contact.decided", "contact.before_commit", "contact.after_commit")
IN_THE_CROWD = (*RESERVING, "contact.settle_before_commit", "contact.settle_after_commit")
"""Struck in test_crowd."""
PUBLISHING = ("standing.begun", "standing.batch_written", "standing.before_commit", "standing.after_commit")


def rows_of(root: Path, of: str = "") -> str:
    """A digest over every row of every table of the records, or of those whose names begin so."""
    total = hashlib.sha256()
    with closing(sqlite3.connect(root / "sulah.sqlite3")) as records:
        for line in records.iterdump():
            if f'INSERT INTO "records_{of}' in line:
                total.update(line.encode())
    return total.hexdigest()


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lender's records, made once."""
    root = tmp_path_factory.mktemp("ready") / "lender"
    root.mkdir()
    Crowd(root).done("prepare", 2)
    Crowd(root).done("ready")
    return root


@pytest.mark.parametrize("point", ACTS)
def test_an_act_killed_around_its_commit_is_done_whole_or_not_at_all(tmp_path: Path, ready: Path, point: str) -> None:
    root = Path(shutil.copytree(ready, tmp_path / "lender"))
    before = rows_of(root)
    struck = Crowd(root).start("act", ACTS[point], SULAH_STRIKE=point, SULAH_STRIKE_WITH="kill")
    struck.communicate(timeout=300)
    assert struck.returncode == -9
    after = rows_of(root)
    assert (after == before) is not point.endswith("after_commit")
    Crowd(root).done("act", ACTS[point])
    assert (rows_of(root) == after) is (point == "log.after_commit")  # the same log twice changes nothing


def test_a_publication_killed_anywhere_is_taken_up_again_and_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    """The day counts as published with the last commit only; what was written before it is not written twice."""
    root = tmp_path / "village"
    done("init", root, "--simulated", "--name", "Village", "--entity", "nbfc_mfi")
    folder = village_folder(tmp_path / "extract", LAST_DAY)
    if done("load", folder, "--as-of", LAST_DAY, "--lender", root, "--by", "asha")["state"] == "held":
        done("approve", "--lender", root, "--by", "ravi", "--note", "seen")
    done("day", "--as-of", LAST_DAY, "--lender", root)
    crowd = Crowd(Path(shutil.copytree(root, tmp_path / "clean")))
    crowd.done("publish")
    for point in PUBLISHING:
        struck = Crowd(root).start("publish", SULAH_STRIKE=point, SULAH_STRIKE_WITH="kill")
        struck.communicate(timeout=300)
        assert struck.returncode == -9, point
        published = rows_of(root, "standingbook") != rows_of(root, "no such table")
        assert published is (point == "standing.after_commit")
    assert rows_of(root, 'standing"') == rows_of(crowd.root, 'standing"')
    assert Crowd(root).done("publish") is None


def test_every_point_of_these_acts_is_struck_by_some_test() -> None:
    """The points are read from where they are registered."""
    found = set()
    for path in sorted(Path(sulah.actions.contact.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "register":
                found |= {str(given.value) for given in node.args if isinstance(given, ast.Constant)}
    assert found == {*ACTS, *IN_THE_CROWD, *PUBLISHING}
