"""Numbers in a message that are no money: references of a payment, telephone numbers, loan and account numbers, times of the day."""

import re
from collections.abc import Mapping, Sequence
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
_PAYMENT = re.compile(rf"{_EDGE}(?:[0-9]{{12}}|(?=[a-z0-9]*[a-z])(?=(?:[a-z]*[0-9]){{6}})[a-z0-9]{{16,23}}){_AFTER}")
_PHONE = re.compile(
    rf"{_EDGE}(?:\+?91[ -]?|0)?[6-9](?:[0-9]{{9}}|[0-9]{{4}}[ -][0-9]{{5}}|[0-9]{{3}}[ -][0-9]{{3}}[ -][0-9]{{3,4}}){_AFTER}"
)
_COUNTRY_PHONE = re.compile(r"91[6-9][0-9]{9}")
_MIXED = re.compile(rf"{_EDGE}(?=[a-z0-9/-]*[0-9]{{3}})(?=[0-9/-]*[a-z])[a-z0-9]+(?:[/-][a-z0-9]+)*{_AFTER}")


@dataclass(frozen=True, slots=True)
class ReferenceForms:
    """How numbers are marked as something else than money, compiled from the rows of all languages; see reference_forms."""

    marked: re.Pattern[str]
    named: re.Pattern[str]
    joined_unit: re.Pattern[str]
    day_month: re.Pattern[str]
    long: re.Pattern[str]
    time: re.Pattern[str]


def reference_forms(words: Mapping[str, Sequence[str]]) -> ReferenceForms:
    """The forms, by the words of kind `reference`.

    payment, number_of: "utr no". named, named_by, said_of, alone: "loan no is", "otp".  unit: written together with digits ("500rs").
    clock: behind a time of the day.  day_end: "5th".  rupee_before, rupee_after: beside a long number that is an amount all the same.
    """

    def one_of(key: str) -> str:
        """Any of the words, in their order."""
        return "|".join(re.escape(word).replace(r"\ ", " ") for word in words.get(key, ())) or "(?!)"

    before = "".join(f"(?<!{re.escape(word)}{gap})" for word in words.get("rupee_before", ()) for gap in (" ", r"\.", ""))
    end = rf"(?:{one_of('day_end')})"
    return ReferenceForms(
        re.compile(
            rf"(?<![a-z])(?:{one_of('payment')})(?:[\s.:#-]+(?:{one_of('number_of')})(?=[\s.:#-]|[0-9]))*[\s.:#-]*"
            r"((?=[a-z0-9]*[0-9]{4})[a-z0-9]{6,24}|[0-9]{4}[ -][0-9]{4}[ -][0-9]{4})(?![a-z0-9])"
        ),
        re.compile(
            rf"(?<![a-z])(?:(?:{one_of('named')})\s*(?:account|a/c)?\s*(?:{one_of('named_by')})+[\s.:#-]*(?:{one_of('said_of')})?\s*|"
            rf"(?:{one_of('alone')}|xx+)[\s.:#-]*)([a-z]{{0,6}}[-/]?[x*]*[0-9][a-z0-9/-]*)"
        ),
        re.compile(rf"(?:{one_of('unit')})?[-]?[0-9]+(?:[a-z]{{1,14}})?(?:[-/].*)?"),
        re.compile(rf"[0-9]{{1,2}}[-/]?{end}?[-/]?[a-z]{{3,9}}[-/]?(?:[0-9]{{2}}|[0-9]{{4}})?|[a-z]{{3,9}}[-/]?[0-9]{{1,2}}{end}?"),
        re.compile(rf"(?<![a-z0-9,.]){before}[0-9]{{8,}}(?![0-9,]|\.[0-9]|/-| ?(?:{one_of('rupee_after')}))"),
        re.compile(
            rf"(?<![0-9:])(?:[01]?[0-9]|2[0-3])[:.][0-5][0-9](?= ?(?:{one_of('clock')}))|(?<![0-9:])[0-2]?[0-9]:[0-5][0-9](?![0-9])"
        ),
    )


def references(flat: str, forms: ReferenceForms) -> tuple[Reference, ...]:
    """The references of a message that was levelled (folding.level), in order; no two overlap, the surer reading first.

    UTR numbers: 12 digits for UPI and IMPS, 16 characters for NEFT, 22 for RTGS (NPCI UPI and RBI NEFT/RTGS message formats); after a
    word such as "utr" or "ref" also shorter ones.  Telephone numbers: ten digits from 6 to 9, with or without +91 or 0.

    >>> forms = reference_forms({"payment": ["utr"], "named": ["loan"], "named_by": ["no"]})
    >>> [(found.kind.value, found.text) for found in references("paid utr 632711904518, call 98450 12345, loan no ln-77/123", forms)]
    [('payment', '632711904518'), ('phone', '9845012345'), ('other', 'LN-77/123')]
    """
    kept: list[Reference] = []
    for kind, pattern in (
        (ReferenceKind.PAYMENT, forms.marked),
        (ReferenceKind.PHONE, _PHONE),
        (ReferenceKind.PAYMENT, _PAYMENT),
        (ReferenceKind.OTHER, forms.named),
        (ReferenceKind.OTHER, _MIXED),
        (ReferenceKind.OTHER, forms.long),
        (ReferenceKind.TIME, forms.time),
    ):
        for found in pattern.finditer(flat):
            group = found.lastindex or 0
            start, end = found.span(group)
            if any(start < other.end and other.start < end for other in kept):
                continue
            if pattern is _MIXED and (forms.joined_unit.fullmatch(found.group()) or forms.day_month.fullmatch(found.group())):
                continue
            kept.append(Reference(_kind(kind, pattern, found.group(group)), _bare(found.group(group), kind), start, end))
    return tuple(sorted(kept, key=lambda one: one.start))


def _kind(kind: ReferenceKind, pattern: re.Pattern[str], text: str) -> ReferenceKind:
    """Twelve digits that begin with 91 and a mobile's digit are a telephone number, unless a word says that they are a reference."""
    return ReferenceKind.PHONE if pattern is _PAYMENT and _COUNTRY_PHONE.fullmatch(text) else kind


def _bare(text: str, kind: ReferenceKind) -> str:
    return text.upper() if kind is ReferenceKind.OTHER else re.sub(r"[ -]", "", text).upper()
