"""`sulah watch --status` as monitoring calls it: its exit code says whether an extract is missing."""

import shutil
from pathlib import Path

import pytest

from tests.campaigns.process import Machine
from tests.campaigns.stages import new_lender

pytestmark = pytest.mark.slow


def test_status_ends_with_one_while_an_extract_is_missing_and_with_zero_where_none_is_expected(tmp_path: Path) -> None:
    (tmp_path / "machine").mkdir()
    machine = Machine(tmp_path / "machine")
    lender = new_lender(machine, tmp_path / "lender")
    calm = machine.run(lender, ("watch", "--status"))
    assert calm.code == 0, calm.words
    assert "No extract is expected by any time" in calm.words
    late = Path(shutil.copytree(lender, tmp_path / "late" / "lender"))
    settings = late / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace('# expected_by = "21:30"', 'expected_by = "00:00"'), "utf-8")
    missing = machine.run(late, ("watch", "--status"))
    assert missing.code == 1, missing.words
    assert "was expected by" in missing.words
