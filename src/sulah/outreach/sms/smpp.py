"""An SMS by SMPP 3.4: what is submitted, what each answer means, and what receipts and people's messages say.

SMPP carries no reference of ours that comes back (user_message_reference has 16 bits and need not be returned: 5.3.2.17), and query_sm asks
by the SMSC's own id (4.8).  So a receipt meets its message by the SMSC's id, and a message whose answer was lost cannot be asked for.
Sources: SMPP Protocol Specification v3.4, issue 1.2 (smpp.org); DLT parameters as octet strings 0x1400 and 0x1401: github.com issues
python-smpplib 204 and ksmppd 134, 135; chain of telemarketers (0x1402): verify with your operator.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sulah.kernel.sending import SendState
from sulah.outreach.channel import Answer, Fault, Heard, HeardKind, Message, NeverTaken, Report, Taken, Unknown, UnreadableReportError
from sulah.outreach.http import Call
from sulah.outreach.smpp.alphabet import LATIN, text_of
from sulah.outreach.smpp.codes import VENDOR, Command, Status
from sulah.outreach.smpp.parts import Piece, coding_of, joined, parts_of, piece_of, runs
from sulah.outreach.smpp.pdu import Accepted, Pdu, PduError, Short, decode, head_of
from sulah.outreach.smpp.receipt import is_receipt, receipt_of
from sulah.outreach.smpp.settings import SmppSettings
from sulah.outreach.sms.wire import UnsendableError, sendable
from sulah.outreach.template import Template

BUSY = frozenset({Status.THROTTLED, Status.QUEUE_FULL, Status.SYSTEM_ERROR})
_ACCOUNT = frozenset({Status.WRONG_BIND_STATE, Status.INVALID_SERVICE_TYPE, Status.INVALID_SYSTEM_TYPE})
_SAYS_NOTHING = frozenset({Status.UNKNOWN_ERROR, Status.DELIVERY_FAILURE})
_BUSY_SECONDS = 5
"""How long to leave an SMSC alone that asks for patience: the protocol gives it no way to say."""

_ATTESTED = {"DELIVRD": SendState.DELIVERED}
_ATTESTED |= dict.fromkeys(("EXPIRED", "DELETED", "UNDELIV", "REJECTD"), SendState.UNDELIVERED)
_ATTESTED |= dict.fromkeys(("ENROUTE", "ACCEPTD", "UNKNOWN", "BUFFRED"), SendState.SENT)
"""The states of appendix B; an UNKNOWN one still shows that the SMSC has the message."""

_ALPHANUMERIC, _INTERNATIONAL, _ISDN = 5, 1, 1


def submits(smpp: SmppSettings, entity_id: str, template: Template, message: Message) -> list[Pdu]:
    """The submit_sm of each part, in order, numbered by the link; UnsendableError for what no SMSC would take.

    A receipt is asked for the last part only: it is its id that the message is known by.
    """
    if not sendable(message.to):
        raise UnsendableError("the number is no Indian mobile number written as +91 and ten digits")
    text = template.body(message.values)
    coding = coding_of(text, latin=smpp.latin)
    try:
        parts = parts_of(text, coding, sha256(message.reference.encode()).digest()[0], smpp.long)
    except PduError as error:
        raise UnsendableError(str(error)) from error
    dlt = _dlt(smpp, entity_id, template.registered_id)
    return [
        Pdu(
            Command.SUBMIT_SM,
            0,
            Short(
                source_ton=_ALPHANUMERIC,
                source=template.header,
                destination_ton=_INTERNATIONAL,
                destination_npi=_ISDN,
                destination=message.to.removeprefix("+"),
                esm_class=part.esm_class,
                validity=validity_of(smpp.validity_minutes),
                registered_delivery=int(at == len(parts)),
                data_coding=coding,
                message=part.message,
            ),
            tlvs=(*part.tlvs, *dlt),
        )
        for at, part in enumerate(parts, 1)
    ]


def validity_of(minutes: int) -> str:
    """A relative validity period (7.1.1), '' for the SMSC's own.

    >>> validity_of(120), validity_of(1440), validity_of(0)
    ('000000020000000R', '000001000000000R', '')
    """
    days, rest = divmod(minutes, 1440)
    return f"0000{days:02d}{rest // 60:02d}{rest % 60:02d}00000R" if minutes else ""


def chain_hash(entity_id: str, telemarketers: Sequence[str]) -> str:
    """The hash by which an SMSC knows the chain from the entity to the telemarketer that delivers: SHA-256 of their ids with commas.

    verify = true: the form is that of delivery partners' help pages on PE-TM binding (codes 614 to 618), not of a standard.
    """
    return sha256(",".join((entity_id, *telemarketers)).encode()).hexdigest()


def _dlt(smpp: SmppSettings, entity_id: str, template_id: str) -> tuple[tuple[int, bytes], ...]:
    entity, template, chain = smpp.tags
    hashed = ((chain, chain_hash(entity_id, smpp.telemarketers).encode()),) if smpp.telemarketers else ()
    return ((entity, entity_id.encode()), (template, template_id.encode()), *hashed)


def read_answer(smpp: SmppSettings, answer: Pdu) -> Answer:
    """What the answer to one submit_sm means."""
    if answer.status != Status.OK:
        return refused(answer.status)
    if answer.command == Command.SUBMIT_SM_RESP and isinstance(answer.body, Accepted) and answer.body.message_id:
        return Taken(smpp.ids.of_answer(answer.body.message_id))
    return Unknown("The SMSC said yes and named no message id, so nothing can be asked or reported of it.")


def refused(status: int) -> NeverTaken | Unknown:
    """What a status that is not 0 means; it may have taken the message only where the standard leaves that open or does not know it.

    >>> refused(0x58).fault, refused(0x0B).fault
    (<Fault.BUSY: 'busy'>, <Fault.MESSAGE: 'message'>)
    """
    name = f"{_name(status)} ({status:#010x})"
    if status in BUSY:
        return NeverTaken(Fault.BUSY, f"The SMSC asks for patience: {name}.", _BUSY_SECONDS)
    if status in _ACCOUNT:
        return NeverTaken(Fault.ACCOUNT, f"The SMSC refuses our account: {name}. See system_id, system_type and session.")
    if status in _SAYS_NOTHING or (status not in set(Status) and status not in VENDOR):
        return Unknown(f"The SMSC answered {name}, which says neither that it has the message nor that it has not.")
    return NeverTaken(Fault.MESSAGE, f"The SMSC refuses the message: {name}.")


def refused_bind(status: int) -> NeverTaken:
    """What a refused bind means: our account, except where the SMSC asks for patience."""
    name = f"{_name(status)} ({status:#010x})"
    if status in BUSY:
        return NeverTaken(Fault.BUSY, f"The SMSC asks for patience before it lets us in: {name}.", _BUSY_SECONDS)
    return NeverTaken(Fault.ACCOUNT, f"The SMSC does not let us in: {name}. See system_id and key_from, and the addresses it allows.")


def _name(status: int) -> str:
    return Status(status).name.lower().replace("_", " ") if status in set(Status) else "a status of its own"


@dataclass(frozen=True, slots=True)
class PartKey:
    """Whose part of which message it is, and which one."""

    sender: str
    to: str
    reference: int
    total: int
    number: int


def part_key(octets: bytes) -> PartKey | None:
    """What a deliver_sm is a part of; None where it is whole, a receipt, or cannot be read."""
    try:
        pdu = decode(octets)
        if is_receipt(pdu):
            return None
        piece = piece_of(pdu)
    except PduError:
        return None
    short = pdu.short()
    return PartKey(short.source, short.destination, piece.reference, piece.total, piece.number) if piece.total > 1 else None


def event_id_of(octets: bytes, received: datetime, same_within: int) -> str:
    """The same for the same deliver_sm brought again under another number, within a span of so many seconds where it is a person's words.

    A receipt says the same for ever; a person may say the same twice, and SMPP gives her message no id.
    """
    try:
        lasting = is_receipt(decode(octets))
    except PduError:
        lasting = True
    span = b"" if lasting else str(int(received.timestamp()) // same_within).encode()
    return f"smpp-{sha256(_unnumbered(octets) + span).hexdigest()[:40]}"


def content_of(octets: bytes) -> str:
    """The same for the same deliver_sm brought again under another number, whenever that is."""
    return sha256(_unnumbered(octets)).hexdigest()[:16]


def _unnumbered(octets: bytes) -> bytes:
    """A unit without its sequence number (and its command, which is the same for all that arrives)."""
    return octets[:4] + octets[8:12] + octets[16:]


GAP = " [...] "
"""Stands in the text where a part never came."""


def read_events(smpp: SmppSettings, octets: bytes, event_id: str = "", *, gaps: bool = False) -> tuple[Report | Heard, ...]:
    """What one deliver_sm says, or all parts of a message in a row; nothing for a part alone.  UnreadableReportError in words.

    gaps: the other parts are waited for no more, so what there is is heard.
    """
    try:
        pdus = [decode(one) for one in units(octets)]
        if not pdus or any(pdu.command != Command.DELIVER_SM for pdu in pdus):
            raise PduError("it is no deliver_sm")
        if len(pdus) == 1 and is_receipt(pdus[0]):
            return (_report(smpp, pdus[0]),)
        return _heard(smpp, pdus, event_id, gaps=gaps)
    except PduError as error:
        raise UnreadableReportError(str(error)) from error


def units(octets: bytes) -> list[bytes]:
    """Units that stand one behind the other, apart; PduError where something is left over."""
    found = []
    while octets:
        length = head_of(octets).length
        found.append(octets[:length])
        octets = octets[length:]
    return found


def _report(smpp: SmppSettings, pdu: Pdu) -> Report:
    receipt = receipt_of(pdu)
    if receipt.state not in _ATTESTED:
        raise PduError(f"the receipt names the state {receipt.state[:12]}, which no standard knows")
    theirs, attested = smpp.ids.of_receipt(receipt.message_id), _ATTESTED[receipt.state]
    error = f"{receipt.state} {receipt.error}".strip() if attested is SendState.UNDELIVERED else ""
    event = sha256(json.dumps([theirs, receipt.state, receipt.done_at, error]).encode()).hexdigest()[:40]
    return Report(event, "", theirs, attested, receipt.done_at, error)


def _heard(smpp: SmppSettings, pdus: Sequence[Pdu], event_id: str, *, gaps: bool) -> tuple[Heard, ...]:
    pieces: list[Piece] = [piece_of(pdu) for pdu in pdus]
    whole = joined(pieces)
    if whole is None and not gaps:
        return ()
    there = [whole] if whole is not None else runs(pieces)
    short = pdus[0].short()
    texts = [text_of(octets, short.data_coding, LATIN if smpp.latin else 0) for octets in there]
    text = None if None in texts else _with_gaps([each or "" for each in texts], pieces)
    digits = short.source.removeprefix("+")
    sender = f"+91{digits}" if len(digits) == 10 else f"+{digits}"
    if not sender[1:].isdigit():
        raise PduError("its sender is no number")
    kind = HeardKind.MEDIA if text is None else HeardKind.TEXT
    event = event_id or sha256(b"".join(there) + sender.encode()).hexdigest()[:40]
    return (Heard(event, sender, "", kind, text or ""),)


def _with_gaps(texts: Sequence[str], pieces: Sequence[Piece]) -> str:
    """The runs of a message with a mark wherever something is missing, at its ends too."""
    numbers = {piece.number for piece in pieces}
    head, tail = GAP.lstrip() if 1 not in numbers else "", GAP.rstrip() if pieces[0].total not in numbers else ""
    return f"{head}{GAP.join(texts)}{tail}"


@dataclass(frozen=True, slots=True)
class SmppHook:
    """Reads what the receiving bind kept; no HTTP request opens it."""

    smpp: SmppSettings
    methods: frozenset[str] = frozenset()

    def greet(self, call: Call) -> str | None:
        """Nobody greets."""
        return None

    def genuine(self, call: Call) -> bool:
        """Nothing that comes by HTTP is."""
        return False

    def read(self, call: Call) -> tuple[Report | Heard, ...]:
        """The deliver_sm that was kept; its event id stands beside it."""
        return read_events(self.smpp, call.body, call.query.get("event", ""), gaps="gaps" in call.query)


def kept(octets: bytes, event_id: str, *, gaps: bool = False) -> Call:
    """What came over the bind, in the form in which the inbox keeps things; gaps: parts of it never came."""
    query: Mapping[str, str] = {"event": event_id, **({"gaps": "1"} if gaps else {})}
    return Call("SMPP", query, {}, octets)
