"""The pages of contact on PostgreSQL: lists cut by branch, loan and agency through JSON columns find the same as on SQLite."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
ROOT = Path(__file__).resolve().parents[2]

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


@pytest.mark.parametrize(
    "suite",
    [
        "tests/web/test_decisions_page.py",
        "tests/web/test_delivery_page.py",
        "tests/web/test_inbox_page.py",
        "tests/web/test_thread_page.py",
        "tests/web/test_promises_page.py",
        "tests/web/test_complaints_page.py",
        "tests/web/test_ledger_page.py",
        "tests/web/test_inspection_page.py",
        "tests/evidence/test_bundle.py",
        "tests/evidence/test_access_log.py",
        "tests/talk",
    ],
)
def test_the_pages_and_acts_of_contact_find_the_same_on_postgresql(suite: str) -> None:
    environment = {**os.environ, "SULAH_DATABASE": SERVER}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", suite]
    said = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, check=False, timeout=1_800)
    assert said.returncode == 0, said.stdout[-3000:]
    assert " passed" in said.stdout
