"""The village on SQLite and on PostgreSQL: the same ledger, work and audit; one runner at a time; a killed publish leaves nothing."""

import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.real.command import Said, done, new_lender, sulah
from tests.village.cast import LAST_DAY, village_folder

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
DAYS = (LAST_DAY - timedelta(1), LAST_DAY)
RECORDS = {
    "load": "id, as_of, version, parent_id, state, reasons, content_sha256, policy_sha256, path, report, loaded_by, decided_by, "
    "decision_note",
    "loadfile": "load_id, name, sha256, rows, loaded, quarantined, paise, paise_loaded, paise_quarantined",
    "dayrun": "as_of, load_id, policy_sha256, policy, code_version, path, tables, published, counts, committed_by",
    "workitem": "borrower_id, work_order, branch_id, officer_id, lead_loan_id, loans_overdue, overdue_since, "
    "overdue_paise, stage, treatment, channel, "
    "worked_by, hold_reason, rule_id, opened_on, changed_on, closed_on",
    "auditentry": "actor, act, subject, before, after",
}
"""What must be equal: everything but the times and the row numbers."""

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


@pytest.fixture
def address() -> Iterator[str]:
    """A database of its own on the server, gone afterwards."""
    name = f"sulah_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield SERVER.rsplit("/", 1)[0] + f"/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> dict[date, Path]:
    """The village's extract of each day, as files."""
    root = tmp_path_factory.mktemp("village")
    return {day: village_folder(root / day.isoformat(), day) for day in DAYS}


def lender(root: Path, address: str = "") -> Path:
    """A lender's folder; with an address, its records lie on PostgreSQL, as lender.toml says."""
    made = new_lender(root, entity="nbfc_mfi")
    if address:
        settings = root / "lender.toml"
        settings.write_text(settings.read_text("utf-8").replace('# url = ""', f'url = "{address}"'), "utf-8")
        (root / "sulah.sqlite3").unlink()
        done("log", "start", "--lender", root)
    return made


def load(root: Path, extracts: dict[date, Path], day: date) -> None:
    """Load a day's extract; a supervisor approves it if it is held."""
    if done("load", extracts[day], "--as-of", day, "--lender", root, "--by", "asha")["state"] == "held":
        done("approve", "--lender", root, "--by", "ravi", "--note", "seen")


def live(root: Path, extracts: dict[date, Path]) -> list[dict[str, Any]]:
    """Two days of a lender: load, approve where held, day; the same day again; a load undone.  What `day` answered."""
    said = []
    for day in DAYS:
        load(root, extracts, day)
        said.append(done("day", "--as-of", day, "--lender", root, "--by", "asha"))
    said.append(done("day", "--as-of", LAST_DAY, "--lender", root, "--by", "asha"))
    return said


def records(root: Path, address: str = "") -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table of the records, JSON read and dates as text, in an order of their own."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    connection: Any = psycopg.connect(address) if address else sqlite3.connect(root / "sulah.sqlite3")
    for table, columns in RECORDS.items():
        named = ", ".join(f'"{column.strip()}"' for column in columns.split(","))
        rows = connection.execute(f"SELECT {named} FROM records_{table} ORDER BY id").fetchall()
        found[table] = [tuple(plain(value) for value in row) for row in rows]
    connection.close()
    found["workitem"].sort()
    return found


def plain(value: Any) -> Any:
    """A value of either database in one form."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value.isoformat() if isinstance(value, date) else value


def book_bytes(root: Path) -> dict[str, bytes]:
    """Every file of the days, by its path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / "book" / "days").rglob("*.parquet"))}


