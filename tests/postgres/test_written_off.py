"""The ledger of written-off loans on both databases: real processes at once post once, and the database itself refuses changes."""

import os
import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from sulah.adapters.book.layout import open_lender
from tests.actions.kept_book import extract, switch_over
from tests.intake.extract import write
from tests.real.command import Said, done, new_lender, sulah

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")
NO_SERVER = "no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
TABLES = ("writtenoffloan", "writtenoffentry", "bankreceipt", "bankreceiptdecision")
pytestmark = pytest.mark.slow
BOTH = [
    "sqlite",
    pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.skipif(not SERVER, reason=NO_SERVER)]),
]


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Empty for SQLite; else a database of its own on the server, gone afterwards."""
    if request.param == "sqlite":
        yield ""
        return
    name = f"sulah_test_{secrets.token_hex(4)}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield SERVER.rsplit("/", 1)[0] + f"/{name}"
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def lender(tmp_path: Path, address: str) -> Path:
    """Loaded and run on 31 March, two-wheelers switched over with interest of 12%; nothing taken over."""
    root = new_lender(tmp_path / "lender")
    if address:
        settings = root / "lender.toml"
        settings.write_text(settings.read_text("utf-8").replace('# url = ""', f'url = "{address}"'), "utf-8")
        (root / "sulah.sqlite3").unlink()
    write(tmp_path / "x", extract([("2025-02-01", 600)]))
    assert done("load", tmp_path / "x", "--as-of", "2026-03-31", "--lender", root)["state"] == "accepted"
    done("day", "--as-of", "2026-03-31", "--lender", root)
    switch_over(open_lender(root), interest=True)
    return root


def at_once(root: Path, *commands: Sequence[object]) -> list[Said]:
    """Real processes, all begun together."""
    with ThreadPoolExecutor(len(commands)) as together:
        return list(together.map(lambda command: sulah("writeoff", *command, "--json", "--lender", root), commands))


def asked(root: Path, address: str, query: str) -> list[tuple[Any, ...]]:
    """Rows of the database, asked behind the program's back."""
    connection: Any = psycopg.connect(address) if address else sqlite3.connect(root / "sulah.sqlite3")
    try:
        rows: list[tuple[Any, ...]] = connection.execute(query).fetchall()
        return rows
    finally:
        connection.close()


def kinds(root: Path, address: str) -> Counter[str]:
    """How many entries of each kind."""
    return Counter(kind for (kind,) in asked(root, address, "SELECT kind FROM records_writtenoffentry"))


@pytest.mark.parametrize("address", BOTH, indirect=True)
def test_what_several_processes_post_at_once_is_posted_once(lender: Path, address: str) -> None:
    """Take-over, one reference entered, confirmed, a fee, a reversal, interest: of four at once one posts, the others say why not."""
    over = at_once(lender, *[("take-over", "--as-of", "2026-03-31")] * 4)
    assert sum(said.fields.get("loans", 0) for said in over) == 2
    entering = ("receipt", "--loan", "W1", "--reference", "UTR000001", "--paid-on", "2026-07-05", "--amount", "500")
    entered = at_once(lender, *[(*entering, "--by", name) for name in "abcd"])
    assert sorted(said.code for said in entered) == [0, 1, 1, 1], [said.out for said in entered]
    assert all("UTR000001" in said.fields["words"] for said in entered if said.code)
    number = next(said.fields["receipt"] for said in entered if said.code == 0)
    decided = at_once(lender, *[("receipt", "--confirm", number, "--by", name) for name in ("p", "q", "r", "s")])
    assert sorted(said.code for said in decided) == [0, 1, 1, 1], [said.out for said in decided]
    charging = ("fee", "--loan", "W1", "--fee", "legal_notice", "--amount", "300", "--on", "2026-07-06", "--reason", "Notice")
    assert sorted(said.code for said in at_once(lender, *[charging] * 4)) == [0, 1, 1, 1]
    entry = next(said.fields["entry"] for said in decided if said.code == 0)
    back = at_once(lender, *[("reverse", "--entry", entry, "--on", "2026-07-09", "--reason", "Bounced")] * 4)
    assert sorted(said.code for said in back) == [0, 1, 1, 1]
    before = kinds(lender, address)["interest"]
    at_once(lender, *[("interest", "--until", "2026-09-30")] * 3)
    assert done("writeoff", "interest", "--until", "2026-09-30", "--lender", lender)["entries"] == 0
    counted = kinds(lender, address)
    assert counted == Counter(opening=2, receipt=1, fee=1, reversal=1, interest=counted["interest"])
    days = asked(
        lender, address, "SELECT loan_id, effective_on, count(*) FROM records_writtenoffentry WHERE kind = 'interest' GROUP BY 1, 2"
    )
    assert before > 0
    assert len(days) == 12 + 1  # six month-ends of two loans, and the day of the receipt
    said = done("writeoff", "balance", "--lender", lender)
    assert said["ties"]
    assert done("check", "--lender", lender)["wrong"]["ledger"] == []


