"""The texts for borrowers as rows: what each is for, once for all languages, and its words in each language and channel."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sulah.policy.languages import LANGUAGES, rows
from sulah.policy.talk.steps import ANY, cost_rows

_REGISTER = Path(__file__).parent / "languages" / "texts.toml"


class TextRowError(ValueError):
    """A row of a text cannot be read; the words say which and what is wrong."""


@dataclass(frozen=True, slots=True)
class TextKind:
    """What one text is for.

    purposes: the purposes of contact that it serves.  variables: name:kind.  optional: sentence -> the variable that it brings
    (name:kind, or empty).  needs: what it must hold.  plain_reminder: may it go in a language that no native reader has gone over?
    category: of its registration as an SMS.  rules: the ids of the rules that its parts answer.
    """

    name: str
    title: str
    purposes: tuple[str, ...]
    channels: tuple[str, ...]
    variables: tuple[str, ...]
    optional: Mapping[str, str]
    needs: tuple[str, ...]
    plain_reminder: bool
    legal_words: bool
    category: str
    effective_from: date
    rules: tuple[str, ...]
    citation: str
    verify: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text in one language for one channel.

    text: {amount} is a variable, <lender> something of the lender's, {+penal} the place of a sentence of optional.
    subject: of an e-mail.  header, footer, buttons (payload, words): of WhatsApp.  opening, choices (key, payload, words), closing: of
    a call.
    """

    name: str
    language: str
    channel: str
    version: int
    effective_from: date
    author: str
    text: str
    reviewed_by: str = ""
    optional: Mapping[str, str] = field(default_factory=dict)
    subject: str = ""
    header: str = ""
    footer: str = ""
    buttons: tuple[tuple[str, str], ...] = ()
    opening: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit (part or message) costs on a channel, in paise, from a date on."""

    channel: str
    paise: int
    unit: str
    effective_from: date
    citation: str
    verify: bool = False


@cache
def text_kinds() -> Mapping[str, TextKind]:
    """Every text by its name, in the order of the register.

    >>> text_kinds()["receipt"].purposes
    ('receipt',)
    """
    return MappingProxyType({str(row["name"]): _kind(row) for row in _register()["text"]})


@cache
def costs() -> tuple[Cost, ...]:
    """What messages cost at any provider, as policy/talk/channel_cost.toml says it; hundredths of a paisa are rounded up."""
    known = [row for row in cost_rows() if row.provider == ANY]
    return tuple(
        Cost(row.channel, -(-row.paise_hundredths // 100), row.unit, row.effective_from, row.citation, row.verify) for row in known
    )


def cost_of(channel: str, on: date) -> Cost | None:
    """The cost of a channel in force on a date; None where none is known.

    >>> cost_of("sms", date(2026, 11, 23)).paise, cost_of("letter", date(2026, 11, 23))
    (35, None)
    """
    known = [cost for cost in costs() if cost.channel == channel and cost.effective_from <= on]
    return max(known, key=lambda cost: cost.effective_from, default=None)


@cache
def text_rows(code: str) -> tuple[TextRow, ...]:
    """The texts of one language in the order of its sheet; TextRowError for a row that cannot be read."""
    return tuple(row_of(code, written) for written in rows(code, "text"))


@cache
def all_text_rows() -> tuple[TextRow, ...]:
    """The texts of every language, in the order of the languages."""
    return tuple(row for code in LANGUAGES for row in text_rows(code))


def row_of(code: str, written: Mapping[str, Any]) -> TextRow:
    """A row as it was written; TextRowError for an odd column, an unknown text, and a sentence for which its text has no place."""
    where = f"{code}/text.toml, {written.get('name', '?')} for {written.get('channel', '?')}"
    pairs = {name: tuple(tuple(each) for each in written[name]) for name in ("buttons", "choices") if name in written}
    try:
        row = TextRow(language=code, **{**written, **pairs, "optional": dict(written.get("optional", {}))})
    except TypeError as error:
        raise TextRowError(f"{where}: {error}") from error
    kind = text_kinds().get(row.name)
    if kind is None or row.channel not in kind.channels:
        raise TextRowError(f"{where}: the register of texts has no such text for that channel")
    if odd := sorted(set(row.optional) - set(kind.optional)):
        raise TextRowError(f"{where}: the register of texts knows no sentence {odd[0]}")
    if odd := sorted(name for name in row.optional if "{+" + name + "}" not in row.text):
        raise TextRowError(f"{where}: the text has no place for its sentence {odd[0]}")
    return row


@cache
def _register() -> Mapping[str, Any]:
    return tomllib.loads(_REGISTER.read_text("utf-8"))


def _kind(row: Mapping[str, Any]) -> TextKind:
    lists = {name: tuple(row[name]) for name in ("purposes", "channels", "variables", "needs", "rules")}
    return TextKind(**{**row, **lists, "optional": MappingProxyType(dict(row["optional"]))})
