"""Numbers in a message that are no money: references of a payment, telephone numbers, loan and account numbers, times of the day."""

import re
from dataclasses import dataclass
from enum import StrEnum


class ReferenceKind(StrEnum):
    """What a number refers to."""

    PAYMENT = "payment"
    PHONE = "phone"
    OTHER = "other"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Reference:
    """A number with its place in the message; text in capital letters without blanks."""

    kind: ReferenceKind
    text: str
    start: int
    end: int


_EDGE, _AFTER = r"(?<![a-z0-9])", r"(?![a-z0-9])"
_MARKED = re.compile(
    r"(?<![a-z])(?:utr|rrn|ref|refno|reference|txn|txnid|tran|trans|transaction|transection|arn|upi ?ref|upi id|यूटीआर|रेफरेंस|रेफ|ट्रांजैक्शन|"
    r"யுடிஆர்|రిఫరెన్స్|యూటీఆర్|ಯುಟಿಆರ್|ರೆಫರೆನ್ಸ್|रेफरन्स|ইউটিআর|রেফারেন্স|ୟୁଟିଆର|ରେଫରେନ୍ସ)"
    r"(?:[\s.:#-]+(?:no|num|number|id|is|hai|h|नं|नंबर|है|எண்|నంబర్|ನಂಬರ್|নম্বর|ନମ୍ବର)(?=[\s.:#-]|[0-9]))*[\s.:#-]*"
    r"((?=[a-z0-9]*[0-9]{4})[a-z0-9]{6,24}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4})(?![a-z0-9])"
)
_PAYMENT = re.compile(rf"{_EDGE}(?:[0-9]{{12}}|(?=[a-z0-9]*[a-z])(?=(?:[a-z]*[0-9]){{6}})[a-z0-9]{{16,23}}){_AFTER}")
_PHONE = re.compile(
    rf"{_EDGE}(?:\+?91[ -]?|0)?[6-9](?:[0-9]{{9}}|[0-9]{{4}}[ -][0-9]{{5}}|[0-9]{{3}}[ -][0-9]{{3}}[ -][0-9]{{3,4}}){_AFTER}"
)
_COUNTRY_PHONE = re.compile(r"91[6-9][0-9]{9}")
_NAMED = re.compile(
    r"(?<![a-z])(?:(?:loan|a/c|ac|acc|acct|account|application|appl|customer|cust|client|member|policy|ticket|complaint|case|id|card|khata|"
    r"aadhaar|aadhar|adhar|pan|otp|pin|pincode|vehicle|flat|house|room|receipt|rcpt|emp|employee)\s*(?:account|a/c)?\s*"
    r"(?:no|num|number|nos|id|#|code|ending|ends with|last 4 digits?)+[\s.:#-]*(?:is|hai)?\s*|"
    r"(?:otp|a/c|acct|pincode|xx+|ending|ending with)[\s.:#-]*)"
    r"([a-z]{0,6}[-/]?[x*]*[0-9][a-z0-9/-]*)"
)
_MIXED = re.compile(rf"{_EDGE}(?=[a-z0-9/-]*[0-9]{{3}})(?=[0-9/-]*[a-z])[a-z0-9]+(?:[/-][a-z0-9]+)*{_AFTER}")
_JOINED_UNIT = re.compile(r"(?:rs|inr|rupees|rupee|rupaye|re|only|ru)?[-]?[0-9]+(?:[a-z]{1,14})?(?:[-/].*)?")
_DAY_MONTH = re.compile(
    r"[0-9]{1,2}[-/]?(?:st|nd|rd|th)?[-/]?[a-z]{3,9}[-/]?(?:[0-9]{2}|[0-9]{4})?|[a-z]{3,9}[-/]?[0-9]{1,2}(?:st|nd|rd|th)?"
)
_LONG = re.compile(r"(?<![a-z0-9,.])(?<!rs )(?<!rs\.)(?<!rs)(?<!₹)(?<!₹ )[0-9]{8,}(?![0-9,]|\.[0-9]|/-| ?(?:rs|rup|रु))")
_TIME = re.compile(
    r"(?<![0-9:])(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?= ?(?:am|pm|a\.m|p\.m|baje|बजे))|(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?![0-9])"
)


def references(flat: str) -> tuple[Reference, ...]:
    """The references of a message that was levelled (folding.level), in order; no two overlap, the surer reading first.

    UTR numbers: 12 digits for UPI and IMPS, 16 characters for NEFT, 22 for RTGS (NPCI UPI and RBI NEFT/RTGS message formats); after a
    word such as "utr" or "ref" also shorter ones.  Telephone numbers: ten digits from 6 to 9, with or without +91 or 0.

    >>> [(found.kind.value, found.text) for found in references("paid utr 632711904518, call 98450 12345, loan no ln-77/123")]
    [('payment', '632711904518'), ('phone', '9845012345'), ('other', 'LN-77/123')]
    """
    kept: list[Reference] = []
    for kind, pattern in (
        (ReferenceKind.PAYMENT, _MARKED),
        (ReferenceKind.PHONE, _PHONE),
        (ReferenceKind.PAYMENT, _PAYMENT),
        (ReferenceKind.OTHER, _NAMED),
        (ReferenceKind.OTHER, _MIXED),
        (ReferenceKind.OTHER, _LONG),
        (ReferenceKind.TIME, _TIME),
    ):
        for found in pattern.finditer(flat):
            group = found.lastindex or 0
            start, end = found.span(group)
            if any(start < other.end and other.start < end for other in kept):
                continue
            if pattern is _MIXED and (_JOINED_UNIT.fullmatch(found.group()) or _DAY_MONTH.fullmatch(found.group())):
                continue
            kept.append(Reference(_kind(kind, pattern, found.group(group)), _bare(found.group(group), kind), start, end))
    return tuple(sorted(kept, key=lambda one: one.start))


def _kind(kind: ReferenceKind, pattern: re.Pattern[str], text: str) -> ReferenceKind:
    """Twelve digits that begin with 91 and a mobile's digit are a telephone number, unless a word says that they are a reference."""
    return ReferenceKind.PHONE if pattern is _PAYMENT and _COUNTRY_PHONE.fullmatch(text) else kind


def _bare(text: str, kind: ReferenceKind) -> str:
    return text.upper() if kind is ReferenceKind.OTHER else re.sub(r"[ -]", "", text).upper()
