"""Many workers at once: no cap is passed, nothing goes twice, and every message ends somewhere."""

from collections import Counter
from pathlib import Path

import pytest

from tests.depth import so_many
from tests.outbox.place import Gateway, Place, gateway, new_place

pytestmark = pytest.mark.slow
PERSONS = so_many(100, 12)
LOANS = 3
MOST = 2


def assert_no_cap_is_passed(place: Place, sandbox: Gateway, workers: int) -> None:
    """Three loans of each person want a reminder at the same time; the cap is two a day."""
    wanted = [[f"p{person}.l{loan}", f"p{person}", f"LN/{person}/{loan}", "recovery"] for loan in range(LOANS) for person in range(PERSONS)]
    place.set_up(answers=30)  # so many at once on a small machine: a late answer would be an attempt that counts, and is tried elsewhere
    assert place.run("prepare", messages=wanted) == {"made": PERSONS * LOANS}
    hands = [place.start("work", limits={"batch": 2}) for _ in range(workers)]
    sent: Counter[str] = Counter()
    for hand in hands:
        sent += Counter(hand.answer()["outcomes"])
    assert sent["sent"] == PERSONS * MOST
    assert place.states() == {"sent": PERSONS * MOST, "withdrawn": PERSONS * (LOANS - MOST)}
    refused = place.rows("SELECT DISTINCT words FROM records_outbox WHERE state = 'withdrawn'")
    assert refused == [("Refused when it was to be sent: T-CAP.",)]
    counted = Counter(person for (person,) in place.rows("SELECT person FROM records_contact WHERE state NOT IN ('failed', 'withdrawn')"))
    assert counted == {f"p{person}": MOST for person in range(PERSONS)}
    taken = Counter(kept["reference"] for kept in sandbox.kept())
    assert set(taken.values()) == {1}
    assert Counter(reference.partition(".")[0] for reference in taken) == counted


def test_four_workers_on_sqlite_pass_no_cap_and_send_nothing_twice(place: Place) -> None:
    with gateway(place) as sandbox:
        assert_no_cap_is_passed(place, sandbox, 4)


@pytest.mark.postgres
def test_sixteen_workers_on_postgres_pass_no_cap_and_send_nothing_twice(tmp_path: Path, address: str) -> None:
    place = new_place(tmp_path / "kaveri", address)
    with gateway(place) as sandbox:
        assert_no_cap_is_passed(place, sandbox, 16)


def test_workers_that_are_killed_again_and_again_still_send_everything_once(place: Place) -> None:
    """Two work on while two others are killed at every other answer."""
    with gateway(place) as sandbox:
        wanted = [[f"p{person}.a", f"p{person}", f"LN/{person}", "receipt"] for person in range(PERSONS * 2)]
        place.run("prepare", messages=wanted)
        for _ in range(8):
            place.time_passes()
            points = ("outbox.answered:2", "outbox.sent_whole:3", "", "")
            for hand in [place.start("work", strike=point, limits={"batch": 4}) for point in points]:
                hand.code()
            if set(place.states()) <= {"sent", "delivered"}:
                break
        assert set(place.states()) <= {"sent", "delivered"}  # a look-up may know more than the answer
        assert Counter(kept["reference"] for kept in sandbox.kept()) == {reference: 1 for reference, *_ in wanted}
