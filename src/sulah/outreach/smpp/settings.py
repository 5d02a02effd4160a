"""What a gateway of kind smpp needs besides its password: where it listens, how it binds, and what the standard leaves open."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sulah.outreach.smpp.parts import Long
from sulah.outreach.smpp.receipt import Ids

_ADDRESS = re.compile(r"(smpps?)://([A-Za-z0-9.-]+|\[::1\]):([0-9]{1,5})")
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_PLAIN = re.compile(r"[!-~]{1,15}")
_REGISTERED = re.compile(r"[0-9]{19}")
_Word = TypeVar("_Word", bound=StrEnum)


class SmppSettingError(ValueError):
    """A setting of an SMPP gateway cannot be used; the words say which, and what to write."""


class Session(StrEnum):
    """How workers bind: to send only (receipts come to `sulah receive smpp`), or both ways where the operator gives one kind of bind."""

    TRANSMITTER = "transmitter"
    TRANSCEIVER = "transceiver"


@dataclass(frozen=True, slots=True)
class SmppSettings:
    """One SMPP gateway.

    tags: of entity id, template id and chain of telemarketers (octet strings; no standard names them: verify with the operator).
    telemarketers: the chain from the entity to the delivering one, whose hash travels; none: no hash.  validity_minutes: after so long the
    SMSC gives up, so that a reminder does not arrive at night; 0: as long as it likes.  same_within: seconds in which the same words
    from the same number are one message, because SMPP gives an incoming message no id.
    """

    host: str
    port: int
    tls: bool
    system_id: str
    system_type: str = ""
    session: Session = Session.TRANSMITTER
    long: Long = Long.UDH
    latin: bool = False
    ids: Ids = Ids.TEXT
    window: int = 10
    enquire_seconds: int = 30
    validity_minutes: int = 120
    same_within: int = 900
    tags: tuple[int, int, int] = (0x1400, 0x1401, 0x1402)
    telemarketers: tuple[str, ...] = ()


def smpp_of(row: Mapping[str, object]) -> SmppSettings:
    """The SMPP settings of one [[sms.provider]]; SmppSettingError in words for half of one.

    >>> smpp_of({"address": "smpps://smpp.example:2776", "system_id": "KAVERI"}).port
    2776
    """
    address = _ADDRESS.fullmatch(str(row.get("address", "")))
    if address is None or not 0 < int(address[3]) < 65536:
        raise SmppSettingError(f"address is {str(row.get('address', ''))!r}; write smpps://HOST:PORT")
    host, tls = address[2].strip("[]"), address[1] == "smpps"
    if not tls and host not in _HERE and row.get("private_line") is not True:
        raise SmppSettingError(
            "smpp:// sends numbers and texts in the clear; write smpps://, or private_line = true where a VPN carries it"
        )
    return SmppSettings(
        host=host,
        port=int(address[3]),
        tls=tls,
        system_id=_plain(row, "system_id", ""),
        system_type=_plain(row, "system_type", "") if row.get("system_type") else "",
        session=_word(row, "session", Session.TRANSMITTER),
        long=_word(row, "long", Long.UDH),
        latin=_alphabet(row),
        ids=_word(row, "ids", Ids.TEXT),
        window=_number(row, "window", 10, 1, 1000),
        enquire_seconds=_number(row, "enquire_seconds", 30, 1, 600),
        validity_minutes=_number(row, "validity_minutes", 120, 0, 1440),
        same_within=_number(row, "same_within", 900, 1, 86_400),
        tags=_tags(row),
        telemarketers=_chain(row),
    )


def _plain(row: Mapping[str, object], name: str, default: str) -> str:
    value = str(row.get(name, default))
    if not _PLAIN.fullmatch(value):
        raise SmppSettingError(f"{name} is {value!r}; write the 1 to 15 letters that the operator gave you")
    return value


def _word(row: Mapping[str, object], name: str, default: _Word) -> _Word:
    try:
        return type(default)(str(row.get(name, default)))
    except ValueError as error:
        raise SmppSettingError(f"{name} is {row.get(name)!r}; write one of {', '.join(type(default))}") from error


def _alphabet(row: Mapping[str, object]) -> bool:
    if row.get("alphabet", "gsm") not in ("gsm", "latin1"):
        raise SmppSettingError(f"alphabet is {row.get('alphabet')!r}; write gsm or latin1")
    return row.get("alphabet") == "latin1"


def _number(row: Mapping[str, object], name: str, default: int, least: int, most: int) -> int:
    value = row.get(name, default)
    if type(value) is not int or not least <= value <= most:
        raise SmppSettingError(f"{name} is {value!r}; write a whole number from {least} to {most}")
    return value


def _tags(row: Mapping[str, object]) -> tuple[int, int, int]:
    given = row.get("tags", [0x1400, 0x1401, 0x1402])
    if not isinstance(given, list) or len(given) != 3 or not all(type(tag) is int and 0 < tag < 0x10000 for tag in given):
        raise SmppSettingError("tags must be three numbers: of entity id, template id and chain, as [0x1400, 0x1401, 0x1402]")
    entity, template, chain = given
    return entity, template, chain


def _chain(row: Mapping[str, object]) -> tuple[str, ...]:
    given = row.get("telemarketers", [])
    if not isinstance(given, list) or not all(isinstance(one, str) and _REGISTERED.fullmatch(one) for one in given):
        raise SmppSettingError("telemarketers must be a list of their 19-digit DLT registrations, in the order of the chain")
    return tuple(given)
