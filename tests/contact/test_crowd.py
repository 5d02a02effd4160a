"""Real processes that reserve for the same people at once, and real SIGKILL: no cap is exceeded, nothing is lost or counted twice."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.contact.caller import CHANGED, FIRST_DAY
from tests.contact.people import BOOK
from tests.depth import so_many

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
NOT_COUNTED = ("failed", "withdrawn")
CONNECTS = ("connected", "ringing", "reserved", "ambiguous")
CLASS_OF = {"sms": "message", "whatsapp": "message", "email": "message", "call": "call", "bot_call": "call"} | {
    "visit": "visit",
    "meeting": "visit",
    "letter": "letter",
}


@dataclass(frozen=True)
class Crowd:
    """A lender's records and the processes that work on them."""

    root: Path
    database: str = ""

    def start(self, *words: object, **strike: str) -> subprocess.Popen[str]:
        """One process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
        path = f"{ROOT / 'src'}:{ROOT}"
        environment = {**kept, "PYTHONPATH": path, "SULAH_TEST_DATABASE": self.database, **strike}
        command = [sys.executable, "-m", "tests.contact.caller", str(words[0]), str(self.root), *map(str, words[1:])]
        return subprocess.Popen(command, env=environment, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def done(self, *words: object) -> Any:
        """One process that must end well; what it told."""
        return told(self.start(*words))

    def call_at_once(self, seeds: Sequence[int], people: int, tries: int) -> list[dict[str, int]]:
        """As many processes as seeds, started together."""
        return [told(process) for process in [self.start("call", seed, people, tries) for seed in seeds]]


def told(process: subprocess.Popen[str]) -> Any:
    """What a process that must end well told."""
    said, complained = process.communicate(timeout=900)
    assert process.returncode == 0, complained[-3000:]
    return json.loads(said)


@pytest.fixture
def embedded(tmp_path: Path) -> Crowd:
    """Records on SQLite, as a lender's folder has them."""
    return Crowd(tmp_path)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Crowd]:
    """Records on PostgreSQL."""
    if not SERVER:
        pytest.skip("no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES")
    name = f"sulah_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield Crowd(tmp_path, SERVER.rsplit("/", 1)[0] + f"/{name}")
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def over_the_caps(contacts: list[list[Any]]) -> list[str]:
    """Caps exceeded, counted anew from the ledger by the rows of policy; of the guard nothing is used."""
    found = []
    for row in BOOK.rows("contact_rule"):
        if row["predicate"] != "cap" or not row["switched_on"]:
            continue
        classes = {CLASS_OF[channel] for channel in (CLASS_OF if row["channels"] == "*" else str(row["channels"]).split())}
        counted: Counter[tuple[str, int]] = Counter()
        for person, of_class, purpose, state, day, *_ in contacts:
            stands = state in CONNECTS if row["counts"] == "connects" else state not in NOT_COUNTED
            asked = not purpose or row["purposes"] == "*" or purpose in str(row["purposes"]).split()
            if stands and of_class in classes and asked:
                counted.update((person, last) for last in range(day, day + int(row["days"])))
        found += [f"{row['rule_id']}: {who} {count}" for (who, _), count in counted.items() if count > int(row["most"])]
    return found


def out_of_hours(contacts: list[list[Any]]) -> list[str]:
    """Our contacts outside the hours of microfinance, outside those of a Sunday, or by an agency that was not the person's then.

    Written from the page: 09:00 to 18:00, on Sundays calls from 10:00 to 17:00 and no visit; the second agency an hour after midnight.
    """
    found = []
    for person, of_class, purpose, _, day, intent, _, second, agency in contacts:
        sunday = day % 7 == 0
        first, last = (36_000, 61_200) if sunday and of_class == "call" else (32_400, 64_800)
        lawful = first <= second < last and not (sunday and of_class == "visit")
        theirs = agency in ("", "A1" if day < CHANGED.toordinal() else "A2")
        if purpose and not (lawful and theirs):
            found.append(f"{person} {intent}: {of_class} at second {second} by {agency or 'us'}")
    return found


def assert_sound(told_of: dict[str, Any]) -> None:
    """No cap exceeded, none out of hours, one contact a permit, one that stands an intent, one call in flight a person, the ledger equal
    to its steps."""
    contacts = told_of["contacts"]
    assert over_the_caps(contacts) == []
    assert out_of_hours(contacts) == []
    assert sorted(contact[6] for contact in contacts if contact[6]) == told_of["permits"]
    standing = Counter(contact[5] for contact in contacts if contact[3] not in NOT_COUNTED)
    assert max(standing.values()) == 1
    in_flight = Counter(contact[0] for contact in contacts if contact[1] == "call" and contact[3] in ("reserved", "ringing"))
    assert max(in_flight.values(), default=0) <= 1
    assert told_of["states_differ"] == 0


