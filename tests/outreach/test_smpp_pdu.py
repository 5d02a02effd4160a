"""Units of SMPP 3.4: what goes out comes back, and no bytes whatever break the reader."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sulah.outreach.smpp.codes import Command, Status, Tag
from sulah.outreach.smpp.pdu import LARGEST, Accepted, Bind, Bound, Empty, Pdu, PduError, Queried, Query, Short, decode, encode, head_of

PLAIN = st.characters(min_codepoint=1, max_codepoint=127)
TLVS = st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=40)), max_size=4).map(tuple)
BODIES = {
    Bind: (Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER),
    Bound: (Command.BIND_RECEIVER_RESP, Command.BIND_TRANSMITTER_RESP, Command.BIND_TRANSCEIVER_RESP),
    Short: (Command.SUBMIT_SM, Command.DELIVER_SM),
    Accepted: (Command.SUBMIT_SM_RESP, Command.DELIVER_SM_RESP),
    Query: (Command.QUERY_SM,),
    Queried: (Command.QUERY_SM_RESP,),
    Empty: (Command.UNBIND, Command.UNBIND_RESP, Command.ENQUIRE_LINK, Command.ENQUIRE_LINK_RESP, Command.GENERIC_NACK),
}
SUBMIT = Pdu(
    Command.SUBMIT_SM,
    3,
    Short(source_ton=5, source="KAVERI", destination_ton=1, destination_npi=1, destination="919812345678", message=b"Rs 500 due"),
    tlvs=((0x1400, b"1101160000000000001"), (0x1401, b"1107160000000000001")),
)


def unit_or_words(octets: bytes) -> Pdu | str:
    """The unit, or what is odd about it; any other exception is a fault of ours."""
    try:
        return decode(octets)
    except PduError as error:
        return str(error)


def _value(how: Any) -> st.SearchStrategy[Any]:
    if "octet" in how:
        return st.integers(0, 255)
    return st.binary(max_size=how["counted"]) if "counted" in how else st.text(PLAIN, max_size=how["limit"] - 1)


@st.composite
def units(draw: st.DrawFn) -> Pdu:
    """Any unit that we can write."""
    kind = draw(st.sampled_from(list(BODIES)))
    body = kind(**{each.name: draw(_value(each.metadata)) for each in fields(kind)})
    return Pdu(draw(st.sampled_from(BODIES[kind])), draw(st.integers(0, 0xFFFFFFFF)), body, draw(st.sampled_from(Status)), draw(TLVS))


@given(units())
def test_what_is_written_is_read_back(pdu: Pdu) -> None:
    assert decode(encode(pdu)) == pdu


def test_a_message_goes_out_octet_by_octet_as_the_standard_lays_it_out() -> None:
    message = Pdu(
        Command.SUBMIT_SM, 1, Short(source_ton=5, source="AB", destination="91", data_coding=8, message=b"hi"), tlvs=((0x1400, b"7"),)
    )
    assert encode(message).hex(" ") == (
        "00 00 00 2c 00 00 00 04 00 00 00 00 00 00 00 01 "  # length, submit_sm, 0, sequence 1
        "00 05 00 41 42 00 00 00 39 31 00 "  # service type, source, destination
        "00 00 00 00 00 00 00 08 00 02 68 69 "  # class ... schedule, validity, receipt, replace, coding, default, message
        "14 00 00 01 37"
    )


@given(units(), st.data())
def test_a_unit_cut_short_is_an_error_in_words(pdu: Pdu, data: st.DataObject) -> None:
    octets = encode(pdu)
    with pytest.raises(PduError, match=r"\w+ \w+"):
        decode(octets[: data.draw(st.integers(0, len(octets) - 1))])


@given(units(), st.data())
def test_a_unit_with_something_behind_it_is_no_unit(pdu: Pdu, data: st.DataObject) -> None:
    with pytest.raises(PduError):
        decode(encode(pdu) + data.draw(st.binary(min_size=1, max_size=5)))


@given(units(), st.data())
def test_any_octet_changed_is_another_unit_or_an_error(pdu: Pdu, data: st.DataObject) -> None:
    octets = bytearray(encode(pdu))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    read = unit_or_words(bytes(octets))
    assert read if isinstance(read, str) else encode(read) == bytes(octets)  # nothing was guessed: it is written as it was read


def test_every_octet_of_a_message_changed_in_every_way_breaks_nothing() -> None:
    octets = encode(SUBMIT)
    read = 0
    for place in range(len(octets)):
        for change in range(1, 256):
            try:
                read += decode(octets[:place] + bytes([octets[place] ^ change]) + octets[place + 1 :]) != SUBMIT
            except PduError:
                read += 1
    assert read == 255 * len(octets)


@given(st.binary(max_size=200))
@example(b"")
def test_no_bytes_whatever_break_the_reader(octets: bytes) -> None:
    assert unit_or_words(octets)


@pytest.mark.parametrize("length", [0, 15, LARGEST + 1, 0xFFFFFFFF])
def test_a_length_that_no_unit_has_is_not_waited_for(length: int) -> None:
    with pytest.raises(PduError, match="cannot have"):
        head_of(length.to_bytes(4) + bytes(12))


@pytest.mark.parametrize("length", [16, LARGEST])
def test_the_shortest_and_the_longest_unit_are_waited_for(length: int) -> None:
    assert head_of(length.to_bytes(4) + bytes(12)).length == length


def test_a_refusal_may_come_without_its_parameters() -> None:
    read = decode(bytes.fromhex("00000010800000040000005800000009"))
    assert (read.status, read.body, read.sequence) == (Status.THROTTLED, Empty(), 9)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (Short(source="x" * 21), "source must be"),
        (Short(destination="+९१"), "plain text"),
        (Short(destination="91\0"), "plain text"),
        (Short(data_coding=256), "one octet"),
        (Short(message=b"x" * 255), "254 fit"),
        (Bind(system_id="x" * 16), "system_id"),
    ],
)
def test_what_does_not_fit_is_not_written(body: Any, words: str) -> None:
    with pytest.raises(PduError, match=words):
        encode(Pdu(Command.SUBMIT_SM, 1, body))


@pytest.mark.parametrize("body", [Short(source="x" * 20, message=b"x" * 254), Bind(system_id="x" * 15, password="y" * 63)])
def test_what_just_fits_is_written(body: Any) -> None:
    command = Command.SUBMIT_SM if isinstance(body, Short) else Command.BIND_TRANSMITTER
    assert decode(encode(Pdu(command, 1, body))).body == body


def test_no_password_is_shown() -> None:
    assert "hush-hush" not in repr(Pdu(Command.BIND_TRANSMITTER, 1, Bind("KAVERI", "hush-hush")))


def test_the_first_of_two_equal_parameters_counts() -> None:
    pdu = Pdu(Command.DELIVER_SM, 1, Short(), tlvs=((Tag.MESSAGE_STATE, b"\x02"), (Tag.MESSAGE_STATE, b"\x05")))
    assert decode(encode(pdu)).tlv(Tag.MESSAGE_STATE) == b"\x02"
    assert pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) is None
