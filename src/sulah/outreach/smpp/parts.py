"""Long messages: cut into parts where no character breaks, sent with a user data header, sar_* or message_payload; and put together again.

Source: 3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8 (concatenated short messages, 8 and 16 bit reference); SMPP v3.4 issue 1.2, 5.2.12
(esm_class), 5.3.2.22 to 5.3.2.24 (sar_*), 5.3.2.32 (message_payload).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from sulah.outreach.smpp.alphabet import GSM, LATIN, UCS2, in_gsm, letters_of
from sulah.outreach.smpp.codes import ESM_UDH, Tag
from sulah.outreach.smpp.pdu import Pdu, PduError

MOST_PARTS = 6
"""Parts of one message at most: what is longer is no reminder, and each part costs a message."""

_WHOLE = {GSM: 160, LATIN: 140, UCS2: 140}
_PART = {GSM: 153, LATIN: 134, UCS2: 134}
"""Octets of a message that stands alone, and of a part: 140 octets on the air, 6 of them the header; a septet has an octet here."""

_CONCAT_8, _CONCAT_16 = 0x00, 0x08


class Long(StrEnum):
    """How a long message travels: in parts with a header in the text, in parts named by sar_*, or whole as message_payload."""

    UDH = "udh"
    SAR = "sar"
    PAYLOAD = "payload"


@dataclass(frozen=True, slots=True)
class Part:
    """What of one submit_sm differs from part to part."""

    message: bytes = field(repr=False)
    esm_class: int = 0
    tlvs: tuple[tuple[int, bytes], ...] = field(default=(), repr=False)


def coding_of(text: str, *, latin: bool) -> int:
    """The narrowest alphabet that has every character; latin: the SMSC takes Latin 1 instead of the GSM alphabet.

    >>> coding_of("Rs 500", latin=False), coding_of("रु 500", latin=False), coding_of("Rs 500", latin=True)
    (0, 8, 3)
    """
    if latin:
        return LATIN if all(ord(letter) < 256 for letter in text) else UCS2
    return GSM if in_gsm(text) else UCS2


def cut(text: str, coding: int) -> list[bytes]:
    """The text as one piece where it fits, else in pieces that leave room for the header; no character is parted.

    >>> [len(piece) for piece in cut("a" * 160, 0)], [len(piece) for piece in cut("a" * 161, 0)], [len(p) for p in cut("अ" * 71, 8)]
    ([160], [153, 8], [134, 8])
    """
    letters = letters_of(text, coding)
    if sum(map(len, letters)) <= _WHOLE[coding]:
        return [b"".join(letters)]
    pieces: list[list[bytes]] = [[]]
    room = _PART[coding]
    for letter in letters:
        if room < len(letter):
            pieces.append([])
            room = _PART[coding]
        pieces[-1].append(letter)
        room -= len(letter)
    return [b"".join(piece) for piece in pieces]


def parts_of(text: str, coding: int, reference: int, how: Long) -> list[Part]:
    """The parts of a message in their order; reference: tells the parts of two messages to one number apart (0 to 255 are used).

    PduError for a message of more than MOST_PARTS parts.
    """
    pieces = cut(text, coding)
    if len(pieces) > MOST_PARTS:
        raise PduError(f"the message would take {len(pieces)} parts; at most {MOST_PARTS} are sent")
    if len(pieces) == 1:
        return [Part(pieces[0])]
    if how is Long.PAYLOAD:
        return [Part(b"", 0, ((Tag.MESSAGE_PAYLOAD, b"".join(letters_of(text, coding))),))]
    total, mark = len(pieces), reference % 256
    if how is Long.UDH:
        return [Part(bytes([5, _CONCAT_8, 3, mark, total, at]) + piece, ESM_UDH) for at, piece in enumerate(pieces, 1)]
    return [
        Part(piece, 0, ((Tag.SAR_REFERENCE, bytes([0, mark])), (Tag.SAR_TOTAL, bytes([total])), (Tag.SAR_PART, bytes([at]))))
        for at, piece in enumerate(pieces, 1)
    ]


@dataclass(frozen=True, slots=True)
class Piece:
    """What one deliver_sm carries: the whole of a message (total 1), or a part of it."""

    octets: bytes = field(repr=False)
    reference: int = 0
    total: int = 1
    number: int = 1


def piece_of(pdu: Pdu) -> Piece:
    """The piece that a message carries, its header taken off; PduError for a header that contradicts itself."""
    short = pdu.short()
    octets = pdu.tlv(Tag.MESSAGE_PAYLOAD) if not short.message else short.message
    octets = octets or b""
    if short.esm_class & ESM_UDH:
        return _headed(octets)
    given = [pdu.tlv(tag) for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_PART)]
    if any(value is None for value in given):
        return Piece(octets)
    reference, total, number = (int.from_bytes(value or b"") for value in given)
    return _checked(Piece(octets, reference, total, number))


def _headed(octets: bytes) -> Piece:
    if not octets or len(octets) < 1 + octets[0]:
        raise PduError("it ends within the header of its text")
    head, rest = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
    while head:
        if len(head) < 2 or len(head) < 2 + head[1]:
            raise PduError("the header of its text ends within an element")
        kind, value, head = head[0], head[2 : 2 + head[1]], head[2 + head[1] :]
        if (kind, len(value)) in ((_CONCAT_8, 3), (_CONCAT_16, 4)):
            return _checked(Piece(rest, int.from_bytes(value[:-2]), value[-2], value[-1]))
    return Piece(rest)


def _checked(piece: Piece) -> Piece:
    if not 1 <= piece.number <= piece.total:
        raise PduError(f"it is part {piece.number} of {piece.total}")
    return piece


def joined(pieces: Iterable[Piece]) -> bytes | None:
    """The pieces of one message put together, whatever their order and however often each came; None while one is missing.

    Pieces that disagree on how many there are belong to different messages: the last word counts, and the others are left out.

    >>> joined([Piece(b"b", 1, 2, 2), Piece(b"a", 1, 2, 1), Piece(b"b", 1, 2, 2)]), joined([Piece(b"b", 1, 2, 2)])
    (b'ab', None)
    """
    given = list(pieces)
    if not given:
        return None
    total = given[-1].total
    found = {piece.number: piece.octets for piece in given if piece.total == total}
    return b"".join(found[at] for at in range(1, total + 1)) if len(found) == total else None


def runs(pieces: Iterable[Piece]) -> list[bytes]:
    """What is there of a message of which parts are missing: each run of parts without a gap, in order.

    >>> runs([Piece(b"d", 1, 4, 4), Piece(b"a", 1, 4, 1), Piece(b"b", 1, 4, 2)])
    [b'ab', b'd']
    """
    found = {piece.number: piece.octets for piece in pieces}
    made: list[bytes] = []
    for at in sorted(found):
        if made and at - 1 in found:
            made[-1] += found[at]
        else:
            made.append(found[at])
    return made
