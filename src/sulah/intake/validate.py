"""Checks across rows and tables, as SQL over `shaped_T` (all rows) and `good_T` (rows that have passed so far).

The order matters: a row refused by one check is out of sight of the next, so what hangs on it is refused too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Table

ORDER = (
    "borrower",
    "loan",
    "centre",
    "instalment",
    "repayment",
    "contact",
    "promise",
    "guarantor",
    "mandate",
    "bounce",
    "relief",
    "collection",
)
"""The order in which tables are validated: what is referred to comes first."""

REFERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "loan": (("borrower_id", "borrower", "orphan_borrower"),),
    "instalment": (("loan_id", "loan", "orphan_loan"),),
    "repayment": (("loan_id", "loan", "orphan_loan"),),
    "contact": (("borrower_id", "borrower", "orphan_borrower"),),
    "promise": (("loan_id", "loan", "orphan_loan"),),
    "guarantor": (("loan_id", "loan", "orphan_loan"), ("borrower_id", "borrower", "orphan_borrower")),
    "mandate": (("loan_id", "loan", "orphan_loan"),),
    "bounce": (("loan_id", "loan", "orphan_loan"),),
    "relief": (("borrower_id", "borrower", "orphan_borrower"),),
}
"""Table -> (column, table referred to, code).  A collection of another source may name any loan: matching decides."""

MONEY: dict[str, str] = {
    "loan": "principal_paise",
    "instalment": (
        "CASE WHEN principal_due_paise IS NULL AND interest_due_paise IS NULL AND charge_due_paise IS NULL THEN total_due_paise "
        "ELSE coalesce(principal_due_paise, 0) + coalesce(interest_due_paise, 0) + coalesce(charge_due_paise, 0) END"
    ),
    "repayment": "amount_paise",
    "promise": "amount_paise",
    "bounce": "amount_paise",
    "collection": "amount_paise",
}
"""The amount of a row, for the tie-out of rupees."""


@dataclass(frozen=True, slots=True)
class Cross:
    """One check across rows: sql selects the row_id of each row that has the code."""

    field: str
    code: str
    sql: str


def cross_checks(table: Table, present: Sequence[str]) -> tuple[Cross, ...]:
    """The checks of a table in order: duplicates, references, reversals; present names the tables of the extract.

    They read twin_T, made by `twins` before them.
    """
    found = [
        Cross(table.key[0], "duplicate_conflicting", _conflicting(table)),
        Cross(table.key[0], "duplicate_identical", _identical(table)),
    ]
    for column, other, code in REFERS.get(table.name, ()):
        if other in present or other == "loan":
            missing = " AND ".join(f"r.{column} NOT IN (SELECT o.{other}_id FROM {known}_{other} o)" for known in ("good", "rest"))
            found.append(Cross(column, code, f"SELECT r.row_id FROM good_{table.name} r WHERE r.{column} IS NOT NULL AND {missing}"))
    return (*found, *(_REVERSALS if table.name == "repayment" else ()))


_MAY_HAVE_TWINS = {
    "instalment": " AND loan_id IN (SELECT i.loan_id FROM shaped_instalment i WHERE i.loan_id IS NOT NULL AND i.number IS NOT NULL "
    "GROUP BY i.loan_id HAVING count(1) > coalesce(bit_count(bit_or("
    "CASE WHEN i.number BETWEEN 0 AND 125 THEN CAST(1 AS HUGEINT) << CAST(i.number AS HUGEINT) END)), 0))"
}
"""A cheap condition that every row with a twin meets.  The numbers of most loans are all different: one bit for each shows it, in a
fifth of the time that grouping every row by its key takes; a loan with several schedules, or a number beyond the bits, is looked at."""


def twins(table: Table) -> str:
    """SQL of all rows whose key stands more than once: row_id, bad, the first of the group, and whether all of it says the same."""
    key = ", ".join(f'"{name}"' for name in table.key)
    whole = " AND ".join(f'"{name}" IS NOT NULL' for name in table.key if table.column(name).required) or "true"
    same = " AND ".join(f's."{name}" IS NOT DISTINCT FROM k."{name}"' for name in table.key)
    columns = ", ".join(f's."{name}"' for name in table.names)
    keys = f"SELECT {key} FROM shaped_{table.name} WHERE {whole}{_MAY_HAVE_TWINS.get(table.name, '')} GROUP BY {key} HAVING count(1) > 1"
    group = ", ".join(f's."{name}"' for name in table.key)
    return (
        f"SELECT s.row_id, s.bad, min(s.row_id) OVER (PARTITION BY {group}) AS first_id, "
        f"hash({columns}) AS said, min(hash({columns})) OVER (PARTITION BY {group}) AS least, "
        f"max(hash({columns})) OVER (PARTITION BY {group}) AS most FROM shaped_{table.name} s JOIN ({keys}) k ON {same}"
    )


def _conflicting(table: Table) -> str:
    return f"SELECT row_id FROM twin_{table.name} WHERE least <> most"


def _identical(table: Table) -> str:
    return f"SELECT row_id FROM twin_{table.name} WHERE least = most AND row_id <> first_id AND NOT bad"


_REVERSAL = "good_repayment r JOIN good_repayment o ON o.repayment_id = r.reverses_id WHERE r.reverses_id IS NOT NULL"
_TOO_MUCH = """
WITH RECURSIVE entry AS (
    SELECT r.row_id, r.reverses_id, r.amount_paise, o.amount_paise AS original,
        row_number() OVER (
            PARTITION BY r.reverses_id ORDER BY greatest(r.paid_on, coalesce(CAST(r.booked_at AS DATE), r.paid_on)), r.repayment_id
        ) AS place,
        sum(r.amount_paise) OVER (PARTITION BY r.reverses_id) AS all_of_it
    FROM good_repayment r JOIN good_repayment o ON o.repayment_id = r.reverses_id WHERE r.reverses_id IS NOT NULL
), walk AS (
    SELECT DISTINCT reverses_id, CAST(0 AS BIGINT) AS place, CAST(NULL AS BIGINT) AS row_id, false AS refused, original AS rest
    FROM entry WHERE all_of_it > original
    UNION ALL
    SELECT e.reverses_id, e.place, e.row_id, e.amount_paise > w.rest,
        CASE WHEN e.amount_paise > w.rest THEN w.rest ELSE w.rest - e.amount_paise END
    FROM walk w JOIN entry e ON e.reverses_id = w.reverses_id AND e.place = w.place + 1
)
SELECT row_id FROM walk WHERE refused
"""
_UNKNOWN = "good_repayment r ANTI JOIN good_repayment o ON o.repayment_id = r.reverses_id WHERE r.reverses_id IS NOT NULL"
_REVERSALS = (
    Cross("reverses_id", "reverses_unknown", f"SELECT r.row_id FROM {_UNKNOWN}"),
    Cross("reverses_id", "reverses_reversal", f"SELECT r.row_id FROM {_REVERSAL} AND o.reverses_id IS NOT NULL"),
    Cross("reverses_id", "reverses_other_loan", f"SELECT r.row_id FROM {_REVERSAL} AND o.loan_id <> r.loan_id"),
    Cross("amount", "reverses_too_much", _TOO_MUCH),
)

SCHEDULE_NOTES = """
WITH judged AS (
    SELECT l.loan_id, i.loan_id IS NULL AS absent, coalesce(i.split_imputed, false) AS totals_only, coalesce(i.gaps, false) AS gaps,
        (i.split_imputed AND i.total_paise < l.principal_paise) OR (NOT i.split_imputed AND i.principal_paise <> l.principal_paise) AS short
    FROM good_loan l LEFT JOIN schedule_sum i ON i.loan_id = l.loan_id
), overlapping AS (
    SELECT g.loan_id FROM good_instalment g JOIN judged j ON j.loan_id = g.loan_id AND (j.totals_only OR j.short)
    WHERE g.valid_from IS NULL GROUP BY g.loan_id HAVING count(DISTINCT g.due_on) < count(1)
)
SELECT loan_id, code FROM (
    SELECT loan_id, 'schedule_missing' AS code FROM judged WHERE absent
    UNION ALL SELECT loan_id, 'schedule_does_not_cover_principal' FROM judged WHERE short
    UNION ALL SELECT loan_id, 'schedule_gap' FROM judged WHERE gaps
    UNION ALL SELECT loan_id, 'schedule_overlap' FROM overlapping
) ORDER BY loan_id, code
"""
"""Over schedule_sum: loans whose first schedule is missing, does not cover the principal, has a gap, or names a day twice where
no sum proves it: loan_id and each note's code."""


