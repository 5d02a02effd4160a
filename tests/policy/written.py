"""Writes override files of a lender, and changes rows of the shipped policy, as the tests of this room need them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sulah.policy.load import load_contact_policy, load_policy
from sulah.policy.rows import Policy, Row

SHIPPED = load_policy()
"""The policy as it comes with Sulah."""

OWN_THRESHOLD = """
[[row]]
rule_id = "OWN-ROWS-FALL"
code = "rows_fall"
percent_bps = 1000
entity_types = ["*"]
effective_from = 1990-01-01
status = "policy"
citation = "Board policy of 3 Apr 2026, item 4"
confidence = "POLICY"
example = { given = { code = "rows_fall", base = 100, moved = 11 }, expect = { held = true } }
"""
"""A good row that a lender could add to load_threshold."""


def override(folder: Path, text: str, name: str = "load_threshold.toml") -> Path:
    """The folder, with one override file in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


CONTACT = load_contact_policy()
"""The contact rules as they come with Sulah."""


def changed(rule_id: str, policy: Policy = SHIPPED, **columns: object) -> Policy:
    """The shipped policy with one row changed: its own columns by name, or what all rows have."""
    return each(lambda row: _with(row, columns) if row.rule_id == rule_id else row, policy)


def without(*rule_ids: str, policy: Policy = SHIPPED) -> Policy:
    """The shipped policy without these rows."""
    return each(lambda row: None if row.rule_id in rule_ids else row, policy)


def added(rule_id: str, like: str, policy: Policy = SHIPPED, **columns: object) -> Policy:
    """The shipped policy with one row more, like another but for its id and the columns named."""
    row = _with(policy.rule(like), {"rule_id": rule_id, **columns})
    return replace(policy, tables={**policy.tables, row.table: (*policy.tables[row.table], row)})


def each(change: Callable[[Row], Row | None], policy: Policy = SHIPPED) -> Policy:
    """A policy with every row changed, or taken away where the change gives None."""
    tables = {table: tuple(new for row in rows if (new := change(row)) is not None) for table, rows in policy.tables.items()}
    return replace(policy, tables=tables)


def _with(row: Row, columns: dict[str, object]) -> Row:
    own = {name: columns[name] for name in columns if name in row.values}
    common = {name: columns[name] for name in columns if name not in row.values}
    return replace(row, values={**row.values, **own}, **common)
