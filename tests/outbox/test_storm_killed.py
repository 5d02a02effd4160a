"""SIGKILL of the process that reads the inbox and acts on what people said, at every point of it: the same stands in the end."""

import shutil
from pathlib import Path
from random import Random

import pytest

from sulah.kernel.points import POINTS
from tests.campaigns.points import registered
from tests.depth import so_many
from tests.outbox.place import Place
from tests.outbox.storm import difference, every_channel

pytestmark = pytest.mark.slow
STRUCK = (
    *("inbox.before_commit", "inbox.kept", "inbox.processing", "inbox.processed", "talk.before_commit", "talk.after_commit"),
    *("stop.withdrawn", "stop.before_commit", "stop.after_commit", "contact.consent_before_commit"),
)
"""Points of the door, of reading, of acting and of what follows from it."""

EVENTS, SEEDS = so_many(400, 60), so_many(200, 20)
MODULE = "tests.outbox.storm_hand"


@pytest.fixture(scope="module")
def laid(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lender with every channel set up whose messages are with providers."""
    place = Place(Path(shutil.copytree(empty, tmp_path_factory.mktemp("laid") / "kaveri")))
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8") + every_channel(1), "utf-8")
    place.run(f"{MODULE}:lay_world", events=EVENTS)
    return place


@pytest.fixture(scope="module")
def calm(laid: Place, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What stands when every event comes once and in order, and nobody dies."""
    place = Place(Path(shutil.copytree(laid.root, tmp_path_factory.mktemp("calm") / "kaveri")))
    place.run(f"{MODULE}:storm", events=EVENTS, every=1)
    return str(place.run(f"{MODULE}:state")["state"])


def test_every_point_of_the_talk_is_struck_here() -> None:
    registered()
    assert {point for point in POINTS if point.startswith(("talk.", "inbox."))} <= set(STRUCK)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_anywhere_what_was_said_has_its_consequence_once(laid: Place, calm: str, tmp_path: Path, seed: int) -> None:
    draw, point = Random(seed), STRUCK[seed % len(STRUCK)]
    place = Place(Path(shutil.copytree(laid.root, tmp_path / "kaveri")))
    struck = place.start(f"{MODULE}:storm", strike=f"{point}:{draw.randint(1, 8)}", events=EVENTS, seed=seed)
    ended = struck.code()
    assert ended == -9 or (point.startswith("contact.") and ended == 0), (point, struck.words)
    place.run(f"{MODULE}:storm", events=EVENTS, seed=seed + SEEDS)
    found = str(place.run(f"{MODULE}:state")["state"])
    assert found == calm, difference(found, calm)
