"""The hostile lender pack: every reaction exact, a wrong one noticed, and the good day before it untouched."""

import json
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sulah.intake.codes import CODES
from sulah.simulation.hostile.case import Load
from sulah.simulation.hostile.pack import CLASSES, PACK
from sulah.simulation.hostile.protocol import write_pack
from tests.closing import TALLY


def hostile(*arguments: object) -> tuple[int, dict[str, Any]]:
    """Run `sulah hostile --json` as a process; its exit code and answer."""
    command = [sys.executable, "-m", "sulah.cli.main", "hostile", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1500)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_every_reaction_of_the_pack_is_exact() -> None:
    """Each case also holds that yesterday's good day, its load, its ledger rows and the published rows stay as they were."""
    code, said = hostile()
    for name, counted in said["classes"].items():
        TALLY.update({("hostile", f"{name:>4} {counted['title']}", count): counted[count] for count in ("exact", "cases")})
    assert said["differences"] == []
    assert (code, said["done"], said["exact"]) == (0, True, len(PACK))
    assert set(said["classes"]) == set(CLASSES)


def test_every_class_has_at_least_five_cases_and_every_case_its_own_title() -> None:
    cases = Counter(case.group for case in PACK)
    assert set(cases) == {f"L{n}" for n in range(1, 23)}
    assert min(cases.values()) >= 5
    assert len({(case.group, case.title) for case in PACK}) == len(PACK) >= 200


def test_every_code_that_the_pack_expects_is_in_the_table_of_codes() -> None:
    named = {
        code.rpartition(".")[2] for case in PACK for step in case.steps if isinstance(step, Load) for code in (*step.codes, *step.holds)
    }
    assert named - set(CODES) == set()
    assert len(named) >= 50


@pytest.mark.slow
def test_a_wrong_reaction_is_noticed(tmp_path: Path) -> None:
    """Plant wrong expectations of every kind in a written pack: outcome, code, rows, a kept cell, a row of the day."""
    wrong = {
        "L1-01": ('outcome = "repeated"', 'outcome = "held"'),
        "L12-06": ('"repayment.duplicate_conflicting" = 2', '"repayment.duplicate_conflicting" = 1'),
        "L13-01": ('"repayment" = 43', '"repayment" = 44'),
        "L8-03": ("ஆஷா", "ஆசா"),
        "L16-01": ('hold_reason" = "missing_from_extract"', 'hold_reason" = "deceased"'),
    }
    write_pack(tmp_path, [case for case in PACK if case.name in (*wrong, "L1-02")])
    for name, (right, planted) in wrong.items():
        told = tmp_path / name / "case.toml"
        text = told.read_text("utf-8")
        assert right in text, name
        told.write_text(text.replace(right, planted), encoding="utf-8")
    code, said = hostile("--pack", tmp_path)
    assert code == 1
    assert {one["case"] for one in said["differences"]} == set(wrong)
    assert said["exact"] == 1


def test_a_written_pack_is_the_same_each_time_and_says_what_is_expected(tmp_path: Path) -> None:
    small = [case for case in PACK if case.group in ("L9", "L12")]
    for name in ("one", "two"):
        write_pack(tmp_path / name, small)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in sorted((tmp_path / name).rglob("*")) if path.is_file()}
        for name in ("one", "two")
    )
    assert one == two
    told = tomllib.loads((tmp_path / "one" / "L12-06" / "case.toml").read_text("utf-8"))
    assert told["step"][0]["codes"] == {"repayment.duplicate_conflicting": 2}


def test_an_unknown_class_is_wrong_usage() -> None:
    code, said = hostile("--only", "L99")
    assert code == 2
    assert not said["done"]


def test_the_page_names_every_class() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "operate" / "hostile.md").read_text("utf-8")
    assert {int(n) for n in re.findall(r"\bL(\d+)\b", page)} == set(range(1, 23))
