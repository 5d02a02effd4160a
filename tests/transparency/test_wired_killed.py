"""SIGKILL at every point of act, entry, number, tile and checkpoint with the real queue: no fork, no gap, no act without its entry."""

import os
import secrets
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tests.depth import so_many

pytestmark = pytest.mark.slow
ROUNDS = 3
SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
BEGUN_ONCE = ("entry.keys_made", "entry.first_checkpoint", "entry.start_before_commit")
POINTS = (
    *("entry.row_written", "entry.queued", "entry.numbering", "entry.numbered"),
    *("tlog.numbered", "tlog.parts_written", "tlog.parts_synced", "tlog.file_renamed", "tlog.files_kept", "tlog.signed"),
    *("tlog.checkpoint_synced", "tlog.checkpoint_renamed", "tlog.checkpoint_kept", "tlog.partials_dropped", "tlog.closed"),
)
"""Points that a run passes after the log was begun; those of publishing are struck in test_publish_log.py."""


@dataclass
class Place:
    """A lender's folder, its database, and processes that act on it."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, module: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """One process, to its end."""
        given = {**os.environ, **self.environment, **more}
        return subprocess.run(  # our own modules
            [sys.executable, "-m", module, str(self.root), *words], env=given, capture_output=True, text=True, timeout=600, check=False
        )

    def act(self, **strike: str) -> int:
        """Act; the exit code, negative for a signal."""
        done = self.run("tests.transparency.acting", str(ROUNDS), **strike)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        return done.returncode

    def holds(self) -> str:
        """What `sulah check` finds wrong with the log, and what the outside verifier says of its folder."""
        done = self.run("tests.transparency.checking")
        assert done.returncode == 0, done.stderr
        return done.stdout


def struck_everywhere(place: Place, points: tuple[str, ...]) -> str:
    """One lender, killed at point after point, each time going on from what the last kill left; what is said of it in the end."""
    for point in points:
        for nth in range(1, so_many(4, 1) + 1):
            code = place.act(SULAH_STRIKE=f"{point}:{nth}", SULAH_STRIKE_WITH="kill")
            assert code == -signal.SIGKILL or nth > 1, f"{point} was not passed"
            assert "WRONG" not in place.holds(), point
    assert place.act() == 0
    return place.holds()


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Place:
    """A lender on SQLite."""
    return Place(tmp_path / "kaveri")


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Place]:
    """A lender with a database of its own on the server."""
    if not SERVER:
        pytest.skip("no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES")
    name = f"sulah_log_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Place(tmp_path / "kaveri", {"SULAH_TEST_DATABASE": SERVER.rsplit("/", 1)[0] + f"/{name}"})
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def test_killed_anywhere_on_sqlite_every_act_has_its_entry_and_the_log_goes_on(on_sqlite: Place) -> None:
    assert "HOLDS" in struck_everywhere(on_sqlite, (*BEGUN_ONCE, *POINTS))


@pytest.mark.postgres
def test_killed_anywhere_on_postgresql_every_act_has_its_entry_and_the_log_goes_on(on_postgres: Place) -> None:
    assert "HOLDS" in struck_everywhere(on_postgres, (*BEGUN_ONCE, *POINTS))


def test_a_whole_run_passes_every_point_that_is_struck_here(on_sqlite: Place) -> None:
    tally = on_sqlite.root.parent / "passed"
    assert on_sqlite.act(SULAH_STRIKE_COUNT=str(tally)) == 0
    passed = Counter(tally.read_text("utf-8").split())
    ours = {point for point in passed if point.startswith(("entry.", "tlog."))}
    assert ours == {*BEGUN_ONCE, *POINTS}