_AT_REST = (
    "CREATE TABLE rest_loan (loan_id VARCHAR)",
    "CREATE TABLE rest_borrower (borrower_id VARCHAR)",
    "CREATE TABLE rest_phone (number VARCHAR, borrower_id VARCHAR)",
)
"""What a delta does not look at again but may be referred to: accepted loans and borrowers of the load before, telephone numbers."""


def empty_tables() -> tuple[str, ...]:
    """CREATE statements of the empty shaped, dropped and rest tables and the good views of every table of the extract."""
    made: list[str] = []
    for name, table in EXTRACT.items():
        columns = ", ".join(f'"{column.name}" {column.kind.value}' for column in table.columns)
        listed = ", ".join(f'"{column}"' for column in table.names)
        made.append(f"CREATE TABLE shaped_{name} (row_id BIGINT, {columns}, bad BOOLEAN)")
        made.append(f"CREATE TABLE dropped_{name} (row_id BIGINT)")
        unseen = f"shaped_{name} s ANTI JOIN dropped_{name} d ON d.row_id = s.row_id"  # NOT EXISTS costs the engine thirty times as much
        made.append(f"CREATE VIEW good_{name} AS SELECT s.row_id, {listed} FROM {unseen} WHERE NOT s.bad")
    return (*made, *_AT_REST)
