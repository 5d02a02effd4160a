"""What a text must hold and may not, whatever its language: lender, amount, penal charge, complaint line, nobody else's name."""

import re
from collections.abc import Iterator, Sequence

from sulah.kernel.money import indian
from sulah.outreach.lint_about import LintAbout, LintFinding, TextKind
from sulah.outreach.lint_fold import Word
from sulah.policy.lint_rows import LintKind

_TELLS_LENDER = frozenset({TextKind.REMINDER, TextKind.NOTICE, TextKind.RECEIPT, TextKind.SCRIPT})
_TELLS_AMOUNT = frozenset({TextKind.REMINDER, TextKind.NOTICE, TextKind.RECEIPT})
_TELLS_COMPLAINT = frozenset({TextKind.NOTICE})
_ASKS_MONEY = frozenset({TextKind.REMINDER, TextKind.NOTICE})

_DIGITS = "0-9०-९০-৯୦-୯௦-௯౦-౯೦-೯"
_WESTERN = {
    ord(sign): str(number)
    for signs in ("०१२३४५६७८९", "০১২৩৪৫৬৭৮৯", "୦୧୨୩୪୫୬୭୮୯", "௦௧௨௩௪௫௬௭௮௯", "౦౧౨౩౪౫౬౭౮౯", "೦೧೨೩೪೫೬೭೮೯")
    for number, sign in enumerate(signs)
}
_NUMBER = rf"[{_DIGITS}][{_DIGITS},]{{0,14}}(?:\.[{_DIGITS}]{{1,2}})?"
_SIGN = r"₹|\brs\b\.?|\binr\b\.?|रु\.?|रू\.?|৳|টাকা|₨|ரூ\.?|రూ\.?|ರೂ\.?|ଟ\."
_AFTER = r"/-|rupees?\b|rupaye\b|rupaiy?e?\b|rupya\b|rs\b|रुपये|रुपए|रुपया|रुपयांच|रुपयां|टাকা|টাকা|ரூபாய்|రూపాయ|ರೂಪಾಯಿ|ଟଙ୍କା"
_TIMES = {
    "lakh": 100_000,
    "lac": 100_000,
    "लाख": 100_000,
    "hazaar": 1_000,
    "hazar": 1_000,
    "हजार": 1_000,
    "हज़ार": 1_000,
    "thousand": 1_000,
    "crore": 10_000_000,
    "करोड़": 10_000_000,
}
_SCALE = rf"(?: {{0,2}}({'|'.join(_TIMES)})\b)?"
_AMOUNTS = re.compile(rf"(?:{_SIGN}) {{0,2}}({_NUMBER}){_SCALE}|({_NUMBER}){_SCALE} {{0,2}}(?:{_AFTER})", re.IGNORECASE)
_PHONE = re.compile(r"(?<![0-9])(?:\+91|91|0)?[- ]?([6-9][0-9]{4}[- ]?[0-9]{5})(?![0-9])")


def structural(text: str, words: Sequence[Word], about: LintAbout) -> Iterator[LintFinding]:
    """Every finding that needs no list of words."""
    yield from _identity(words, about)
    yield from _amounts(text, about)
    yield from _penal(text, about)
    yield from _grievance(text, words, about)
    yield from _others(words, about)
    yield from _numbers(text, about)


def amounts_in(text: str) -> list[tuple[int, int, int]]:
    """Each amount of money in a text with its place, in paise; a number is one when a sign or word of rupees stands beside it.

    >>> amounts_in("Pay Rs 1,234.50 or 5 lakh rupees by 5 pm")
    [(123450, 4, 15), (50000000, 19, 32)]
    """
    found = []
    for match in _AMOUNTS.finditer(text):
        number, scale = (match[1], match[2]) if match[1] else (match[3], match[4])
        whole, _, part = number.translate(_WESTERN).replace(",", "").partition(".")
        paise = int(whole) * 100 + int((part or "0").ljust(2, "0"))
        found.append((paise * _TIMES.get((scale or "").lower(), 1), match.start(), match.end()))
    return found


def _identity(words: Sequence[Word], about: LintAbout) -> Iterator[LintFinding]:
    if about.kind in _TELLS_LENDER and not any(_place(words, name) for name in about.lender_names):
        named = (
            f"Begin with the lender's name, such as {about.lender_names[0]!r}."
            if about.lender_names
            else "Say which name the borrower knows the lender by."
        )
        yield _whole(
            "LENDER-MISSING",
            LintKind.IDENTITY,
            "The text does not say which lender writes.",
            named,
            "RBI/2022-23/108 para 2 (anonymous calls); fair practices code",
        )


