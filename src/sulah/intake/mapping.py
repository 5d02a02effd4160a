"""A lender's mapping as a value: how its files, columns, terms, formats and units become the contract's."""

import tomllib
from collections.abc import Mapping as Map
from dataclasses import dataclass, field

from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Kind, Table

UNITS: dict[str, int] = {"paise": -2, "rupees": 0, "thousand": 3, "lakh": 5}
"""Units of amounts, as the power of ten that turns one into rupees."""
OTHERS = "*"
"""In codes: every lender's term that is not listed."""
ENCODINGS = ("", "utf-8", "utf-16-le", "utf-16-be", "windows-1252")
"""Encodings that a mapping may declare; empty: UTF-8, or UTF-16 where the file's own mark says so."""
_PARTS = {"files", "columns", "constants", "codes", "formats", "units", "grouping", "rounding", "ignore", "encoding"}


class MappingError(Exception):
    """A mapping that cannot be used; the words name the place and what to do."""


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How one table is made from one lender's file.

    columns: contract column (as in the extract) -> lender's columns, joined by "-" when several; constants: contract column -> text;
    codes: contract column -> lender's term -> ours; formats: contract column -> strptime format; units: contract column -> unit;
    rounding: amounts whose sub-paisa noise is rounded half up; grouping: "indian" allows 1,23,456; ignore: lender's columns left out;
    encoding: one of ENCODINGS, for text that is not UTF-8.
    """

    table: str
    files: tuple[str, ...] = ()
    columns: Map[str, tuple[str, ...]] = field(default_factory=dict)
    constants: Map[str, str] = field(default_factory=dict)
    codes: Map[str, Map[str, str]] = field(default_factory=dict)
    formats: Map[str, str] = field(default_factory=dict)
    units: Map[str, str] = field(default_factory=dict)
    rounding: tuple[str, ...] = ()
    grouping: str = "none"
    ignore: tuple[str, ...] = ()
    encoding: str = ""

    def lender_columns(self, source: str) -> tuple[str, ...]:
        """The lender's columns behind a contract column; its own name where nothing is mapped."""
        return self.columns.get(source, (source,))

    def renamed(self) -> "TableMapping":
        """The same terms, formats and units for a file whose columns already have the contract's names (a repair)."""
        return TableMapping(self.table, (), {}, {}, self.codes, self.formats, self.units, self.rounding, self.grouping, ())


@dataclass(frozen=True, slots=True)
class Mapping:
    """A saved mapping: its name and one TableMapping a table; text is the saved TOML, for the record and the digest."""

    name: str
    tables: Map[str, TableMapping]
    text: str = ""

    def table(self, name: str) -> TableMapping:
        """The mapping of a table; one that changes nothing where none is saved."""
        return self.tables.get(name, TableMapping(name))

    def renamed(self) -> "Mapping":
        """The same mapping for files whose columns have the contract's names."""
        return Mapping(self.name, {name: table.renamed() for name, table in self.tables.items()}, self.text)


PLAIN = Mapping("", {})
"""The mapping of an extract whose files and columns already have the contract's names."""


