"""Alphabets, long messages in parts, receipts: nothing is lost in whatever order and however often the parts come."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sulah.outreach.smpp.alphabet import GSM, LATIN, UCS2, in_gsm, letters_of, text_of
from sulah.outreach.smpp.codes import ESM_RECEIPT, ESM_UDH, STATES, Command, Tag
from sulah.outreach.smpp.parts import MOST_PARTS, Long, Piece, coding_of, cut, joined, parts_of, piece_of
from sulah.outreach.smpp.pdu import Pdu, PduError, Short
from sulah.outreach.smpp.receipt import Ids, Receipt, is_receipt, receipt_of

GSM_LETTERS = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà^{}\\[~]|€\f"
HINDI = "आपके ऋण पर 500 रुपये बाकी हैं। "
RECEIPT = b"id:0123456789 sub:001 dlvrd:001 submit date:2611230958 done date:2611231001 stat:DELIVRD err:000 text:Rs 500 due"


def deliver(message: bytes, *tlvs: tuple[int, bytes], esm_class: int = 0) -> Pdu:
    """A deliver_sm."""
    return Pdu(Command.DELIVER_SM, 1, Short(source="919812345678", destination="56070", esm_class=esm_class, message=message), tlvs=tlvs)


def read_or_words(read: Callable[[Pdu], Any], pdu: Pdu) -> Any:
    """What was read, or what is odd about it; any other exception is a fault of ours."""
    try:
        return read(pdu)
    except PduError as error:
        return str(error)


@given(st.text(GSM_LETTERS))
def test_every_letter_of_the_gsm_alphabet_comes_back(text: str) -> None:
    assert in_gsm(text)
    assert text_of(b"".join(letters_of(text, GSM)), GSM) == text


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_comes_back_in_the_alphabet_that_is_chosen_for_it(text: str) -> None:
    for latin in (False, True):
        coding = coding_of(text, latin=latin)
        assert text_of(b"".join(letters_of(text, coding)), coding) == text


@given(st.binary(max_size=60), st.integers(0, 255))
def test_no_octets_in_no_alphabet_break_the_reader(octets: bytes, coding: int) -> None:
    assert (text_of(octets, coding) is None) is (coding not in (0, 1, 3, 8))


@given(st.text(st.sampled_from("a[€" + HINDI + "🙂"), max_size=400))
def test_no_piece_is_too_long_and_together_they_are_the_text(text: str) -> None:
    coding = coding_of(text, latin=False)
    pieces = cut(text, coding)
    whole, part = {GSM: (160, 153), UCS2: (140, 134)}[coding]
    assert max(map(len, pieces)) <= (whole if len(pieces) == 1 else part)
    assert "".join(text_of(piece, coding) or "" for piece in pieces) == text  # each can be read by itself: no letter is parted


@pytest.mark.parametrize(
    ("letter", "coding", "whole", "part"), [("a", GSM, 160, 153), ("[", GSM, 80, 76), ("अ", UCS2, 70, 67), ("🙂", UCS2, 35, 33)]
)
def test_the_limits_before_at_and_after(letter: str, coding: int, whole: int, part: int) -> None:
    assert [len(cut(letter * count, coding)) for count in (whole - 1, whole, whole + 1)] == [1, 1, 2]
    assert [len(cut(letter * count, coding)) for count in (2 * part, 2 * part + 1)] == [2, 3]


def test_a_message_of_more_parts_than_allowed_is_refused() -> None:
    assert len(parts_of("a" * 153 * MOST_PARTS, GSM, 1, Long.UDH)) == MOST_PARTS
    with pytest.raises(PduError, match="7 parts"):
        parts_of("a" * (153 * MOST_PARTS + 1), GSM, 1, Long.UDH)


@given(
    st.text(st.sampled_from(HINDI), min_size=71, max_size=67 * MOST_PARTS - 1).map("अ".__add__),
    st.sampled_from(Long),
    st.randoms(),
    st.integers(0, 999),
)
def test_the_parts_of_a_message_in_any_order_and_often_are_the_message(text: str, how: Long, draw: Random, reference: int) -> None:
    sent = parts_of(text, coding_of(text, latin=False), reference, how)
    came = [piece_of(deliver(part.message, *part.tlvs, esm_class=part.esm_class)) for part in sent]
    came += draw.choices(came, k=3)
    draw.shuffle(came)
    assert text_of(joined(came) or b"", UCS2) == text
    assert {(piece.reference, piece.total) for piece in came} == {(0, 1) if how is Long.PAYLOAD else (reference % 256, len(sent))}
    if len(sent) > 1:
        gone = draw.choice(sent)
        assert joined([p for p in came if p != piece_of(deliver(gone.message, *gone.tlvs, esm_class=gone.esm_class))]) is None


def test_a_short_message_travels_without_any_header() -> None:
    for how in Long:
        (only,) = parts_of("Rs 500 due", GSM, 7, how)
        assert (only.esm_class, only.tlvs, only.message) == (0, (), b"Rs 500 due")


def test_the_header_of_a_part_stands_octet_by_octet_as_documented() -> None:
    first, second = parts_of("a" * 161, GSM, 0x1AB, Long.UDH)
    assert (first.message[:6].hex(), second.message[:6].hex(), first.esm_class) == ("050003ab0201", "050003ab0202", ESM_UDH)


def test_a_reference_of_16_bits_is_read_too() -> None:
    assert piece_of(deliver(bytes.fromhex("060804beef0302") + b"x", esm_class=ESM_UDH)) == Piece(b"x", 0xBEEF, 3, 2)


def test_other_elements_before_it_are_passed_over() -> None:
    assert piece_of(deliver(bytes.fromhex("0b 05 04 0b84 23f0 00 03 07 02 01") + b"x", esm_class=ESM_UDH)) == Piece(b"x", 7, 2, 1)


@pytest.mark.parametrize("octets", ["", "05", "0500030102", "050003070300", "050003070001", "050003070304", "02 00 09", "01 00"])
def test_a_header_that_contradicts_itself_is_refused_in_words(octets: str) -> None:
    with pytest.raises(PduError, match=r"part|header"):
        piece_of(deliver(bytes.fromhex(octets), esm_class=ESM_UDH))


@given(st.binary(max_size=40), st.binary(max_size=3), st.binary(max_size=3))
def test_no_header_whatever_breaks_the_reader(octets: bytes, total: bytes, number: bytes) -> None:
    tlvs = ((Tag.SAR_REFERENCE, b"\0\1"), (Tag.SAR_TOTAL, total), (Tag.SAR_PART, number))
    for message in (deliver(octets, esm_class=ESM_UDH), deliver(octets, *tlvs)):
        assert read_or_words(piece_of, message)


def test_nothing_is_no_message() -> None:
    assert joined([]) is None


def test_a_receipt_is_read_from_its_text() -> None:
    pdu = deliver(RECEIPT, esm_class=ESM_RECEIPT)
    assert is_receipt(pdu)
    assert receipt_of(pdu) == Receipt("0123456789", "DELIVRD", "", "2611231001")


def test_the_optional_parameters_of_a_receipt_go_before_its_text() -> None:
    pdu = deliver(RECEIPT, (Tag.RECEIPTED_MESSAGE_ID, b"abc-9\0"), (Tag.MESSAGE_STATE, b"\x05"))
    assert is_receipt(pdu)
    assert receipt_of(pdu) == Receipt("abc-9", "UNDELIV", "", "2611231001")


def test_what_our_own_message_says_is_no_part_of_the_receipt() -> None:
    odd = b"id:7 stat:UNDELIV err:633 text:id:8 stat:DELIVRD"
    assert receipt_of(deliver(odd)) == Receipt("7", "UNDELIV", "633")


@pytest.mark.parametrize("state", STATES.values())
def test_every_state_of_the_standard_is_read(state: str) -> None:
    assert receipt_of(deliver(f"id:7 stat:{state.lower()}".encode())).state == state


@pytest.mark.parametrize("text", [b"", b"stat:DELIVRD", b"id:7", b"id: stat:DELIVRD", b"hello id 7"])
def test_a_receipt_without_id_or_state_is_refused_in_words(text: bytes) -> None:
    with pytest.raises(PduError, match="names no"):
        receipt_of(deliver(text, esm_class=ESM_RECEIPT))


@given(st.binary(max_size=254))
def test_no_receipt_whatever_breaks_the_reader(text: bytes) -> None:
    assert read_or_words(receipt_of, deliver(text))


def test_a_message_of_a_person_is_no_receipt() -> None:
    assert not is_receipt(deliver(RECEIPT))


@given(st.integers(0, 2**64))
def test_one_id_written_in_two_ways_is_one_id(number: int) -> None:
    assert Ids.HEX_THEN_DECIMAL.of_answer(f"{number:X}") == Ids.HEX_THEN_DECIMAL.of_receipt(f"{number:010d}")
    assert Ids.DECIMAL_THEN_HEX.of_answer(f"{number}") == Ids.DECIMAL_THEN_HEX.of_receipt(f"{number:08x}")


@pytest.mark.parametrize("ids", Ids)
def test_an_id_that_is_no_number_stays_as_it_is(ids: Ids) -> None:
    assert (ids.of_answer("a-b/c"), ids.of_receipt("a-b/c")) == ("a-b/c", "a-b/c")


def test_latin_1_is_chosen_only_where_the_smsc_takes_it() -> None:
    assert (coding_of("é[", latin=True), coding_of("é[", latin=False), coding_of("₹", latin=True)) == (LATIN, GSM, UCS2)
