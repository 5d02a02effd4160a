"""`sulah receive hooks`: it says what the pages' door says, shares commits, and acknowledges nothing before the disk has it."""

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client, override_settings

from sulah.actions import share_commits
from sulah.actions.share_commits import BusyError, LoopWriter
from sulah.adapters.sandbox.sms import Kept, report_of
from sulah.records.contact.inbox import Inbox, InboxRefused
from sulah.web import hooks, receiver
from tests.channels.voice_place import SECRETS as CALLS
from tests.channels.voice_place import VOICE
from tests.outbox.loop_door import LoopDoor, in_a_loop
from tests.outbox.place import HOOK, ROOT, SECRETS, Place, until

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
KEY = f"/hooks/sms/one?key={quote(HOOK)}"
SPOKEN = f"/hooks/voice/exo?key={quote(HOOK)}&CallSid=c1&CustomField=m-1%7Cdue_ivr&From=%2B919812345678"


def report(number: int) -> bytes:
    """The gateway's report of a message."""
    return report_of(Kept(f"{number:024x}", f"m{number:06d}", "919812345678", "x", "KAVERI", NOW))


@pytest.fixture
def both(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Client, LoopDoor]]:
    """The pages' door and the one of its own, of one lender."""
    place.ports.append(1)
    place.set_up()
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8") + VOICE.format(port=1, door=8094), "utf-8")
    for name, value in {**SECRETS, **CALLS}.items():
        monkeypatch.setenv(name, value)
    hooks._door.cache_clear()
    with override_settings(LENDER=place.root), LoopDoor() as own:
        yield Client(enforce_csrf_checks=True), own
    hooks._door.cache_clear()


ASKED: list[tuple[str, str, bytes]] = [
    ("POST", KEY, report(1)),
    ("POST", KEY, b"no report at all \xff"),
    ("POST", "/hooks/sms/one?key=wrong", report(2)),
    ("POST", "/hooks/sms/one", report(2)),
    ("POST", KEY.replace("one", "nobody"), report(3)),
    ("POST", KEY.replace("sms", "fax"), report(3)),
    ("POST", KEY, b"x" * 3_300_000),
    ("POST", KEY.replace("one", "on%65"), report(4)),
    ("POST", KEY.replace("one", "on%2565"), report(4)),
    ("GET", SPOKEN + "&do=greeting", b""),
    ("GET", SPOKEN + "&do=missed", b""),
    ("GET", SPOKEN.replace("key=", "key=x") + "&do=missed", b""),
    ("GET", KEY, b""),
    ("HEAD", KEY, b""),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked[0]}-{asked[1][7:25]}-{len(asked[2])}")
def test_it_says_and_keeps_what_the_pages_door_says_and_keeps(both: tuple[Client, LoopDoor], asked: tuple[str, str, bytes]) -> None:
    pages, own = both
    method, address, body = asked
    answer = pages.generic(method, address, body, "application/json")
    first = list(Inbox.objects.values_list("channel", "provider", "event_id", "reference", "headers"))
    refused = list(InboxRefused.objects.values_list("provider", "why", "count"))
    Inbox.objects.all().delete()
    InboxRefused.objects.all().delete()
    status, kind, content = own.ask(method, address, body, {"Content-Type": "application/json"} if body else {})
    assert status == answer.status_code
    if answer.content and "<html" not in answer.content.decode().lower():
        assert (kind, content) == (answer.headers["Content-Type"], answer.content)
    assert list(Inbox.objects.values_list("channel", "provider", "event_id", "reference", "headers")) == first
    assert until(lambda: list(InboxRefused.objects.values_list("provider", "why", "count")) == refused)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/", "/hooks", "/hooks/sms", "/hooks/sms/one/more", "/contact/stops", "//sms/one"])
def test_nothing_else_is_behind_it(both: tuple[Client, LoopDoor], address: str) -> None:
    assert both[1].ask("POST", address, report(1))[0] == 404
    assert Inbox.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_who_calls_it_by_a_strange_name_is_not_heard(both: tuple[Client, LoopDoor]) -> None:
    """As on the pages: a provider's signature is over the address that it called."""
    with override_settings(ALLOWED_HOSTS=["collect.example"]):
        assert both[1].ask("POST", KEY, report(1))[0] == 400
        assert both[1].ask("POST", KEY, report(1), {"Host": "collect.example"})[0] == 200


