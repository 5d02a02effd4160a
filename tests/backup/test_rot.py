"""One byte flipped in every class of stored file, twenty times each (a hundred in a whole run): its reader says so before using it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from sulah.adapters.book.sound import DamagedFileError
from sulah.web.refused import RefusedPages
from tests.backup.conftest import DAYS, Kit
from tests.depth import so_many

FLIPS = so_many(100, 20)
SCRIPT = Path(__file__).with_name("rot.py")
CLASSES = (
    *("accepted", "account", "due", "receipt", "relief_window", "quarantine", "private", "report", "day"),
    *("manifest", "backup records", "backup files", "key"),
)
UNSEALED = {"records_person", "records_runstep", "django_session", "records_workitem"}
"""Tables whose rows carry no seal."""


@pytest.fixture(scope="module")
def rotting(made: Callable[[Path], Kit], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], dict[str, Any]]:
    """Flips bytes of one class in a lender with one backup."""
    kit = made(tmp_path_factory.mktemp("rot"))
    lender, store = kit.lender(), kit.root / "store"
    kit.done(lender, "backup", "--to", store)

    def flip(kind: str, flips: int) -> dict[str, Any]:
        """What the script found."""
        words = [sys.executable, str(SCRIPT), str(lender), str(store), kind, str(flips), "20261122"]
        answer = subprocess.run(words, env=kit.machine.environment, capture_output=True, text=True, check=False, timeout=600)
        assert answer.returncode == 0, answer.stderr
        found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
        return found

    return flip


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASSES)
def test_every_flip_is_seen_before_the_file_is_used(rotting: Callable[[str, int], dict[str, Any]], kind: str) -> None:
    """Every command and page that would use it refuses, and its words name the file; a flip that changes no key is no change."""
    found = rotting(kind, FLIPS)
    assert set(found["answers"]) <= ({"named", "same"} if kind == "key" else {"named"}), found["silent"]
    assert found["answers"]["named"] >= found["flips"] * (0.9 if kind == "key" else 1)


@pytest.mark.slow
def test_a_flip_in_the_database_is_seen_or_changes_no_row(rotting: Callable[[str, int], dict[str, Any]]) -> None:
    """sulah check refuses, or every row of every table reads as before; beyond that only tables without seals, which are named."""
    found = rotting("database", FLIPS)
    assert found["answers"].get("said", 0) > 0
    silent = {name for name, _ in found["silent"]}
    assert not {"records_load", "records_loadfile", "records_dayrun", "records_auditentry"} & silent, found["silent"]


def test_an_export_of_a_damaged_file_is_refused_with_its_name(kit: Kit) -> None:
    """By the real command: exit code 1, the file's name, no traceback, no file written."""
    lender = kit.lender()
    path = lender / "book" / "days" / f"{DAYS[1]}.1" / "position" / "0000.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:64] + bytes([content[64] ^ 4]) + content[65:])
    out = kit.root / "position.csv"
    words = kit.refused(lender, "export", "position", "--as-of", DAYS[1], "--out", out)
    assert "position/0000.parquet" in words
    assert "was changed after it was written" in words
    assert not out.exists()


def test_a_refusal_becomes_a_page_of_words() -> None:
    """503, the words as text and not as markup; a fault of our own is left to the page for such."""
    pages = RefusedPages(lambda _request: HttpResponse("never asked"))
    asked = RequestFactory().get("/loans")
    answer = pages.process_exception(asked, DamagedFileError("position/0000.parquet of <b>the day</b> was changed"))
    assert answer is not None
    assert answer.status_code == 503
    assert "position/0000.parquet of &lt;b&gt;the day&lt;/b&gt; was changed" in answer.content.decode()
    assert pages.process_exception(asked, KeyError("a bug")) is None


def test_a_flipped_key_seals_nothing(kit: Kit) -> None:
    """A load with a key in which one sign has changed is refused before a row is sealed with it."""
    lender = kit.lender("next load")
    key = lender / "keys" / "personal.key"
    text = key.read_text("ascii")
    key.write_text(("1" if text[0] == "0" else "0") + text[1:], "ascii")
    said = kit.run(lender, *kit.arguments["next load"])
    assert said.code == 1
    assert "no longer fits its check" in said.words
