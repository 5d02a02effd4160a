"""`sulah bundle`, `sulah replay BUNDLE` and `sulah incident` as people start them, on a lender of its own."""

import hashlib
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence.small_bundle import small_files
from tests.real.command import ROOT, new_lender, sulah
from tests.village.cast import LAST_DAY

pytestmark = pytest.mark.slow
DAY = LAST_DAY + timedelta(days=1)


def test_a_day_leaves_and_is_replayed_and_a_person_is_packed(tmp_path: Path) -> None:
    """The bundle needs no lender to be replayed; a byte changed is told; nothing decided and nobody known are refused in words."""
    lender = new_lender(tmp_path / "lender")
    subprocess.run([sys.executable, "-m", "tests.evidence.lives", str(lender)], check=True, cwd=ROOT)
    bundle, at = tmp_path / "day.zip", ("--lender", lender)
    made = sulah("bundle", DAY, "--out", bundle, "--json", *at).fields
    assert made["decisions"] > 100
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    said = sulah("replay", bundle, "--digest", made["digest"], "--json", cwd=nowhere).fields
    assert (said["done"], said["same"], said["differences"]) == (True, made["decisions"], [])
    words = sulah("replay", bundle, cwd=nowhere)
    assert words.code == 0
    assert "was compared with nothing" in words.words
    other = sulah("replay", bundle, "--digest", "0" * 64, cwd=nowhere)
    assert (other.code, "DOES NOT HOLD" in other.words) == (1, True)
    assert sulah("bundle", "2020-01-01", "--out", tmp_path / "none.zip", *at).code == 1

    packed = tmp_path / "pack.zip"
    told = sulah("incident", "--borrower", "P0", "--from", "2026-11-01", "--to", "2026-12-31", "--out", packed, "--json", *at).fields
    assert told["parts"]["decisions"] == told["files"]["raw/decisions.jsonl"] > 0
    with zipfile.ZipFile(packed) as pack:
        assert hashlib.sha256(pack.read("manifest.json")).hexdigest() == told["digest"]
    nobody = sulah("incident", "--borrower", "X", "--from", "2026-11-01", "--to", "2026-12-31", *at, cwd=nowhere)
    assert nobody.code == 1
    assert "Nothing is on record" in nobody.words


def test_a_bundle_that_was_changed_is_told_with_the_decision(tmp_path: Path) -> None:
    files = dict(small_files())
    files["decisions.jsonl"] = files["decisions.jsonl"].replace(b'"template":true', b'"template":false', 1)
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    said = sulah("replay", tmp_path / "x.zip", "--json")
    assert said.code == 1
    assert {one["file"] or one["decision"] for one in said.fields["differences"]} == {"decisions.jsonl", 1}
