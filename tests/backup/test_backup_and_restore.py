"""A backup is the lender of one moment, whatever runs meanwhile; a restore brings back exactly that, or nothing."""

import base64
import shutil
import signal
import sqlite3
import time
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.backup.conftest import DAYS, Kit, book_of, rows_of
from tests.campaigns.process import ended
from tests.depth import some_of

MOMENTS = some_of(
    [
        ("next load", "load.before_commit"),
        ("next day", "day.book_step_done"),
        ("next day", "publish.after_commit"),
        ("next load", "load.derived"),
        ("next day", "day.statement_run:5"),
        ("next day", "publish.begun"),
    ],
    3,
)


def test_what_comes_back_is_what_was_there(kit: Kit) -> None:
    """Every file of the book and every row; then the check passes and both days replay to the same bytes."""
    lender, store = kit.lender(), kit.root / "store"
    rows = rows_of(lender / "sulah.sqlite3")
    taken = kit.done(lender, "backup", "--to", store)
    assert (taken["last_load"], taken["last_day"]) == (f"{DAYS[1]}.1", str(DAYS[1]))
    back = kit.restored(lender, store)
    assert book_of(back) == book_of(lender)
    for name, there in rows_of(back / "sulah.sqlite3").items():
        added = 1 if name in ("records_auditentry", "records_logentry") else 0
        assert name in ("sqlite_sequence", "records_auditentry", "records_logentry", "records_loghead") or there == rows[name], name
        assert len(there) == len(rows[name]) + added, name
    assert kit.done(back, "check")["done"]
    for day in DAYS:
        assert kit.done(back, "replay", "--as-of", day)["different"] == []


