"""A lender with SMS set up, a sandbox gateway beside it as a process of its own, and crews that work on its outbox."""

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg

from sulah.adapters.book.layout import open_lender
from sulah.adapters.sandbox.faults import Faults
from sulah.adapters.sandbox.server import Sandbox
from sulah.adapters.sandbox.sms import Gateway as SandboxGateway
from sulah.kernel.dates import IST, system_clock
from sulah.outreach.sms.settings import settings_of
from tests.outreach.whatsapp_place import SECRETS as WHATSAPP
from tests.real.command import done

ROOT = Path(__file__).resolve().parents[2]
KEY, HOOK = "a-simulated-key", "a-simulated-secret-of-callbacks"
SECRETS = {"SULAH_TEST_KEY": KEY, "SULAH_TEST_HOOK": HOOK}
PATIENCE = 120
_PROVIDER = """
[[sms.provider]]
name = "{name}"
address = "http://127.0.0.1:{port}"
key_from = "SULAH_TEST_KEY"
hook_secret_from = "SULAH_TEST_HOOK"
connect_seconds = 1
answer_seconds = {answers}
settles_seconds = {settles}
"""
_TEMPLATES = """
[[sms.template]]
name = "due"
language = "en"
category = "service_implicit"
purposes = ["recovery"]
header = "KAVERI"
legal_words = false
dlt_template_id = "1107160000000000001"
text = "Rs {#var#} is due on loan {#var#}. Kaveri (simulated)"
variables = ["amount:amount", "loan:reference"]
provider_ids = { one = "T-1", two = "T-1" }

[[sms.template]]
name = "receipt"
language = "en"
category = "transactional"
purposes = ["receipt"]
header = "KAVERI"
legal_words = false
dlt_template_id = "1107160000000000002"
text = "Received Rs {#var#} on loan {#var#}. Kaveri (simulated)"
variables = ["amount:amount", "loan:reference"]
provider_ids = { one = "T-2", two = "T-2" }
"""


def settings(ports: Sequence[int], settles: int = 1, answers: int = 1) -> str:
    """[sms] with a gateway a port."""
    head = '\n[sms]\nentity_id = "1101160000000000001"\n'
    return (
        head
        + "".join(_PROVIDER.format(name=n, port=p, settles=settles, answers=answers) for n, p in zip(("one", "two"), ports, strict=False))
        + _TEMPLATES
    )


