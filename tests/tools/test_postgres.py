"""The throw-away PostgreSQL server: there while the command runs, gone afterwards, and plain about what is missing."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import postgres

SCRIPT = Path(postgres.__file__)


@pytest.fixture(autouse=True)
def _no_server_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without a server in the environment."""
    monkeypatch.delenv(postgres.ADDRESS, raising=False)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's own account may enter too; pytest's are closed to all but the one who runs it."""
    folder = Path(tempfile.mkdtemp(prefix="sulah-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def _run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command through the script, as `make test` does."""
    return subprocess.run(
        [sys.executable, SCRIPT, *command], env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300
    )


def test_without_a_command_it_says_how_it_is_used() -> None:
    """Wrong usage is exit code 2."""
    answer = _run()
    assert answer.returncode == 2
    assert "name the command to run" in answer.stderr


def test_a_server_named_in_the_environment_is_used_as_it_is() -> None:
    """Nothing is started, and the exit code is the command's own."""
    shown = "import os, sys; print(os.environ['SULAH_TEST_POSTGRES']); sys.exit(7)"
    answer = _run(sys.executable, "-c", shown, SULAH_TEST_POSTGRES="postgresql://elsewhere/one")
    assert answer.returncode == 7
    assert answer.stdout.strip() == "postgresql://elsewhere/one"


def test_where_postgresql_is_not_installed_the_command_runs_and_the_skip_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Plain words and the way to mend it, not a failure."""
    monkeypatch.setattr(postgres, "PLACES", ())
    monkeypatch.setenv("PATH", "")
    assert postgres.main([sys.executable, "-c", "import os; print('SULAH_TEST_POSTGRES' in os.environ)"]) == 0
    said = capfd.readouterr()
    assert said.out.strip() == "False"
    assert "apt-get install postgresql" in said.err


def test_the_newest_version_is_taken_by_number_and_not_by_letter() -> None:
    """15 is newer than 9.6."""
    folders = [Path(f"/usr/lib/postgresql/{number}/bin") for number in ("9.6", "15", "14")]
    assert max(folders, key=postgres.version).parent.name == "15"


@pytest.mark.postgres
def test_a_throw_away_server_answers_and_leaves_nothing_behind(open_folder: Path) -> None:
    """The command can make databases; the server's folder is gone when the command has ended."""
    if postgres.installed_folder() is None:
        pytest.skip("PostgreSQL is not installed")
    script = (
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['SULAH_TEST_POSTGRES'], autocommit=True) as server:\n"
        "    server.execute('CREATE DATABASE village')\n"
        "    print(server.execute('SELECT current_user').fetchone()[0])\n"
    )
    answer = _run(sys.executable, "-c", script, TMPDIR=str(open_folder), HOME=str(open_folder))
    assert answer.stdout.strip() == postgres.OWNER, answer.stderr
    assert list(open_folder.iterdir()) == []


@pytest.mark.postgres
def test_a_server_that_does_not_start_is_told_with_its_own_words(
    open_folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, and what the program said."""
    for name in ("initdb", "pg_ctl", "createdb"):
        program = open_folder / name
        program.write_text("#!/bin/sh\necho 'no room on the disk' >&2\nexit 3\n", "utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{open_folder}:{os.environ['PATH']}")
    assert postgres.main([sys.executable, "-c", "print('ran')"]) == 1
    said = capfd.readouterr()
    assert "no room on the disk" in said.err
    assert said.out == ""
