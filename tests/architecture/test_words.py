"""What no file of the project may say, and what the lock must."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, short, text_files

LOCKS = "\n".join((ROOT / name).read_text("utf-8") for name in ("requirements.lock", "requirements-spark.lock"))
# Written in two parts, so that this file does not say what it forbids.
MACHINE = ("/wo" + "rk/", "/ro" + "ot/", "C:\\" + "Users")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


def hosts_and_folders(settings: str) -> set[str]:
    """Index hosts and package folders named in what `pip config list` prints; the loopback address is nobody's host."""
    hosts = set(re.findall(r"https?://(?:[^/\s'\"@]*@)?([^/\s'\"]+)", settings))
    folders = set(re.findall(r"(?:file://|find-links=')(/[^\s'\"]+)", settings))
    return {host for host in hosts if not host.startswith(("localhost", "127."))} | folders


@cache
def indexes() -> frozenset[str]:
    """Where this machine's pip looks for packages: the public index, and whatever it is set up for."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    public = "from pip._internal.models.index import PyPI as p; print('https://' + p.netloc, 'https://' + p.file_storage_domain)"
    asked = ([*pip, "config", "list"], [sys.executable, "-c", public])
    answers = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in asked]
    return frozenset(hosts_and_folders("\n".join(answers)))


def test_no_file_names_a_path_of_a_machine() -> None:
    """What is written here must be true on every machine."""
    home = str(Path.home())
    places = (*MACHINE, home + "/") if home.count("/") > 1 else MACHINE
    assert [f"{short(path)}: {place}" for path, text in text_files() for place in places if place in text] == []


def test_no_file_names_a_package_index() -> None:
    """The machine's own settings say where packages come from, never the project."""
    assert len(indexes()) >= 2
    assert [f"{short(path)}: {index}" for path, text in text_files() for index in indexes() if index in text] == []


def test_hosts_and_folders_are_read_from_the_settings_of_pip() -> None:
    """Hosts with and without log-in, folders as addresses and as links; loopback left out."""
    settings = "global.index-url='https://me:key@pip.example.org/simple'\nextra='file:///srv/simple http://localhost:80/x'\nfind-links='/srv/wheels'"
    assert hosts_and_folders(settings) == {"pip.example.org", "/srv/simple", "/srv/wheels"}


def test_nothing_is_left_for_later_in_a_comment() -> None:
    """What is missing stands in docs/features.md or in an issue, not in a remark that nobody reads."""
    assert [f"{short(path)}: {found.group()}" for path, text in text_files() if (found := UNFINISHED.search(text))] == []


def _canonical(name: str) -> str:
    """A distribution's name as indexes compare it, without extras and bounds."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name)[0]).lower()


def _locked() -> dict[str, int]:
    """Each distribution in the locks with the number of its hashes."""
    entries = re.findall(r"^([A-Za-z0-9._-]+)==\S+((?:\s*\\\n\s+--hash=sha256:[0-9a-f]{64})*)", LOCKS, re.MULTILINE)
    return {_canonical(name): hashes.count("--hash") for name, hashes in entries}


def test_the_lock_pins_every_distribution_by_hash() -> None:
    """Nothing is installed whose content was not seen before."""
    locked = _locked()
    lines = [line for line in LOCKS.splitlines() if line and line[0] not in "# "]
    assert len(locked) == len(lines)
    assert [name for name, hashes in locked.items() if hashes == 0] == []


def test_the_lock_names_no_host_and_no_option() -> None:
    """No address, no index, no link: only names, versions and hashes."""
    assert [line for line in LOCKS.splitlines() if "://" in line or line.startswith("-")] == []


def test_the_lock_has_everything_that_the_project_asks_for() -> None:
    """A dependency added to pyproject.toml needs `make lock`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    assert {_canonical(name) for name in wanted} - set(_locked()) == set()


@pytest.mark.parametrize("name", ["psycopg[binary]>=3.2", "psycopg >= 3", "Psycopg"])
def test_a_distribution_is_known_by_one_name(name: str) -> None:
    """Extras, bounds and capitals do not make another one."""
    assert _canonical(name) == "psycopg"
