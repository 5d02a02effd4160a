"""Delivery receipts: what became of a message that the SMSC took, told in a text or in optional parameters.

Source: SMPP v3.4 issue 1.2, appendix B (id, sub, dlvrd, submit date, done date, stat, err, text) and 5.3.2.12, 5.3.2.35
(receipted_message_id, message_state).  The text is the SMSC's own affair, says the standard; so only id and stat are needed of it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from sulah.outreach.smpp.codes import ESM_NOTIFICATION, ESM_RECEIPT, ESM_TYPE, STATES, Tag
from sulah.outreach.smpp.pdu import Pdu, PduError

_ID = re.compile(r"\bid:\s?([^\s:]{1,64})(?=\s|$)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*([A-Za-z]{3,12})", re.IGNORECASE)
_ERR = re.compile(r"\berr:\s*([0-9A-Za-z]{1,8})", re.IGNORECASE)
_DONE = re.compile(r"\bdone date:\s*([0-9]{10,14})", re.IGNORECASE)


class Ids(StrEnum):
    """How the SMSC writes its message ids: alike everywhere; hexadecimal in the answer and decimal in the receipt; or the reverse.

    The standard says only that an id is a text; gateways of the older kind write one number in two ways (their manuals say which).
    """

    TEXT = "text"
    HEX_THEN_DECIMAL = "hex_then_decimal"
    DECIMAL_THEN_HEX = "decimal_then_hex"

    def of_answer(self, given: str) -> str:
        """The id of a submit_sm_resp, as it is kept.

        >>> Ids.HEX_THEN_DECIMAL.of_answer("1F"), Ids.TEXT.of_answer("1F"), Ids.DECIMAL_THEN_HEX.of_answer("0031")
        ('31', '1F', '31')
        """
        return _number(given, {Ids.HEX_THEN_DECIMAL: 16, Ids.DECIMAL_THEN_HEX: 10}.get(self))

    def of_receipt(self, given: str) -> str:
        """The id of a receipt, as it is kept: the same as that of the answer.

        >>> Ids.HEX_THEN_DECIMAL.of_receipt("0000000031"), Ids.DECIMAL_THEN_HEX.of_receipt("1f")
        ('31', '31')
        """
        return _number(given, {Ids.HEX_THEN_DECIMAL: 10, Ids.DECIMAL_THEN_HEX: 16}.get(self))


def _number(given: str, base: int | None) -> str:
    """The id as a plain decimal number where it is one of that base; else as it stands."""
    digits = "[0-9]{1,40}" if base == 10 else "[0-9A-Fa-f]{1,40}"
    return str(int(given, base)) if base is not None and re.fullmatch(digits, given) else given


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: the id as the SMSC wrote it, the state in the words of appendix B, its error, and when, as it says (no zone)."""

    message_id: str
    state: str
    error: str = ""
    done_at: str = ""


def is_receipt(pdu: Pdu) -> bool:
    """Does a deliver_sm tell of a message of ours?  Its class says so; an SMSC that leaves the class out names the message it is about."""
    return pdu.short().esm_class & ESM_TYPE in (ESM_RECEIPT, ESM_NOTIFICATION) or pdu.tlv(Tag.RECEIPTED_MESSAGE_ID) is not None


def receipt_of(pdu: Pdu) -> Receipt:
    """Read a receipt; the optional parameters, which the standard defines, go before the text.  PduError without an id or a state."""
    octets = pdu.short().message or pdu.tlv(Tag.MESSAGE_PAYLOAD) or b""
    text = octets.decode("latin-1")
    head = text.partition("ext:")[0]  # what stands behind "text:" is of our message, and may look like anything
    told, state = pdu.tlv(Tag.RECEIPTED_MESSAGE_ID), pdu.tlv(Tag.MESSAGE_STATE)
    named = told.rstrip(b"\0").decode("latin-1") if told is not None else _first(_ID, head)
    word = STATES.get(int.from_bytes(state), "") if state is not None else _first(_STAT, head).upper()
    if not named or not re.fullmatch(r"[!-~]{1,64}", named):
        raise PduError("the receipt names no message")
    if not word:
        raise PduError("the receipt names no state")
    error = _first(_ERR, head)
    return Receipt(named, word, "" if error.strip("0") == "" else error, _first(_DONE, head))


def _first(form: re.Pattern[str], text: str) -> str:
    found = form.search(text)
    return found.group(1) if found else ""
