"""One row as it was written, turned into a Row or into findings that name file, row and column."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sulah.kernel.dates import FOREVER
from sulah.kernel.finding import Finding, Severity
from sulah.policy.columns import ALL_SHEETS, ANY, ENTITIES, TAIL, Column, Kind
from sulah.policy.rows import Row


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is written: table, file, and row number (1 is the first; 0 is the file as a whole)."""

    table: str
    file: str
    number: int


_COMMON = (Column("rule_id", Kind.TEXT, ""), *TAIL, Column("note", Kind.TEXT, ""))
_MAY_LACK: dict[str, Any] = {"effective_to": FOREVER, "citation": "", "verify": False, "note": ""}
_TYPES: dict[Kind, tuple[type, str]] = {
    Kind.TEXT: (str, "a text in quotes"),
    Kind.NUMBER: (int, "a whole number without quotes"),
    Kind.TRUTH: (bool, "true or false without quotes"),
    Kind.DATE: (date, "a date such as 2026-03-31 without quotes"),
}


def refusal(place: Place, column: str, code: str, words: str) -> Finding:
    """A finding that stops the policy from being used."""
    return Finding(place.table, place.file, place.number, column, code, words, Severity.REFUSE)


def read_row(raw: object, place: Place) -> tuple[Row | None, list[Finding]]:
    """The Row of a written row, or None and every finding about it; a row is whole, nothing is taken from the row that it replaces."""
    if not isinstance(raw, Mapping):
        return None, [refusal(place, "", "policy_not_a_row", "a row is written as [[row]] with one column a line")]
    asked = {column.name: column for column in (*_COMMON, *ALL_SHEETS[place.table].columns)}
    findings = [_unknown(place, name, asked) for name in raw if name not in asked and name not in ("entity_types", "example")]
    for name, column in asked.items():
        if name in raw:
            findings.extend(_unfit(place, column, raw[name]))
        elif name not in _MAY_LACK and column.unwritten is None:
            findings.append(_missing(place, name))
    findings.extend(_unfit_entities(place, raw["entity_types"]) if "entity_types" in raw else [_missing(place, "entity_types")])
    findings.extend(_unfit_example(place, raw.get("example", {})))
    return (None if findings else _row(raw, place)), findings


def _row(raw: Mapping[str, Any], place: Place) -> Row:
    common = {column.name: raw.get(column.name, _MAY_LACK.get(column.name)) for column in _COMMON}
    return Row(
        table=place.table,
        values={column.name: raw.get(column.name, column.unwritten) for column in ALL_SHEETS[place.table].columns},
        entity_types=tuple(raw["entity_types"]),
        example={part: _plain(given) for part, given in raw.get("example", {}).items()},
        file=place.file,
        number=place.number,
        **common,
    )


def _plain(given: Mapping[str, object]) -> dict[str, object]:
    """A part of an example with dates as ISO text, so that it survives JSON unchanged."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in given.items()}


def _missing(place: Place, name: str) -> Finding:
    return refusal(place, name, "policy_missing_column", f"the row has no {name}; write the row whole, also when it replaces another")


def _unknown(place: Place, name: object, asked: Mapping[str, Column]) -> Finding:
    words = f"there is no column {name} in {place.table}; its columns are {', '.join((*asked, 'entity_types', 'example'))}"
    return refusal(place, str(name), "policy_unknown_column", words)


def _unfit(place: Place, column: Column, value: object) -> list[Finding]:
    wanted, words = _TYPES[column.kind]
    if type(value) is not wanted:  # exactly: true is no number, and a moment is no date
        return [refusal(place, column.name, "policy_wrong_type", f"{value!r} is not {words}")]
    if column.one_of and value not in column.one_of:
        return [refusal(place, column.name, "policy_not_allowed", f"{value!r} is not one of {', '.join(column.one_of)}")]
    if column.some_of and value not in (ANY, column.unwritten):
        return _unfit_words(place, column, value)
    if isinstance(value, str) and not value.strip() and column.name not in _MAY_LACK and column.unwritten != "":
        return [refusal(place, column.name, "policy_empty", "the text is empty; write one")]
    if isinstance(value, int) and not 0 <= value <= column.most:
        return [refusal(place, column.name, "policy_out_of_range", f"{value} is not between 0 and {column.most}")]
    return []


def _unfit_words(place: Place, column: Column, value: object) -> list[Finding]:
    """A list holds known words only, each once, in the order in which they are listed: one meaning has one text."""
    words = str(value).split(" ")
    unknown = [word for word in words if word not in column.some_of]
    if unknown:
        listed = f"{', '.join(repr(word) for word in unknown)}: not one of {', '.join(column.some_of)}; a list has one space between words"
        return [refusal(place, column.name, "policy_not_allowed", listed)]
    ordered = " ".join(word for word in column.some_of if word in words)
    if value != ordered:
        return [refusal(place, column.name, "policy_not_allowed", f"write each word once and in this order: {ordered!r}")]
    return []


def _unfit_entities(place: Place, value: object) -> list[Finding]:
    if not isinstance(value, list) or (not value and not ALL_SHEETS[place.table].offers):
        return [refusal(place, "entity_types", "policy_wrong_type", 'write a list such as ["nbfc_mfi"], or ["*"] for all')]
    words = f"is not one of {', '.join((ANY, *ENTITIES))}"
    return [refusal(place, "entity_types", "policy_not_allowed", f"{item!r} {words}") for item in value if item not in (ANY, *ENTITIES)]


def _unfit_example(place: Place, value: object) -> list[Finding]:
    whole = isinstance(value, Mapping) and set(value) <= {"given", "expect"} and all(isinstance(part, Mapping) for part in value.values())
    words = "write example = { given = { ... }, expect = { ... } }"
    return [] if whole else [refusal(place, "example", "policy_wrong_type", words)]