def _wait_until_stopped(pid: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return
        time.sleep(0.05)
    raise AssertionError("the process did not stop at the point")


@pytest.mark.slow
@pytest.mark.parametrize(("command", "point"), MOMENTS)
def test_a_backup_in_the_middle_of_a_load_or_a_day_is_whole(kit: Kit, command: str, point: str) -> None:
    """The process is stopped there, the backup taken, the process goes on; the backup passes the check and can run the day itself."""
    lender, store = kit.lender(command), kit.root / "store"
    running = kit.machine.start(lender, kit.arguments[command], SULAH_STRIKE=point, SULAH_STRIKE_WITH="stop")
    try:
        _wait_until_stopped(running.pid)
        taken = kit.done(lender, "backup", "--to", store)
    finally:
        running.send_signal(signal.SIGCONT)
    outcome = ended(running)
    assert outcome.code == 0, outcome.words
    back = kit.restored(lender, store)
    assert kit.done(back, "check")["done"]
    if taken["last_day"]:
        assert kit.done(back, "replay", "--as-of", taken["last_day"])["different"] == []
    for repeated in (command, *(["next day"] if command == "next load" else [])):
        said = kit.machine.run(back, kit.arguments[repeated])
        assert said.code == 0, said.words
    if command == "next load":
        assert kit.machine.run(lender, kit.arguments["next day"]).code == 0
    assert book_of(back) == book_of(lender)


@pytest.mark.slow
def test_a_backup_while_a_day_is_being_committed_says_that_the_trail_was_busy(kit: Kit) -> None:
    """The writer holds the database: the records before it are whole, and only the entry about the backup cannot be written."""
    lender, store = kit.lender("next day"), kit.root / "store"
    strike = {"SULAH_STRIKE": "publish.before_commit", "SULAH_STRIKE_WITH": "stop"}
    running = kit.machine.start(lender, kit.arguments["next day"], **strike)
    try:
        _wait_until_stopped(running.pid)
        taken = kit.done(lender, "backup", "--to", store)
    finally:
        running.send_signal(signal.SIGCONT)
    assert ended(running).code == 0
    assert taken["last_day"] == str(DAYS[0])
    assert "audit trail has no entry" in taken["notes"][0]
    back = kit.restored(lender, store)
    assert kit.machine.run(back, kit.arguments["next day"]).code == 0
    assert book_of(back) == book_of(lender)


def test_the_next_backup_copies_only_what_is_new(kit: Kit) -> None:
    """The same lender again costs no file of the book; a day more costs that day."""
    lender, store = kit.lender("next day"), kit.root / "store"
    assert kit.done(lender, "backup", "--to", store)["new_files"] > 0
    time.sleep(1.1)
    assert kit.done(lender, "backup", "--to", store)["new_files"] == 0
    began = time.time()
    kit.machine.run(lender, kit.arguments["next day"])
    time.sleep(1.1)
    again = kit.done(lender, "backup", "--to", store)
    fresh = list((lender / "book" / "days" / f"{DAYS[1]}.1").rglob("*.parquet"))
    fresh += [path for path in (lender / "log").rglob("*") if path.is_file() and path.stat().st_mtime > began]
    assert 0 < again["new_files"] <= len(fresh)
    assert len(list((store / "backups").iterdir())) == 3


def test_any_of_the_backups_can_be_restored(kit: Kit) -> None:
    """The one before the last brings back the lender of that time, and says what it holds."""
    lender, store = kit.lender("next day"), kit.root / "store"
    first = kit.done(lender, "backup", "--to", store)["backup"]
    before = book_of(lender)
    kit.machine.run(lender, kit.arguments["next day"])
    time.sleep(1.1)
    kit.done(lender, "backup", "--to", store)
    said = kit.done(lender, "restore", store, "--to", kit.root / "old", "--backup", first)
    assert said["last_day"] == str(DAYS[0])
    assert f"the last day {DAYS[0]}" in said["notes"][0]
    assert book_of(kit.root / "old") == before


def test_keys_and_sessions_are_in_no_backup(kit: Kit) -> None:
    """Not one file of the store holds a key; who was signed in signs in again."""
    lender, store = kit.lender(), kit.root / "store"
    with closing(sqlite3.connect(lender / "sulah.sqlite3")) as database, database:
        database.execute("INSERT INTO django_session VALUES ('canary-session', 'x', '2030-01-01')")
    kit.done(lender, "backup", "--to", store)
    with closing(sqlite3.connect(lender / "keys" / "borrowers.sqlite3")) as held:
        wrapped = [one for (one,) in held.execute("SELECT wrapped FROM key ORDER BY id LIMIT 50")]
    assert wrapped
    keys = [path.read_bytes().split()[0] for path in (lender / "keys").glob("*.key")]
    keys = [key.split(b"+", 4)[-1] for key in keys]  # of the log's, the part that is secret; a plus may stand in it, too
    assert len(keys) == 4
    for path in (path for path in store.rglob("*") if path.is_file()):
        content = path.read_bytes()
        assert b"canary-session" not in content
        assert [one for one in wrapped if one in content] == []
        for key in keys:
            assert key not in content
            assert (bytes.fromhex(key.decode()) if len(key) == 64 else base64.b64decode(key)[1:]) not in content


def test_a_restored_lender_is_marked_and_blocked(kit: Kit) -> None:
    """restored.toml says from what and until when; the audit trail has the restore."""
    lender, store = kit.lender(), kit.root / "store"
    taken = kit.done(lender, "backup", "--to", store)
    back = kit.restored(lender, store)
    mark = tomllib.loads((back / "restored.toml").read_text("utf-8"))["restored"]
    assert mark["contacts_blocked"] is True
    assert (mark["backup"], mark["manifest_sha256"]) == (taken["backup"], taken["manifest_sha256"])
    entry = rows_of(back / "sulah.sqlite3")["records_auditentry"]
    assert sum("restore" in row and f"backup:{taken['backup']}" in row for row in entry) == 1


def test_a_restore_without_keys_says_where_they_are_wanted(kit: Kit) -> None:
    """The book is there and passes; names stay sealed until the keys are brought."""
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "backup", "--to", store)
    said = kit.done(lender, "restore", store, "--to", kit.root / "back")
    assert "keys are not in a backup" in said["notes"][-1]
    assert kit.done(kit.root / "back", "check")["done"]
    words = kit.refused(kit.root / "back", "export", "quarantine", "--as-of", DAYS[1], "--out", kit.root / "q.csv")
    assert "personal.key" in words


