"""Apply the files of a delta in the order of its manifest: rows that are sent take the place of those before, tombstones take rows away.

It works on shaped_<table>, which holds the rows sent, then (by row id) those refused before, then the accepted ones that are held.
What is left there afterwards is the full extract, as far as it is looked at.  A row that cannot be applied is set aside: refused with
a code, and no part of the extract; so the row that it meets stays as it was.
"""

from collections.abc import Sequence

import duckdb

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.phones import written_one_way
from sulah.adapters.lms.source import DELETED, ROW_SPAN, Mode, Source
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Table
from sulah.intake.validate import MONEY

_TRUE, _FALSE = "('true', 'yes', 'y', 't', '1')", "('false', 'no', 'n', 'f', '0', '')"


def apply(connection: duckdb.DuckDBPyConnection, sent: Sequence[Source], first_held: int) -> None:
    """Apply every file that was sent, in order; first_held: the first row id of accepted rows of the load before."""
    first_old = (len(sent) + 1) * ROW_SPAN
    for table in dict.fromkeys(source.table for source in sent if source.mode is Mode.FULL):
        connection.execute(f"DELETE FROM shaped_{table} WHERE row_id >= {first_old}")
    for source in sent:
        if source.mode is Mode.CHANGES:
            _change(connection, source, first_old)
        elif source.mode is Mode.APPEND:
            _append(connection, source, first_old, first_held)


def _mine(source: Source) -> str:
    return f"s.row_id >= {source.first_id} AND s.row_id < {source.first_id + ROW_SPAN}"


def _before(source: Source, first_old: int) -> str:
    """Rows that stand when the file's turn comes: of earlier files and of the load before."""
    return f"(b.row_id < {source.first_id} OR b.row_id >= {first_old})"


def _same(table: Table) -> str:
    """SQL: have the rows `s` and `b` the same, whole key?"""
    whole = [f"s.{identifier(name)} IS NOT NULL" for name in table.key if table.column(name).required]
    return " AND ".join([*whole, *(f"s.{identifier(name)} IS NOT DISTINCT FROM b.{identifier(name)}" for name in table.key)])


def _change(connection: duckdb.DuckDBPyConnection, source: Source, first_old: int) -> None:
    set_aside_unclear(connection, source)
    table = EXTRACT[source.table]
    met = f"EXISTS (SELECT 1 FROM shaped_{table.name} b WHERE {_same(table)} AND {_before(source, first_old)})"
    _set_aside(connection, source, f"{_marked(source)} m.said = 'gone' AND NOT {met}", "refused", table.key[0], "tombstone_unknown")
    _give_way(connection, source, first_old)
    _set_aside(connection, source, f"{_marked(source)} m.said = 'gone'", "removed")


