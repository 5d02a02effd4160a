"""The real `sulah` process over a frozen copy of the code: started, watched, killed; and the reader beside it."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCES = HERE.parents[1] / "src" / "sulah"
LOCKS = (".lock", ".load.lock")
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 600.0
_NO_PANDAS = 'raise ImportError("a lender\'s machine has no pandas, and a run does not need it")\n'


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: exit code (negative: the signal that killed it), and what it said on both outputs."""

    code: int
    said: str
    complained: str

    @property
    def killed(self) -> bool:
        """Did SIGKILL end it?"""
        return self.code == -9

    @property
    def words(self) -> str:
        """All that it said, on one line."""
        return " ".join((self.said + " " + self.complained).split())


@dataclass(slots=True)
class Machine:
    """A place to run `sulah`: its own code, its own temporary folder, one reader."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    _reader: subprocess.Popen[str] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Freeze the code (an edit meanwhile would be another code version) and leave pandas out, as an installation does."""
        shutil.copytree(SOURCES, self.root / "code" / "sulah")
        (self.root / "code" / "pandas.py").write_text(_NO_PANDAS)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        self.environment = {**kept, "PYTHONPATH": str(self.root / "code"), "LC_ALL": "C.UTF-8", "COLUMNS": "200"}

    def start(self, lender: Path, arguments: tuple[str, ...], **strike: str) -> subprocess.Popen[str]:
        """Start `sulah` on a lender; strike: its SULAH_STRIKE... variables.  Its TMPDIR lies beside the lender."""
        temporary = lender.parent / "tmp"
        temporary.mkdir(exist_ok=True)
        words = [sys.executable, "-m", "sulah.cli.main", *arguments, "--by", "asha", "--lender", str(lender)]
        environment = {**self.environment, "TMPDIR": str(temporary), **strike}
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(words, cwd=lender.parent, env=environment, text=True, **pipes)

    def run(self, lender: Path, arguments: tuple[str, ...], **strike: str) -> Ended:
        """Run `sulah` to its end."""
        return ended(self.start(lender, arguments, **strike))

    def run_until(self, lender: Path, arguments: tuple[str, ...], moment: Callable[[int], bool], pause: float, **strike: str) -> Ended:
        """Run `sulah` and kill it as soon as moment(process id), asked every pause seconds, says so, unless it ends before."""
        process = self.start(lender, arguments, **strike)
        until = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < until:
            if moment(process.pid):
                process.kill()
                break
            time.sleep(pause)
        return ended(process)

    def seen(self, lender: Path) -> dict[str, Any]:
        """What the reader sees.  It reads a copy, so that the next command meets the lender as the fault left it."""
        copy = lender.parent / "seen"
        shutil.copytree(lender, copy)
        with self._turn:
            if self._reader is None:
                self._reader = self._started("reader.py")
            assert self._reader.stdin is not None
            assert self._reader.stdout is not None
            self._reader.stdin.write(f"{copy}\n")
            self._reader.stdin.flush()
            answer: dict[str, Any] = json.loads(self._reader.stdout.readline())
        shutil.rmtree(copy)
        return answer

    def watching(self, lender: Path, stop: Path) -> subprocess.Popen[str]:
        """A reader that reads one lender over and over until the file appears."""
        return self._started("reader.py", str(lender), str(stop))

    def _started(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        words = [sys.executable, str(HERE / script), *arguments]
        return subprocess.Popen(words, env=self.environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self) -> None:
        """End the reader."""
        if self._reader is not None:
            self._reader.communicate(timeout=PATIENCE)


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for a process and gather what it said."""
    said, complained = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, said, complained)


def cpu_seconds(pid: int) -> float:
    """CPU that a process has used: a measure of how far it is that does not depend on what else the machine does."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def tree_of(lender: Path) -> Mapping[str, str]:
    """Every file of a lender's book with its digest, and every folder; without the lock files and the database."""
    found = {}
    for path in sorted((lender / "book").rglob("*")):
        if path.name not in LOCKS:
            found[str(path.relative_to(lender))] = "folder" if path.is_dir() else sha256(path.read_bytes()).hexdigest()
    return found
