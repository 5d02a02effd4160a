"""What a delta stands on: which rows of the load before are worked on again, and which stay as they are.

The loans and people to work on lie in the connection, as closure_loan (loan_id) and closure_person (borrower_id); the keys of the
rows that were sent or refused before as named_<table>.  A row of the load before is *held* when it hangs on one of these, and is
checked and derived again; it *rests* otherwise, and goes over as it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sulah.adapters.book.layers import LAYERED, LOANS_FILE, LoadRows, base_of, rows_of_load
from sulah.adapters.engines.duck import identifier, literal
from sulah.contracts.registry import EXTRACT

_BY_LOAN = ("loan", "instalment", "repayment", "promise", "guarantor", "mandate", "bounce")
_BY_PERSON = ("borrower", "contact", "guarantor", "relief")
_NO_KEY_NEEDED = ("borrower", "loan", "instalment", "repayment")
"""Tables whose every named row brings its loan or person into the closure."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A delta on its parent, the load in a folder.

    full: tables that the delta sends whole.  named: tables with rows sent or refused before.  everything: all rows are held.
    accepted_before: rows of each table in the parent; held_rows: how many of them are held.
    base: the whole load beside which this one lies in layers; None where it is written whole.
    """

    parent: Path
    full: frozenset[str]
    named: frozenset[str]
    everything: bool
    accepted_before: Mapping[str, int]
    held_rows: Mapping[str, int] = field(default_factory=dict)
    base: Path | None = None

    def rows(self, table: str) -> LoadRows:
        """The rows of a table of the parent."""
        return rows_of_load(self.parent, table)

    def held(self, table: str) -> str:
        """SQL, true or false, never empty: is the accepted row `a` of the parent held?"""
        if self.everything or table in self.full:
            return "true"
        parts = ["coalesce(a.loan_id IN (SELECT c.loan_id FROM closure_loan c), false)"] if table in _BY_LOAN else []
        parts += ["coalesce(a.borrower_id IN (SELECT c.borrower_id FROM closure_person c), false)"] if table in _BY_PERSON else []
        if table in self.named and table not in _NO_KEY_NEEDED:
            same = " AND ".join(f"c.{identifier(name)} IS NOT DISTINCT FROM a.{identifier(name)}" for name in EXTRACT[table].key)
            parts.append(f"EXISTS (SELECT 1 FROM named_{table} c WHERE {same})")
        return f"({' OR '.join(parts)})" if parts else "false"

    def held_table(self, table: str) -> str:
        """The table with the held rows of instalment or repayment as they lie in the book; made where any row of it is accepted."""
        return f"held_{table}"

    def is_as_before(self, table: str) -> bool:
        """Is every accepted row of the table at rest, and none sent?  Then its file is the parent's, unless it lies in layers."""
        if self.everything or table in self.named or table in self.full or self.held_rows.get(table):
            return False
        return (self.base is None or table not in LAYERED) and len(self.rows(table).all_files) == 1

    def resting(self, table: str, columns: str) -> str:
        """SELECT of the columns (of `a`) of the accepted rows at rest that this load's own file must hold; empty where none does.

        In layers that is only what an earlier layer holds: the rest lies in the base.
        """
        rows, held = self.rows(table), self.held(table)
        if held == "true" or not rows.files:
            return ""
        if self.base is None or table not in LAYERED:
            return f"SELECT {columns} FROM {rows.relation()} AS a WHERE NOT {held}"
        return f"SELECT {columns} FROM {LoadRows(table, rows.files).relation()} AS a WHERE NOT {held}" if rows.loans else ""

    def resting_derived(self, table: str, columns: str) -> str:
        """The same of a derived table; closure_key (loan_key) names the loans that are held."""
        rows = self.rows(table)
        if self.everything or not rows.files:
            return ""
        at_rest = "a.loan_key NOT IN (SELECT c.loan_key FROM closure_key c)"
        if self.base is None or table not in LAYERED:
            return f"SELECT {columns} FROM {rows.relation()} AS a WHERE {at_rest}"
        return f"SELECT {columns} FROM {LoadRows(table, rows.files).relation()} AS a WHERE {at_rest}" if rows.loans else ""

    def earlier_layer(self) -> str:
        """SELECT of loan_key and loan_id of the loans that lie in the parent's own layer; of none where the parent is whole."""
        if base_of(self.parent) is None:
            return "SELECT CAST(NULL AS INTEGER) AS loan_key, CAST(NULL AS VARCHAR) AS loan_id WHERE false"
        return f"SELECT y.loan_key, y.loan_id FROM read_parquet({literal(str(self.parent / LOANS_FILE))}) AS y"
