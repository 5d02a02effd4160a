"""The same on PostgreSQL: one snapshot of all tables beside a running day, restored into an empty database."""

import os
import secrets
import signal
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.backup.conftest import DAYS, Kit, book_of
from tests.backup.test_backup_and_restore import _wait_until_stopped
from tests.campaigns.process import ended

SERVER = os.environ.get("SULAH_TEST_POSTGRES", "")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.skipif(
        not SERVER, reason="no PostgreSQL server: run with python tools/postgres.py COMMAND, or name one in SULAH_TEST_POSTGRES"
    ),
]


@pytest.fixture
def addresses() -> Iterator[tuple[str, str]]:
    """Two databases of their own on the server, gone afterwards."""
    names = [f"sulah_backup_{secrets.token_hex(4)}" for _ in range(2)]
    with psycopg.connect(SERVER, autocommit=True) as server:
        for name in names:
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        base = SERVER.rsplit("/", 1)[0]
        yield f"{base}/{names[0]}", f"{base}/{names[1]}"
        for name in names:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def rows_in(address: str) -> dict[str, list[str]]:
    """Every row of the records, as text."""
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'records%'").fetchall()
        tables = sorted(row[0] for row in found)
        return {
            name: sorted(row[0] for row in connection.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(name))).fetchall())
            for name in tables
        }


def test_a_backup_beside_a_running_day_restores_and_replays(kit: Kit, addresses: tuple[str, str]) -> None:
    """The day is stopped with its rows written and not committed: the backup holds the day before, whole, and waits for nobody."""
    first, second = addresses
    lender, store, back = kit.lender("first load"), kit.root / "store", kit.root / "back"
    settings = lender / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace('# url = ""', f'url = "{first}"'), "utf-8")
    (lender / "sulah.sqlite3").unlink()
    for command in ("first load", "first day", "next load"):
        assert kit.machine.run(lender, kit.arguments[command]).code == 0
    before = rows_in(first)
    strike = {"SULAH_STRIKE": "publish.before_commit", "SULAH_STRIKE_WITH": "stop"}
    running = kit.machine.start(lender, kit.arguments["next day"], **strike)
    try:
        _wait_until_stopped(running.pid)
        taken = kit.done(lender, "backup", "--to", store)
    finally:
        running.send_signal(signal.SIGCONT)
    assert ended(running).code == 0
    assert taken["last_day"] == str(DAYS[0])
    assert taken["notes"] == []
    words = kit.refused(lender, "restore", store, "--to", back)
    assert "--database" in words
    assert "holds records" in kit.refused(lender, "restore", store, "--to", back, "--database", first)
    strike = {"SULAH_STRIKE": "restore.records_placed"}
    assert kit.run(lender, "restore", store, "--to", back, "--database", second, "--keys", lender / "keys", **strike).killed
    assert not back.exists()
    kit.done(lender, "restore", store, "--to", back, "--database", second, "--keys", lender / "keys")
    after = rows_in(second)
    for name, there in before.items():
        assert name in ("records_auditentry", "records_logentry", "records_loghead") or after[name] == there, name
    for name in ("records_auditentry", "records_logentry"):
        assert set(before[name]) < set(after[name])
    assert kit.done(back, "check")["done"]
    assert kit.done(back, "replay", "--as-of", DAYS[0])["different"] == []
    assert kit.machine.run(back, kit.arguments["next day"]).code == 0
    assert book_of(back) == book_of(lender)
