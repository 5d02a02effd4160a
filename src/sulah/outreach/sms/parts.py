"""How an SMS is cut into parts, which is what it costs: the GSM 7-bit alphabet or UCS-2, one part or several.

Source: 3GPP TS 23.038 (alphabets and their extension table) and TS 23.040 9.2.3.24.1 (the header of six octets of a part of a long
message, which leaves 153 septets or 67 units of UCS-2 in each).
"""

from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
"""Signs that take two septets: the escape and the sign."""


class Encoding(StrEnum):
    """The alphabet in which a text goes over the air."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_EACH = {Encoding.GSM7: 153, Encoding.UCS2: 67}


def parts(text: str) -> tuple[Encoding, int, int]:
    """Encoding, units (septets, or 16-bit units) and parts of a text; an empty text is one part without units.

    No sign is cut in two: an escaped sign, or a sign of two 16-bit units, that would not fit whole goes into the next part.

    >>> [parts(text)[1:] for text in ("a" * 160, "a" * 161, "न" * 70, "न" * 71)], parts("न")[0].value
    ([(160, 1), (161, 2), (70, 1), (71, 2)], 'UCS-2')
    """
    gsm = all(sign in _BASIC or sign in _EXTENDED for sign in text)
    encoding = Encoding.GSM7 if gsm else Encoding.UCS2
    sizes = [1 + (sign in _EXTENDED if gsm else ord(sign) > 0xFFFF) for sign in text]
    units = sum(sizes)
    if units <= _ALONE[encoding]:
        return encoding, units, 1
    count, room = 1, _EACH[encoding]
    for size in sizes:
        if size > room:
            count, room = count + 1, _EACH[encoding]
        room -= size
    return encoding, units, count
