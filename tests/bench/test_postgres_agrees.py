"""PostgreSQL's own position, on a real server, gives our rows: only then may the bench compare their costs."""

import json
import os
from pathlib import Path

import pytest

from bench import ours, postgres_way
from bench.book import AS_OF, make_book

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
LOANS = 3000

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


def test_postgres_gives_the_same_position(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    book = make_book(tmp_path, LOANS, 5)
    ours.main([str(book), str(AS_OF), "-", str(tmp_path / "ready"), "position"])
    postgres_way.main([str(book), str(tmp_path / "ready"), str(AS_OF)])
    said = json.loads(capsys.readouterr().out)
    assert said["rows"] == LOANS
    assert said["cpu"] > 0
