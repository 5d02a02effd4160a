"""sulah sandbox voice and sulah sandbox email, as processes: they say their port, and speak what they play."""

import json
import os
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.channels.mail_place import EMAIL
from tests.channels.mail_place import SECRETS as MAIL_SECRETS
from tests.channels.voice_place import SECRETS, VOICE
from tests.outbox.place import ROOT
from tests.real.command import done

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lender with both channels set up."""
    root = tmp_path_factory.mktemp("played") / "kaveri"
    done("init", root, "--simulated", "--name", "Kaveri")
    path = root / "lender.toml"
    text = VOICE.format(port=1, door=1) + EMAIL.format(host="127.0.0.1", port=1, security="none")
    path.write_text(path.read_text("utf-8") + text, "utf-8")
    return root


@contextmanager
def played(lender: Path, *words: str) -> Iterator[int]:
    """The sandbox as a process of its own; its port."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
    environment = {**clean, **SECRETS, **MAIL_SECRETS, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "sulah.cli.main", "sandbox", *words, "--port", "0", "--json", "--lender", str(lender)]
    process = subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["simulated"]
        yield told["port"]
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("name", ["exo", "twi"])
def test_a_provider_of_calls_is_played_and_lets_nobody_in_without_a_key(lender: Path, name: str) -> None:
    with played(lender, "voice", "--provider", name) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/calls", timeout=10) as answer:
            assert json.loads(answer.read()) == []
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/Accounts/kaveri1/Calls/connect", b"x", timeout=10)


def test_a_mail_server_is_played(lender: Path) -> None:
    with played(lender, "email") as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.sendmail("care@kaveri.example", ["gone@mail.example"], "Subject: x\r\n\r\nx\r\n")
    assert len(list((lender / "mail" / "new").iterdir())) == 1
