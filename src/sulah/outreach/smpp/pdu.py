"""Units of SMPP 3.4, to bytes and back: anything that is not one is an error in words, never a crash.

Header of 16 octets (3.2: length, command, status, sequence), mandatory parameters in their order (4.1 to 4.11), then optional ones as tag,
length, value.  Source: SMPP Protocol Specification v3.4, issue 1.2 (smpp.org).
"""

import struct
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

from sulah.outreach.smpp.codes import RESPONSE, Command

HEADER = 16
LARGEST = 70_000
"""Octets of one unit at most: a message_payload may have 64 thousand; nothing larger is waited for."""

MOST_SEQUENCE = 0x7FFFFFFF
_HEAD = struct.Struct(">IIII")
_TLV = struct.Struct(">HH")


class PduError(ValueError):
    """These bytes are no unit of SMPP 3.4; the words say what is odd."""


def _text(limit: int) -> Any:
    """A C-octet string: at most so many octets, the ending NUL among them."""
    return field(default="", metadata={"limit": limit})


def _octet() -> Any:
    return field(default=0, metadata={"octet": True})


@dataclass(frozen=True, slots=True)
class Empty:
    """No parameters: enquire_link, unbind, generic_nack and their responses."""


@dataclass(frozen=True, slots=True)
class Bind:
    """bind_receiver, bind_transmitter, bind_transceiver (4.1)."""

    system_id: str = _text(16)
    password: str = field(default="", metadata={"limit": 64}, repr=False)  # the standard has 9; operators give longer ones
    system_type: str = _text(13)
    interface_version: int = field(default=0x34, metadata={"octet": True})
    addr_ton: int = _octet()
    addr_npi: int = _octet()
    address_range: str = _text(41)


@dataclass(frozen=True, slots=True)
class Bound:
    """The response to a bind: who answers."""

    system_id: str = _text(16)


