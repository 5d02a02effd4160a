"""An SMS by SMPP: what is submitted, what each status means, what arrives."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.adapters.sandbox.smsc import said
from sulah.kernel.sending import SendState
from sulah.outreach.channel import Fault, Heard, HeardKind, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.smpp.codes import ESM_RECEIPT, STATES, Command, Status
from sulah.outreach.smpp.pdu import Accepted, Empty, Pdu, Short, encode
from sulah.outreach.smpp.settings import SmppSettings
from sulah.outreach.sms.hooks import hook_for
from sulah.outreach.sms.settings import SmsSettingsError, settings_of
from sulah.outreach.sms.smpp import chain_hash, event_id_of, kept, part_key, read_answer, read_events, refused, refused_bind, submits
from sulah.outreach.sms.wire import UnsendableError
from tests.channels.smsc_place import message, settings, written
from tests.outbox.place import KEY

SETTINGS = settings(1)
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
RECEIPT = "id:{} sub:001 dlvrd:001 submit date:2611230958 done date:2611231001 stat:{} err:{} text:Rs 500"


def smpp(**more: Any) -> SmppSettings:
    """The settings of the gateway."""
    found = settings(1, **more).provider("smsc").smpp
    assert found is not None
    return found


def submitted(template: str = "due", to: str = "+919812345671", **more: Any) -> list[Pdu]:
    """What is submitted for a message."""
    return submits(smpp(**more), SETTINGS.entity_id, SETTINGS.template(template), message(template=template, to=to))


def receipt(state: str = "DELIVRD", error: str = "000", theirs: str = "77") -> bytes:
    """A receipt."""
    text = RECEIPT.format(theirs, state, error).encode()
    return encode(Pdu(Command.DELIVER_SM, 3, Short(source="919812345671", destination="KAVERI", esm_class=ESM_RECEIPT, message=text)))


def test_a_message_carries_header_number_alphabet_validity_and_the_ids_of_its_registration() -> None:
    (only,) = submitted()
    short = only.short()
    assert (short.source_ton, short.source, short.destination_ton, short.destination_npi) == (5, "KAVERI", 1, 1)
    assert (short.destination, short.data_coding, short.registered_delivery, short.validity) == ("919812345671", 0, 1, "000000020000000R")
    assert only.tlvs == ((0x1400, b"1101160000000000001"), (0x1401, b"1107160000000000001"))


def test_the_chain_of_telemarketers_travels_as_a_hash_where_it_is_set_up() -> None:
    chain = "['1302160000000000001', '1302160000000000002']"
    (only,) = submitted(telemarketers=chain, tags="[0x1400, 0x1401, 0x1403]")
    hashed = chain_hash(SETTINGS.entity_id, ("1302160000000000001", "1302160000000000002"))
    assert only.tlv(0x1403) == hashed.encode()
    assert len(hashed) == 64
    assert hashed != chain_hash(SETTINGS.entity_id, ("1302160000000000002", "1302160000000000001"))


def test_each_part_carries_the_registration_and_only_the_last_asks_for_a_receipt() -> None:
    parts = submitted("due_hi")
    assert [part.short().registered_delivery for part in parts] == [0, 1]
    assert {part.tlv(0x1401) for part in parts} == {b"1107160000000000003"}
    assert {part.short().data_coding for part in parts} == {8}


@pytest.mark.parametrize("number", ["9812345671", "+911600123456", "+91981234567", "+1 202 555 0100"])
def test_a_number_that_is_no_indian_mobile_is_not_submitted(number: str) -> None:
    with pytest.raises(UnsendableError):
        submitted(to=number)


STANDING = {
    Status.THROTTLED: Fault.BUSY,
    Status.QUEUE_FULL: Fault.BUSY,
    Status.SYSTEM_ERROR: Fault.BUSY,
    Status.WRONG_BIND_STATE: Fault.ACCOUNT,
    Status.INVALID_SERVICE_TYPE: Fault.ACCOUNT,
    Status.INVALID_SYSTEM_TYPE: Fault.ACCOUNT,
}


@pytest.mark.parametrize("status", [each for each in Status if each not in (Status.OK, Status.UNKNOWN_ERROR, Status.DELIVERY_FAILURE)])
def test_every_status_of_the_standard_that_refuses_says_whose_fault_it_is(status: Status) -> None:
    answer = refused(status)
    assert isinstance(answer, NeverTaken)
    assert answer.fault is STANDING.get(status, Fault.MESSAGE)


@pytest.mark.parametrize("status", [0xFE, 0xFF, 0x3FF, 0x500, 0x10, 0xDEADBEEF])
def test_a_status_that_says_nothing_or_that_nobody_knows_leaves_it_unknown(status: int) -> None:
    assert isinstance(refused(status), Unknown)


@pytest.mark.parametrize("status", [0x400, 0x4FF])
def test_a_status_of_the_smscs_own_range_refuses_the_message(status: int) -> None:
    answer = refused(status)
    assert isinstance(answer, NeverTaken)
    assert answer.fault is Fault.MESSAGE


@pytest.mark.parametrize("status", [0x05, 0x0D, 0x0E, 0x0F, 0x53, 0xFF, 0x410])
def test_a_refused_bind_is_a_matter_of_our_account(status: int) -> None:
    assert refused_bind(status).fault is Fault.ACCOUNT
    assert refused_bind(Status.THROTTLED).fault is Fault.BUSY


def test_a_yes_without_an_id_is_unknown() -> None:
    assert read_answer(smpp(), Pdu(Command.SUBMIT_SM_RESP, 1, Accepted("ab-1"))) == Taken("ab-1")
    assert isinstance(read_answer(smpp(), Pdu(Command.SUBMIT_SM_RESP, 1, Accepted(""))), Unknown)
    assert isinstance(read_answer(smpp(), Pdu(Command.SUBMIT_SM_RESP, 1, Empty())), Unknown)
    assert isinstance(read_answer(smpp(), Pdu(Command.ENQUIRE_LINK_RESP, 1)), Unknown)


ATTESTED = {"DELIVRD": SendState.DELIVERED, "ENROUTE": SendState.SENT, "ACCEPTD": SendState.SENT, "UNKNOWN": SendState.SENT}


@pytest.mark.parametrize("state", STATES.values())
def test_every_state_of_a_receipt_attests_something(state: str) -> None:
    (report,) = read_events(smpp(), receipt(state, "633"))
    assert isinstance(report, Report)
    assert (report.provider_reference, report.reference) == ("77", "")
    assert report.attested is ATTESTED.get(state, SendState.UNDELIVERED)
    assert report.error == (f"{state} 633" if report.attested is SendState.UNDELIVERED else "")


def test_the_same_receipt_again_has_the_same_id_whatever_its_number_and_its_time() -> None:
    again = receipt()[:12] + b"\x00\x00\x01\x00" + receipt()[16:]
    assert event_id_of(receipt(), NOW, 900) == event_id_of(again, NOW + timedelta(days=3), 900)
    assert event_id_of(receipt(), NOW, 900) != event_id_of(receipt("UNDELIV"), NOW, 900)
    assert read_events(smpp(), receipt()) == read_events(smpp(), again)


@pytest.mark.parametrize(("seconds", "same"), [(0, True), (899, True), (900, False)])
def test_the_same_words_count_once_within_their_span(seconds: int, same: bool) -> None:
    (pdu,) = said("+919812345671", "56070", "STOP")
    begun = datetime.fromtimestamp(NOW.timestamp() // 900 * 900, UTC)
    first = event_id_of(encode(pdu), begun, 900)
    later = event_id_of(encode(replace(pdu, sequence=5)), begun + timedelta(seconds=seconds), 900)
    assert (first == later) is same


def test_what_a_person_wrote_is_heard() -> None:
    (heard,) = read_events(smpp(), encode(said("+919812345671", "56070", "हाँ, 5 तारीख")[0]), "e-1")
    assert heard == Heard("e-1", "+919812345671", "", HeardKind.TEXT, "हाँ, 5 तारीख")


def test_a_number_of_ten_digits_is_an_indian_one_and_a_name_is_no_number() -> None:
    (heard,) = read_events(smpp(), encode(said("9812345671", "56070", "ok")[0]))
    assert isinstance(heard, Heard)
    assert heard.sender == "+919812345671"
    with pytest.raises(UnreadableReportError, match="no number"):
        read_events(smpp(), encode(said("VM-KAVERI", "56070", "ok")[0]))


def test_what_is_no_text_is_heard_as_a_thing_that_was_sent() -> None:
    picture = Pdu(Command.DELIVER_SM, 1, Short(source="919812345671", data_coding=4, message=b"\x00\x01"))
    (heard,) = read_events(smpp(), encode(picture))
    assert isinstance(heard, Heard)
    assert (heard.kind, heard.text) == (HeardKind.MEDIA, "")


def test_a_part_alone_says_nothing_yet_and_names_its_message() -> None:
    first, second = (encode(pdu) for pdu in said("+919812345671", "56070", "a" * 200, reference=9))
    assert read_events(smpp(), first) == ()
    (heard,) = read_events(smpp(), second + first)
    assert isinstance(heard, Heard)
    assert heard.text == "a" * 200
    key = part_key(second)
    assert key is not None
    assert (key.sender, key.to, key.reference, key.total, key.number) == ("919812345671", "56070", 9, 2, 2)
    assert part_key(receipt()) is None


@given(st.binary(max_size=200))
def test_no_bytes_whatever_break_the_reader(octets: bytes) -> None:
    try:
        found: Any = read_events(smpp(), octets)
    except UnreadableReportError as error:
        found = str(error)
    assert found or found == ()
    assert part_key(octets) is None
    assert event_id_of(octets, NOW, 900)


def test_no_request_by_http_opens_the_hook_of_a_connection() -> None:
    hook = hook_for(SETTINGS.provider("smsc"))
    assert (hook.methods, hook.genuine(Call("POST", {"key": KEY}, {}, b""))) == (frozenset(), False)
    assert hook.greet(Call("GET", {}, {}, b"")) is None
    assert hook.read(kept(receipt(), "e")) == read_events(smpp(), receipt())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("system_id = 'KAVERI'|", "system_id"),
        ("system_id = 'KAVERI'|system_id = 'sixteen letters!'", "1 to 15 letters"),
        ('address = "smpp://127.0.0.1:1"|address = "http://127.0.0.1:1"', "smpps://HOST:PORT"),
        ('address = "smpp://127.0.0.1:1"|address = "smpps://smpp.example:65536"', "smpps://HOST:PORT"),
        ('address = "smpp://127.0.0.1:1"|address = "smpp://smpp.example:2775"', "in the clear"),
        ('kind = "smpp"|kind = "smtp"', "kind of the provider smsc"),
        ("system_id = 'KAVERI'|system_id = 'K'\nsession = 'receiver'", "transmitter, transceiver"),
        ("system_id = 'KAVERI'|system_id = 'K'\nlong = 'short'", "udh, sar, payload"),
        ("system_id = 'KAVERI'|system_id = 'K'\nids = 'hex'", "hex_then_decimal"),
        ("system_id = 'KAVERI'|system_id = 'K'\nalphabet = 'utf8'", "gsm or latin1"),
        ("system_id = 'KAVERI'|system_id = 'K'\nwindow = 0", "from 1 to 1000"),
        ("system_id = 'KAVERI'|system_id = 'K'\nvalidity_minutes = 1441", "from 0 to 1440"),
        ("system_id = 'KAVERI'|system_id = 'K'\ntags = [1, 2]", "three numbers"),
        ("system_id = 'KAVERI'|system_id = 'K'\ntelemarketers = ['12']", "19-digit"),
        ('key_from = "SULAH_TEST_KEY"|', "needs key_from"),
        ('key_from = "SULAH_TEST_KEY"|key = "abc"', "no secret belongs in a file"),
    ],
)
def test_half_a_setting_refuses_to_start(line: str, words: str) -> None:
    old, _, new = line.replace("'", '"').partition("|")
    text = written(1)
    assert old in text
    with pytest.raises(SmsSettingsError, match=words):
        settings_of(tomllib.loads(text.replace(old, new)), {"SULAH_TEST_KEY": KEY})


@pytest.mark.parametrize("address", ["smpps://smpp.example:2776", 'smpp://10.0.0.7:2775"\nprivate_line = true\nsession = "transmitter'])
def test_tls_or_a_private_line_is_let_through(address: str) -> None:
    found = settings_of(tomllib.loads(written(1).replace("smpp://127.0.0.1:1", address)), {"SULAH_TEST_KEY": KEY})
    assert found.provider("smsc").smpp is not None


def test_no_password_is_shown_and_no_number_of_a_template_is_needed() -> None:
    assert KEY not in repr(SETTINGS)
    assert dict(SETTINGS.template("due").provider_ids) == {}
