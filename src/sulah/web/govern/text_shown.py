"""One text as a page shows it: filled in with values of the village, counted, priced, and held against the version before."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sulah.outreach.house import House, HouseError, TextSettings, text_settings
from sulah.outreach.library import LibraryError, Written, missing, template_of, written
from sulah.outreach.samples import HOST, HOUSE, VALUES
from sulah.outreach.sms.parts import parts
from sulah.outreach.template import VARIABLE, Variable
from sulah.policy.languages import Language, load_languages
from sulah.policy.text_rows import TextKind, TextRow, cost_of, text_kinds, text_rows
from sulah.web.standing import the_lender


@dataclass(frozen=True, slots=True)
class Bench:
    """What the bench fills texts with; words say why it is an example, empty when it is the lender's own."""

    settings: TextSettings
    words: str = ""


def the_bench() -> Bench:
    """[texts] of the lender's settings, or an example where there are none."""
    lender = the_lender()
    try:
        return Bench(text_settings(lender.settings, lender.name))
    except HouseError as error:
        return Bench(TextSettings(HOUSE), f"{error} Until then this page fills in an example, and no text can be drafted.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A text in one language on one channel, as its reader sees it; words say why it cannot be written, and then there is no body.

    units, parts: of an SMS.  paise: what one message costs, None where nobody has said it.
    """

    row: TextRow
    language: Language
    one: Written | None
    words: str
    body: str
    subject: str
    opening: str
    characters: int
    encoding: str
    units: int
    parts: int
    paise: int | None
    lacking: tuple[str, ...]
    marked: str = ""


def row_for(name: str, language: str, channel: str) -> TextRow | None:
    """The row of a text as it is shipped."""
    found = [row for row in text_rows(language) if (row.name, row.channel) == (name, channel)]
    return max(found, key=lambda row: row.version, default=None)


def shown(row: TextRow, kind: TextKind, house: House, with_: Sequence[str], on: date) -> Shown:
    """A row as its reader sees it; a language that a channel cannot write says so."""
    language = load_languages()[row.language]
    lacking = missing(row, kind)
    words = _unwritable(row, language)
    try:
        one = written(row, kind, house, [name for name in with_ if name in row.optional])
    except LibraryError as error:
        return Shown(row, language, None, str(error), "", "", "", 0, "", 0, 0, None, lacking)
    template = template_of(one, kind, hosts=(HOST,))
    values = template.values({variable.name: VALUES[variable.name] for variable in template.variables})
    body = template.body(values)
    encoding, units, count = parts(body)
    return Shown(
        row,
        language,
        one,
        words,
        body,
        _filled(one.subject, one.subject_variables),
        _filled(one.opening, one.opening_variables),
        len(body),
        encoding.value,
        units,
        count,
        _price(row.channel, count, on),
        lacking,
    )


def _unwritable(row: TextRow, language: Language) -> str:
    if row.channel == "whatsapp" and not language.meta_code:
        return f"WhatsApp has no code for {language.name}: there, people are written to in another language."
    return ""


def _filled(text: str, variables: Sequence[Variable]) -> str:
    """A text with the village's values in place; names and references need no form of their own."""
    values = iter([str(VALUES[variable.name]) for variable in variables])
    return re.sub(re.escape(VARIABLE), lambda _: next(values), text)


def _price(channel: str, count: int, on: date) -> int | None:
    cost = cost_of(channel, on)
    return None if cost is None else cost.paise * (count if cost.unit == "part" else 1)


def everywhere(kind: TextKind, channel: str, house: House, with_: Sequence[str], on: date) -> list[Shown]:
    """The text in every language that has it on the channel."""
    rows = [row for code in load_languages() if (row := row_for(kind.name, code, channel)) is not None]
    return [shown(row, kind, house, with_, on) for row in rows]


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """How a text changed, word by word: (same, gone or new, the words).

    >>> difference("Pay Rs 5 now", "Pay Rs 5 by Friday")
    [('same', 'Pay Rs 5 '), ('gone', 'now'), ('new', 'by Friday')]
    """
    old, new = _words(before), _words(after)
    told: list[tuple[str, str]] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            told.append(("same", "".join(old[a:b])))
            continue
        told += [("gone", "".join(old[a:b]))] if b > a else []
        told += [("new", "".join(new[c:d]))] if d > c else []
    return told


def _words(text: str) -> list[str]:
    return re.findall(r"\s+|[^\s]+", text)


def row_with(row: TextRow, given: dict[str, Any], author: str) -> TextRow:
    """The row as a person has rewritten it: text, subject, footer, closing; line ends as a browser sends them are made one."""
    told: dict[str, Any] = {
        name: str(given[name]).replace("\r\n", "\n").strip() for name in ("text", "subject", "footer", "closing") if name in given
    }
    return replace(row, author=author, **told)


def kind_of(name: str) -> TextKind | None:
    """What a text is for; None where the register has none of that name."""
    return text_kinds().get(name)