def mapping_of(name: str, text: str) -> Mapping:
    """Read a mapping from TOML text; MappingError names an unknown table, column, unit or key."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"The mapping {name} cannot be read: {error}. Correct that line.") from error
    tables = {key: _table_of(name, key, value) for key, value in given.items()}
    return Mapping(name, tables, text)


def _table_of(name: str, key: str, given: object) -> TableMapping:
    if key not in EXTRACT:
        raise MappingError(f"The mapping {name} has [{key}], which is no table of the extract. Known: {', '.join(EXTRACT)}.")
    if not isinstance(given, dict):
        raise MappingError(f"The mapping {name}: [{key}] must be a table.")
    unknown = sorted(set(given) - _PARTS)
    if unknown:
        raise MappingError(f"The mapping {name}: [{key}] has the unknown key {unknown[0]}. Known: {', '.join(sorted(_PARTS))}.")
    contract = EXTRACT[key]
    for part in ("columns", "constants", "codes", "formats", "units"):
        _check_columns(name, contract, part, given.get(part, {}))
    _check_columns(name, contract, "rounding", dict.fromkeys(given.get("rounding", []), ""))
    _check_terms(name, key, given)
    return TableMapping(
        table=key,
        files=tuple(given.get("files", ())),
        columns={source: (value,) if isinstance(value, str) else tuple(value) for source, value in given.get("columns", {}).items()},
        constants={source: str(value) for source, value in given.get("constants", {}).items()},
        codes={source: {str(k): str(v) for k, v in terms.items()} for source, terms in given.get("codes", {}).items()},
        formats=dict(given.get("formats", {})),
        units=dict(given.get("units", {})),
        rounding=tuple(given.get("rounding", ())),
        grouping=given.get("grouping", "none"),
        ignore=tuple(given.get("ignore", ())),
        encoding=given.get("encoding", ""),
    )


def _check_columns(name: str, contract: Table, part: str, given: object) -> None:
    known = {column.source: column for column in contract.columns}
    if not isinstance(given, dict):
        raise MappingError(f"The mapping {name}: [{contract.name}.{part}] must be a table.")
    for source in given:
        if source not in known:
            raise MappingError(f"The mapping {name}: [{contract.name}.{part}] names {source}, which is no column of {contract.name}.")
        kind = known[source].kind
        if (part == "formats" and kind not in (Kind.DATE, Kind.MOMENT)) or (part in ("units", "rounding") and kind is not Kind.PAISE):
            raise MappingError(f"The mapping {name}: {contract.name}.{source} cannot have {part}.")


def _check_terms(name: str, key: str, given: Map[str, object]) -> None:
    units = given.get("units", {})
    for source, unit in units.items() if isinstance(units, dict) else ():
        if unit not in UNITS:
            raise MappingError(f"The mapping {name}: {key}.{source} has the unit {unit!r}. Known: {', '.join(UNITS)}.")
    if given.get("encoding", "") not in ENCODINGS:
        raise MappingError(f"The mapping {name}: [{key}] encoding must be one of {', '.join(ENCODINGS[1:])}, or left out.")
    if given.get("grouping", "none") not in ("none", "indian"):
        raise MappingError(f"The mapping {name}: [{key}] grouping must be none or indian.")


def toml_of(tables: Map[str, TableMapping]) -> str:
    """The TOML text of a mapping, in a stable order, so that a person can read and edit it."""
    parts: list[str] = []
    for name, table in tables.items():
        lines = [f"[{name}]", f"files = {_list(table.files)}"]
        lines += [f"encoding = {_quote(table.encoding)}"] if table.encoding else []
        lines += ['grouping = "indian"'] if table.grouping == "indian" else []
        lines += [f"rounding = {_list(table.rounding)}"] if table.rounding else []
        lines += [f"ignore = {_list(table.ignore)}"] if table.ignore else []
        columns = {key: _quote(value[0]) if len(value) == 1 else _list(value) for key, value in table.columns.items()}
        lines += _section(f"{name}.columns", columns)
        for part, values in (("constants", table.constants), ("formats", table.formats), ("units", table.units)):
            lines += _section(f"{name}.{part}", {key: _quote(value) for key, value in values.items()})
        for source, terms in table.codes.items():
            lines += _section(f"{name}.codes.{source}", {_quote(key): _quote(value) for key, value in terms.items()})
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _section(title: str, values: Map[str, str]) -> list[str]:
    return ["", f"[{title}]", *(f"{key} = {value}" for key, value in values.items())] if values else []


def _list(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quote(value) for value in values) + "]"


def _quote(text: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else {'"': '\\"', "\\": "\\\\"}.get(c, c) for c in text)
    return f'"{escaped}"'
