"""Run a command beside a throw-away PostgreSQL server: `python tools/postgres.py pytest -m postgres`.

The server listens on a free loopback port, keeps its rows in a temporary folder and is gone when the command ends.  The command
finds it in SULAH_TEST_POSTGRES (a postgresql:// address).  Where that is already set, nothing is started; where PostgreSQL is not
installed, the command runs without it and the suites that need it skip themselves, which is said here in plain words.
"""

import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

ADDRESS = "SULAH_TEST_POSTGRES"
OWNER = "sulah"
START_SECONDS = 60
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")


class StartError(Exception):
    """PostgreSQL is there but does not start; the words carry what it said."""


def installed_folder() -> Path | None:
    """The folder of initdb, pg_ctl and createdb: the one on PATH, else the newest in the usual places; None without PostgreSQL."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).resolve().parent] if on_path else []
    for place in PLACES:
        found += sorted(Path("/").glob(place.lstrip("/")), key=version, reverse=True)
    return next((folder for folder in found if all((folder / name).exists() for name in ("initdb", "pg_ctl", "createdb"))), None)


def version(folder: Path) -> list[int]:
    """The numbers in the name of a folder of programs, to sort by.

    >>> version(Path("/usr/lib/postgresql/15/bin"))
    [15]
    """
    return [int(digits) for digits in re.findall(r"\d+", folder.parent.name)]


def unprivileged() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root, so root gives way to the account `postgres` or `nobody`; None = as we are."""
    if os.geteuid() != 0:
        return None
    known = {account.pw_name for account in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def free_port() -> int:
    """A loopback port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def speak(words: str) -> None:
    """Say it where a person reads it, apart from the command's own output."""
    sys.stderr.write(f"postgres: {words}\n")
    sys.stderr.flush()


def run(folder: Path, home: Path, *command: str, password: str = "") -> None:
    """Run one PostgreSQL program as the server's owner; StartError with its words and the server's log when it fails."""
    log = home / "log"
    try:
        answer = subprocess.run(
            [folder / command[0], *command[1:]],
            cwd=home,
            user=unprivileged(),
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGPASSWORD": password},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"{command[0]} does not run: {error}") from error
    if answer.returncode != 0:
        said = log.read_text("utf-8", "replace")[-2000:] if log.is_file() else ""
        raise StartError(f"{command[0]} failed: {answer.stderr.strip()}\n{said}".strip())


@contextmanager
def throw_away_server(folder: Path) -> Iterator[str]:
    """Start a server of our own and give its postgresql:// address; it is stopped and its files removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="sulah-postgres-"))
    rows, password, port = home / "rows", secrets.token_hex(16), free_port()
    secret = home / "password"
    secret.write_text(password, "utf-8")
    owner = unprivileged()
    if owner is not None:
        for path in (home, secret):
            shutil.chown(path, owner)
    # A test server keeps nothing, so it need not wait for the disk.
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off -c full_page_writes=off"
    try:
        run(folder, home, "initdb", "-D", str(rows), "-U", OWNER, "-A", "scram-sha-256", "--pwfile", str(secret), "-EUTF8", "--locale=C")
        run(folder, home, "pg_ctl", "-D", str(rows), "-l", str(home / "log"), "-w", "-t", str(START_SECONDS), "-o", options, "start")
        try:
            run(folder, home, "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", OWNER, OWNER, password=password)
            yield f"postgresql://{OWNER}:{password}@127.0.0.1:{port}/{OWNER}"
        finally:
            run(folder, home, "pg_ctl", "-D", str(rows), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def follow(command: Sequence[str], address: str = "") -> int:
    """Run the command to its end and return its exit code; it learns the server's address from the environment."""
    environment = {**os.environ, ADDRESS: address} if address else dict(os.environ)
    return subprocess.run(command, env=environment, check=False).returncode


def leave(number: int, _frame: FrameType | None) -> None:
    """Turn a request to end into an orderly exit, so that the server is stopped too."""
    raise SystemExit(128 + number)


def main(command: Sequence[str]) -> int:
    """Run the command with a server where one can be had; its exit code, 1 when the server does not start, 2 without a command."""
    if not command:
        speak("name the command to run, for example: python tools/postgres.py pytest")
        return 2
    if os.environ.get(ADDRESS):
        speak(f"using the server that {ADDRESS} names.")
        return follow(command)
    folder = installed_folder()
    if folder is None:
        speak("PostgreSQL is not installed, so the suites that need it are skipped. On Debian: apt-get install postgresql")
        return follow(command)
    signal.signal(signal.SIGTERM, leave)
    try:
        with throw_away_server(folder) as address:
            speak(f"a throw-away server from {folder} is running.")
            return follow(command, address)
    except StartError as error:
        speak(f"{error}\nMend that, or name a server of your own in {ADDRESS}.")
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