def set_aside_unclear(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Set aside the rows of changes that nobody can apply, whatever the book holds; afterwards `mark` has the tombstones."""
    table = EXTRACT[source.table]
    rows, mine, marked = f"shaped_{table.name} s", _mine(source), _marked(source)
    _read_marks(connection, source)
    _set_aside(connection, source, f"{marked} m.said = 'unread'", "refused", DELETED, "deleted_unreadable")
    nameless = " OR ".join(f"s.{identifier(name)} IS NULL" for name in table.key if table.column(name).required) or "false"
    _set_aside(connection, source, f"{marked} m.said = 'gone' AND ({nameless})", "refused", table.key[0], "tombstone_without_key")
    if table.name == "loan":
        _set_aside(connection, source, f"{marked} m.said = 'gone'", "refused", DELETED, "tombstone_of_loan")
    is_marked = "EXISTS (SELECT 1 FROM mark m WHERE m.row_id = {0}.row_id)"
    both = (
        f"SELECT s.row_id FROM {rows} JOIN shaped_{table.name} b ON {_same(table)} WHERE {mine} AND {mine.replace('s.', 'b.')} "
        f"AND {is_marked.format('s')} <> {is_marked.format('b')}"
    )
    _set_aside(connection, source, both, "refused", DELETED, "changed_and_deleted")
    key = ", ".join(f"s.{identifier(name)}" for name in table.key)
    later = f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY s.row_id) > 1"
    _set_aside(connection, source, f"SELECT s.row_id FROM {rows} WHERE {mine} AND {is_marked.format('s')} {later}", "duplicate")


def _marked(source: Source) -> str:
    return f"SELECT s.row_id FROM shaped_{source.table} s JOIN mark m ON m.row_id = s.row_id WHERE"


def _read_marks(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """The table mark: row_id of each row whose cell `deleted` says that it is gone, or cannot be read."""
    connection.execute("CREATE OR REPLACE TEMP TABLE mark (row_id BIGINT, said VARCHAR)")
    if DELETED in source.header:
        cell = f"lower(trim(coalesce({identifier(DELETED)}, '')))"
        said = f"CASE WHEN {cell} IN {_TRUE} THEN 'gone' ELSE 'unread' END"
        connection.execute(
            f"INSERT INTO mark SELECT {source.first_id} + __row, {said} FROM {source.relation} WHERE {cell} NOT IN {_FALSE} ORDER BY 1"
        )


def _append(connection: duckdb.DuckDBPyConnection, source: Source, first_old: int, first_held: int) -> None:
    """New rows only; one that was refused before gives way, one that is accepted or sent already does not."""
    table = EXTRACT[source.table]
    rows, mine, same = f"shaped_{table.name} s", _mine(source), _same(table)
    standing = f"{_before(source, first_old)} AND NOT b.bad AND (b.row_id < {first_old} OR b.row_id >= {first_held})"
    met = f"FROM shaped_{table.name} b WHERE {same} AND {standing}"
    alike = " AND ".join(
        f"{_plain(name, 's')} IS NOT DISTINCT FROM {_plain(name, 'b')}" for name in table.names if not name.endswith("_standing")
    )
    repeated = f"SELECT s.row_id FROM {rows} WHERE {mine} AND NOT s.bad AND EXISTS (SELECT 1 {met} AND {alike})"
    _set_aside(connection, source, repeated, "duplicate")
    other = f"SELECT s.row_id FROM {rows} WHERE {mine} AND EXISTS (SELECT 1 {met})"
    _set_aside(connection, source, other, "refused", table.key[0], "append_of_known")
    _give_way(connection, source, first_old)


def _plain(name: str, row: str) -> str:
    """A column as two rows are compared: telephone numbers written one way."""
    column = f"{row}.{identifier(name)}"
    return written_one_way(column) if name in ("phone", "phone_2") else column


def _give_way(connection: duckdb.DuckDBPyConnection, source: Source, first_old: int) -> None:
    """Rows that stood before go: those of earlier files are counted as taken out, those of the load before are simply no longer there."""
    rows = f"shaped_{source.table} b JOIN shaped_{source.table} s ON {_same(EXTRACT[source.table])}"
    chosen = f"SELECT b.row_id FROM {rows} WHERE {_mine(source)} AND {_before(source, first_old)}"
    _set_aside(connection, source, f"SELECT row_id FROM ({chosen}) WHERE row_id < {first_old}", "removed")
    connection.execute(f"DELETE FROM shaped_{source.table} WHERE row_id IN (SELECT row_id FROM ({chosen}))")


def _set_aside(connection: duckdb.DuckDBPyConnection, source: Source, chosen: str, fate: str, field: str = "", code: str = "") -> None:
    """Take rows out of the extract and say what became of them: refused, duplicate or removed.  A tombstone has no rupees."""
    table = EXTRACT[source.table]
    key = ", ".join(f"coalesce(CAST(s.{identifier(name)} AS VARCHAR), '')" for name in table.key)
    amount = MONEY.get(table.name, "CAST(NULL AS BIGINT)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE leaving AS {chosen}")
    connection.execute(
        "INSERT INTO set_aside (table_name, number, n, row_id, field, code, fate, record_key, amount_paise) "
        f"SELECT {literal(table.name)}, CAST(s.row_id // {ROW_SPAN} AS INTEGER), s.row_id % {ROW_SPAN}, s.row_id, "
        f"{literal(field)}, {literal(code)}, {literal(fate)}, concat_ws('|', {key}), CASE WHEN m.said = 'gone' THEN NULL ELSE {amount} END "
        f"FROM shaped_{table.name} s LEFT JOIN {_marks(source)} m ON m.row_id = s.row_id "
        "WHERE s.row_id IN (SELECT row_id FROM leaving) ORDER BY s.row_id"
    )
    connection.execute(f"DELETE FROM shaped_{table.name} WHERE row_id IN (SELECT row_id FROM leaving)")


def _marks(source: Source) -> str:
    return "mark" if source.mode is Mode.CHANGES else "(SELECT CAST(NULL AS BIGINT) AS row_id, CAST(NULL AS VARCHAR) AS said)"
