"""Fault points: declared, silent unless asked, and struck exactly where asked."""

import errno
from itertools import count

import pytest

from sulah.kernel.points import POINTS, reach, register


@pytest.fixture
def point() -> str:
    """A point of this test's own."""
    register("test.point")
    return "test.point"


def test_an_undeclared_point_is_a_programmers_error() -> None:
    """A campaign could never strike it, so it may not exist."""
    with pytest.raises(KeyError, match="undeclared"):
        reach("test.nowhere")


def test_a_point_is_silent_unless_asked(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment, no effect; another point's strike is none of ours."""
    monkeypatch.delenv("SULAH_STRIKE", raising=False)
    reach(point)
    monkeypatch.setenv("SULAH_STRIKE", "test.other")
    reach(point)
    assert point in POINTS


def test_a_full_disk_is_raised_at_the_point(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The campaign of full disks raises what the system would."""
    from sulah.kernel import points

    monkeypatch.setitem(points._reached, point, count(1))
    monkeypatch.setenv("SULAH_STRIKE", f"{point}:2")
    monkeypatch.setenv("SULAH_STRIKE_WITH", "enospc")
    reach(point)
    with pytest.raises(OSError, match="No space left") as caught:
        reach(point)
    assert caught.value.errno == errno.ENOSPC
