"""The contact rules of a lender as they stand now: the shipped rows, the lender's override files, and what people changed since, in order.

A switch holds from the moment that it is written down; a change that was approved from its own first day on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sulah.adapters.book.layout import Lender
from sulah.guard.rules import ContactRules
from sulah.kernel.refusal import Refusal
from sulah.policy.load import load_contact_policy
from sulah.policy.read import Place, read_row
from sulah.policy.rows import EntityPolicy, Policy, Row
from sulah.records.contact.rule_change import RuleChange


class RulebookError(Refusal):
    """What people changed no longer fits the rows; the words say which change."""


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rows of a lender, folded, and the rules made ready for asking."""

    whole: Policy
    policy: EntityPolicy
    rules: ContactRules

    def row(self, rule_id: str, on: date) -> Row | None:
        """The row of that id in force on a date, else the one to come next, else the last one."""
        rows = [row for table in self.policy.tables.values() for row in table if row.rule_id == rule_id]
        ordered = sorted(rows, key=lambda row: row.effective_from)
        return next((row for row in ordered if on <= row.effective_to), ordered[-1] if ordered else None)


def rulebook_of(lender: Lender) -> Rulebook:
    """The lender's rules as they stand now; PolicyError for override files that cannot be read."""
    shipped = load_contact_policy(lender.policy if lender.policy.is_dir() else None)
    return made_ready(folded(shipped, changes_in_order()), lender)


def made_ready(whole: Policy, lender: Lender) -> Rulebook:
    """Folded rows as the rules of one lender."""
    policy = whole.for_entity(lender.entity_type)
    return Rulebook(whole, policy, rules_of(policy))


def rules_of(policy: EntityPolicy) -> ContactRules:
    """The rows of one kind of lender, ready for asking."""
    return ContactRules(policy.entity, {sheet: policy.rows(sheet) for sheet in policy.tables})


def changes_in_order() -> list[RuleChange]:
    """Switches and approved proposals in the order in which they came to hold."""
    acts = RuleChange.objects.filter(kind__in=("switch", "approve")).select_related("proposal").order_by("id")
    return [act.proposal if act.kind == "approve" and act.proposal is not None else act for act in acts]


def folded(policy: Policy, changes: Iterable[RuleChange]) -> Policy:
    """The rows with changes laid over them, one after the other.

    A change whose rule is gone from the rows since (an override file took it away) has nothing to change, and is left out.
    """
    tables = {sheet: list(rows) for sheet, rows in policy.tables.items()}
    for change in changes:
        rows = tables[change.sheet]
        tables[change.sheet] = switched(rows, change) if change.kind == "switch" else changed(rows, change.sheet, change.payload)
    return Policy({sheet: tuple(rows) for sheet, rows in tables.items()}, policy.sheets)


def switched(rows: Sequence[Row], change: RuleChange) -> list[Row]:
    """The rows with one rule switched on or off, its version one more."""
    on = change.payload["switched_on"]
    return [_with(row, switched_on=on, version=version_of(row) + 1) if row.rule_id == change.rule_id else row for row in rows]


def changed(rows: Sequence[Row], sheet: str, written: Mapping[str, Any]) -> list[Row]:
    """The rows with a new version of one of them: the old ends the day before the new begins; one that had not begun is replaced."""
    new = row_of(sheet, written)
    kept: list[Row] = []
    found = False
    for row in rows:
        if row.rule_id != new.rule_id:
            kept.append(row)
            continue
        found = True
        if row.effective_from < new.effective_from:
            kept.append(replace(row, effective_to=min(row.effective_to, new.effective_from - timedelta(days=1))))
    return [*kept, new] if found else kept


def row_of(sheet: str, written: Mapping[str, Any]) -> Row:
    """The row of plain values as `Row.to_plain` gives them; RulebookError with every reason when it is none."""
    dates = ("effective_from", "effective_to")
    try:
        raw = {name: date.fromisoformat(value) if name in dates and isinstance(value, str) else value for name, value in written.items()}
    except ValueError as error:
        raise RulebookError(f"A date is written as 2026-03-31 ({error}).") from error
    row, findings = read_row(raw, Place(sheet, "proposal", 1))
    if row is None:
        raise RulebookError(" ".join(f"{finding.field}: {finding.words}." for finding in findings))
    return row


def version_of(row: Row) -> int:
    """The number of the row's wording; sheets without one have a first version only."""
    version = row.values.get("version", 1)
    return version if isinstance(version, int) else 1


def digest_of(row: Row) -> str:
    """SHA-256 over the canonical text of a row: what a signature is for."""
    return hashlib.sha256(json.dumps(row.to_plain(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _with(row: Row, **values: Any) -> Row:
    return replace(row, values={**row.values, **{name: value for name, value in values.items() if name in row.values}})
