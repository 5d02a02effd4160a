"""A committed day reaches the guard before anything is sent, and an agency's log counts: by the commands that people start."""

import csv
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.lock import sole_publisher
from tests.outbox.place import ROOT, SECRETS, Place, gateway, until
from tests.real.command import done, sulah
from tests.village.cast import LAST_DAY, village_folder

pytestmark = pytest.mark.slow
_ENGAGE = (
    "import sys\nfrom pathlib import Path\nfrom sulah.records.connect import connect_records\nconnect_records(Path(sys.argv[1]))\n"
    "from sulah.actions.contact.actor import machine\nfrom sulah.actions.contact.engage_agent import engage_agency\n"
    "from sulah.kernel.dates import system_clock\nengage_agency('A1', 'Agency', by=machine('test'), clock=system_clock)\n"
)
LOG = ("contact_id", "borrower_id", "at", "channel", "direction", "number_used", "outcome", "agent_id")


@pytest.fixture
def lived(place: Place, tmp_path: Path) -> Place:
    """A lender whose last day is committed and not published."""
    done("load", village_folder(tmp_path / "village"), "--as-of", LAST_DAY, "--lender", place.root)
    done("day", "--as-of", LAST_DAY, "--lender", place.root)
    return place


def published(place: Place) -> list[str]:
    return [row[0] for row in place.rows("SELECT as_of FROM records_standingbook")]


def test_workers_publish_the_last_day_before_they_send_and_one_of_them_does(lived: Place) -> None:
    assert published(lived) == []
    with gateway(lived):
        for _ in range(2):
            said = sulah("work", "--once", "--workers", "3", "--lender", lived.root, **SECRETS)
            assert said.code == 0, said.words
            assert published(lived) == [LAST_DAY.isoformat()]
    people = lived.rows("SELECT count(*) FROM records_standing WHERE digest <> ''")[0][0]
    assert people >= 10


def test_a_worker_sends_nothing_while_another_publishes(lived: Place) -> None:
    with gateway(lived) as sandbox:
        lived.run("prepare", messages=[["m1", "p1", "LN/1", "recovery"]])
        with sole_publisher(open_lender(lived.root)):
            hand = lived.start("work")
            assert not until(lambda: bool(hand.words), 2)
            assert lived.states() == {"queued": 1}
            assert sandbox.kept() == []
        hand.answer()
    assert published(lived) == [LAST_DAY.isoformat()]
    assert lived.states() == {"sent": 1}


def test_a_log_of_an_agency_is_taken_in_once_and_ties_out(lived: Place, tmp_path: Path) -> None:
    person = village_person(lived)
    path = tmp_path / "contact.csv"
    rows = [
        ("C1", person, f"{LAST_DAY} 10:00:00", "call", "out", "9876543211", "connected", "A1-7"),
        ("C2", person, f"{LAST_DAY} 10:00:00", "smoke signal", "out", "", "", ""),
        ("C3", "NOBODY", f"{LAST_DAY} 10:00:00", "call", "out", "", "connected", ""),
    ]
    with path.open("w", newline="", encoding="utf-8") as handle:
        csv.writer(handle).writerows([LOG, *rows])
    said = sulah("dialler-log", path, "--agency", "A1", "--lender", lived.root)
    assert said.code == 1
    assert "There is no agency A1. Engage it first." in said.words
    subprocess.run([sys.executable, "-c", _ENGAGE, lived.root], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")})
    for _ in range(2):
        told = done("dialler-log", path, "--agency", "A1", "--lender", lived.root)
        assert (told["rows"], told["taken"], told["repeated"], told["refused"]) == (3, 1, 0, 2)
    assert lived.rows("SELECT source, state FROM records_contact") == [("agency_file", "connected")]


def test_a_log_that_is_no_file_is_refused_in_words(lived: Place, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", _ENGAGE, lived.root], check=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT / "src")})
    said = sulah("dialler-log", tmp_path / "none.csv", "--agency", "A1", "--lender", lived.root)
    assert said.code == 1
    assert "is no file" in said.words


def village_person(place: Place) -> str:
    """A person of the village, once the day is published."""
    with gateway(place):
        assert sulah("work", "--once", "--lender", place.root, **SECRETS).code == 0
    with sqlite3.connect(place.root / "sulah.sqlite3") as connection:
        return str(connection.execute("SELECT min(person) FROM records_standing WHERE digest <> ''").fetchone()[0])