def test_four_processes_on_sqlite_exceed_no_cap(embedded: Crowd) -> None:
    assert_no_cap_exceeded(embedded, 4, people=so_many(1_000, 8), tries=so_many(6_000, 150))


@pytest.mark.postgres
def test_sixteen_processes_on_postgresql_exceed_no_cap(served: Crowd) -> None:
    assert_no_cap_exceeded(served, 16, people=so_many(1_000, 8), tries=so_many(6_000, 150))


def assert_no_cap_exceeded(crowd: Crowd, processes: int, people: int, tries: int) -> None:
    crowd.done("prepare", people)
    answers = crowd.call_at_once(range(processes), people, tries)
    found = crowd.done("tell")
    assert_sound(found)
    ours = [contact for contact in found["contacts"] if contact[6]]
    assert sum(answer["permitted"] for answer in answers) == len(ours) > people
    assert {contact[8] for contact in ours} == {"", "A1", "A2"}
    assert {contact[4] for contact in ours} >= {CHANGED.toordinal() - 1, CHANGED.toordinal()}
    assert found["refusals"] == sum(answer["refused"] for answer in answers) > 0


def test_the_count_that_finds_an_exceeded_cap_is_not_blind() -> None:
    """Four calls a day of a person are one too many, three are not."""
    day = [["P1", "call", "recovery", "not_connected", 739_000, f"i-{number}", number] for number in range(4)]
    assert over_the_caps(day)
    assert over_the_caps(day[:3]) == []


def test_the_count_of_what_an_agency_told_is_not_blind() -> None:
    """A dialler log says no purpose: its calls count beside ours."""
    day = [["P1", "call", purpose, "not_connected", 739_000, f"i-{number}", 1] for number, purpose in enumerate(["", "", "recovery", ""])]
    assert over_the_caps(day)
    assert over_the_caps(day[:3]) == []


@pytest.mark.parametrize(
    ("of_class", "day", "second", "agency", "lawful"),
    [
        *(("call", 1, second, "", 32_400 <= second < 64_800) for second in (32_399, 32_400, 64_799, 64_800)),
        *(("call", 0, second, "", 36_000 <= second < 61_200) for second in (35_999, 36_000, 61_199, 61_200)),
        *(("visit", day, 40_000, "", day != 0) for day in (0, 1)),
        *(("call", day, 40_000, agency, (agency == "A1") is (day < 2)) for day in (1, 2) for agency in ("A1", "A2")),
    ],
)
def test_the_look_at_hours_is_not_blind(of_class: str, day: int, second: int, agency: str, lawful: bool) -> None:
    one = ["P1", of_class, "recovery", "sent", FIRST_DAY.toordinal() + day, "i-1", 1, second, agency]
    assert (out_of_hours([one]) == []) is lawful


POINTS = ("contact.locked", "contact.decided", "contact.before_commit", "contact.after_commit")
SETTLING = ("contact.settle_before_commit", "contact.settle_after_commit")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records of six people, made once."""
    root = tmp_path_factory.mktemp("prepared") / "lender"
    root.mkdir()
    Crowd(root).done("prepare", 6)
    return root


@pytest.mark.parametrize("point", [*POINTS, *SETTLING])
def test_a_process_killed_at_a_point_loses_nothing_and_counts_nothing_twice(tmp_path: Path, prepared: Path, point: str) -> None:
    """Killed before the commit there is no trace, after it all of it; the next process goes on from there."""
    people, tries = 6, 60
    embedded = Crowd(Path(shutil.copytree(prepared, tmp_path / "lender")))
    for number in range(so_many(200, 2)):
        struck = embedded.start("call", number, people, tries, SULAH_STRIKE=f"{point}:{1 + number * 3 % 7}", SULAH_STRIKE_WITH="kill")
        struck.communicate(timeout=300)
        if struck.returncode == 0:  # everything stands already, so the point is not passed so often any more
            break
        assert struck.returncode == -9
        assert_sound(embedded.done("tell"))
    embedded.done("call", 99, people, tries)
    assert_sound(embedded.done("tell"))


@pytest.mark.postgres
def test_processes_killed_on_postgresql_leave_every_contact_whole(served: Crowd) -> None:
    people, tries = 6, 80
    served.done("prepare", people)
    struck = [
        served.start("call", number, people, tries, SULAH_STRIKE=f"{point}:{1 + number}", SULAH_STRIKE_WITH="kill")
        for number, point in enumerate([*POINTS, *SETTLING])
    ]
    for process in struck:
        process.communicate(timeout=300)
    assert {process.returncode for process in struck} <= {-9, 0}
    served.done("call", 99, people, tries)
    assert_sound(served.done("tell"))
