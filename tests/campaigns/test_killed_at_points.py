"""SIGKILL of the real process at every registered point: at a middle passing, in a whole run at its first and its last too."""

import pytest

from tests.campaigns.points import FULLY, PASSED_BY, STRUCK_ELSEWHERE, places, registered
from tests.campaigns.stages import COMMANDS, Stage
from tests.campaigns.trials import Bench, Made, Trial
from tests.depth import WHOLE

pytestmark = pytest.mark.slow
STRUCK = COMMANDS if WHOLE else FULLY
CASES = [(command, point) for command in STRUCK for point in registered() if command in PASSED_BY.get(point.partition(".")[0], ())]


def make(bench: Bench, stages: dict[str, Stage], command: str, point: str) -> list[Trial]:
    """The trials of one point in one command."""
    stage = stages[command]
    return [bench.strike(stage, point, place) for place in places(command, stage.reached[point])] if stage.reached[point] else []


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_command_killed_at_a_point_shows_all_or_nothing_and_ends_in_the_same_bytes(case: tuple[str, str], made: Made) -> None:
    trials = made(case)
    assert trials, f"the {case[0]} does not pass {case[1]}"
    for trial in trials:
        assert trial.struck.killed, f"{trial.fault}: {trial.struck.words}"
        trial.assert_all_or_nothing()
        assert trial.became_the_day == case[1].endswith(".after_commit"), trial.fault
        trial.assert_resumed_identical()


def test_every_registered_point_is_struck_by_some_campaign(stages: dict[str, Stage]) -> None:
    struck = {point for command, point in CASES if stages[command].reached[point]}
    assert struck == set(registered())
    passed = {point for stage in stages.values() for point in stage.reached}
    assert {point for point in passed if point.partition(".")[0] not in STRUCK_ELSEWHERE} == struck
