"""SIGKILL at moments that no one chose: spread over the whole run, inside statements, and inside the database's commit."""

import json
from collections import Counter

import pytest

from tests.campaigns.process import Machine, ended
from tests.campaigns.stages import Stage
from tests.campaigns.trials import Bench, Made, Trial
from tests.depth import so_many, some_of

pytestmark = pytest.mark.slow
MOMENTS = {"next load": so_many(10, 3), "next day": so_many(20, 6)}
DELAYS = some_of((1.0, 5.0, 0.0, 2.0), 2)
"""Milliseconds after the last point before the commit."""
LAST_POINT = {"next load": "load.before_commit", "next day": "publish.before_commit"}
SPREAD = [(command, "moment", float(number)) for command in LAST_POINT for number in range(1, MOMENTS[command] + 1)]
IN_COMMIT = [(command, "commit", delay) for command in LAST_POINT for delay in DELAYS]


def make(bench: Bench, stages: dict[str, Stage], command: str, way: str, when: float) -> Trial:
    """One trial: at a part of the run, or so long into its commit."""
    stage = stages[command]
    return (
        bench.kill_at(stage, when / (MOMENTS[command] + 1)) if way == "moment" else bench.kill_in_commit(stage, LAST_POINT[command], when)
    )


@pytest.mark.parametrize("case", [*SPREAD, *IN_COMMIT], ids=lambda case: "-".join(map(str, case)))
def test_a_command_killed_at_any_moment_shows_all_or_nothing_and_ends_in_the_same_bytes(case: tuple[str, str, float], made: Made) -> None:
    trial = made(case)
    assert trial.struck.killed or (trial.struck.code == 0 and trial.became_the_day), trial.struck.words
    trial.assert_all_or_nothing()
    trial.assert_resumed_identical()


@pytest.mark.parametrize("command", LAST_POINT)
def test_most_of_the_moments_lie_inside_the_run(command: str, made: Made, request: pytest.FixtureRequest) -> None:
    """A machine in a hurry may end a run before its last moments; a campaign that struck nothing would prove nothing."""
    cases = [case for case in SPREAD if case[0] == command]
    asked = [item.callspec.params.get("case") for item in request.session.items if hasattr(item, "callspec")]
    if not all(case in asked for case in cases):
        pytest.skip("only a part of the moments was asked for")
    counts = Counter("killed" if made(case).struck.killed else "ended" for case in cases)
    assert counts["killed"] >= MOMENTS[command] * 3 // 4, counts


def test_a_reader_beside_killed_and_resumed_runs_never_sees_a_mixed_day(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    """It reads ledger, files and items over and over while the day is killed at five places, run, and run once more."""
    stage = stages["next day"]
    lender, stop = bench.lender_of(stage), bench.root / "stop-reading"
    reader = machine.watching(lender, stop)
    for strike in ("day.file_written:9", "day.tables_done", "publish.items_written", "publish.before_commit", "publish.after_commit"):
        assert machine.run(lender, stage.arguments, SULAH_STRIKE=strike).killed
    for _ in range(2):
        assert machine.run(lender, stage.arguments).code == 0
    stop.touch()
    told = json.loads(ended(reader).said)
    assert told["wrong"] == []
    assert told["reads"] >= 20
    assert told["stood"] == [[seen["days"][-1][0], seen["days"][-1][8]] for seen in (stage.seen_before, stage.seen_after)]


def test_a_load_killed_while_it_spills_leaves_no_name_in_clear_behind(bench: Bench, stages: dict[str, Stage], machine: Machine) -> None:
    """The folder it spills into lies among the loads, and the next load sweeps it."""
    stage = stages["next load"]
    lender = bench.lender_of(stage)
    assert machine.run(lender, stage.arguments, SULAH_STRIKE="load.validated").killed
    spills = [path.name for path in (lender / "book" / "loads").glob(".spill-*")]
    assert len(spills) == 1
    assert machine.run(lender, stage.arguments).code == 0
    assert list((lender / "book" / "loads").glob(".spill-*")) == []
    assert list((lender.parent / "tmp").iterdir()) == []
