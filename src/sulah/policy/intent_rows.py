"""The rows of the reader of answers: each language's words of intents, numbers, months and days, in force on a date."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from sulah.kernel.refusal import Refusal
from sulah.policy.languages import LANGUAGES, rows

KINDS = frozenset(
    [
        "phrase",
        "class",
        "number",
        "ordinal",
        "multiplier",
        "fraction",
        "currency",
        "counted",
        "weekday",
        "weekday_short",
        "month",
        "date",
        "about",
        "not_a_date_before",
        "not_a_date_after",
        "not_an_amount_after",
        "beside_number",
        "reference",
        "mixes_with",
        "language_name",
        "polite",
    ]
)
"""What a row may hold; docs/policy/intents.md explains each."""

INTENTS = frozenset(
    [
        "paid",
        "promise",
        "part",
        "cannot_pay",
        "dispute",
        "wrong_number",
        "call_me",
        "language",
        "stop",
        "start",
        "complaint",
        "death",
        "self_harm",
        "other",
    ]
)
"""What a phrase may mean."""

_KEYS = {"id", "kind", "effective_from", "effective_to", "author", "reviewed_by", "citation", "note", "intent", "firm", "about", "alone",
         "no_not", "says", "unless", "words", "hits", "misses"}  # fmt: skip


class IntentRowError(Refusal):
    """A row of intent.toml cannot be used; the words name the language, the row and what to mend."""


@dataclass(frozen=True, slots=True)
class IntentRow:
    """One row of a language.

    words: for tables of words, what a word stands for -> the words.  says, unless: phrases, one to a line.  firm: does it mean the
    intent wherever it stands?  alone: only when the message says nothing else.  no_not: not where a negation stands in it or beside it.
    about: for a death, whose.  hits, misses: messages that a test reads with the row.
    """

    language: str
    row_id: str
    kind: str
    effective_from: date
    effective_to: date | None
    author: str
    reviewed_by: str
    intent: str = ""
    firm: bool = False
    alone: bool = False
    no_not: bool = False
    about: str = ""
    says: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    hits: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


def load_intent_rows(as_of: date, read: Callable[[str, str], list[dict[str, Any]]] = rows) -> tuple[IntentRow, ...]:
    """All languages' rows in force on a date, languages in their order; IntentRowError for a row that cannot be used.

    >>> {row.language for row in load_intent_rows(date(2026, 11, 23))} == set(LANGUAGES)
    True
    """
    found = [_row(code, raw) for code in LANGUAGES for raw in read(code, "intent")]
    named: set[tuple[str, date]] = set()
    for row in found:
        if (row.row_id, row.effective_from) in named:
            raise IntentRowError(f"intent.toml of {row.language}: the row {row.row_id} stands twice with the same first day.")
        named.add((row.row_id, row.effective_from))
    return tuple(row for row in found if row.effective_from <= as_of and (row.effective_to is None or as_of <= row.effective_to))


def _row(code: str, raw: Mapping[str, Any]) -> IntentRow:
    """One row, checked; every refusal says where it stands."""
    name = f"intent.toml of {code}, row {raw.get('id', '(no id)')}"
    if odd := sorted(set(raw) - _KEYS):
        raise IntentRowError(f"{name}: {', '.join(odd)} is not known here.")
    for key, kind in (("id", str), ("kind", str), ("effective_from", date), ("author", str), ("reviewed_by", str)):
        if not isinstance(raw.get(key), kind):
            raise IntentRowError(f"{name}: {key} is missing.")
    if raw["kind"] not in KINDS:
        raise IntentRowError(f"{name}: there is no kind {raw['kind']!r}.")
    if raw["kind"] == "phrase" and (raw.get("intent") not in INTENTS or not _lines(raw.get("says", ""))):
        raise IntentRowError(f"{name}: a phrase needs a known intent and something that it says.")
    if raw["kind"] == "about" and not (raw.get("about") and _lines(raw.get("says", ""))):
        raise IntentRowError(f"{name}: a row of whose death it is needs about and something that it says.")
    if raw["kind"] not in {"phrase", "about"} and not raw.get("words"):
        raise IntentRowError(f"{name}: a row of the kind {raw['kind']} needs words.")
    if raw.get("about", "") not in {"", "borrower", "family"}:
        raise IntentRowError(f"{name}: about is 'borrower' or 'family'.")
    return IntentRow(
        code, raw["id"], raw["kind"], raw["effective_from"], raw.get("effective_to"), raw["author"], raw["reviewed_by"],
        raw.get("intent", ""), raw.get("firm", False), raw.get("alone", False), raw.get("no_not", False), raw.get("about", ""),
        _lines(raw.get("says", "")), _lines(raw.get("unless", "")),
        MappingProxyType({key: _lines(value, raw["kind"]) for key, value in raw.get("words", {}).items()}),
        tuple(raw.get("hits", ())), tuple(raw.get("misses", ())),
    )  # fmt: skip


def _lines(text: str, kind: str = "") -> tuple[str, ...]:
    """Phrases stand one to a line; words of a table stand between spaces, an underscore for a space inside one."""
    return tuple(line for line in map(str.strip, text.splitlines()) if line) if kind in {"", "date"} else tuple(text.split())
