"""The first thread: queued, claimed, permitted, sent to the gateway over a socket, reported back to our door, delivered."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.outbox.place import HOOK, ROOT, SECRETS, Gateway, Place, real_gateway, until

pytestmark = pytest.mark.slow


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(place: Place, port: int) -> Iterator[None]:
    """The real `sulah serve` on a lender."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(place.root), "serve", "--port", str(port)]
    process = subprocess.Popen(words, env={**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_a_message_goes_from_the_queue_to_delivered(place: Place) -> None:
    port = _free_port()
    with real_gateway(place, f"http://127.0.0.1:{port}/hooks/sms/one") as ours, serving(place, port):
        sandbox = Gateway(ours, None)  # type: ignore[arg-type]
        assert place.run("prepare", messages=[["m-1", "p1", "LN/1", "recovery"], ["m-2", "p2", "LN/2", "receipt"]]) == {"made": 2}
        assert place.run("work")["outcomes"] == {"sent": 2}
        assert [kept["text"] for kept in sandbox.kept()] == [
            "Rs 1,234.50 is due on loan LN/1. Kaveri (simulated)",
            "Received Rs 1,234.50 on loan LN/2. Kaveri (simulated)",
        ]
        assert until(lambda: place.rows("SELECT count(*) FROM records_inbox") == [(2,)], 90)
        place.run("work")
    assert place.states() == {"delivered": 2}
    assert place.contacts() == {"delivered": 2}
    assert place.rows("SELECT outcome FROM records_inbox") == [("applied",), ("applied",)]
    assert HOOK not in (place.root / "lender.toml").read_text("utf-8")
