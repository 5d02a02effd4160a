"""The village's lender after two days, made once by the real command line over a frozen copy of the code; each test works on a copy."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.process import Ended, Machine, tree_of
from tests.campaigns.stages import COMMANDS, DAYS, arguments_of, new_lender

__all__ = ["COMMANDS", "DAYS", "Kit", "book_of", "rows_of"]

Lenders = dict[str, Path]


class Kit:
    """What a test of backups works with: a machine, the lender before each command and after all, and a place of its own."""

    def __init__(self, machine: Machine, lenders: Lenders, arguments: dict[str, tuple[str, ...]], root: Path) -> None:
        self.machine, self.lenders, self.arguments, self.root = machine, lenders, arguments, root

    def lender(self, stage: str = "after") -> Path:
        """A new copy of the lender before a command, or after all of them."""
        return Path(shutil.copytree(self.lenders[stage], self.root / f"lender-{len(list(self.root.glob('lender-*')))}"))

    def done(self, lender: Path, *arguments: object, **strike: str) -> dict[str, Any]:
        """Run a command that must succeed; its JSON object."""
        said = self.run(lender, *arguments, **strike)
        assert said.code == 0, said.words
        found: dict[str, Any] = json.loads(said.said.splitlines()[-1])
        return found

    def refused(self, lender: Path, *arguments: object, **strike: str) -> str:
        """Run a command that must refuse without a traceback; its words."""
        said = self.run(lender, *arguments, **strike)
        assert said.code == 1, said.words
        assert "Traceback" not in said.complained
        return str(json.loads(said.said.splitlines()[-1])["words"])

    def run(self, lender: Path, *arguments: object, **strike: str) -> Ended:
        """Run a command with --json to its end."""
        return self.machine.run(lender, (*map(str, arguments), "--json"), **strike)

    def restored(self, lender: Path, store: Path, name: str = "restored") -> Path:
        """The last backup restored, keys from the lender's own folder."""
        target = self.root / name
        self.done(lender, "restore", store, "--to", target, "--keys", lender / "keys")
        return target


def book_of(lender: Path) -> dict[str, str]:
    """Every file and folder of the book with its digest, but the locks."""
    return {name: digest for name, digest in tree_of(lender).items() if not name.endswith(".lock")}


def rows_of(database: Path, *, without: tuple[str, ...] = ("django_session",)) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of a SQLite database."""
    with closing(sqlite3.connect(database)) as opened:
        names = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: sorted(opened.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr) for name in names if name not in without}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], Kit]]:
    """The machine and the lenders."""
    root = tmp_path_factory.mktemp("village")
    machine = Machine(tmp_path_factory.mktemp("machine"))
    lender = new_lender(machine, root / "clean" / "lender")
    arguments = arguments_of(root / "extracts")
    lenders: Lenders = {}
    for command in COMMANDS:
        lenders[command] = Path(shutil.copytree(lender, root / command.replace(" ", "-")))
        outcome = machine.run(lender, arguments[command])
        assert outcome.code == 0, outcome.words
    lenders["after"] = lender
    yield lambda place: Kit(machine, lenders, arguments, place)
    machine.close()


@pytest.fixture
def kit(made: Callable[[Path], Kit], tmp_path: Path) -> Kit:
    """The kit of one test."""
    return made(tmp_path)
