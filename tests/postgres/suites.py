"""Suites of tests that are run a second time, by the same words, with their records on PostgreSQL."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
ROOT = Path(__file__).resolve().parents[2]

on_postgresql = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


def assert_they_pass(database: str, *suites: str) -> None:
    """Run them on a database of that name, which no other process of the run may use at the same time."""
    environment = {**os.environ, "SULAH_DATABASE": f"{SERVER.rpartition('/')[0]}/{database}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *suites]
    said = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=1_800)
    assert said.returncode == 0, said.stdout[-3000:]
    assert " passed" in said.stdout
