"""Ten thousand callbacks, repeated, shuffled, dropped, spoiled and forged, end in the rows of the clean run."""

import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.depth import so_many
from tests.outbox.place import HOOK, Gateway, Place, gateway

pytestmark = pytest.mark.slow
MESSAGES = so_many(10_000, 1_000)
ENDS = "SELECT reference, state, provider, provider_reference, attempts, words FROM records_outbox ORDER BY reference"
CONTACTS = "SELECT intent, attempt, state, provider, provider_ref FROM records_contact ORDER BY intent"


@pytest.fixture(scope="module")
def sent(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A lender whose messages were all sent, and nothing reported."""
    place = Place(Path(shutil.copytree(empty, tmp_path_factory.mktemp("sent") / "kaveri")), ports=[1])
    place.set_up()
    place.run("as_sent", count=MESSAGES)
    return place


def copy_of(sent: Place, root: Path) -> Place:
    """A lender of the test's own."""
    return Place(Path(shutil.copytree(sent.root, root / "kaveri")), ports=[])


def fill(sandbox: Gateway, place: Place) -> list[str]:
    """The gateway knows all messages; the report of each, every tenth of which was not delivered."""
    from datetime import UTC, datetime

    from sulah.adapters.sandbox.sms import Kept, report_of

    at = datetime.now(UTC)
    for reference, theirs in place.rows("SELECT reference, provider_reference FROM records_outbox ORDER BY reference"):
        mobile = f"9198{int(reference[1:]):07d}{0 if reference.endswith('7') else 1}"
        sandbox.sandbox.gateway.kept.append(Kept(theirs, reference, mobile, "", "KAVERI", at, reported=True))
    return [report_of(kept).decode() for kept in sandbox.sandbox.gateway.kept]


def brought(place: Place, bodies: list[list[str]]) -> dict[str, int]:
    """Bring callbacks to the door with many threads, and process them; the statuses."""
    found: dict[str, int] = place.run("callbacks", bodies=bodies, threads=32)["statuses"]
    place.run("work")
    return found


def look_up(place: Place) -> None:
    """The poller's time has come."""
    place.rows("UPDATE records_outbox SET look_at = '2020-01-01 00:00:00' WHERE look_at IS NOT NULL")
    place.run("work")


def mishandled(reports: list[str], draw: Random) -> list[list[str]]:
    """Three of each, 10% dropped, 5% spoiled, 2% forged as well, in any order."""
    sent: list[list[str]] = []
    for body in reports:
        luck = draw.random()
        if luck < 0.10:
            continue
        if luck < 0.15:
            spoiled = body[: draw.randrange(len(body))] if draw.random() < 0.5 else body.replace('"status": "1"', '"status": "2"')
            sent.append([HOOK, spoiled if spoiled != body else body[:-1]])
            continue
        sent += [[HOOK, body]] * 3
        if luck > 0.98:
            sent.append(["a-forged-secret-of-nobody", body.replace("DELIVERED", "FAILED").replace('"1"', '"2"')])
    draw.shuffle(sent)
    return sent


def test_callbacks_however_they_come_end_as_the_clean_run(sent: Place, tmp_path: Path) -> None:
    clean, rough = copy_of(sent, tmp_path / "clean"), copy_of(sent, tmp_path / "rough")
    with gateway(clean) as sandbox:
        reports = fill(sandbox, clean)
        assert brought(clean, [[HOOK, body] for body in reports]) == {"200": MESSAGES}
    with gateway(rough) as sandbox:
        fill(sandbox, rough)
        given = mishandled(reports, Random(7))
        forged = sum(key != HOOK for key, _ in given)
        assert brought(rough, given) == {"200": len(given) - forged, "401": forged}
        unknown = rough.rows("SELECT count(*) FROM records_outbox WHERE state = 'sent'")[0][0]
        assert unknown > 0  # what was dropped or spoiled
        look_up(rough)
    assert clean.rows(ENDS.replace(", words", "")) == rough.rows(ENDS.replace(", words", ""))
    assert clean.rows(CONTACTS) == rough.rows(CONTACTS)
    assert set(clean.states()) == {"delivered", "undelivered"}
    assert rough.rows("SELECT sum(count) FROM records_inboxrefused WHERE why = 'forged'") == [(forged,)]
    assert rough.rows("SELECT count(*) FROM records_inbox WHERE processed_at IS NULL") == [(0,)]
    outcomes = dict(rough.rows("SELECT outcome, count(*) FROM records_inbox GROUP BY outcome"))
    assert outcomes["unreadable"] > 0


def test_the_same_callback_thirty_days_later_changes_nothing(sent: Place, tmp_path: Path) -> None:
    place = copy_of(sent, tmp_path)
    with gateway(place) as sandbox:
        body = fill(sandbox, place)[0]
    brought(place, [[HOOK, body]])
    before: Any = (place.rows(ENDS), place.rows("SELECT count(*) FROM records_inbox"))
    brought(place, [[HOOK, body]])
    assert (place.rows(ENDS), place.rows("SELECT count(*) FROM records_inbox")) == before


def test_a_report_under_another_reference_of_the_gateway_is_set_aside(sent: Place, tmp_path: Path) -> None:
    place = copy_of(sent, tmp_path)
    with gateway(place) as sandbox:
        first, second = fill(sandbox, place)[:2]
    theirs = sandbox.sandbox.gateway.kept
    crossed = first.replace(theirs[0].request_id, theirs[1].request_id)
    stranger = second.replace(theirs[1].reference, "of-nobody")
    brought(place, [[HOOK, crossed], [HOOK, stranger]])
    assert sorted(place.rows("SELECT outcome FROM records_inbox")) == [("mismatch",), ("unknown_message",)]
    assert place.states() == {"sent": MESSAGES}


def test_an_undelivered_report_before_a_delivered_one_ends_as_delivered_in_any_order(sent: Place, tmp_path: Path) -> None:
    ends = []
    for turn in (1, -1):
        place = copy_of(sent, tmp_path / str(turn))
        with gateway(place) as sandbox:
            body = fill(sandbox, place)[0]
        contrary = body.replace('"status": "1"', '"status": "2"').replace("DELIVERED", "FAILED")
        for each in [contrary, body][::turn]:
            brought(place, [[HOOK, each]])
        ends.append(place.rows("SELECT state, count(*) FROM records_outbox GROUP BY state ORDER BY state"))
    assert ends[0] == ends[1] == [("delivered", 1), ("sent", MESSAGES - 1)]
