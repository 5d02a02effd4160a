"""The contracts of .importlinter hold, and each of them catches a violation planted for it."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGE, ROOT, SHARED

CONTRACTS = ROOT / ".importlinter"


@dataclass(frozen=True)
class Plant:
    """One line of code put where it does not belong, and the id of the contract that must refuse it."""

    contract: str
    module: str
    line: str


PLANTS = (
    Plant("layers", "kernel.planted", "import sulah.policy"),
    Plant("layers", "policy.planted", "import sulah.contracts.shape"),
    Plant("layers", "contracts.planted", "import sulah.portfolio"),
    Plant("layers", "portfolio.planted", "import sulah.adapters.book.layout"),
    Plant("layers", "adapters.book.planted", "import sulah.actions"),
    Plant("layers", "actions.planted", "import sulah.daycycle"),
    Plant("layers", "daycycle.planted", "import sulah.web"),
    Plant("layers", "web.planted", "import sulah.cli"),
    Plant("layers", "cli.planted", "import sulah.web"),
    Plant("layers", "records.planted", "import sulah.web.settings"),
    Plant("layers", "records.planted", "import sulah.portfolio"),
    Plant("layers", "portfolio.planted", "import sulah.records"),
    Plant("layers", "unlisted.planted", "import sulah.kernel"),
    Plant("rooms-independent", "portfolio.planted", "import sulah.scoring"),
    Plant("rooms-pure", "guard.planted", "import django"),
    Plant("rooms-pure", "portfolio.planted", "import duckdb"),
    Plant("rooms-pure", "intake.planted", "from django.db import models"),
    Plant("rooms-pure", "payments.planted", "import psycopg"),
    Plant("rooms-pure", "outreach.planted", "import socket"),
    Plant("rooms-pure", "kernel.planted", "import sqlite3"),
    Plant("rooms-no-files", "transparency.planted", "from pathlib import Path"),
    Plant("channels", "actions.planted", "import sulah.adapters.channels"),
    Plant("channels", "adapters.lms.planted", "from sulah.adapters import channels"),
    Plant("gateways", "actions.contact_borrower", "import sulah.adapters.gateways"),
    Plant("lightgbm", "strategy.planted", "import lightgbm"),
    Plant("lightgbm", "daycycle.planted", "from lightgbm import Booster"),
    Plant("pyvrp", "scoring.planted", "import pyvrp"),
    Plant("acyclic", "kernel.dates", "import sulah.kernel.planted_other"),
)
ALLOWED = (
    Plant("channels", "actions.contact_borrower", "import sulah.adapters.channels"),
    Plant("gateways", "actions.take_payment", "import sulah.adapters.gateways"),
    Plant("lightgbm", "scoring.planted", "import lightgbm"),
    Plant("pyvrp", "field.planted", "import pyvrp"),
)


def _contracts() -> configparser.ConfigParser:
    """The contracts as written."""
    read = configparser.ConfigParser()
    read.read(CONTRACTS, "utf-8")
    return read


def _name(contract: str) -> str:
    """The words by which import-linter calls a contract."""
    return _contracts()[f"importlinter:contract:{contract}"]["name"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts in a folder of their own, to plant in."""
    shutil.copytree(PACKAGE, tmp_path / "sulah", ignore=shutil.ignore_patterns("__pycache__", "*.sql", "*.toml", "static", "templates"))
    shutil.copy(CONTRACTS, tmp_path)
    return tmp_path


def _lint(folder: Path) -> tuple[int, str]:
    """What lint-imports says of a copy: exit code and words, line breaks made spaces."""
    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, " ".join((answer.stdout + answer.stderr).split())


def _plant(folder: Path, plant: Plant) -> None:
    """Write the line into the copy; a module that is there keeps what it has."""
    path = folder / "sulah" / (plant.module.replace(".", "/") + ".py")
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    (path.parent / "planted_other.py").write_text("import sulah.kernel.dates\n", "utf-8")
    kept = path.read_text("utf-8") if path.is_file() else '"""Planted."""\n'
    path.write_text(f"{kept}\n{plant.line}\n", "utf-8")


