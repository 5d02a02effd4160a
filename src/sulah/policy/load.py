"""Reads the shipped policy tables, lays a lender's overrides over them, and turns a recorded policy back into rows.

There are two books: the one that a day runs on (`load_policy`), and the contact rules that the guard asks (`load_contact_policy`); a day's
policy never holds a row of the other. A lender's overrides of both lie in one folder, as files `policy/<table>.toml`: each `[[row]]`
replaces the shipped row of the same `rule_id` as a whole, or adds one; each `[[remove]]` names a `rule_id`, with the `last_day` that the
row is in force, or without one when it never was.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from sulah.kernel.finding import Finding
from sulah.policy.columns import ALL_SHEETS, SHEETS
from sulah.policy.contact_sheets import CONTACT_SHEETS
from sulah.policy.read import Place, read_row, refusal
from sulah.policy.rows import EntityPolicy, Policy, Row

__all__ = ["EntityPolicy", "Policy", "PolicyError", "from_json", "load_contact_policy", "load_policy"]

SHIPPED = Path(__file__).parent / "tables"
"""The folder of the tables that come with Sulah and that a day runs on."""

CONTACT = Path(__file__).parent / "contact"
"""The folder of the contact rules that come with Sulah."""


class PolicyError(ValueError):
    """The policy files cannot be read as rows; `findings` says file, row, column and what to do, all of them at once."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(_line(finding) for finding in self.findings))


def _line(finding: Finding) -> str:
    row = f" row {finding.row}" if finding.row else ""
    column = f", {finding.field}" if finding.field else ""
    return f"{finding.file}{row}{column}: {finding.words}"


def load_policy(overrides: Path | None = None) -> Policy:
    """The shipped rows that a day runs on, with a lender's override files laid over them; PolicyError for what cannot be read.

    Reading is not judging: `check_policy` says whether the rows leave gaps, overlap or lack a source.

    >>> load_policy().tables["restructure"][0].values["watch_months"]
    12
    """
    return _book(SHIPPED, tuple(SHEETS), overrides)


def load_contact_policy(overrides: Path | None = None) -> Policy:
    """The shipped rules of contact, with the same lender's override files laid over them; PolicyError for what cannot be read.

    >>> load_contact_policy().rule("HRS-MFL").values["last"]
    64800
    """
    return _book(CONTACT, tuple(CONTACT_SHEETS), overrides)


def _book(shipped: Path, sheets: tuple[str, ...], overrides: Path | None) -> Policy:
    """One book: its own tables only; the override files of the other book are that one's business."""
    findings: list[Finding] = []
    tables = {table: [*_shipped(shipped, table, findings)] for table in sheets}
    if overrides is not None:
        for path in _override_files(overrides, findings):
            if path.stem in tables:
                tables[path.stem] = _laid_over(tables[path.stem], path, findings)
    return _policy(tables, findings)


def from_json(recorded: str | Mapping[str, object]) -> Policy:
    """The policy that a committed run recorded: the inverse of `Policy.to_json`; PolicyError when the record is damaged.

    A table that came with a later version has no rows in an earlier record.

    >>> policy = load_policy()
    >>> from_json(policy.to_json()) == policy
    True
    """
    whole = json.loads(recorded) if isinstance(recorded, str) else recorded
    found = whole.get("tables")
    findings: list[Finding] = []
    first = {name for name, sheet in SHEETS.items() if not sheet.later}
    if not isinstance(found, Mapping) or not first <= set(found) <= set(SHEETS):
        words = "the record does not hold all policy tables, or holds one that this version does not know"
        raise PolicyError([refusal(Place("policy", "recorded policy", 0), "", "policy_record", words)])
    tables = {table: _read_all(table, "recorded policy", [_dated(raw) for raw in found.get(table, [])], findings) for table in SHEETS}
    return _policy(tables, findings)


def _dated(raw: object) -> object:
    if not isinstance(raw, Mapping):
        return raw
    return {name: _day(value) if name in ("effective_from", "effective_to") else value for name, value in raw.items()}