@pytest.mark.parametrize("address", [BOTH[1]], indirect=True)
def test_two_machines_on_one_database_take_over_once(lender: Path, address: str, tmp_path: Path) -> None:
    """Each has a folder and so a lock of its own: only the database stands between them."""
    other = Path(shutil.copytree(lender, tmp_path / "other"))
    with ThreadPoolExecutor(4) as together:
        command = ("writeoff", "take-over", "--as-of", "2026-03-31", "--json", "--lender")
        said = list(together.map(lambda root: sulah(*command, root), [lender, other] * 2))
    assert sum(one.fields.get("loans", 0) for one in said) == 2, [one.out for one in said]
    assert kinds(lender, address) == Counter(opening=2)
    with ThreadPoolExecutor(4) as together:
        command = ("writeoff", "interest", "--until", "2026-06-30", "--json", "--lender")
        said = list(together.map(lambda root: sulah(*command, root), [lender, other] * 2))
    assert all(one.code in (0, 1) for one in said), [one.err for one in said]
    assert kinds(lender, address)["interest"] == 6
    assert done("check", "--lender", lender)["done"]


@pytest.mark.parametrize("address", BOTH, indirect=True)
def test_the_database_itself_refuses_to_change_or_remove_a_row(lender: Path, address: str) -> None:
    """UPDATE, DELETE and TRUNCATE by hand; and an entry that does not balance."""
    done("writeoff", "take-over", "--as-of", "2026-03-31", "--lender", lender)
    entering = ("receipt", "--loan", "W1", "--reference", "UTR000001", "--paid-on", "2026-07-05", "--amount", "500")
    number = done("writeoff", *entering, "--by", "a", "--lender", lender)["receipt"]
    done("writeoff", "receipt", "--confirm", number, "--by", "b", "--lender", lender)
    column = {"writtenoffloan": "product", "writtenoffentry": "reason", "bankreceipt": "note", "bankreceiptdecision": "note"}
    for table in TABLES:
        statements = [f"UPDATE records_{table} SET {column[table]} = 'x'", f"DELETE FROM records_{table}"]
        for statement in [*statements, *([f"TRUNCATE records_{table} CASCADE"] if address else [])]:
            with pytest.raises((psycopg.Error, sqlite3.Error), match="only added"):
                changed(lender, address, statement)
        assert asked(lender, address, f"SELECT count(*) FROM records_{table}") != [(0,)]
    opening = (
        "INSERT INTO records_writtenoffentry (loan_id, kind, effective_on, recorded_at, recorded_by, principal_paise, interest_paise, "
        "charge_paise, excess_paise, counter, counter_paise, key, rule_id, reference, settle_order, act, reason, seal) SELECT loan_id, "
        "'fee', effective_on, recorded_at, 'x', 0, 0, 100, 0, 'fees_charged', -99, 'by hand', '', '', '', 'x', '', '' "
        "FROM records_writtenoffentry WHERE kind = 'opening'"
    )
    with pytest.raises((psycopg.Error, sqlite3.Error), match="written_off_entry_balances"):
        changed(lender, address, opening)


def changed(root: Path, address: str, statement: str) -> None:
    """A statement that would change the database, committed if it were let."""
    if address:
        with psycopg.connect(address) as connection:
            connection.execute(statement)  # type: ignore[call-overload]
        return
    connection = sqlite3.connect(root / "sulah.sqlite3")
    try:
        connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


@pytest.mark.parametrize("address", BOTH, indirect=True)
def test_a_backup_brings_the_ledger_back_with_its_guards(lender: Path, address: str, tmp_path: Path) -> None:
    """Restored into SQLite's folder or an empty PostgreSQL database: the same entries, and still no row can be changed."""
    done("writeoff", "take-over", "--as-of", "2026-03-31", "--lender", lender)
    done("writeoff", "interest", "--until", "2026-06-30", "--lender", lender)
    done("backup", "--to", tmp_path / "store", "--lender", lender)
    again, more = address, []
    if address:
        again = f"{address}_again"
        with psycopg.connect(SERVER, autocommit=True) as server:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(again.rsplit("/", 1)[1])))
        more = ["--database", again]
    try:
        done("restore", tmp_path / "store", "--to", tmp_path / "restored", *more)
        query = "SELECT id, loan_id, kind, effective_on, counter_paise, key, seal FROM records_writtenoffentry ORDER BY id"
        assert asked(tmp_path / "restored", again, query) == asked(lender, address, query)
        with pytest.raises((psycopg.Error, sqlite3.Error), match="only added"):
            changed(tmp_path / "restored", again, "UPDATE records_writtenoffentry SET reason = 'x'")
        assert done("writeoff", "interest", "--until", "2026-07-31", "--lender", tmp_path / "restored")["entries"] == 2
    finally:
        if address:
            with psycopg.connect(SERVER, autocommit=True) as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(again.rsplit("/", 1)[1])))
