"""Small forms of acts: what each asks, who is shown it, and the answer read back; the act itself judges what was given."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from sulah.kernel.dates import IST
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.web.words import words

_RUPEES = re.compile(r"[0-9]{1,11}(\.[0-9]{1,2})?")
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form: kind is select, many (boxes), text, date, time, datetime-local or number."""

    name: str
    label: str
    kind: str = "text"
    choices: Choices = ()
    required: bool = True
    most: int = 300
    value: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The form of one act: its name in the address, its words, what it asks, and what it carries unseen."""

    act: str
    title: str
    fields: tuple[Field, ...]
    button: str = "Write it down"
    hint: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    danger: bool = False


def choices_of(terms: Sequence[Any]) -> Choices:
    """Terms with their words."""
    return tuple((str(term), words(str(term))) for term in terms)


class UnreadableError(Refusal):
    """What a form gave cannot be read; the words say which field and how it is written."""


def shown_to(roles: Mapping[str, frozenset[Role]], role: Role, forms: Sequence[Form]) -> list[Form]:
    """The forms whose act the role may do."""
    return [form for form in forms if role in roles[form.act]]


def done(request: HttpRequest, act: Callable[[], str], to: str, *path: str) -> HttpResponse:
    """Do an act and go back to the page: its words of success, or those of its refusal."""
    try:
        messages.success(request, act())
    except Refusal as error:
        messages.error(request, str(error))
    return redirect(to, *path)


def choice(given: Mapping[str, str], name: str, kind: Callable[[str], Any], label: str) -> Any:
    """The term that a field names; UnreadableError for one that is none."""
    try:
        return kind(given.get(name, ""))
    except ValueError as error:
        raise UnreadableError(f"{label}: choose one of the list. Nothing was written down.") from error


def number_of(given: Mapping[str, str], name: str) -> int:
    """The number of a row that a form carries unseen; 0, which is no row, for what is none."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def paise_of(text: str) -> int | None:
    """The amount of a field in rupees, in paise; None where it is empty, UnreadableError for what is none.

    >>> paise_of("1,500"), paise_of("₹ 99.50"), paise_of("")
    (150000, 9950, None)
    """
    plain = text.replace(",", "").replace("₹", "").strip()
    if not plain:
        return None
    if not _RUPEES.fullmatch(plain):
        raise UnreadableError("Write the amount in rupees, such as 1,500 or 99.50. Nothing was written down.")
    rupees, _, paise = plain.partition(".")
    return int(rupees) * 100 + int(paise.ljust(2, "0"))


def day_of(text: str) -> date:
    """The day of a field."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnreadableError("Give the day as the field asks. Nothing was written down.") from error


def second_of(text: str, otherwise: int) -> int:
    """Seconds of the day of a field of hours and minutes; the other one where it is empty."""
    hour, _, minute = text.partition(":")
    if not text:
        return otherwise
    if not (hour.isdigit() and minute[:2].isdigit()):
        raise UnreadableError("Write the time as 09:30. Nothing was written down.")
    return int(hour) * 3600 + int(minute[:2]) * 60


def instant_of(text: str) -> datetime:
    """The instant of a field of date and time, which is India time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=IST)
    except ValueError as error:
        raise UnreadableError("Write date and time, such as 24 Nov 2026 and 09:30. Nothing was written down.") from error
