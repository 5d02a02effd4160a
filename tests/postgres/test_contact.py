"""The facts of contact, counting and reserving on PostgreSQL: the same tests as on SQLite, run against the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.depth import some_of

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "test_snapshot",
    "test_plan",
    "test_plan_steps",
    "test_learn_numbers",
    "test_ledgers",
    "test_reserve",
    "test_log",
    "test_rules",
    "test_seals",
    "test_acts",
    "test_roles",
    "test_standing",
)

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


def test_what_holds_on_sqlite_holds_on_postgresql() -> None:
    environment = {**os.environ, "SULAH_DATABASE": SERVER}
    files = [f"tests/contact/{name}.py" for name in some_of(FILES, 7)]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files]
    said = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=1_800)
    assert said.returncode == 0, said.stdout[-3000:]
    assert " passed" in said.stdout