def _amounts(text: str, about: LintAbout) -> Iterator[LintFinding]:
    found = amounts_in(text)
    if about.amount_paise is None:
        if about.kind in _ASKS_MONEY:
            yield _whole(
                "AMOUNT-UNKNOWN",
                LintKind.AMOUNT,
                "It is not known what the ledger asks for, so no amount can be checked.",
                "Give the amount that is due on the day.",
                _DUE,
            )
        return
    right = {about.amount_paise, about.penal_paise, *about.other_paise}
    owed = indian(about.amount_paise)
    for paise, start, end in found:
        if paise not in right:
            why = f"The text says {indian(paise)}; the ledger says {owed}."
            yield LintFinding(
                start, end, "AMOUNT-WRONG", LintKind.AMOUNT, why, f"Write {owed}, read from the ledger when it is sent.", _DUE
            )
    if about.kind in _TELLS_AMOUNT and about.amount_paise not in [paise for paise, _, _ in found]:
        yield _whole(
            "AMOUNT-MISSING", LintKind.AMOUNT, f"The text does not name the amount, {owed}.", f"Write {owed} with Rs or ₹ before it.", _DUE
        )


def _penal(text: str, about: LintAbout) -> Iterator[LintFinding]:
    if about.kind in _ASKS_MONEY and about.penal_paise and about.penal_paise not in [paise for paise, _, _ in amounts_in(text)]:
        owed = indian(about.penal_paise)
        why = f"A penal charge of {owed} is in the amount, and the text does not name it."
        yield _whole(
            "PENAL-UNNAMED", LintKind.PENAL, why, f"Say that {owed} of it is a penal charge, and for what.", "PEN-MSG: RBI/2023-24/53"
        )


def _grievance(text: str, words: Sequence[Word], about: LintAbout) -> Iterator[LintFinding]:
    if about.kind in _TELLS_COMPLAINT and not any(line in text or _place(words, line) for line in about.grievance):
        line = f"Add: to complain, {about.grievance[0]}." if about.grievance else "Name the grievance officer's number or address."
        yield _whole(
            "GRIEVANCE-MISSING",
            LintKind.GRIEVANCE,
            "The text does not say where to complain.",
            line,
            "GRV-INFO: fair practices code; RB-Integrated Ombudsman Scheme 2026",
        )


def _others(words: Sequence[Word], about: LintAbout) -> Iterator[LintFinding]:
    """Names of people who are not the addressee; a name that is part of the addressee's own says nothing."""
    own = {word.casefold() for word in about.addressee.split()}
    for name in about.others:
        if not {word.casefold() for word in name.split()} <= own and (place := _place(words, name)):
            why = f"The text names {name}, who is not the person that it is meant for."
            yield LintFinding(*place, "NAME-OTHER", LintKind.OTHER_PERSON, why, "Leave the name out; write to each person apart.", _PRIVATE)


def _numbers(text: str, about: LintAbout) -> Iterator[LintFinding]:
    if about.numbers is None:
        return
    known = {_last_ten(number) for number in (*about.numbers, *about.grievance)}
    for match in _PHONE.finditer(text.translate(_WESTERN)):
        if _last_ten(match[1]) not in known:
            why = f"The number {match[1]} is neither the lender's nor that of the person who is written to."
            yield LintFinding(
                match.start(1),
                match.end(1),
                "NUMBER-OTHER",
                LintKind.OTHER_PERSON,
                why,
                "Give only numbers that the lender has told the borrower.",
                _PRIVATE,
            )


def _last_ten(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit())[-10:]


def _place(words: Sequence[Word], name: str) -> tuple[int, int] | None:
    """Where a name stands in the words, each word read as it is written; None where it does not."""
    wanted = [word.strip(".,").casefold() for word in name.split()]
    for begin in range(len(words) - len(wanted) + 1 if wanted else 0):
        if all(asked in words[begin + place].readings for place, asked in enumerate(wanted)):
            return words[begin].start, words[begin + len(wanted) - 1].end
    return None


def _whole(rule_id: str, kind: LintKind, why: str, suggestion: str, citation: str) -> LintFinding:
    return LintFinding(0, 0, rule_id, kind, why, suggestion, citation)


_DUE = "DUE-CALC: RBI/2022-23/108 para 2 (false or misleading statements)"
_PRIVATE = "PTY-LEAK: RBI/2022-23/108 para 2 (privacy)"