def test_a_restore_with_the_keys_of_another_lender_is_refused(kit: Kit) -> None:
    """They would leave every name sealed, and seal new ones with the wrong key."""
    lender, store, other = kit.lender(), kit.root / "store", kit.root / "other"
    kit.done(lender, "backup", "--to", store)
    kit.done(other, "init", other)
    words = kit.refused(lender, "restore", store, "--to", kit.root / "back", "--keys", other / "keys")
    assert "not the key of this backup" in words
    assert not (kit.root / "back").exists()


def test_a_restore_never_writes_over_anything(kit: Kit) -> None:
    """Neither over a lender nor over an empty folder."""
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "backup", "--to", store)
    before = book_of(lender)
    assert "never writes over" in kit.refused(lender, "restore", store, "--to", lender)
    (kit.root / "empty").mkdir()
    assert "never writes over" in kit.refused(lender, "restore", store, "--to", kit.root / "empty")
    assert book_of(lender) == before


@pytest.mark.parametrize("place", ["inside", "somebody's folder"])
def test_a_backup_goes_into_a_folder_of_backups_only(kit: Kit, place: str) -> None:
    """Not into the lender's own folder, not among other people's files."""
    lender = kit.lender()
    target = lender / "backups" if place == "inside" else kit.root / "home"
    if place != "inside":
        target.mkdir()
        (target / "letter.txt").write_text("mine")
    words = kit.refused(lender, "backup", "--to", target)
    assert ("lender's own folder" if place == "inside" else "not empty") in words


def test_a_folder_without_backups_is_told(kit: Kit) -> None:
    """So is a backup that is not there."""
    lender, store = kit.lender(), kit.root / "store"
    assert "holds no backups" in kit.refused(lender, "restore", kit.root / "nothing", "--to", kit.root / "back")
    taken = kit.done(lender, "backup", "--to", store)["backup"]
    words = kit.refused(lender, "restore", store, "--to", kit.root / "back", "--backup", "2020-01-01T000000")
    assert taken in words


def test_a_damaged_lender_is_not_backed_up_as_if_it_were_whole(kit: Kit) -> None:
    """The file is named; once the earlier copy is there, the backup needs the file no more."""
    lender, store = kit.lender(), kit.root / "store"
    path = lender / "book" / "days" / f"{DAYS[1]}.1" / "position" / "0000.parquet"
    good = path.read_bytes()
    path.write_bytes(good[:100] + bytes([good[100] ^ 1]) + good[101:])
    words = kit.refused(lender, "backup", "--to", store)
    assert "position/0000.parquet" in words
    assert not [one for one in (store / "backups").iterdir() if not one.name.startswith(".")]
    path.write_bytes(good)
    kit.done(lender, "backup", "--to", store)
    path.unlink()
    time.sleep(1.1)
    kit.done(lender, "backup", "--to", store)
    assert kit.done(kit.restored(lender, store), "check")["done"]


def test_reread_mends_what_rotted_in_the_store(kit: Kit) -> None:
    """A restore refuses the rotten copy; a backup with --reread puts the lender's own in its place."""
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "backup", "--to", store)
    rotten = max((store / "files").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    rotten.write_bytes(b"\x00" + rotten.read_bytes()[1:])
    words = kit.refused(lender, "restore", store, "--to", kit.root / "back")
    assert rotten.name in words
    time.sleep(1.1)
    kit.done(lender, "backup", "--to", store, "--reread")
    assert kit.done(kit.restored(lender, store), "check")["done"]


def test_two_backups_into_one_store_take_turns(kit: Kit) -> None:
    """The second is told to wait."""
    lender, store = kit.lender(), kit.root / "store"
    running = kit.machine.start(lender, ("backup", "--to", str(store)), SULAH_STRIKE="backup.begun", SULAH_STRIKE_WITH="stop")
    try:
        _wait_until_stopped(running.pid)
        assert "Another backup" in kit.refused(lender, "backup", "--to", store)
    finally:
        running.send_signal(signal.SIGCONT)
    assert ended(running).code == 0


def test_the_whole_store_can_be_carried_elsewhere(kit: Kit) -> None:
    """Nothing in it names where it lay."""
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "backup", "--to", store)
    shutil.move(store, kit.root / "elsewhere")
    assert kit.done(kit.restored(lender, kit.root / "elsewhere"), "check")["done"]
