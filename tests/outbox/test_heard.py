"""What a person sends comes off the inbox once, sealed, with an instant that is not ahead of its arrival."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from sulah.actions.process_inbox import process_inbox
from sulah.actions.put_heard import words_of
from sulah.actions.take_callback import Door, InboxWriter
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import fixed_clock
from sulah.kernel.terms import Channel
from sulah.outreach.channel import Heard, HeardKind, Report, UnreadableReportError
from sulah.outreach.configured import Configured
from sulah.outreach.http import Call
from sulah.outreach.sms.hook import secret_fits
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from tests.outbox.place import HOOK, Place

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lines:
    """A provider whose callback is lines of event, sender, instant and text."""

    methods: frozenset[str] = frozenset({"GET", "POST"})

    def greet(self, call: Call) -> str | None:
        """It asks whether the door is ours."""
        return call.query["challenge"] if call.method == "GET" and call.query.get("verify") == HOOK else None

    def genuine(self, call: Call) -> bool:
        """A secret in the address."""
        return secret_fits(call.query.get("key", ""), (HOOK,))

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """A line each."""
        rows = [line.split("|") for line in call.body.decode().splitlines()]
        if any(len(row) != 4 for row in rows):
            raise UnreadableReportError("a line has four parts")
        return tuple(Heard(event, sender, at, HeardKind.TEXT, text) for event, sender, at, text in rows)


@pytest.fixture
def door(place: Place) -> Door:
    """A door with that provider."""
    channels = {Channel.WHATSAPP: Configured("whatsapp", None, {}, bool, {"lines": Lines()})}
    return Door(channels, Vault(open_lender(place.root)), InboxWriter(), fixed_clock(NOW))


def brought(door: Door, lines: Sequence[str]) -> list[HeardRow]:
    """Bring lines to the door and read the inbox; everything heard so far."""
    call = Call("POST", {"key": HOOK}, {}, "\n".join(lines).encode())
    assert door.take("whatsapp", "lines", call) == (200, "")
    process_inbox(None, door.channels, door.vault, door.clock)  # type: ignore[arg-type]  # no report is among them
    return list(HeardRow.objects.all())


def test_two_things_in_one_callback_are_heard_apart_and_each_once_however_often_they_come(door: Door) -> None:
    one, two = "e1|+919812345678|2026-11-23T05:59:00+00:00|5 tareekh ko 500", "e2|+919812345679||STOP"
    assert [row.event_id for row in brought(door, [one, two])] == ["e1", "e2"]
    assert [row.event_id for row in brought(door, [two, one])] == ["e1", "e2"]
    assert [row.event_id for row in brought(door, [one])] == ["e1", "e2"]
    assert [row.outcome for row in Inbox.objects.order_by("id")] == ["heard", "repeated", "repeated"]


def test_number_and_words_are_sealed(door: Door) -> None:
    (row,) = brought(door, ["e1|+919812345678||mera number mat dikhana"])
    assert "9812345678" not in row.sealed + row.number_key
    assert words_of(door.vault, row) == ("+919812345678", "mera number mat dikhana")
    assert row.number_key == door.vault.number_key("+919812345678")
    assert (row.channel, row.outcome, row.done_at) == ("whatsapp", "", None)


@pytest.mark.parametrize(
    ("given", "back"),
    [
        ("2026-11-23T05:00:00+00:00", 3600),
        ("2026-11-23T11:29:59+05:30", 1),
        ("2026-11-24T06:00:00+00:00", 0),
        ("soon", 0),
        ("2026-11-23T05:00:00", 0),
    ],
)
def test_said_at_is_the_providers_word_and_never_ahead_of_the_arrival(door: Door, given: str, back: int) -> None:
    (row,) = brought(door, [f"e1|+919812345678|{given}|ok"])
    assert row.said_at == NOW - timedelta(seconds=back)


def test_a_handshake_is_answered_only_with_the_right_word(door: Door) -> None:
    assert door.take("whatsapp", "lines", Call("GET", {"verify": HOOK, "challenge": "77"}, {}, b"")) == (200, "77")
    assert door.take("whatsapp", "lines", Call("GET", {"verify": "x", "challenge": "77"}, {}, b"")) == (401, "")
    assert door.take("sms", "lines", Call("GET", {"verify": HOOK, "challenge": "77"}, {}, b"")) == (404, "")
    assert door.take("whatsapp", "lines", Call("PUT", {"key": HOOK}, {}, b"")) == (405, "")