@dataclass(slots=True)
class Place:
    """A lender's folder, its database, and the ports of its gateways."""

    root: Path
    address: str = ""
    ports: list[int] = field(default_factory=list)

    def set_up(self, settles: int = 1, answers: int = 1) -> None:
        """Write [sms] for the gateways of now."""
        path = self.root / "lender.toml"
        path.write_text(path.read_text("utf-8").partition("\n[sms]")[0] + settings(self.ports, settles, answers), "utf-8")

    def start(self, mode: str, strike: str = "", how: str = "kill", **asked: Any) -> "Hand":
        """Start a process of the crew; strike: kill or stop it at a point."""
        environment = {**SECRETS, **WHATSAPP, **({"SULAH_STRIKE": strike, "SULAH_STRIKE_WITH": how} if strike else {})}
        return Crew.of_all().start({"lender": str(self.root), "mode": mode, "environment": environment, **asked})

    def run(self, mode: str, **asked: Any) -> dict[str, Any]:
        """Run a process of the crew to its end; its answer."""
        return self.start(mode, **asked).answer()

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, read by hand."""
        if self.address:
            with psycopg.connect(self.address, autocommit=True) as connection:
                found = connection.execute(statement.replace("?", "%s"), values)  # type: ignore[arg-type]
                return found.fetchall() if found.description else []
        connection = sqlite3.connect(self.root / "sulah.sqlite3", timeout=20)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def states(self) -> Counter[str]:
        """How many messages stand where."""
        return Counter(dict(self.rows("SELECT state, count(*) FROM records_outbox GROUP BY state")))

    def contacts(self) -> Counter[str]:
        """How many contacts stand where."""
        return Counter(dict(self.rows("SELECT state, count(*) FROM records_contact GROUP BY state")))

    def time_passes(self) -> None:
        """Every lease has run out and every fate may be asked for."""
        self.rows("UPDATE records_outbox SET lease_until = '2020-01-01 00:00:00' WHERE lease_until IS NOT NULL")
        self.rows("UPDATE records_outbox SET look_at = '2020-01-01 00:00:00' WHERE look_at IS NOT NULL AND state = 'ambiguous'")
        self.rows("UPDATE records_outbox SET not_before = '2020-01-01 00:00:00' WHERE state = 'queued'")


@dataclass(slots=True)
class Hand:
    """One process of the crew."""

    pid: int
    place: Path

    def code(self) -> int:
        """Wait for its end; its exit code, negative for the signal that killed it."""
        return int(Crew.of_all().told({"do": "wait", "pid": self.pid})["code"])

    @property
    def words(self) -> str:
        """What it answered or complained of, if anything."""
        return self.place.read_text("utf-8") if self.place.exists() else ""

    def answer(self) -> Any:
        """Wait for its end; what it answered.  It must have ended well."""
        code = self.code()
        assert code == 0, self.words or code
        return json.loads(self.place.read_text("utf-8"))


class Crew:
    """The process that forks the others; one a test session."""

    _one: "Crew | None" = None

    def __init__(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
        environment = {**clean, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen([sys.executable, "-m", "tests.outbox.crew"], cwd=ROOT, env=environment, text=True, **pipes)
        self._answers = Path(tempfile.mkdtemp(prefix="sulah-crew-"))
        self._number = 0
        atexit.register(self._end)

    @classmethod
    def of_all(cls) -> "Crew":
        """The one crew."""
        cls._one = cls._one or cls()
        return cls._one

    def start(self, asked: dict[str, Any]) -> Hand:
        """Fork one."""
        self._number += 1
        place = self._answers / str(self._number)
        return Hand(int(self.told({"do": "start", "answer": str(place), **asked})["pid"]), place)

    def told(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask, and read the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found: dict[str, Any] = json.loads(self._process.stdout.readline())
        return found

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
        shutil.rmtree(self._answers, ignore_errors=True)


def new_place(root: Path, address: str = "") -> Place:
    """A new lender; with an address its records lie on PostgreSQL.  Not in the last minute of an IST day: caps are of the day."""
    now = system_clock().astimezone(IST)
    time.sleep(60 - now.second if (now.hour, now.minute) == (23, 59) else 0)
    done("init", root, "--simulated", "--name", "Kaveri")
    if address:
        path = root / "lender.toml"
        path.write_text(path.read_text("utf-8").replace('# url = ""', f'url = "{address}"'), "utf-8")
        (root / "sulah.sqlite3").unlink()
    return Place(root, address)


@dataclass(slots=True)
class Gateway:
    """A sandbox gateway that listens on a socket."""

    port: int
    sandbox: Sandbox

    def kept(self) -> list[dict[str, str]]:
        """What it took, in order."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sandbox/taken", timeout=10) as answer:
            found: list[dict[str, str]] = json.loads(answer.read())["kept"]
        return found

    def trouble(self, kind: str, times: int = 1) -> None:
        """Order a fault."""
        self.sandbox.faults.ask(kind, times)


@contextmanager
def gateway(place: Place, name: str = "one", *, log_lag: int = 0, seed: int = 0, faults: int = 0) -> Iterator[Gateway]:
    """A gateway of the lender in a thread of the test, until the block ends; lender.toml points to it."""
    place.ports.append(1)
    place.set_up()
    known = settings_of(open_lender(place.root).settings, SECRETS)
    sandbox = Sandbox(SandboxGateway(known, known.provider(name), system_clock, log_lag=log_lag), Faults(seed, faults))
    server = sandbox.serve(0)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    place.ports[-1] = server.server_address[1]
    place.set_up()
    try:
        yield Gateway(place.ports[-1], sandbox)
    finally:
        sandbox.over.set()
        server.shutdown()
        server.server_close()


@contextmanager
def real_gateway(place: Place, hook: str = "") -> Iterator[int]:
    """The gateway that `sulah sandbox` serves, as a process of its own; its port."""
    place.ports.append(1)
    place.set_up()
    clean = {word: value for word, value in os.environ.items() if not word.startswith(("SULAH_", "DJANGO_"))}
    words = ["sandbox", "sms", "--port", "0", "--json", "--lender", str(place.root), "--hook", hook]
    environment = {**clean, **SECRETS, "PYTHONPATH": str(ROOT / "src")}
    process = subprocess.Popen([sys.executable, "-m", "sulah.cli.main", *words], env=environment, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        place.ports[-1] = json.loads(process.stdout.readline())["port"]
        place.set_up()
        yield place.ports[-1]
    finally:
        process.kill()
        process.communicate()


def until(met: Any, seconds: float = 20) -> bool:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.05)
    return bool(met())
