"""What the log is asked for: what nobody told, once more what is said to have failed, and never every minute what does not change."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest

from sulah.actions.resolve_messages import REACH, resolve_messages
from sulah.adapters.book.layout import open_lender
from sulah.adapters.sandbox.sms import Gateway
from sulah.kernel.dates import fixed_clock
from sulah.records.contact.outbox import Outbox
from tests.contact.people import NOON
from tests.outbox.storm import Desk, lay, logged
from tests.outbox.storm_world import Brought, Msg91, World, made

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world() -> World:
    """A few people with an SMS each."""
    return made(20, 1, (Msg91(),))


@pytest.fixture
def log(empty: Path, world: World, tmp_path: Path) -> Iterator[Gateway]:
    """The gateway whose log knows what became of the messages."""
    root = Path(copytree(empty, tmp_path / "kaveri"))
    with logged(root, world) as gateway:
        yield gateway


@pytest.fixture
def desk(log: Gateway, world: World, tmp_path: Path) -> Desk:
    """Our side of it."""
    desk = Desk(open_lender(tmp_path / "kaveri"))
    lay(world, desk.vault)
    return desk


def failures(world: World, *, arrived: bool) -> list[Brought]:
    """A report of failure of each message whose log says that it arrived, or that it did not."""
    gone = [one for one in world.sent if not one.waits and one.person.number.endswith("0") is not arrived]
    return [Msg91()._report(one, NOON, delivered=False) for one in gone]


@pytest.mark.parametrize(("arrived", "state"), [(True, "delivered"), (False, "undelivered")])
def test_what_is_said_to_have_failed_is_asked_for_once_because_a_better_report_may_be_lost(
    desk: Desk, world: World, arrived: bool, state: str
) -> None:
    told = failures(world, arrived=arrived)
    assert told
    for each in told:
        desk.bring(each)
    desk.act()
    rows = Outbox.objects.filter(reference__in=[each.of for each in told])
    assert set(rows.values_list("state", flat=True)) == {"undelivered"}
    desk.repair()
    assert set(rows.values_list("state", "look_at")) == {(state, None)}


def test_a_message_that_the_log_calls_sent_is_asked_for_less_and_less_and_then_no_more(desk: Desk, log: Gateway, world: World) -> None:
    """A telephone that is off for days is no reason to ask every minute."""
    for kept in log.kept:
        kept.reported = False
    asked = Outbox.objects.filter(look_at__isnull=False, reference__in=[one.reference for one in world.sent if one.known])
    assert set(asked.values_list("state", flat=True)) == {"sent"}
    for minutes, least in ((20, 105), (200, 285)):
        desk.sender.clock = fixed_clock(NOON + timedelta(minutes=minutes))
        assert resolve_messages(desk.sender)
        assert all(each >= desk.sender.clock() + timedelta(minutes=least) for (each,) in asked.values_list("look_at"))
    desk.sender.clock = fixed_clock(NOON + REACH)
    resolve_messages(desk.sender)
    assert not asked.exists()
