"""Is every row about whom it says it is?  Ids that a spreadsheet shortened, and rows of another lender, refuse the whole extract."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from sulah.adapters.book.layers import rows_of_load, view_of_load
from sulah.adapters.engines.duck import literal
from sulah.adapters.lms.refusal import RefusedExtractError
from sulah.adapters.lms.source import Source
from sulah.intake.codes import finding_of

_OWN = {"loan": "loan_id", "borrower": "borrower_id"}
_PRECISION = 15
"""Digits of a number that a spreadsheet keeps; the rest become zeros."""


def refuse_unsafe_ids(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    before: Path | None,
    settings: Mapping[str, object],
    sent_below: int | None = None,
) -> None:
    """RefusedExtractError when ids lost digits that the same ids had, or rows belong to another lender or branch.

    before is the folder of the load that this one stands on.  Both are told by what is known: yesterday's loans and borrowers, the
    loans of this very extract, and [load] branches and lender_code of lender.toml.  sent_below: of a delta, the row id below which rows
    were sent: a full id that was not sent today proves nothing about a short one that was.
    """
    present = dict.fromkeys(source.table for source in sources)
    found = [*_shortened_own(connection, present, before, sent_below), *_shortened_orphans(connection)]
    found += _strangers(connection, present, settings)
    if found:
        names = {source.table: source.name for source in sources}
        raise RefusedExtractError([finding_of(code, table=t, file=names[t], field=field, detail=words) for code, t, field, words in found])


_Unsafe = tuple[str, str, str, str]


def _shortened_own(
    connection: duckdb.DuckDBPyConnection, present: Iterable[str], before: Path | None, sent_below: int | None
) -> list[_Unsafe]:
    """Loans and borrowers whose ids of yesterday come shortened today."""
    if before is None:
        return []
    view_of_load(connection, "account_before", rows_of_load(before, "account"))
    found: list[_Unsafe] = []
    sent = "" if sent_below is None else f" WHERE row_id < {sent_below}"
    for table, column in _OWN.items():
        if table in present:
            known, today = (
                f"SELECT DISTINCT {column} AS id FROM account_before",
                f"SELECT DISTINCT {column} AS id FROM shaped_{table}{sent}",
            )
            words = _shortened(connection, known, today, still=False)
            found += [("ids_zeros_lost", table, column, words)] if words else []
    return found


def _shortened_orphans(connection: duckdb.DuckDBPyConnection) -> list[_Unsafe]:
    """Rows without their loan or borrower, whose ids would fit one if they had not been shortened."""
    found: list[_Unsafe] = []
    orphans = connection.execute(
        "SELECT DISTINCT table_name, field, code FROM finding WHERE code IN ('orphan_loan', 'orphan_borrower') ORDER BY 1, 2"
    ).fetchall()
    for table, column, code in orphans:
        own = code.removeprefix("orphan_")
        rows = f"SELECT row_id FROM finding WHERE table_name = {literal(table)} AND code = {literal(code)}"
        today = f"SELECT DISTINCT {column} AS id FROM shaped_{table} WHERE row_id IN ({rows})"
        known = f"SELECT {_OWN[own]} AS id FROM shaped_{own} UNION SELECT {_OWN[own]} FROM rest_{own}"
        words = _shortened(connection, known, today, still=True)
        found += [("ids_zeros_lost", table, column, words)] if words else []
    return found


def _shortened(connection: duckdb.DuckDBPyConnection, known: str, today: str, *, still: bool) -> str:
    """How many ids of today are shortened forms of known ids, with one pair; empty when none is.

    still: the full id may stand in the extract too (in the file of loans); otherwise one that does proves that both are meant.
    """
    gone = "" if still else "AND m.id NOT IN (SELECT id FROM today WHERE id IS NOT NULL)"
    query = (
        f"WITH known AS ({known}), today AS ({today}), mangled AS ("
        "SELECT id, ltrim(id, '0') AS short FROM known WHERE id LIKE '0%' UNION ALL "
        f"SELECT id, substr(id, 1, {_PRECISION}) || repeat('0', length(id) - {_PRECISION}) FROM known "
        f"WHERE length(id) > {_PRECISION} AND regexp_full_match(id, '[0-9]+')) "
        "SELECT count(DISTINCT t.id), min(m.id), min_by(t.id, m.id) FROM mangled m JOIN today t ON t.id = m.short "
        f"WHERE t.id NOT IN (SELECT id FROM known WHERE id IS NOT NULL) {gone}"
    )
    count, full, short = connection.execute(query).fetchall()[0]
    return f"{count:,} of them, such as {short} for {full}" if count else ""


def _strangers(connection: duckdb.DuckDBPyConnection, present: Iterable[str], settings: Mapping[str, object]) -> list[_Unsafe]:
    """Rows that name a branch or a lender other than those of the settings."""
    found: list[_Unsafe] = []
    for table, column, other in strangers_of(settings):
        if table not in present:
            continue
        count, first = connection.execute(f"SELECT count(*), min({column}) FROM shaped_{table} WHERE {other}").fetchall()[0]
        found += [("other_tenant", table, column, f"{count:,} rows, such as {first}")] if count else []
    return found


def strangers_of(settings: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Table, column and SQL condition of the rows that are not this lender's, by branches and lender_code of [load]."""
    own = settings.get("load", {})
    given = own if isinstance(own, Mapping) else {}
    branches, code = given.get("branches"), given.get("lender_code")
    allowed = (("loan", "branch_id", branches), ("centre", "branch_id", branches), ("loan", "lender_code", [code] if code else None))
    return [
        (table, column, f"{column} IS NOT NULL AND {column} NOT IN ({', '.join(literal(str(name)) for name in names)})")
        for table, column, names in allowed
        if isinstance(names, list) and names
    ]