@pytest.mark.django_db(transaction=True)
def test_a_body_that_never_ends_holds_nothing_for_long(both: tuple[Client, LoopDoor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver, "BODY_SECONDS", 0.05)
    assert both[1].ask_half(KEY, report(1)) == 408
    assert Inbox.objects.count() == 0
    assert both[1].ask("POST", KEY, report(1))[0] == 200


class Disk:
    """Commits that end when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go, self.commits, self.broken = threading.Semaphore(0), [], False
        monkeypatch.setattr(share_commits, "_commit", self.commit)

    def commit(self, rows: list[Inbox], refused: Counter[Any]) -> None:
        self.commits.append([row.event_id for row in rows] + [why for _, _, why in refused])
        assert self.go.acquire(timeout=20)
        if self.broken:
            raise OSError("disk full")


def row(name: str) -> Inbox:
    return Inbox(event_id=name)


def test_all_that_comes_during_a_commit_shares_the_next_and_an_error_is_told_to_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)

    async def life() -> None:
        writer = LoopWriter()
        first = asyncio.create_task(writer.keep(row("first")))
        while not disk.commits:
            await asyncio.sleep(0.001)
        rest = [asyncio.create_task(writer.keep(row(f"e{number}"))) for number in range(5)]
        writer.refuse("one", NOW.date(), "forged")
        await asyncio.sleep(0)
        rest[2].cancel()
        disk.go.release()
        await first
        assert not any(each.done() for each in rest if each is not rest[2])
        disk.broken = True
        disk.go.release()
        said = await asyncio.gather(*rest, return_exceptions=True)
        assert [type(one) for one in said] == [OSError, OSError, asyncio.CancelledError, OSError, OSError]
        disk.broken = False
        disk.go.release(2)
        await writer.keep(row("later"))
        late = asyncio.create_task(writer.keep(row("last")))
        await asyncio.sleep(0)
        disk.go.release()
        await writer.end()
        assert late.done()

    in_a_loop(life)
    assert disk.commits == [["first"], ["e0", "e1", "e2", "e3", "e4", "forged"], ["forged"], ["later"], ["last"]]


def test_more_bytes_than_can_wait_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    monkeypatch.setattr(share_commits, "MOST_BYTES", 1000)

    async def life() -> list[object]:
        writer = LoopWriter()
        first = asyncio.create_task(writer.keep(Inbox(event_id="first", sealed="x" * 1000)))
        while not disk.commits:
            await asyncio.sleep(0.001)
        rest = [asyncio.create_task(writer.keep(Inbox(event_id="e", sealed="x" * size))) for size in (999, 2, 1)]
        await asyncio.sleep(0)
        disk.go.release(2)
        return await asyncio.gather(first, *rest, return_exceptions=True)

    assert [type(one) for one in in_a_loop(life)] == [type(None), type(None), BusyError, type(None)]


@pytest.mark.parametrize("most", [1, 3])
def test_more_than_can_wait_are_asked_to_come_again(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    disk = Disk(monkeypatch)
    monkeypatch.setattr(share_commits, "MOST_WAITING", most)

    async def life() -> list[object]:
        writer = LoopWriter()
        first = asyncio.create_task(writer.keep(row("first")))
        while not disk.commits:
            await asyncio.sleep(0.001)
        rest = [asyncio.create_task(writer.keep(row(f"e{number}"))) for number in range(most + 1)]
        await asyncio.sleep(0)
        disk.go.release(2)
        return await asyncio.gather(first, *rest, return_exceptions=True)

    said = in_a_loop(life)
    assert said[:-1] == [None] * (most + 1)
    assert isinstance(said[-1], BusyError)


def served(place: Place) -> tuple[subprocess.Popen[str], int]:
    """`sulah receive hooks` on a port that was free, once it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    clean = {word: value for word, value in os.environ.items() if not word.startswith(("SULAH_", "DJANGO_"))}
    words = [sys.executable, "-m", "sulah.cli.main", "receive", "hooks", "--port", str(port), "--lender", str(place.root)]
    environment = {**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen(
        words, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )

    def answers() -> bool:
        try:
            return ask(port, "/nowhere", b"") == 404
        except OSError:
            return False

    assert until(answers, 120)
    return process, port


def ask(port: int, address: str, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", address, body, {"Content-Type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGKILL], ids=["asked", "killed"])
def test_of_hundreds_at_once_all_that_were_acknowledged_are_on_the_disk_when_it_ends(place: Place, ended_by: signal.Signals) -> None:
    """Over sockets, as a process: 24 providers' connections, one in ten events forged, and then it is asked to end, or killed."""
    place.ports.append(1)
    place.set_up()
    process, port = served(place)
    acknowledged: list[int] = []
    turned: list[int] = []
    over = threading.Event()

    def provider(first: int) -> None:
        for number in range(first, 1_000_000, 24):
            if over.is_set():
                return
            forged = number % 10 == 7
            try:
                status = ask(port, KEY if not forged else "/hooks/sms/one?key=wrong", report(number))
            except (OSError, http.client.HTTPException):
                return
            assert status == (401 if forged else 200)
            (turned if forged else acknowledged).append(number)

    crew = [threading.Thread(target=provider, args=(first,)) for first in range(24)]
    for each in crew:
        each.start()
    assert until(lambda: len(acknowledged) >= 600, 120)
    os.killpg(process.pid, ended_by) if ended_by is signal.SIGKILL else process.send_signal(ended_by)
    over.set()
    for each in crew:
        each.join(30)
    process.wait(30)
    kept = {name for (name,) in place.rows("SELECT reference FROM records_inbox")}
    assert len(turned) > 20
    assert [number for number in acknowledged if f"m{number:06d}" not in kept] == []
    assert not any(f"m{number:06d}" in kept for number in turned)
