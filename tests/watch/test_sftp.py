"""Fetching from a real SFTP server: pinned key, resumed and verified files, whole extracts only, nothing remembered wrongly."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import paramiko
import pytest

from sulah.adapters.book.durable import sha256_of
from sulah.records.alarm import FetchedFile
from sulah.records.load import Load
from tests.intake.extract import AS_OF, good, write
from tests.watch.inbox import QUIET, Inbox, kinds
from tests.watch.server import PASSWORD, USER, Server

VARIABLE = "SULAH_TEST_SFTP"
BIG = 700_000


@pytest.fixture(scope="module")
def host_key() -> paramiko.PKey:
    """The server's key."""
    return paramiko.ECDSAKey.generate()


@pytest.fixture
def server(tmp_path: Path, host_key: paramiko.PKey, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with the good extract of 31 March in a dated folder."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    write(tmp_path / "server" / "out" / AS_OF.isoformat(), good())
    with Server(tmp_path / "server", host_key) as running:
        yield running


def aim(inbox: Inbox, server: Server, **sftp: object) -> None:
    """Point the inbox at the server."""
    plain = {"host": "127.0.0.1", "port": server.port, "user": USER, "folder": "/out", "host_key": server.pin, "password_from": VARIABLE}
    inbox.watch = {"source": [{"name": "bank", "sftp": {**plain, **sftp}}]}


def drop_halfway(inbox: Inbox, server: Server) -> None:
    """Break the connection when half the large file was served and a part of it lies in the inbox."""
    server.drop_after = BIG // 2
    server.arrived = lambda: any(part.stat().st_size for part in (inbox.folder / "bank").rglob("*.part"))


def big(server: Server, as_of: str = "2026-03-31", size: int = BIG) -> Path:
    """A large file of loans' contacts on the server, of lines that differ."""
    path = server.folder / "out" / as_of / "guarantor.csv"
    lines = (f"L1,B{number:07d}\n" for number in range(size // 12))
    path.write_text("loan_id,borrower_id\n" + "".join(lines))
    return path


def test_an_extract_that_came_to_rest_is_fetched_whole_loaded_and_remembered(inbox: Inbox, server: Server) -> None:
    aim(inbox, server)
    assert inbox.look() == []
    inbox.later(QUIET)
    events = inbox.look()
    assert kinds(events) == ["fetched", "loaded"]
    assert Load.objects.get().id == "2026-03-31.1"
    filed = inbox.folder / "bank" / "done" / "2026-03-31.1"
    on_server = server.folder / "out" / "2026-03-31"
    assert {path.name: path.read_bytes() for path in filed.iterdir()} == {path.name: path.read_bytes() for path in on_server.iterdir()}
    assert set(FetchedFile.objects.values_list("name", "sha256")) == {(f"2026-03-31/{p.name}", sha256_of(p)) for p in on_server.iterdir()}
    inbox.later(QUIET)
    assert inbox.look() == []


@pytest.mark.parametrize(("seconds", "expected"), [(QUIET - 1, []), (QUIET, ["fetched", "loaded"])])
def test_files_on_the_server_must_rest_before_they_are_fetched(inbox: Inbox, server: Server, seconds: int, expected: list[str]) -> None:
    aim(inbox, server)
    inbox.look()
    inbox.later(seconds)
    assert kinds(inbox.look()) == expected


def test_a_dropped_connection_is_told_and_gone_on_from_where_it_broke(inbox: Inbox, server: Server) -> None:
    path = big(server)
    aim(inbox, server)
    drop_halfway(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    events = inbox.look()
    assert kinds(events) == ["not_fetched"]
    assert "The connection to 127.0.0.1 failed while 2026-03-31/guarantor.csv was fetched" in events[0].words
    assert Load.objects.count() == 0
    part = next((inbox.folder / "bank").rglob("guarantor.csv.part"))
    came = part.stat().st_size
    assert 0 < came < path.stat().st_size
    server.reads.clear()
    assert kinds(inbox.look()) == ["fetched", "loaded"]
    assert min(offset for name, offset in server.reads if name == "guarantor.csv") == came
    assert "borrower.csv" not in {name for name, _ in server.reads}
    assert (inbox.folder / "bank" / "done" / "2026-03-31.1" / "guarantor.csv").read_bytes() == path.read_bytes()


def test_what_came_is_kept_although_the_answers_overtook_the_requests(
    inbox: Inbox, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    big(server)
    aim(inbox, server)
    drop_halfway(inbox, server)
    ask = paramiko.SFTPClient._async_request

    def slowly(client: paramiko.SFTPClient, file: object, *request: object) -> object:
        number = ask(client, file, *request)
        # the answer is here before the client library has noted the request: it then asks for each block once more, behind all others
        time.sleep(0.05 if isinstance(file, paramiko.SFTPFile) else 0)
        return number

    monkeypatch.setattr(paramiko.SFTPClient, "_async_request", slowly)
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["not_fetched"]
    assert next((inbox.folder / "bank").rglob("guarantor.csv.part")).stat().st_size > 0


def test_a_file_that_grows_while_it_is_fetched_is_thrown_away_and_fetched_again(inbox: Inbox, server: Server) -> None:
    path = big(server)
    aim(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    grown: list[int] = []

    def grow(read: Path, offset: int) -> None:
        if read == path and offset > BIG // 2 and not grown:
            grown.append(offset)
            with path.open("a") as handle:
                handle.write("L1,B9999999\n")

    server.on_read = grow
    events = inbox.look()
    assert kinds(events) == ["not_fetched"]
    assert "changed while it was fetched" in events[0].words
    assert grown
    assert Load.objects.count() == 0
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "loaded"]
    assert (inbox.folder / "bank" / "done" / "2026-03-31.1" / "guarantor.csv").read_bytes() == path.read_bytes()


def test_a_part_of_another_version_is_never_gone_on_with(inbox: Inbox, server: Server) -> None:
    path = big(server)
    aim(inbox, server)
    drop_halfway(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["not_fetched"]
    path.write_text("loan_id,borrower_id\n" + "L2,B1\n" * (BIG // 7))
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "loaded"]
    assert (inbox.folder / "bank" / "done" / "2026-03-31.1" / "guarantor.csv").read_bytes() == path.read_bytes()


def test_a_changed_host_key_is_refused_in_words_before_any_password_is_sent(inbox: Inbox, server: Server) -> None:
    aim(inbox, server)
    server.host_key = paramiko.ECDSAKey.generate()
    events = inbox.look()
    assert kinds(events) == ["not_fetched"]
    assert "is not the server that lender.toml knows" in events[0].words
    assert "by telephone" in events[0].words
    assert server.sign_ins == 0


@pytest.mark.parametrize(
    ("value", "words"), [("wrong", "refuses the password of sulah"), (None, "SULAH_TEST_SFTP (password_from in lender.toml) is not set")]
)
def test_a_password_that_does_not_hold_is_said(
    inbox: Inbox, server: Server, monkeypatch: pytest.MonkeyPatch, value: str | None, words: str
) -> None:
    aim(inbox, server)
    monkeypatch.setenv(VARIABLE, value) if value else monkeypatch.delenv(VARIABLE)
    assert words in inbox.look()[0].words


def test_a_key_file_signs_in(inbox: Inbox, server: Server) -> None:
    key = paramiko.ECDSAKey.generate()
    key.write_private_key_file(str(inbox.root / "keys" / "bank"))
    server.user_key = key
    aim(inbox, server, password_from="", key_file="keys/bank")
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "loaded"]


def test_a_key_file_that_is_not_there_is_said(inbox: Inbox, server: Server) -> None:
    aim(inbox, server, password_from="", key_file="keys/absent")
    assert "The key file absent" in inbox.look()[0].words


def test_a_server_that_does_not_answer_is_said(inbox: Inbox, server: Server) -> None:
    aim(inbox, server)
    server.__exit__()
    events = inbox.look()
    assert kinds(events) == ["not_fetched"]
    assert "The connection to 127.0.0.1 failed" in events[0].words


def test_a_folder_that_is_not_there_is_said(inbox: Inbox, server: Server) -> None:
    aim(inbox, server, folder="/nowhere")
    assert "/nowhere is not on 127.0.0.1" in inbox.look()[0].words


def test_an_extract_sent_again_with_other_content_is_fetched_again_and_held(inbox: Inbox, server: Server) -> None:
    aim(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    inbox.look()
    tables = good()
    tables["loan"][0]["principal"] = "10001"
    sent = write(server.folder / "out" / "2026-03-31", tables) / "loan.csv"
    later = sent.stat().st_mtime + 5  # SFTP tells whole seconds: nobody sends twice within one, but a test does
    os.utime(sent, (later, later))
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "held"]


def test_the_same_content_with_a_new_time_is_fetched_and_found_to_be_the_same(inbox: Inbox, server: Server) -> None:
    aim(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    inbox.look()
    os.utime(server.folder / "out" / "2026-03-31" / "loan.csv", (1, 1))
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "again"]
    assert Load.objects.count() == 1


def test_the_history_on_a_server_is_left_alone(inbox: Inbox, server: Server) -> None:
    """Before the first load the newest extract only; after it what is not older."""
    for back in (1, 2):
        write(server.folder / "out" / (AS_OF - timedelta(days=back)).isoformat(), good())
    aim(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    assert [event.as_of for event in inbox.look()] == [AS_OF, AS_OF]
    inbox.later(QUIET)
    assert inbox.look() == []


def test_names_that_no_file_of_an_extract_has_are_passed_over(inbox: Inbox, server: Server) -> None:
    folder = server.folder / "out" / "2026-03-31"
    for name in (".hidden.csv", "notes.txt", "back\\slash.csv"):
        (folder / name).write_text("x")
    aim(inbox, server)
    inbox.look()
    inbox.later(QUIET)
    inbox.look()
    assert {row.name.rpartition("/")[2] for row in FetchedFile.objects.all()} == {f"{table}.csv" for table in good()}


def test_dated_files_on_the_server_become_the_tables_that_they_are_called_after(inbox: Inbox, server: Server) -> None:
    out = server.folder / "out"
    for path in (out / "2026-03-31").iterdir():
        path.rename(out / f"{path.stem}_20260331.csv")
    (out / "2026-03-31").rmdir()
    aim(inbox, server)
    inbox.watch["source"][0]["pattern"] = "*_%Y%m%d.csv"
    inbox.look()
    inbox.later(QUIET)
    assert kinds(inbox.look()) == ["fetched", "loaded"]
    assert {path.name for path in (inbox.folder / "bank" / "done" / "2026-03-31.1").iterdir()} == {f"{table}.csv" for table in good()}
    inbox.later(QUIET)
    assert inbox.look() == []
