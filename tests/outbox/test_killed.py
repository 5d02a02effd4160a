"""SIGKILL of the real process at every point around queue, claim, decide, commit, send, answer, callback: no double, nothing lost."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sulah.kernel.points import POINTS
from tests.campaigns.points import registered
from tests.depth import so_many
from tests.outbox.place import Gateway, Place, gateway

pytestmark = pytest.mark.slow
OWN = ("outbox", "inbox")
STRUCK = (
    *("outbox.queueing", "outbox.queued", "outbox.claimed", "outbox.decided", "outbox.handed_over", "outbox.before_send"),
    *("outbox.sent_whole", "outbox.answered", "outbox.recorded", "inbox.before_commit", "inbox.kept", "inbox.processing"),
    *("inbox.processed", "outbox.looked_up", "outbox.resolved"),
)
LOOKED_UP = ("outbox.looked_up", "outbox.resolved")
"""Points that only a lost answer leads to."""

MESSAGES = 4
SEEDS = so_many(200, len(STRUCK))


@pytest.fixture(scope="module")
def ground(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Gateway]]:
    """A lender with nothing queued, and a gateway that stays."""
    place = Place(Path(shutil.copytree(empty, tmp_path_factory.mktemp("ground") / "kaveri")))
    with gateway(place) as sandbox:
        yield place, sandbox


def steps(place: Place, prefix: str) -> dict[str, Any]:
    """Queue, work, reports, work; each step can be done again."""
    purposes = ("recovery", "receipt")
    messages = [[f"{prefix}m{n}", f"p{n // 2}", f"LN/{n}", purposes[n % 2]] for n in range(MESSAGES)]
    quick = {"limits": {"ask_after": 3600}}
    reported: list[list[Any]] = [["report", {"prefix": prefix, "ports": place.ports}], ["work", quick]]
    return {"steps": [["prepare", {"messages": messages}], ["work", quick], *reported]}


def test_every_point_of_the_outbox_is_struck_here() -> None:
    registered()
    assert set(STRUCK) == {point for point in POINTS if point.partition(".")[0] in OWN}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_anywhere_every_message_goes_exactly_once(ground: tuple[Place, Gateway], tmp_path: Path, seed: int) -> None:
    empty, sandbox = ground
    draw, point, prefix = Random(seed), STRUCK[seed % len(STRUCK)], f"s{seed}."
    place = Place(Path(shutil.copytree(empty.root, tmp_path / "kaveri")), ports=empty.ports)
    passing = 1 if seed < len(STRUCK) else draw.randint(1, MESSAGES)
    if point in LOOKED_UP:
        sandbox.trouble("garbage", 2)
        before = place.start("steps", strike="outbox.recorded:2", steps=steps(place, prefix)["steps"][:2])
        assert before.code() == -9, before.words
        place.time_passes()
    elif seed >= len(STRUCK):
        sandbox.trouble(draw.choice(["reset_after", "broken_after", "broken", "reset", "garbage", "busy"]), draw.randint(1, 2))
    for _ in range(3):  # a gateway that is busy puts all of it off, so that some points are passed a while later
        struck = place.start("steps", strike=f"{point}:{passing}", **steps(place, prefix))
        ended = struck.code()
        if ended == -9:
            break
        assert ended == 0, (point, passing, struck.words)
        place.time_passes()
    assert ended == -9 or passing > 1, (point, passing, struck.words)
    assert_ends_well(place, sandbox, prefix)


def assert_ends_well(place: Place, sandbox: Gateway, prefix: str) -> None:
    """The same steps again until all is delivered: each message once at the gateway, one counted contact each."""
    for _ in range(8):
        place.time_passes()
        place.run("steps", **steps(place, prefix))
        if place.states() == {"delivered": MESSAGES}:
            break
    assert place.states() == {"delivered": MESSAGES}, place.rows("SELECT reference, state, words FROM records_outbox")
    taken = Counter(kept["reference"] for kept in sandbox.kept() if kept["reference"].startswith(prefix))
    assert taken == {f"{prefix}m{n}": 1 for n in range(MESSAGES)}
    contacts = place.contacts()
    assert contacts.pop("delivered") == MESSAGES
    assert set(contacts) <= {"failed"}
    assert place.rows("SELECT count(*) FROM records_inbox WHERE processed_at IS NULL") == [(0,)]
