"""A lender whose API is served by the real `sulah serve`, and a machine that speaks to it over a socket.  Simulated data."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.intake.extract import AS_OF, Rows, good, write
from tests.real.command import done

LOADED = AS_OF.isoformat()
NEXT = "2026-04-01"
ALL_WRITES = ("borrowers", "accounts", "schedules", "payments", "mandate-bounces", "reliefs", "collections")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The JSON object of the body."""
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


class Api:
    """One machine with its token at one address."""

    def __init__(self, port: int, token: str, base: str = "/api/v1") -> None:
        self.port, self.token, self.base = port, token, base

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; underscores of header names are dashes, an empty value leaves the header out."""
        given = {"Authorization": f"Bearer {self.token}"} | ({"Content-Type": "application/json"} if body is not None else {})
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"{self.base}/{path}", body, {name: value for name, value in given.items() if value})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """Read."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, records: object, key: str, as_of: str = NEXT, **more: Any) -> Answer:
        """Send records under a key."""
        body = json.dumps({"as_of": as_of, "records": records, **more}).encode()
        return self.ask("POST", path, body, Idempotency_Key=key)


class Served:
    """The real server on a lender's folder; stopped by its own process id."""

    def __init__(self, lender: Path, *, workers: int = 1, **environment: str) -> None:
        self.lender = lender
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
        command = [str(Path(sys.executable).with_name("sulah")), "serve", "--lender", str(lender), "--port", str(self.port)]
        self.log = (lender.parent / f"served-{self.port}.log").open("wb")
        self.process = subprocess.Popen(
            [*command, "--workers", str(workers)],
            env={**clean, "PYTHONUTF8": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            assert self.process.poll() is None, Path(self.log.name).read_text("utf-8")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not open its port in a minute")

    @property
    def said(self) -> str:
        """What the server wrote."""
        return Path(self.log.name).read_text("utf-8")

    def kill(self) -> None:
        """SIGKILL of the server and its workers, which are its process group."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        self.log.close()

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()


def new_lender(root: Path, *, settings: str = "", simulated: bool = False, tables: dict[str, Rows] | None = None) -> Path:
    """A lender's folder with the small good extract (or another) loaded; settings are lines of [api]."""
    done("init", root, "--entity", "nbfc_mfi", *(["--simulated"] if simulated else []))
    if settings:
        (root / "lender.toml").write_text((root / "lender.toml").read_text("utf-8").replace("\n[api]\n", f"\n[api]\n{settings}\n"), "utf-8")
    done("load", write(root.parent / f"{root.name}-first", tables or good()), "--as-of", LOADED, "--lender", root)
    return root


def token(lender: Path, name: str, *scopes: str, branches: tuple[str, ...] = ()) -> str:
    """A machine account made by the real command; its token."""
    asked = [word for scope in scopes for word in ("--scope", scope)] + [word for one in branches for word in ("--branch", one)]
    return str(done("api-client", "add", name, *asked, "--lender", lender)["token"])


def payment(number: int | str, **more: object) -> dict[str, object]:
    """A payment of the second loan."""
    return {"repayment_id": f"P{number}", "loan_id": "L2", "paid_on": NEXT, "amount": "100.50", **more}
