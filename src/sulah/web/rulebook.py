"""The policy rows that a committed day stands on, as its ledger row recorded them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sulah.kernel.money import indian
from sulah.kernel.terms import EntityType
from sulah.web.words import words

Rule = dict[str, Any]
_FRAME = frozenset(
    {
        "rule_id",
        "entity_types",
        "effective_from",
        "effective_to",
        "status",
        "citation",
        "confidence",
        "verify",
        "example",
        "note",
        "comment",
    }
)


def _as_day(value: object, otherwise: date) -> date:
    """A date of a JSON row; the other one when there is none."""
    return date.fromisoformat(str(value)[:10]) if value else otherwise


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rows by table, for one kind of lender, as in force on a day."""

    tables: Mapping[str, tuple[Rule, ...]]

    def rows(self, table: str) -> tuple[Rule, ...]:
        """The rows of a table in force; none for a table that was not recorded."""
        return self.tables.get(table, ())

    def find(self, rule_id: str | None) -> Rule | None:
        """The row of that id, with its table under `table`, or None when the day recorded no such row."""
        for table, rows in self.tables.items():
            for row in rows:
                if rule_id and row.get("rule_id") == rule_id:
                    return {**row, "table": table}
        return None

    def match(self, table: str, **values: object) -> Rule | None:
        """The first row of a table with those values, or None."""
        for row in self.rows(table):
            if all(row.get(name) == value for name, value in values.items()):
                return {**row, "table": table}
        return None


def values_of(row: Rule) -> list[tuple[str, str]]:
    """What a row lays down, in words: its own values without its frame of dates, citation and marks; from and to make one range.

    >>> values_of({"rule_id": "R", "class": "npa", "dpd_from": 91, "dpd_to": 999999, "rate_bps": 25})
    [('Class', 'NPA'), ('Days past due', '91 and more'), ('Rate', '0.25%')]
    """
    plain = {name: value for name, value in row.items() if name not in _FRAME and name != "table" and value not in (None, "")}
    found: list[tuple[str, str]] = []
    for name, value in plain.items():
        stem, _, end = name.replace("_paise", "").rpartition("_")
        pair = next((f"{stem}_to{tail}" for tail in ("", "_paise") if f"{stem}_to{tail}" in plain), None)
        if end == "from" and pair:
            found.append((_label(stem), _range(_value(name, value), _value(pair, plain[pair]), endless=_endless(plain[pair]))))
        elif not (end == "to" and any(f"{stem}_from{tail}" in plain for tail in ("", "_paise"))):
            found.append((_label(name.replace("_paise", "").replace("_bps", "")), _value(name, value)))
    return found


def _label(name: str) -> str:
    """The words for a column of a policy table."""
    return {"class": "Class", "dpd": "Days past due", "npa": "For NPA", "place": "Place"}.get(name, words(name))


def _endless(value: object) -> bool:
    """Is the upper end of a range open?"""
    return isinstance(value, int) and value in (9999, 999_999, 999_999_999_999_999)


def _range(low: str, high: str, *, endless: bool) -> str:
    """A range in words."""
    return f"{low} and more" if endless else (low if low == high else f"{low} to {high}")


def _value(name: str, value: object) -> str:
    """One value in words: rupees, percent, yes or no, day ranges."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.endswith("_paise"):
        return indian(value)
    if isinstance(value, int) and name.endswith("_bps"):
        return f"{value // 100}.{value % 100:02d}%"
    if value == "*":
        return "all"
    return words(value)


def rulebook_of(recorded: str | Mapping[str, Any], entity: EntityType, on: date) -> Rulebook:
    """The rows of a run's recorded policy that apply to the lender's kind on the day.

    recorded is what `Policy.to_json` wrote, as text or read: {"tables": {table: [row, ...]}}; a row is a mapping, dates are ISO texts.
    """
    whole: Mapping[str, Any] = json.loads(recorded) if isinstance(recorded, str) else recorded
    tables: Mapping[str, Any] = whole.get("tables", {})
    chosen: dict[str, tuple[Rule, ...]] = {}
    for table, rows in tables.items():
        if isinstance(rows, list):
            chosen[table] = tuple(dict(row) for row in rows if _applies(row, entity, on))
    return Rulebook(chosen)


def _applies(row: Mapping[str, Any], entity: EntityType, on: date) -> bool:
    """Is the row for that kind of lender, and in force on the day?"""
    kinds = row.get("entity_types", ["*"])
    if "*" not in kinds and entity.value not in kinds:
        return False
    return _as_day(row.get("effective_from"), date.min) <= on <= _as_day(row.get("effective_to"), date.max)
