"""[texts] of lender.toml: what is the lender's own in its texts, and the language after a person's own; half of it refuses in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sulah.kernel.refusal import Refusal
from sulah.policy.languages import LANGUAGES

_PHONE = re.compile(r"\+?[0-9]{4,13}")
_ADDRESS = re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?")
_SHORT = re.compile(r"https://([a-z0-9.-]+)")
CHARGES = ("penal", "other")
CAN_BE_LEFT_OUT = ("officer", "link")
"""Sentences that are a courtesy.  The penal charge is none: RBI/2023-24/53 asks for it (PEN-MSG)."""
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class HouseError(Refusal):
    """[texts] of lender.toml cannot be used as it stands; the words say which line to mend."""


@dataclass(frozen=True, slots=True)
class House:
    """What is the lender's own in its texts.

    lender: the name that borrowers know.  grievance: the number of the grievance officer.  reply: the number that takes STOP and answers.
    caller: the number from which people call.  check: where an officer's code is checked, as https://...
    """

    lender: str
    grievance: str
    reply: str
    caller: str
    check: str


@dataclass(frozen=True, slots=True)
class TextSettings:
    """All of [texts]: the lender's own, the language tried after a person's own, the hosts to which links may lead.

    charges: what an overdue charge on the book is, `penal` or `other`; empty where the lender has not said.  leave_out: sentences that the
    lender does not use.  short: where the short addresses of payment links begin, empty where there are none.
    """

    house: House
    second_language: str = "en"
    hosts: tuple[str, ...] = ()
    charges: str = ""
    leave_out: tuple[str, ...] = ()
    short: str = ""


def text_settings(settings: Mapping[str, object], lender: str) -> TextSettings:
    """[texts] of a lender's settings; HouseError in words for a part that is missing or wrong.

    >>> given = {"grievance": "18001230000", "reply": "9215512345", "caller": "16001234567", "check": "https://kaveri.example/officer"}
    >>> text_settings({"texts": given}, "Kaveri").house.lender
    'Kaveri'
    """
    given = settings.get("texts")
    if not isinstance(given, Mapping):
        raise HouseError("The texts are not set up: lender.toml has no [texts]. docs/policy/texts.md says what it needs.")
    forms = {"grievance": _PHONE, "reply": _PHONE, "caller": _PHONE, "check": _ADDRESS}
    asked = {"grievance": "a telephone number", "reply": "a telephone number", "caller": "a telephone number", "check": "https://HOST/..."}
    if unknown := sorted(set(given) - {*forms, "lender", "second_language", "hosts", "charges", "leave_out", "short"}):
        raise HouseError(f"lender.toml: [texts] has no {unknown[0]}. docs/policy/texts.md names its lines.")
    for name, form in forms.items():
        if not form.fullmatch(str(given.get(name, ""))):
            raise HouseError(f"lender.toml: {name} of [texts] is {given.get(name, '')!r}; write {asked[name]}.")
    second, hosts = str(given.get("second_language", "en")), given.get("hosts", [])
    if second not in LANGUAGES:
        raise HouseError(f"lender.toml: second_language of [texts] is {second!r}; write one of {', '.join(LANGUAGES)}.")
    if not isinstance(hosts, list) or not all(isinstance(host, str) and _HOST.fullmatch(host) for host in hosts):
        raise HouseError("lender.toml: hosts of [texts] is a list of names such as pay.kaveri.example.")
    name = str(given.get("lender", lender)).strip()
    if not name or re.search(r"[<>{}#]", name):
        raise HouseError(f"lender.toml: lender of [texts] is {name!r}; write the name that borrowers know.")
    house = House(name, *(str(given[each]) for each in forms))
    return TextSettings(house, second, tuple(hosts), **_sentences(given, hosts))


def _sentences(given: Mapping[str, object], hosts: Sequence[str]) -> dict[str, Any]:
    """charges, leave_out and short of [texts]; HouseError in words."""
    charges, left, short = str(given.get("charges", "")), given.get("leave_out", []), str(given.get("short", ""))
    if charges and charges not in CHARGES:
        raise HouseError(f"lender.toml: charges of [texts] is {charges!r}; write {' or '.join(CHARGES)}: what an overdue charge is.")
    if not isinstance(left, list) or set(left) - set(CAN_BE_LEFT_OUT):
        raise HouseError(f"lender.toml: leave_out of [texts] is a list of {', '.join(CAN_BE_LEFT_OUT)}; nothing else can be left out.")
    found = _SHORT.fullmatch(short)
    if short and (found is None or found[1] not in hosts):
        raise HouseError(f"lender.toml: short of [texts] is {short!r}; write https:// and one of hosts, where borrowers reach our pages.")
    return {"charges": charges, "leave_out": tuple(left), "short": short}