def test_the_package_keeps_every_contract(copy: Path) -> None:
    """The clean copy passes, so what the next tests see comes from what they plant."""
    code, words = _lint(copy)
    assert "0 broken" in words, words
    assert code == 0


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}: {plant.module} {plant.line}")
def test_a_planted_violation_is_caught_by_the_contract_made_for_it(copy: Path, plant: Plant) -> None:
    """One forbidden import is enough, and the contract that is named says why."""
    _plant(copy, plant)
    code, words = _lint(copy)
    assert f"{_name(plant.contract)} BROKEN" in words, words
    assert code == 1


@pytest.mark.parametrize("plant", ALLOWED, ids=lambda plant: plant.contract)
def test_the_one_place_that_may_is_allowed(copy: Path, plant: Plant) -> None:
    """The exception of a contract is as exact as the contract."""
    _plant(copy, plant)
    assert f"{_name(plant.contract)} KEPT" in _lint(copy)[1]


def test_every_contract_has_a_violation_planted_for_it() -> None:
    """A contract that nothing has tried may be one that catches nothing."""
    written = {section.rpartition(":")[2] for section in _contracts().sections() if section.startswith("importlinter:contract:")}
    assert written == {plant.contract for plant in PLANTS}


def _rooms() -> set[str]:
    """The rooms, from the layer that they share with records."""
    layers = _contracts()["importlinter:contract:layers"]["layers"].split("\n")
    shared = next(layer for layer in layers if "records" in layer)
    return {name.strip() for name in shared.split("|")} - {"records"}


@pytest.mark.parametrize(
    ("contract", "field", "apart"),
    [
        ("rooms-independent", "modules", set()),
        ("rooms-pure", "source_modules", {"contracts", "policy", "kernel"}),
        ("rooms-no-files", "source_modules", {"contracts", "simulation"}),
    ],
)
def test_no_room_is_forgotten_by_a_contract_about_rooms(contract: str, field: str, apart: set[str]) -> None:
    """A room listed as a layer and nowhere else would be free to open sockets; what differs is named here."""
    listed = {name.removeprefix("sulah.") for name in _contracts()[f"importlinter:contract:{contract}"][field].split()}
    assert listed ^ _rooms() == apart


def test_every_room_stands_with_one_sentence_about_itself() -> None:
    """Each folder of the package says on one line what it is for."""
    layers = _contracts()["importlinter:contract:layers"]["layers"]
    listed = {name for name in layers.replace("|", " ").split() if name}
    standing = {path.parent.name: path.read_text("utf-8") for path in PACKAGE.glob("*/__init__.py")}
    assert set(standing) == listed
    wordless = [name for name, text in standing.items() if not text.startswith('"""') or not text.split("\n")[0].endswith(('."""', '?"""'))]
    assert wordless == []


def test_every_room_of_the_design_exists() -> None:
    """The design's tree names the rooms; each stands, empty or not."""
    if not SHARED.is_dir():
        pytest.skip("the design lies beside the repository and is not here")
    tree = (SHARED / "design.md").read_text("utf-8").partition("src/sulah/\n")[2].partition("```")[0]
    named = {line.split()[0].strip("/") for line in tree.splitlines() if line.startswith("  ") and line.split()[0].endswith("/")}
    assert {"kernel", "portfolio", "web"} <= named
    assert {name for name in named if not (PACKAGE / name / "__init__.py").is_file()} == set()


AS_SET_UP = {"actions/contact/texts_in_force.py", "cli/receive_smpp.py", "cli/sandbox.py", "web/hooks.py", "web/talk_ways.py"}
"""Who may read the channels as lender.toml has them, with texts that nobody may have approved: the doors that take what comes in, who
submits those texts, sandboxes, and the one place that puts the approved ones in."""


def test_no_text_reaches_an_outbox_but_by_the_place_that_knows_which_are_approved() -> None:
    """Planning, sending and answering take their channels from texts_in_force; a new reader of lender.toml's texts is named here."""
    asks = re.compile(r"import .*\bconfigured\b")
    assert {str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if asks.search(path.read_text("utf-8"))} == AS_SET_UP