def _day(value: object) -> object:
    """The date of an ISO text; anything else as it is, for read_row to refuse."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _policy(tables: Mapping[str, list[Row]], findings: list[Finding]) -> Policy:
    seen: dict[str, Row] = {}
    for row in (row for rows in tables.values() for row in rows):
        if row.rule_id in seen:
            words = f"the rule_id {row.rule_id} is already used in {seen[row.rule_id].file}; give this row an id of its own"
            findings.append(refusal(Place(row.table, row.file, row.number), "rule_id", "policy_duplicate_rule", words))
        seen[row.rule_id] = row
    if findings:
        raise PolicyError(findings)
    return Policy({table: tuple(rows) for table, rows in tables.items()}, tuple(tables))


def _override_files(folder: Path, findings: list[Finding]) -> list[Path]:
    if not folder.is_dir():
        words = "there is no such folder of policy overrides; make it (it may be empty) or run sulah init"
        findings.append(refusal(Place("policy", folder.name, 0), "", "policy_no_folder", words))
        return []
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".toml")
    for path in files:
        if path.name not in {f"{table}.toml" for table in ALL_SHEETS}:
            words = f"there is no policy table of this name; the tables are {', '.join(ALL_SHEETS)}"
            findings.append(refusal(Place(path.stem, f"policy/{path.name}", 0), "", "policy_unknown_table", words))
    return [path for path in files if path.name in {f"{table}.toml" for table in ALL_SHEETS}]


def _shipped(folder: Path, table: str, findings: list[Finding]) -> tuple[Row, ...]:
    rows, found = _read_shipped(folder, table)
    findings += found
    return rows


@cache
def _read_shipped(folder: Path, table: str) -> tuple[tuple[Row, ...], tuple[Finding, ...]]:
    """Rows and findings of a shipped table; it does not change while the program runs, so it is read once."""
    findings: list[Finding] = []
    file = f"{folder.name}/{table}.toml"
    raw = _toml(folder / f"{table}.toml", table, file, ("row",), findings)
    return tuple(_read_all(table, file, raw.get("row", []), findings)), tuple(findings)


def _toml(path: Path, table: str, file: str, lists: tuple[str, ...], findings: list[Finding]) -> dict[str, list[object]]:
    try:
        whole = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        words = f"the file cannot be read as TOML in UTF-8 ({error}); mend it at that place"
        findings.append(refusal(Place(table, file, 0), "", "policy_unreadable", words))
        return {}
    for name, value in whole.items():
        if name not in lists or not isinstance(value, list):
            words = f"only {' and '.join(f'[[{item}]]' for item in lists)} may stand here, not {name!r}"
            findings.append(refusal(Place(table, file, 0), name, "policy_unknown_part", words))
    return {name: value for name, value in whole.items() if name in lists and isinstance(value, list)}


def _read_all(table: str, file: str, raws: Iterable[object], findings: list[Finding]) -> list[Row]:
    rows = []
    for number, raw in enumerate(raws, start=1):
        row, problems = read_row(raw, Place(table, file, number))
        findings.extend(problems)
        if row is not None:
            rows.append(row)
    return rows


def _laid_over(shipped: list[Row], path: Path, findings: list[Finding]) -> list[Row]:
    """The shipped rows with one override file laid over them: removals first, then replacements and additions."""
    table, file = path.stem, f"policy/{path.name}"
    raw = _toml(path, table, file, ("row", "remove"), findings)
    by_id = {row.rule_id: row for row in shipped}
    for number, ending in enumerate(raw.get("remove", []), start=1):
        _remove(by_id, ending, Place(table, file, number), findings)
    own = _read_all(table, file, raw.get("row", []), findings)
    kept = [row for row in by_id.values() if row.rule_id not in {mine.rule_id for mine in own}]
    return kept + own


def _remove(by_id: dict[str, Row], ending: object, place: Place, findings: list[Finding]) -> None:
    """End or take away one row of those by id."""
    if not isinstance(ending, Mapping) or not set(ending) <= {"rule_id", "last_day"} or not isinstance(ending.get("rule_id"), str):
        words = "a [[remove]] names a rule_id and, if the row was in force, its last_day; nothing else"
        findings.append(refusal(place, "rule_id", "policy_bad_remove", words))
        return
    rule_id, last_day = ending["rule_id"], ending.get("last_day")
    if rule_id not in by_id:
        words = f"there is no row {rule_id} to remove from this table; look the id up in the table's page"
        findings.append(refusal(place, "rule_id", "policy_unknown_rule", words))
    elif last_day is None:
        del by_id[rule_id]
    elif type(last_day) is not date:
        findings.append(refusal(place, "last_day", "policy_wrong_type", "last_day must be a date such as 2026-03-31, without quotes"))
    else:
        by_id[rule_id] = replace(by_id[rule_id], effective_to=last_day)
