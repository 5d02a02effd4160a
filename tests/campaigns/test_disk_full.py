"""The disk runs full: struck at points, and on a real small disk.  Clear words, nothing half-visible, resumed to the same bytes."""

from threading import Lock

import pytest

from tests.campaigns.disk import need, on_a_disk_of
from tests.campaigns.points import PASSED_BY, registered
from tests.campaigns.process import Ended
from tests.campaigns.stages import Stage
from tests.campaigns.trials import Bench, Made, Trial
from tests.depth import so_many

pytestmark = pytest.mark.slow
COMMANDS = ("next load", "next day")
CASES = [(command, point) for command in COMMANDS for point in registered() if command in PASSED_BY.get(point.partition(".")[0], ())]
STEPS = so_many(11, 4)
"""Sizes of a small disk for each command."""
SIZES = [(command, step) for command in COMMANDS for step in range(STEPS)]
_MEASURING = Lock()
_NEED: dict[str, tuple[int, int]] = {}


def make(bench: Bench, stages: dict[str, Stage], command: str, fault: str | int) -> Trial:
    """No space left at the last passing of a point, or on a disk that is some parts of the need too small."""
    stage = stages[command]
    if isinstance(fault, str):
        return bench.strike(stage, fault, max(1, stage.reached[fault]), how="enospc")
    with _MEASURING:
        if command not in _NEED:
            _NEED[command] = need(bench, stage)
    before, most = _NEED[command]
    return on_a_disk_of(bench, stage, before + (most - before) * fault // STEPS)


def test_the_disk_runs_full_at_twenty_points_or_more() -> None:
    assert len(CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_full_disk_at_a_point_is_told_in_words_and_ends_in_the_same_bytes(case: tuple[str, str], made: Made) -> None:
    trial = made(case)
    assert_told(trial.struck)
    trial.assert_all_or_nothing()
    assert trial.became_the_day == case[1].endswith(".after_commit")
    trial.assert_resumed_identical()


def assert_told(struck: Ended) -> None:
    """Exit 1 and words that a person understands; no traceback."""
    assert struck.code == 1, struck.words
    assert "disk is full" in struck.words
    assert "Free some space" in struck.words
    assert "Traceback" not in struck.complained


@pytest.mark.parametrize("case", SIZES, ids=lambda case: "-".join(map(str, case)))
def test_a_disk_that_really_is_too_small_is_told_in_words(case: tuple[str, int], made: Made) -> None:
    """Sizes from no room at all to nearly enough; at the last one the command may just fit."""
    trial = made(case)
    just_fits = trial.struck.code == 0 and case[1] == STEPS - 1
    if not just_fits:
        assert_told(trial.struck)
    trial.assert_all_or_nothing()
    assert trial.became_the_day == just_fits
    trial.assert_resumed_identical()
