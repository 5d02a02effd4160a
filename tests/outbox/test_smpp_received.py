"""What comes over SMPP is on the disk before it is acknowledged; parts meet in any order, and receipts meet their messages."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import pytest

from sulah.actions.process_inbox import PATIENCE, process_inbox
from sulah.actions.put_heard import words_of
from sulah.actions.receive_messages import Keeper
from sulah.actions.take_callback import InboxWriter
from sulah.adapters.book.layout import open_lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.sandbox.smsc import said
from sulah.kernel.dates import fixed_clock
from sulah.outreach.configured import configured
from sulah.outreach.smpp.codes import ESM_RECEIPT, Command
from sulah.outreach.smpp.parts import Long
from sulah.outreach.smpp.pdu import Pdu, Short, encode
from sulah.records.contact.heard import Heard as HeardRow
from sulah.records.contact.inbox import Inbox
from tests.channels.smsc_place import Place as SmscPlace
from tests.channels.smsc_place import smsc, written
from tests.outbox.place import ROOT, SECRETS, Place, new_place, until
from tests.real.command import sulah

in_process = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
LONG = "Maine kal 500 rupaye UPI se bhej diye the, aap dekh lijiye. " * 4 + "बाकी 5 तारीख को दूँगी।"
RECEIPT = b"id:1000000001 sub:001 dlvrd:001 submit date:2611231128 done date:2611231129 stat:DELIVRD err:000 text:"


def receipt(text: bytes = RECEIPT) -> bytes:
    """A receipt as it comes."""
    return encode(Pdu(Command.DELIVER_SM, 9, Short(source="919812345671", destination="KAVERI", esm_class=ESM_RECEIPT, message=text)))


class Desk:
    """A lender with an SMPP gateway, and somebody who keeps."""

    def __init__(self, place: Place) -> None:
        set_up(place, 1)
        lender = open_lender(place.root)
        self.channels = configured(lender.settings, SECRETS)
        self.vault = Vault(lender)
        self.hook = next(iter(self.channels.values())).hooks["smsc"]

    def keep(self, *octets: bytes, at: datetime = NOW) -> None:
        """Keep what came, as a receiver that was just started would."""
        for each in octets:
            Keeper(self.vault, InboxWriter(), fixed_clock(at)).keep("smsc", self.hook.smpp, each)  # type: ignore[attr-defined]

    def release(self, at: datetime) -> int:
        """What is waited for no more."""
        return Keeper(self.vault, InboxWriter(), fixed_clock(at)).release()

    def read(self, at: datetime = NOW) -> list[tuple[str, str]]:
        """Read the inbox; everything heard so far."""
        process_inbox(None, self.channels, self.vault, fixed_clock(at))  # type: ignore[arg-type]  # no report meets a message here
        return [words_of(self.vault, row) for row in HeardRow.objects.all()]


def set_up(place: Place, port: int, **more: Any) -> None:
    """Write [sms] with the SMPP gateway."""
    path = place.root / "lender.toml"
    path.write_text(path.read_text("utf-8").partition("\n[sms]")[0] + written(port, **more), "utf-8")


@pytest.fixture
def desk(place: Place) -> Desk:
    """The desk of a lender."""
    return Desk(place)


@in_process
@pytest.mark.parametrize("how", [Long.UDH, Long.SAR])
def test_parts_are_one_message_in_every_order_and_however_often_each_comes(desk: Desk, how: Long) -> None:
    text = "मेरा पैसा कल आएगा। " * 8
    for place, order in enumerate(permutations(range(3))):
        pdus = said(f"+9198123456{place:02d}", "56070", text, how=how)
        first, second, third = parts = [encode(replace(pdu, sequence=place * 10 + at)) for at, pdu in enumerate(pdus)]
        desk.keep(*(parts[at] for at in order), third, first, second)
    assert desk.read() == [(f"+9198123456{place:02d}", text) for place in range(6)]


@in_process
def test_a_part_whose_others_are_missing_is_kept_and_waits_and_the_last_one_completes_it(desk: Desk) -> None:
    first, *others, last = (encode(pdu) for pdu in said("+919812345671", "56070", LONG))
    desk.keep(last, *others)
    assert desk.read() == []
    assert {row.outcome for row in Inbox.objects.all()} == {"part"}
    desk.keep(first, at=NOW + timedelta(hours=23))
    assert desk.read(NOW + timedelta(hours=23)) == [("+919812345671", LONG)]
    assert desk.release(NOW + timedelta(hours=25)) == 0


@in_process
@pytest.mark.parametrize(("minutes", "heard"), [(59, False), (60, True)])
def test_after_an_hour_what_there_is_of_a_message_is_read_with_its_gaps_marked(desk: Desk, minutes: int, heard: bool) -> None:
    """A word like STOP in it must not be lost because the network lost the rest."""
    _, second, _, fourth, *_ = (encode(pdu) for pdu in said("+919812345671", "56070", "क" * 67 + "STOP" + "ख" * 220))
    desk.keep(fourth, second)
    later = NOW + timedelta(minutes=minutes)
    assert desk.release(later) == int(heard)
    text = f"[...] STOP{'ख' * 63} [...] {'ख' * 67} [...]"
    assert desk.read(later) == ([("+919812345671", text)] if heard else [])
    assert desk.release(later) == 0
    assert len(desk.read(later)) == int(heard)


@in_process
def test_a_reference_that_is_used_again_within_the_day_mixes_no_messages(desk: Desk) -> None:
    """The network counts references to 255; the same parts brought again much later are still the message that was heard."""
    other = LONG.replace("500", "900").replace("5 तारीख", "9 तारीख")
    for at, text in ((NOW, LONG), (NOW + timedelta(hours=5), other)):
        desk.keep(*(encode(pdu) for pdu in said("+919812345671", "56070", text)), at=at)
        desk.keep(*(encode(replace(pdu, sequence=99)) for pdu in said("+919812345671", "56070", LONG)), at=at + timedelta(hours=1))
    assert desk.read(NOW + timedelta(days=1)) == [("+919812345671", LONG), ("+919812345671", other)]
    assert desk.release(NOW + timedelta(days=1)) == 0


@in_process
def test_parts_with_the_reference_of_a_message_of_two_days_ago_are_another_message(desk: Desk) -> None:
    old, new = said("+919812345671", "56070", LONG), said("+919812345671", "56070", LONG.replace("500", "900"))
    desk.keep(*map(encode, old[:-1]))
    desk.keep(*map(encode, new), at=NOW + timedelta(days=2))
    assert desk.read(NOW + timedelta(days=2)) == [("+919812345671", LONG.replace("500", "900"))]


@in_process
def test_the_same_words_again_within_a_quarter_of_an_hour_are_a_repetition_and_later_they_are_said_again(desk: Desk) -> None:
    (stop,) = said("+919812345671", "56070", "STOP")
    desk.keep(encode(replace(stop, sequence=1)), encode(replace(stop, sequence=2)))
    desk.keep(encode(replace(stop, sequence=1)), at=NOW + timedelta(days=1))
    assert desk.read(NOW + timedelta(days=1)) == [("+919812345671", "STOP")] * 2


@in_process
def test_number_and_words_lie_sealed(desk: Desk) -> None:
    desk.keep(encode(said("+919812345671", "56070", "mera number mat dikhana")[0]))
    assert "9812345671" not in "".join(f"{row.sealed}{row.event_id}" for row in Inbox.objects.all())


@in_process
@pytest.mark.parametrize("octets", [b"", b"\0" * 20, encode(Pdu(Command.ENQUIRE_LINK, 1)), receipt(b"id:1 stat:NOSUCH"), receipt(b"id:1")])
def test_what_cannot_be_read_is_kept_and_says_so(desk: Desk, octets: bytes) -> None:
    desk.keep(octets)
    assert desk.read() == []
    (row,) = Inbox.objects.all()
    assert row.outcome == "unreadable"
    assert row.words


@in_process
def test_a_receipt_without_a_message_waits_for_it_and_then_is_put_aside(desk: Desk) -> None:
    """It may come before the answer that names it is written down."""
    desk.keep(receipt())
    for late, outcome in ((timedelta(0), "waits"), (PATIENCE - timedelta(seconds=1), "waits"), (PATIENCE, "unknown_message")):
        desk.read(NOW + late)
        assert [row.outcome for row in Inbox.objects.all()] == [outcome]


@in_process
def test_receipts_that_nobody_knows_keep_nothing_else_waiting(desk: Desk) -> None:
    desk.keep(*(receipt(RECEIPT.replace(b"1000000001", b"%d" % number)) for number in range(450)))
    desk.keep(encode(said("+919812345671", "56070", "STOP")[0]))
    for _ in range(3):
        heard = desk.read()
    assert heard == [("+919812345671", "STOP")]


@contextmanager
def receiver(place: Place, strike: str = "") -> Iterator["subprocess.Popen[str]"]:
    """`sulah receive smpp` as a process of its own; strike: where it is killed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("SULAH_", "DJANGO_"))}
    words = [sys.executable, "-m", "sulah.cli.main", "--lender", str(place.root), "--json", "receive", "smpp"]
    environment = {**clean, **SECRETS, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", **({"SULAH_STRIKE": strike} if strike else {})}
    process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def settled(place: Place, gateway: SmscPlace, ends: Sequence[str], seconds: float = 60) -> bool:
    """Work until every message has such an end and the SMSC waits for nothing."""

    def done() -> bool:
        place.run("work")
        return set(place.states()) <= set(ends) and gateway.sandbox.settled()

    return until(done, seconds)


def prepared(place: Place, count: int) -> list[list[str]]:
    """Queue messages."""
    messages = [[f"p{n}.m", f"p{n}", f"LN/{n}", "recovery"] for n in range(count)]
    place.run("prepare", messages=messages)
    return messages


def assert_messages_go_out_and_come_home(place: Place) -> None:
    """Six messages and their receipts, and one long message back, through processes of their own."""
    with smsc() as gateway:
        set_up(place, gateway.port)
        prepared(place, 6)
        with receiver(place) as process:
            assert place.run("work")["outcomes"]["sent"] == 6
            gateway.sandbox.bring(said("+919812345671", "56070", LONG))
            assert settled(place, gateway, ["delivered"])
            process.send_signal(signal.SIGTERM)
            told, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert json.loads(told.splitlines()[-1])["done"] is True
        assert sorted(gateway.texts()) == sorted(f"Rs 1,234.50 is due on loan LN/{n}. Kaveri (simulated)" for n in range(6))
    assert place.contacts() == {"delivered": 6}
    assert place.rows("SELECT count(*) FROM records_heard") == [(1,)]


@pytest.mark.slow
def test_messages_go_out_and_their_receipts_come_home(place: Place) -> None:
    assert_messages_go_out_and_come_home(place)


@pytest.mark.slow
@pytest.mark.postgres
def test_messages_go_out_and_their_receipts_come_home_on_postgres(tmp_path: Path, address: str) -> None:
    assert_messages_go_out_and_come_home(new_place(tmp_path / "kaveri", address))


@pytest.mark.slow
@pytest.mark.parametrize("strike", ["inbox.before_commit", "inbox.kept"])
def test_a_receiver_that_is_killed_around_the_commit_loses_nothing_and_doubles_nothing(place: Place, strike: str) -> None:
    """Before it: not acknowledged, so it comes again.  After it: it comes again and is kept once."""
    with smsc() as gateway:
        set_up(place, gateway.port)
        prepared(place, 3)
        gateway.sandbox.bring(said("+919812345671", "56070", LONG))
        with receiver(place, strike) as process:
            place.run("work")
            assert process.wait(60) == -signal.SIGKILL
        with receiver(place):
            assert settled(place, gateway, ["delivered"])
    assert place.contacts() == {"delivered": 3}
    assert place.rows("SELECT count(*) FROM records_heard") == [(1,)]


@pytest.mark.slow
def test_receipts_survive_broken_connections_and_killed_receivers(place: Place) -> None:
    """Nothing is acknowledged that is not on the disk, so all of it comes again to whoever binds next."""
    draw = Random(5)
    with smsc() as gateway:
        set_up(place, gateway.port)
        prepared(place, 40)
        for kind in ("report_duplicate", "report_swapped", "report_late", "report_forged"):
            gateway.trouble(kind, 5)
        for at in range(3):
            with receiver(place):
                for _ in range(4):
                    Timer(draw.uniform(0.2, 2.0), gateway.sandbox.drop).start()
                place.time_passes()
                place.run("work", limits={"batch": 20}, seconds=2 + at)
        with receiver(place):
            place.time_passes()
            assert settled(place, gateway, ["delivered", "ambiguous"])
        shown = gateway.texts()
    assert len(shown) == len(set(shown))  # no broken connection made anything go twice
    assert place.states()["delivered"] + place.states()["ambiguous"] == 40
    assert place.contacts()["delivered"] == place.states()["delivered"]


@pytest.mark.slow
def test_a_long_night_of_faults_ends_with_every_message_accounted_for(place: Place) -> None:
    """Sent and known, or ambiguous and counted: nothing that a telephone shows is called failed or is sent twice."""
    with smsc(seed=4, faults=30) as gateway:
        set_up(place, gateway.port)
        prepared(place, 30)

        def ended() -> bool:
            place.time_passes()
            place.run("work")
            return set(place.states()) <= {"sent", "ambiguous", "failed"}

        assert until(ended, 120)
        shown = [text.split("LN/")[1].split(".")[0] for text in gateway.texts()]
    assert len(shown) == len(set(shown))
    stand = dict(place.rows("SELECT reference, state FROM records_outbox"))
    assert {f"p{number}.m" for number in shown} <= {reference for reference, state in stand.items() if state in ("sent", "ambiguous")}
    assert {reference for reference, state in stand.items() if state == "sent"} <= {f"p{number}.m" for number in shown}


@pytest.mark.slow
def test_an_id_that_the_smsc_uses_a_second_time_leaves_the_second_message_ambiguous(place: Place) -> None:
    """The SMSC was set up anew and counts from the beginning again."""
    for reference, person in (("m-1", "p1"), ("m-2", "p2")):
        with smsc() as gateway:
            set_up(place, gateway.port)
            place.run("prepare", messages=[[reference, person, "LN/1", "recovery"]])
            place.run("work")
    assert dict(place.rows("SELECT reference, state FROM records_outbox")) == {"m-1": "sent", "m-2": "ambiguous"}
    assert place.contacts() == {"sent": 1, "ambiguous": 1}


def test_without_an_smpp_gateway_there_is_nothing_to_receive(place: Place) -> None:
    place.ports.append(1)
    place.set_up()
    told = sulah("receive", "smpp", "--lender", place.root, **SECRETS)
    assert told.code == 1
    assert 'kind = "smpp"' in told.words
