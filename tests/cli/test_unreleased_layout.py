"""A lender made by a commit of before the first release is refused in words, not with an error of the database."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.real.command import new_lender, sulah


def test_a_database_of_an_unreleased_layout_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """Its open work still has a rank; the words say how to go on."""
    lender = new_lender(tmp_path / "lender")
    database = lender / "sulah.sqlite3"
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("ALTER TABLE records_workitem RENAME COLUMN work_order TO rank")
        opened.commit()
    before = database.read_bytes()
    said = sulah("check", "--json", "--lender", lender)
    assert said.code == 1
    assert "never released" in said.fields["words"]
    assert "sulah demo --again" in said.fields["words"]
    assert database.read_bytes() == before
