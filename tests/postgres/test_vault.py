"""Erasing, the keys of months and what is held about a person on PostgreSQL: the same tests as on SQLite, run against the server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
ROOT = Path(__file__).resolve().parents[2]
FILES = ("test_erasure", "test_erasure_in_log", "test_periods", "test_export_person")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


def test_what_holds_on_sqlite_holds_on_postgresql() -> None:
    environment = {**os.environ, "SULAH_DATABASE": SERVER}
    files = [f"tests/vault/{name}.py" for name in FILES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files]
    said = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=1_800)
    assert said.returncode == 0, said.stdout[-3000:]
    assert " passed" in said.stdout
