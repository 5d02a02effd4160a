"""Somebody reads the records while people are erased: the erasure says that old words still lie there, and is finished afterwards."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.real.command import done, sulah
from tests.vault.test_canaries import stage

PEOPLE = 2
HELD = "Another program is reading the records"
CLEAR = "CanaryClearQ00000Z"
AS_OF = "2026-11-23"

_READER = """
import sqlite3, sys
reader = sqlite3.connect(sys.argv[1], isolation_level=None)
reader.execute("BEGIN")
print(reader.execute("SELECT count(*) FROM records_heard").fetchone()[0], flush=True)
sys.stdin.read()
"""


@contextmanager
def reading(lender: Path) -> Iterator[None]:
    """Another program that began to read and has not ended."""
    command = [sys.executable, "-c", _READER, str(lender / "sulah.sqlite3")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert int(reader.stdout.readline()) > 0
        yield


def lived(root: Path) -> Path:
    """A lender whose records hold words of a person in clear, as a reading kept them before they were sealed."""
    stage("live", root, PEOPLE)
    with closing(sqlite3.connect(root / "lender" / "sulah.sqlite3")) as records, records:
        records.execute("UPDATE records_heard SET reading = json_set(reading, '$.matched', ?) WHERE person <> ''", (CLEAR,))
    assert in_clear(root / "lender") == ["sulah.sqlite3"]
    return root / "lender"


def in_clear(lender: Path) -> list[str]:
    """Files of the records in which the words can be read."""
    return [path.name for path in sorted(lender.glob("sulah.sqlite3*")) if CLEAR.encode() in path.read_bytes()]


def test_an_erasure_that_a_reader_holds_says_so_until_it_is_finished(tmp_path: Path) -> None:
    lender = lived(tmp_path)
    with reading(lender):
        stage("erase", tmp_path, PEOPLE)
        assert in_clear(lender) != []
        page = tmp_path / "certificate.html"
        assert HELD in sulah("erase", "--certificate", 1, "--lender", lender, "--to", page).words
        assert HELD in page.read_text("utf-8")
        assert HELD in done("erase", "--finish", "--lender", lender)["unfinished"]
        assert in_clear(lender) != []
    assert HELD in sulah("retain", "--as-of", AS_OF, "--lender", lender).words
    assert done("retain", "--as-of", AS_OF, "--do", "--lender", lender)["unfinished"] == ""
    assert in_clear(lender) == []
    assert done("erase", "--certificate", 1, "--lender", lender)["unfinished"] is False


def test_an_erasure_that_nobody_holds_leaves_nothing_and_says_nothing(tmp_path: Path) -> None:
    lender = lived(tmp_path)
    stage("erase", tmp_path, PEOPLE)
    assert in_clear(lender) == []
    assert "unfinished" not in done("erase", "--certificate", 1, "--lender", lender)["certificate"]
