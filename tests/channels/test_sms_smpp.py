"""SMS over SMPP against a sandbox SMSC, over a real socket: what each fault means, and what stays unknown."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from sulah.adapters.channels.sms import SmsChannel
from sulah.adapters.sandbox.smsc import said
from sulah.kernel.dates import system_clock
from sulah.kernel.sending import SendState
from sulah.outreach.channel import Fault, Handed, NeverTaken, Report, Taken, Unknown
from sulah.outreach.smpp.codes import Command
from sulah.outreach.smpp.pdu import Pdu, encode
from sulah.outreach.sms.smpp import read_events
from tests.channels.smsc_place import Place, message, settings, smsc
from tests.outbox.place import until


def test_a_message_arrives_as_registered_and_is_known_by_the_id_of_the_smsc() -> None:
    with smsc() as place:
        answer = place.send()
        (kept,) = place.sandbox.smsc.whole()
        assert answer == Taken(str(kept.number))
        assert kept.text == "Rs 1,234.50 is due on loan LN/1. Kaveri (simulated)"
        assert (kept.mobile, kept.header, kept.entity, kept.template_id, kept.code) == (
            "919812345671",
            "KAVERI",
            "1101160000000000001",
            "1107160000000000001",
            "",
        )


@pytest.mark.parametrize("long", ["udh", "sar", "payload"])
def test_a_long_hindi_message_arrives_whole_and_asks_for_one_receipt(long: str) -> None:
    with smsc(long=repr(long)) as place:
        answer = place.send(message(template="due_hi"))
        (kept,) = place.sandbox.smsc.whole()
        assert kept.text.startswith("कावेरी से सूचना: आपके ऋण LN/1 पर 1,234.50 रुपये")
        assert (answer, kept.code) == (Taken(str(kept.number)), "")
        assert len(place.sandbox.smsc.kept) == (1 if long == "payload" else 2)
        assert [each.receipt for each in place.sandbox.smsc.kept][:-1] == [False] * (len(place.sandbox.smsc.kept) - 1)


def test_one_connection_carries_all_messages_of_a_worker() -> None:
    with smsc() as place:
        assert all(isinstance(place.send(message(f"m-{number}")), Taken) for number in range(20))
        assert place.sandbox.binds == 1


@pytest.mark.parametrize(("trouble", "fault"), [("busy", Fault.BUSY), ("broken", Fault.BUSY), ("refuse", Fault.MESSAGE)])
def test_a_refusal_of_the_smsc_has_no_effect_and_says_whose_fault_it_is(trouble: str, fault: Fault) -> None:
    with smsc() as place:
        place.trouble(trouble)
        answer = place.send()
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, bool(answer.retry_seconds), place.texts()) == (fault, fault is Fault.BUSY, [])
        assert isinstance(place.send(), Taken)


@pytest.mark.parametrize("trouble", ["hang_after", "reset_after", "garbage", "broken_after"])
def test_a_lost_answer_is_unknown_and_the_message_is_there(trouble: str) -> None:
    with smsc() as place:
        place.trouble(trouble)
        assert isinstance(place.send(), Unknown)
        assert len(place.texts()) == 1


@pytest.mark.parametrize("trouble", ["hang", "reset"])
def test_no_answer_before_any_effect_cannot_be_told_apart_and_is_unknown_too(trouble: str) -> None:
    with smsc() as place:
        place.trouble(trouble)
        assert isinstance(place.send(), Unknown)
        assert place.texts() == []


def test_a_late_answer_of_an_earlier_message_is_not_taken_for_the_next_one() -> None:
    with smsc() as place:
        place.trouble("slow")
        first, second = place.send(message("m-1")), place.send(message("m-2"))
        assert isinstance(first, Unknown)
        assert second == Taken(str(place.sandbox.smsc.kept[1].number))


def test_what_was_asked_about_a_lost_message_stays_unknown_because_smpp_cannot_be_asked_by_our_reference() -> None:
    with smsc() as place:
        found = place.channel.look_up("smsc", [Handed("m-1", system_clock())])
        assert (found.whole, found.reports) == (False, {})
        assert "cannot be asked by our reference" in found.words


def test_an_smsc_that_is_not_there_is_unreachable() -> None:
    with smsc() as place:
        pass
    answer = place.send()
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.UNREACHABLE


@pytest.mark.parametrize("wrong", [{"system_id": "'NOBODY'"}, {"system_type": "'WRONG'"}, {"password": "another"}])
def test_a_bind_that_is_refused_is_a_matter_of_our_account_and_is_not_tried_again_at_once(wrong: dict[str, str]) -> None:
    with smsc() as place:
        place.channel = SmsChannel(settings(place.port, **wrong))
        answer, again = place.send(), place.send()
        assert isinstance(answer, NeverTaken)
        assert isinstance(again, NeverTaken)
        assert (answer.fault, again.fault, place.texts()) == (Fault.ACCOUNT, Fault.ACCOUNT, [])
        assert again.retry_seconds >= 1


def test_a_message_is_not_begun_after_its_time() -> None:
    with smsc() as place:
        answer = place.send(before=time.monotonic() - 0.001)
        assert isinstance(answer, NeverTaken)
        assert (answer.fault, place.texts()) == (Fault.STALLED, [])


def test_a_connection_that_the_smsc_closed_is_made_anew_and_the_message_is_not_ambiguous() -> None:
    with smsc() as place:
        for end in (place.sandbox.drop, place.sandbox.unbind):
            assert isinstance(place.send(), Taken)
            end()
            assert until(lambda: not place.sandbox.sessions, 5)
            assert isinstance(place.send(), Taken)
        assert len(place.texts()) == 4


def test_an_unbind_in_the_middle_of_a_submit_leaves_it_unknown() -> None:
    with smsc() as place:
        place.trouble("hang_after")
        sender = threading.Timer(0.2, place.sandbox.unbind)
        sender.start()
        assert isinstance(place.send(), Unknown)
        assert isinstance(place.send(message("m-2")), Taken)


def test_no_more_requests_are_under_way_than_the_window_allows() -> None:
    with smsc(window=3) as place:
        place.sandbox.slow_seconds = 0.05
        with ThreadPoolExecutor(12) as crew:
            answers = list(crew.map(place.send, [message(f"m-{number}") for number in range(40)]))
        assert {type(answer) for answer in answers} == {Taken}
        assert place.sandbox.most_under_way == 3
        assert len({answer.provider_reference for answer in answers if isinstance(answer, Taken)}) == 40


def test_a_part_that_is_refused_after_the_first_leaves_the_message_unknown() -> None:
    with smsc() as place:
        place.trouble("none")
        place.trouble("refuse")
        answer = place.send(message(template="due_hi"))
        assert isinstance(answer, Unknown)
        assert "has 1 of 2 parts" in answer.words
        assert place.texts() == []


def test_a_first_part_that_is_refused_is_the_refusal_of_the_message() -> None:
    with smsc() as place:
        place.trouble("refuse")
        assert isinstance(place.send(message(template="due_hi")), NeverTaken)
        assert place.sandbox.smsc.kept == []


def test_an_smsc_that_asks_for_patience_between_two_parts_gets_the_second_later() -> None:
    with smsc() as place:
        place.trouble("none")
        place.trouble("busy", 2)
        assert isinstance(place.send(message(template="due_hi")), Taken)
        assert len(place.texts()) == 1


def test_bytes_that_are_no_unit_end_the_connection_and_not_the_worker() -> None:
    with smsc() as place:
        for junk in (b"\x00" * 16, b"\xff" * 64, b"HTTP/1.1 400 Bad Request\r\n\r\n"):
            assert isinstance(place.send(), Taken)
            place.sandbox.tell(junk)
            assert until(lambda: not place.sandbox.sessions, 5)
            assert isinstance(place.send(), Taken)


def test_a_command_that_nobody_knows_is_answered_and_the_connection_goes_on() -> None:
    with smsc() as place:
        place.send()
        place.sandbox.tell((16).to_bytes(4) + (0x7777).to_bytes(4) + bytes(4) + (9).to_bytes(4))
        place.sandbox.tell(encode(Pdu(Command.ENQUIRE_LINK, 9)))
        assert isinstance(place.send(), Taken)
        assert place.sandbox.binds == 1


def test_half_a_unit_and_then_silence_is_found_out_by_asking_for_the_link() -> None:
    with smsc(enquire_seconds=1) as place:
        place.send()
        place.sandbox.dumb = True
        place.sandbox.tell((30).to_bytes(4) + b"\x00\x00\x00")
        assert until(lambda: not place.sandbox.sessions, 10)
        place.sandbox.dumb = False
        assert isinstance(place.send(), Taken)


def test_an_idle_connection_is_kept_alive() -> None:
    with smsc(enquire_seconds=1) as place:
        place.send()
        time.sleep(2.5)
        assert isinstance(place.send(), Taken)
        assert place.sandbox.binds == 1


def test_a_listener_that_never_answers_the_bind_has_nothing() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as deaf, smsc() as place:
        place.channel = SmsChannel(settings(deaf.getsockname()[1]))
        answer = place.send()
        assert isinstance(answer, NeverTaken)
        assert answer.fault is Fault.UNREACHABLE


@pytest.mark.parametrize(
    ("number", "end", "error"), [("+919812345671", SendState.DELIVERED, ""), ("+919812345670", SendState.UNDELIVERED, "UNDELIV 001")]
)
@pytest.mark.parametrize("ids", ["text", "hex_then_decimal", "decimal_then_hex"])
def test_the_receipt_names_the_message_however_the_smsc_writes_its_ids(ids: str, number: str, end: SendState, error: str) -> None:
    with smsc(keep=True, session="'transceiver'", ids=repr(ids)) as place:
        answer = place.send(message(to=number))
        assert until(lambda: place.kept, 5)
        (report,) = read_events(place.sandbox.smsc.smpp, place.kept[0])
        assert isinstance(report, Report)
        assert isinstance(answer, Taken)
        assert (report.provider_reference, report.attested, report.error) == (answer.provider_reference, end, error)


def test_what_the_operators_scrub_comes_as_a_receipt_with_their_code() -> None:
    with smsc(keep=True, session="'transceiver'") as place:
        known = place.sandbox.smsc.settings
        other = replace(known.template("due"), text=known.template("due").text.replace("is due", "is  due"))
        place.sandbox.smsc.settings = replace(known, templates={**known.templates, "due": other})
        assert isinstance(place.send(), Taken)
        assert until(lambda: place.kept, 5)
        (report,) = read_events(place.sandbox.smsc.smpp, place.kept[0])
        assert isinstance(report, Report)
        assert (report.attested, report.error) == (SendState.UNDELIVERED, "REJECTD 633")


def test_what_arrives_where_nobody_keeps_it_is_refused_for_now_and_comes_again() -> None:
    with smsc(session="'transceiver'") as place:
        place.send()
        place.sandbox.bring(said("+919812345671", "56070", "5 tareekh ko 500"))
        time.sleep(0.5)
        assert not place.sandbox.settled()


def _kept(place: Place, count: int) -> bool:
    return until(lambda: len(place.kept) >= count and place.sandbox.settled(), 10)


@pytest.mark.parametrize("trouble", ["report_duplicate", "report_late", "report_swapped", "report_forged", "report_corrupt"])
def test_receipts_in_any_trouble_are_kept_and_acknowledged(trouble: str) -> None:
    with smsc(keep=True, session="'transceiver'") as place:
        place.trouble(trouble)
        assert isinstance(place.send(), Taken)
        assert _kept(place, {"report_duplicate": 3, "report_swapped": 2, "report_forged": 2}.get(trouble, 1))


def test_every_message_through_drawn_faults_is_taken_refused_or_unknown_and_none_is_called_untaken_that_arrived() -> None:
    with smsc(seed=11, faults=35) as place:
        answers = {f"+9198{number:08d}": None for number in range(60)}
        told = {number: place.send(message(number, number)) for number in answers}
        arrived = {f"+{kept.mobile}" for kept in place.sandbox.smsc.whole()}
    assert {type(answer) for answer in told.values()} == {Taken, NeverTaken, Unknown}
    assert not {number for number, answer in told.items() if isinstance(answer, NeverTaken)} & arrived
    assert {number for number, answer in told.items() if isinstance(answer, Taken)} <= arrived
