"""Ten thousand provider events, doubled, shuffled, lost, spoiled and forged, end exactly as they end when nothing happens to them.

Usual depth: a few hundred events and some seeds; whole: 10,000 events and 200 seeds.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest
from django.db import transaction

from sulah.adapters.book.layout import open_lender
from sulah.records.contact.heard import Heard
from sulah.records.contact.inbox import Inbox, InboxRefused
from sulah.records.contact.promise import Promise
from sulah.records.contact.stop import StopEvent
from tests.depth import so_many
from tests.outbox.storm import ALL_LINES, Desk, Weather, canonical, difference, lay, logged
from tests.outbox.storm_state import final_state
from tests.outbox.storm_world import World, made

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
EVENTS, SEEDS = so_many(10_000, 300), so_many(200, 4)


@pytest.fixture(scope="module")
def world() -> World:
    """The world of all seeds."""
    return made(EVENTS, lines=ALL_LINES)


@pytest.fixture(scope="module")
def ground(empty: Path, world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A lender whose gateway has the log."""
    root = Path(copytree(empty, tmp_path_factory.mktemp("storm") / "kaveri"))
    with logged(root, world):
        yield root


@pytest.fixture(scope="module")
def calm(ground: Path, world: World, django_db_setup: None, django_db_blocker: Any) -> str:
    """What stands when every event comes once, whole and in order."""
    with django_db_blocker.unblock(), transaction.atomic():
        desk = Desk(open_lender(ground))
        lay(world, desk.vault)
        for each in world.brought:
            assert desk.bring(each) == 200
            desk.act()
        assert set(Inbox.objects.values_list("outcome", flat=True)) <= {"applied", "repeated", "heard"}
        assert_something_happened(world)
        found = canonical(final_state())
        transaction.set_rollback(True)
    return found


def assert_something_happened(world: World) -> None:
    """The world is no empty one: each consequence came about, and promises were replaced."""
    assert world.events >= EVENTS
    assert {"promise", "stop", "paid", "cannot_pay", "dispute", "complaint", "call_me"} <= set(
        Heard.objects.values_list("intent", flat=True)
    )
    assert {"open", "replaced"} == set(Promise.objects.values_list("state", flat=True))
    assert StopEvent.objects.filter(event="opt_out", lifted_at=None).exists()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_on_the_way_the_same_stands_in_the_end(ground: Path, world: World, calm: str, seed: int) -> None:
    desk, weather = Desk(open_lender(ground)), Weather(Random(seed))
    lay(world, desk.vault)
    weather.blows(world, desk)
    desk.repair()
    found = canonical(final_state())
    assert found == calm, difference(found, calm)
    assert_the_false_was_refused(weather, desk)


def assert_the_false_was_refused(weather: Weather, desk: Desk) -> None:
    """What was forged, and what was signed and spoiled, was turned away and counted; nothing else was, and nothing waits."""
    turned_away = {status: count for status, count in desk.answers.items() if status != 200}
    assert turned_away == dict(+weather.refused)
    assert sum(InboxRefused.objects.filter(why="forged").values_list("count", flat=True)) == desk.answers[401]
    assert not Inbox.objects.filter(processed_at=None).exists()
    assert not Heard.objects.filter(done_at=None).exists()
