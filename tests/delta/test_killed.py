"""SIGKILL of the real process at the points of a delta: no half load, and the next try ends in the same bytes."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.campaigns.process import Machine, tree_of
from tests.campaigns.stages import new_lender
from tests.delta.lender import write_delta
from tests.intake.extract import AS_OF, good, write

pytestmark = pytest.mark.slow
NEXT = date(2026, 4, 1)
POINTS = ("delta.loans_written", "delta.base_named", "load.accepted_written:3", "load.before_commit", "load.after_commit")


def test_a_delta_killed_at_a_point_leaves_no_half_load_and_ends_in_the_same_bytes(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    lender = new_lender(machine, tmp_path / "lender")
    paid = [{"repayment_id": "R3", "loan_id": "L2", "paid_on": "2026-04-01", "amount": "100"}]
    delta = write_delta(tmp_path / "delta", NEXT, {"repayment_1": {"append": paid}})
    first = machine.run(lender, ("load", str(write(tmp_path / "first", dict(good()))), "--as-of", str(AS_OF)))
    assert first.code == 0, first.words
    settings = lender / "lender.toml"
    settings.write_text(settings.read_text("utf-8").replace("\n[load]\n", "\n[load]\ncompact_share_bps = 10000\n"), "utf-8")
    command = ("load", str(delta), "--as-of", str(NEXT))
    shutil.copytree(lender, tmp_path / "clean" / "lender")
    assert machine.run(tmp_path / "clean" / "lender", command).code == 0
    trees = [tree_of(tmp_path / "clean" / "lender")]
    for place, point in enumerate(POINTS):
        struck = Path(shutil.copytree(lender, tmp_path / f"struck{place}" / "lender"))
        ended = machine.run(struck, command, SULAH_STRIKE=point, SULAH_STRIKE_WITH="kill")
        assert ended.killed, f"{point}: {ended.words}"
        assert (machine.seen(struck) == machine.seen(lender)) == (point != "load.after_commit")
        again = machine.run(struck, command)
        assert again.code == 0, f"{point}: {again.words}"
        trees.append(tree_of(struck))
    machine.close()
    assert any(name.endswith("layers.json") for name in trees[0])
    assert [tree == trees[0] for tree in trees] == [True] * len(trees)
