"""An SMSC without telephones: what it refuses, what it takes, the receipts it writes (SMPP v3.4 issue 1.2; smpp.org).

Rejections for DLT come in the receipt (stat:REJECTD err:6xx), as operators scrub after they have taken a message.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from sulah.adapters.sandbox.dlt import CHAIN_NOT_REGISTERED, NO_CHAIN, scrubbed
from sulah.kernel.dates import IST, Clock
from sulah.outreach.smpp.alphabet import GSM, LATIN, UCS2, text_of
from sulah.outreach.smpp.codes import ESM_RECEIPT, STATES, Command, Status, Tag
from sulah.outreach.smpp.parts import Long, Piece, coding_of, joined, parts_of, piece_of
from sulah.outreach.smpp.pdu import Accepted, Bind, Pdu, PduError, Short
from sulah.outreach.smpp.receipt import Ids
from sulah.outreach.smpp.settings import SmppSettings
from sulah.outreach.sms.settings import Provider, SmsSettings
from sulah.outreach.sms.smpp import chain_hash

_MOBILE = re.compile(r"91[6-9][0-9]{9}")
_STATE_OF = {word: number for number, word in STATES.items()}
_FIRST = 1_000_000_001


@dataclass(slots=True)
class Kept:
    """One submit_sm that was taken: its number, whose it is, what it carries, and how it was scrubbed once all its parts were there."""

    number: int
    mobile: str
    header: str
    coding: int
    piece: Piece
    at: datetime
    receipt: bool
    entity: str
    template_id: str
    chain: str
    text: str = ""
    code: str = ""

    @property
    def delivered(self) -> bool:
        """Numbers that end in 0 belong to telephones that are switched off."""
        return not self.code and not self.mobile.endswith("0")


@dataclass(slots=True)
class Smsc:
    """One SMSC with the lender's registered templates."""

    settings: SmsSettings
    provider: Provider
    clock: Clock
    kept: list[Kept] = field(default_factory=list)
    refused: int = 0
    _turn: Lock = field(default_factory=Lock)

    @property
    def smpp(self) -> SmppSettings:
        """The gateway's ways."""
        if self.provider.smpp is None:
            raise ValueError(f"{self.provider.name} is no SMPP gateway")
        return self.provider.smpp

    def let_in(self, bind: Bind) -> int:
        """The status of a bind."""
        if bind.system_id != self.smpp.system_id:
            return Status.INVALID_SYSTEM_ID
        if bind.password != self.provider.key:
            return Status.INVALID_PASSWORD
        return Status.OK if bind.system_type == self.smpp.system_type else Status.INVALID_SYSTEM_TYPE

    def look_at(self, pdu: Pdu) -> Kept | int:
        """What would be kept of a submit_sm, or the status with which it is refused; nothing is kept yet."""
        short = pdu.short()
        if short.source not in {each.header for each in self.settings.templates.values()}:
            return Status.INVALID_SOURCE
        if not _MOBILE.fullmatch(short.destination):
            return Status.INVALID_DESTINATION
        if short.data_coding not in (LATIN if self.smpp.latin else GSM, UCS2) or (short.validity and len(short.validity) != 16):
            return Status.SUBMIT_FAILED
        try:
            piece = piece_of(pdu)
        except PduError:
            return Status.INVALID_ESM_CLASS
        if len(piece.octets) > 160 and pdu.tlv(Tag.MESSAGE_PAYLOAD) is None:
            return Status.INVALID_MESSAGE_LENGTH
        entity, template_id, chain = ((pdu.tlv(tag) or b"").decode("latin-1") for tag in self.smpp.tags)
        receipt = bool(short.registered_delivery & 1)
        seen = (short.destination, short.source, short.data_coding, piece, self.clock(), receipt, entity, template_id, chain)
        return Kept(0, *seen)

    def keep(self, message: Kept) -> Kept:
        """Take it, under a number of its own; with its last part the whole is scrubbed."""
        with self._turn:
            message.number = _FIRST + len(self.kept)
            self.kept.append(message)
            series = [k.piece for k in self.kept if _series(k) == _series(message)]
        whole = joined(series if message.piece.total > 1 else [message.piece])
        if whole is not None:
            message.text = text_of(whole, message.coding, LATIN if self.smpp.latin else GSM) or ""
            message.code = self._scrubbed(message)
        return message

    def _scrubbed(self, message: Kept) -> str:
        if self.smpp.telemarketers and message.chain != chain_hash(self.settings.entity_id, self.smpp.telemarketers):
            return CHAIN_NOT_REGISTERED if message.chain else NO_CHAIN
        ids = {"entity": message.entity, "template_id": message.template_id, "header": message.header}
        return scrubbed(self.settings, **ids, text=message.text)

    def whole(self) -> list[Kept]:
        """The messages that are there with all their parts, each once: those that a telephone could show."""
        with self._turn:
            return [kept for kept in self.kept if kept.text]

    def answer(self, kept: Kept) -> Accepted:
        """The id of a message as the answer writes it."""
        return Accepted(f"{kept.number:X}" if self.smpp.ids is Ids.HEX_THEN_DECIMAL else str(kept.number))

    def receipt(self, kept: Kept, *, contrary: bool = False, of: int = 0, named: bool = True) -> Pdu:
        """The delivery receipt of a message; contrary: the opposite of what happened; of: another number; named: by TLVs too."""
        delivered = kept.delivered is not contrary
        state = "DELIVRD" if delivered else "REJECTD" if kept.code else "UNDELIV"
        number, moment = of or kept.number, kept.at.astimezone(IST).strftime("%y%m%d%H%M")
        theirs = f"{number:x}" if self.smpp.ids is Ids.DECIMAL_THEN_HEX else f"{number:010d}"
        error = "000" if delivered else kept.code or "001"
        text = f"id:{theirs} sub:001 dlvrd:{int(delivered):03d} submit date:{moment} done date:{moment} stat:{state} err:{error} text:"
        tlvs = ((Tag.RECEIPTED_MESSAGE_ID, theirs.encode() + b"\0"), (Tag.MESSAGE_STATE, bytes([_STATE_OF[state]]))) if named else ()
        body = Short(source_ton=1, source_npi=1, source=kept.mobile, destination=kept.header, esm_class=ESM_RECEIPT, message=text.encode())
        return Pdu(Command.DELIVER_SM, 0, body, tlvs=tuple((int(tag), value) for tag, value in tlvs))


def _series(message: Kept) -> tuple[str, int, int]:
    return message.mobile, message.piece.reference, message.piece.total


def said(sender: str, to: str, text: str, reference: int = 1, how: Long = Long.UDH) -> list[Pdu]:
    """The deliver_sm by which a person's message comes, in as many parts as it needs."""
    coding = coding_of(text, latin=False)
    return [
        Pdu(
            Command.DELIVER_SM,
            0,
            Short(
                source_ton=1,
                source_npi=1,
                source=sender.removeprefix("+"),
                destination=to,
                esm_class=part.esm_class,
                data_coding=coding,
                message=part.message,
            ),
            tlvs=part.tlvs,
        )
        for part in parts_of(text, coding, reference, how)
    ]