def test_two_days_give_the_same_ledger_work_audit_and_bytes(tmp_path: Path, address: str, extracts: dict[date, Path]) -> None:
    """Loads, approvals, days and a repeated day, by the real command line; the database differs and nothing else does."""
    small, large = lender(tmp_path / "sqlite"), lender(tmp_path / "postgres", address)
    assert live(small, extracts) == live(large, extracts)
    ours, theirs = records(small), records(large, address)
    assert not (large / "sulah.sqlite3").exists()
    for begun in (ours["auditentry"].pop(0), theirs["auditentry"].pop(0)):  # each lender's log has a name and keys of its own
        assert begun[1] == "log.start"
    for table in RECORDS:
        assert _without_seals(theirs[table]) == _without_seals(ours[table]), table
        assert ours[table], table
    assert book_bytes(small) == book_bytes(large)
    assert done("check", "--lender", large)["done"]
    assert done("replay", "--as-of", LAST_DAY, "--lender", large)["different"] == []


def _without_seals(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows without the digests of sealed files: each lender's key is its own, so their bytes differ by design."""
    sealed = ("quarantine.parquet", "_private.parquet")

    def kept(value: Any) -> Any:
        """A report without those digests; anything else as it is."""
        if isinstance(value, dict) and "digests" in value:
            return {**value, "digests": {name: digest for name, digest in value["digests"].items() if not name.endswith(sealed)}}
        return value

    return [tuple(kept(value) for value in row) for row in rows]


@pytest.mark.parametrize("point", ["publish.begun", "publish.items_written", "publish.before_commit"])
def test_a_kill_between_publish_and_commit_leaves_nothing_and_the_next_run_ends_the_same(
    tmp_path: Path, address: str, extracts: dict[date, Path], point: str
) -> None:
    root = lender(tmp_path / "postgres", address)
    load(root, extracts, DAYS[0])
    before = records(root, address)
    struck = _day(root, DAYS[0], SULAH_STRIKE=point)
    assert struck.code == -9
    assert records(root, address) == before
    assert before["dayrun"] == before["workitem"] == []
    assert done("day", "--as-of", DAYS[0], "--lender", root)["published"]
    assert len(records(root, address)["dayrun"]) == 1
    assert [path.name for path in (root / "book" / "days").iterdir()] == [f"{DAYS[0]}.1"]


def test_a_kill_after_the_commit_leaves_the_whole_day(tmp_path: Path, address: str, extracts: dict[date, Path]) -> None:
    root = lender(tmp_path / "postgres", address)
    load(root, extracts, DAYS[0])
    assert _day(root, DAYS[0], SULAH_STRIKE="publish.after_commit").code == -9
    assert len(records(root, address)["dayrun"]) == 1
    assert done("day", "--as-of", DAYS[0], "--lender", root)["repeated"]


def _day(root: Path, day: date, **environment: str) -> Said:
    return sulah("day", "--as-of", day, "--lender", root, "--json", **environment)


def test_two_runners_at_once_end_in_one_day(tmp_path: Path, address: str, extracts: dict[date, Path]) -> None:
    """The second is told to wait, or finds the day done; never two ledger rows, never a second item a person."""
    from concurrent.futures import ThreadPoolExecutor

    root = lender(tmp_path / "postgres", address)
    load(root, extracts, DAYS[0])
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: _day(root, DAYS[0]), range(3)))
    assert 0 in {answer.code for answer in answers}
    for answer in answers:
        assert answer.code == 0 or "Wait until it has ended, then try again." in answer.fields["words"]
    kept = records(root, address)
    assert len(kept["dayrun"]) == 1
    assert [entry[1] for entry in kept["auditentry"]].count("day.commit") == 1


def test_a_server_that_is_not_there_is_told_in_words(tmp_path: Path, address: str) -> None:
    """Exit code 1 and what to look at; no traceback."""
    root = lender(tmp_path / "postgres", address)
    settings = root / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace(address, "postgresql://nobody@127.0.0.1:1/nothing"), "utf-8")
    answer = sulah("check", "--lender", root, "--json")
    assert answer.code == 1
    assert "The database does not answer" in answer.fields["words"]
    assert "Traceback" not in answer.err