@dataclass(frozen=True, slots=True)
class Short:
    """submit_sm and deliver_sm (4.4.1, 4.6.1), which have the same parameters."""

    service_type: str = _text(6)
    source_ton: int = _octet()
    source_npi: int = _octet()
    source: str = _text(21)
    destination_ton: int = _octet()
    destination_npi: int = _octet()
    destination: str = _text(21)
    esm_class: int = _octet()
    protocol_id: int = _octet()
    priority: int = _octet()
    schedule: str = _text(17)
    validity: str = _text(17)
    registered_delivery: int = _octet()
    replace: int = _octet()
    data_coding: int = _octet()
    default_message: int = _octet()
    message: bytes = field(default=b"", metadata={"counted": 254}, repr=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The response to submit_sm or deliver_sm: the message id of the SMSC (empty for deliver_sm, and with an error)."""

    message_id: str = _text(65)


@dataclass(frozen=True, slots=True)
class Query:
    """query_sm (4.8.1): the message id of the SMSC and the source address that it was sent with."""

    message_id: str = _text(65)
    source_ton: int = _octet()
    source_npi: int = _octet()
    source: str = _text(21)


@dataclass(frozen=True, slots=True)
class Queried:
    """The response to query_sm (4.8.2)."""

    message_id: str = _text(65)
    final_at: str = _text(17)
    message_state: int = _octet()
    error_code: int = _octet()


Body = Empty | Bind | Bound | Short | Accepted | Query | Queried
_Bodied = TypeVar("_Bodied", bound=Body)

_BODIES: dict[int, type[Body]] = {
    Command.BIND_RECEIVER: Bind,
    Command.BIND_TRANSMITTER: Bind,
    Command.BIND_TRANSCEIVER: Bind,
    Command.BIND_RECEIVER_RESP: Bound,
    Command.BIND_TRANSMITTER_RESP: Bound,
    Command.BIND_TRANSCEIVER_RESP: Bound,
    Command.SUBMIT_SM: Short,
    Command.DELIVER_SM: Short,
    Command.SUBMIT_SM_RESP: Accepted,
    Command.DELIVER_SM_RESP: Accepted,
    Command.QUERY_SM: Query,
    Command.QUERY_SM_RESP: Queried,
}
_EMPTY = frozenset(
    {Command.UNBIND, Command.UNBIND_RESP, Command.ENQUIRE_LINK, Command.ENQUIRE_LINK_RESP, Command.GENERIC_NACK},
)


@dataclass(frozen=True, slots=True)
class Pdu:
    """One unit: command, sequence, its parameters, status (0 in a request), optional parameters in their order."""

    command: Command
    sequence: int
    body: Body = Empty()
    status: int = 0
    tlvs: tuple[tuple[int, bytes], ...] = ()

    def tlv(self, tag: int) -> bytes | None:
        """The value of the first optional parameter with this tag."""
        return next((value for known, value in self.tlvs if known == tag), None)

    def short(self) -> Short:
        """The parameters of a message; PduError for a unit of another kind."""
        if not isinstance(self.body, Short):
            raise PduError(f"{self.command.name} carries no message")
        return self.body


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a unit as it stands on the wire, its command known to us or not."""

    length: int
    command: int
    status: int
    sequence: int

    @property
    def answers(self) -> bool:
        """Is it a response?"""
        return bool(self.command & RESPONSE)


def head_of(octets: bytes) -> Head:
    """The first 16 octets; PduError where the length cannot be that of a unit, and the stream can be read no further."""
    if len(octets) < HEADER:
        raise PduError(f"a header has {HEADER} octets; these are {len(octets)}")
    head = Head(*_HEAD.unpack_from(octets))
    if not HEADER <= head.length <= LARGEST:
        raise PduError(f"a unit cannot have {head.length} octets")
    return head


def encode(pdu: Pdu) -> bytes:
    """A unit as bytes; PduError for a parameter that does not fit.

    >>> encode(Pdu(Command.ENQUIRE_LINK, 7)).hex()
    '00000010000000150000000000000007'
    """
    if not 0 <= pdu.sequence <= 0xFFFFFFFF:
        raise PduError("a sequence number has four octets")
    body = b"".join(_put(each.name, getattr(pdu.body, each.name), each.metadata) for each in fields(pdu.body))
    tail = b"".join(_TLV.pack(tag, len(value)) + value for tag, value in pdu.tlvs)
    made = _HEAD.pack(HEADER + len(body) + len(tail), pdu.command, pdu.status, pdu.sequence) + body + tail
    if len(made) > LARGEST:
        raise PduError(f"a unit cannot have {len(made)} octets")
    return made


def _put(name: str, value: Any, how: Any) -> bytes:
    if "octet" in how:
        if not 0 <= value <= 255:
            raise PduError(f"{name} is one octet; it is {value}")
        return bytes([value])
    if "counted" in how:
        if len(value) > how["counted"]:
            raise PduError(f"{name} has {len(value)} octets; {how['counted']} fit")
        return bytes([len(value), *value])
    if "\0" in value or not value.isascii() or len(value) >= how["limit"]:
        raise PduError(f"{name} must be plain text of at most {how['limit'] - 1} letters")
    return bytes(value, "ascii") + b"\0"


def decode(octets: bytes) -> Pdu:
    """The unit that these bytes are, all of them and no more; PduError for anything else.

    A response with an error may lack its parameters (4.4.2), and so may a deliver_sm_resp.

    >>> decode(bytes.fromhex("00000010000000150000000000000007")).command.name
    'ENQUIRE_LINK'
    """
    head = head_of(octets)
    if head.length != len(octets):
        raise PduError(f"its length says {head.length} octets; these are {len(octets)}")
    try:
        command = Command(head.command)
    except ValueError as error:
        raise PduError(f"the command {head.command:#010x} is not known here") from error
    kind = Empty if command in _EMPTY else _BODIES[command]
    if len(octets) == HEADER and head.answers:
        return Pdu(command, head.sequence, Empty(), head.status)
    body, place = _body(kind, octets)
    return Pdu(command, head.sequence, body, head.status, _tlvs(octets, place))


def _body(kind: type[_Bodied], octets: bytes) -> tuple[_Bodied, int]:
    found: dict[str, Any] = {}
    place = HEADER
    for each in fields(kind):
        found[each.name], place = _take(each.name, octets, place, each.metadata)
    return kind(**found), place


def _take(name: str, octets: bytes, place: int, how: Any) -> tuple[Any, int]:
    if "limit" in how:
        end = octets.find(b"\0", place, place + how["limit"])
        if end < 0:
            raise PduError(f"{name} has no end within its {how['limit']} octets")
        if not octets[place:end].isascii():
            raise PduError(f"{name} is no plain text")
        return octets[place:end].decode("ascii"), end + 1
    if place >= len(octets):
        raise PduError(f"it ends before {name}")
    if "octet" in how:
        return octets[place], place + 1
    end = place + 1 + octets[place]
    if end > len(octets):
        raise PduError(f"it ends within {name}")
    return octets[place + 1 : end], end


def _tlvs(octets: bytes, place: int) -> tuple[tuple[int, bytes], ...]:
    found = []
    while place < len(octets):
        if place + _TLV.size > len(octets):
            raise PduError("it ends within an optional parameter")
        tag, length = _TLV.unpack_from(octets, place)
        place += _TLV.size
        if place + length > len(octets):
            raise PduError(f"it ends within the optional parameter {tag:#06x}")
        found.append((tag, octets[place : place + length]))
        place += length
    return tuple(found)
