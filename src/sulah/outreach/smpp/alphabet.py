"""Alphabets of short messages: the GSM default alphabet with its extension table, Latin 1, and UCS-2.

Source: 3GPP TS 23.038 (formerly GSM 03.38), 6.2.1 and 6.2.1.1; data_coding: SMPP v3.4 issue 1.2, 5.2.19.  Over SMPP each septet has
an octet of its own; the SMSC packs them.
"""

from sulah.outreach.smpp.pdu import PduError

GSM, ASCII, LATIN, UCS2 = 0, 1, 3, 8
"""data_coding: the default alphabet of the SMSC, IA5, Latin 1, UCS-2."""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_MORE = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
_TO_GSM = {letter: bytes([place]) for place, letter in enumerate(_BASIC) if place != _ESCAPE}
_TO_GSM |= {letter: bytes([_ESCAPE, place]) for place, letter in _MORE.items()}


def in_gsm(text: str) -> bool:
    """Is every character in the GSM default alphabet or its extension table?

    >>> in_gsm("Rs 500 due [see Kaveri]"), in_gsm("₹500"), in_gsm("रु 500")
    (True, False, False)
    """
    return all(letter in _TO_GSM for letter in text)


def letters_of(text: str, coding: int) -> list[bytes]:
    """Each character as the octets that may not be parted: an escape from its letter, the halves of a surrogate pair.

    >>> [piece.hex() for piece in letters_of("a[", GSM)]
    ['61', '1b3c']
    """
    try:
        if coding == GSM:
            return [_TO_GSM[letter] for letter in text]
        return [letter.encode({ASCII: "ascii", LATIN: "latin-1", UCS2: "utf-16-be"}[coding]) for letter in text]
    except (KeyError, UnicodeEncodeError) as error:
        raise PduError(f"the text has a character that the alphabet {coding} lacks") from error


def text_of(octets: bytes, coding: int, default: int = GSM) -> str | None:
    """Octets as text; None for what is no text (binary, or an alphabet that we do not read).  A character that is damaged is shown as such.

    default: what the SMSC means by data_coding 0.

    >>> text_of(bytes.fromhex("20391b3c"), 0), text_of(bytes.fromhex("0939093e0901"), 8)
    (' 9[', 'हाँ')
    """
    coding = default if coding == GSM else coding
    if coding == GSM:
        return _gsm_text(octets)
    name = {ASCII: "ascii", LATIN: "latin-1", UCS2: "utf-16-be"}.get(coding)
    return None if name is None else octets.decode(name, errors="replace")


def _gsm_text(octets: bytes) -> str:
    found, escaped = [], False
    for octet in octets:
        if escaped:
            found.append(_MORE.get(octet, _BASIC[octet] if octet < 128 and octet != _ESCAPE else "\ufffd"))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            found.append(_BASIC[octet] if octet < 128 else "\ufffd")
    return "".join(found)
