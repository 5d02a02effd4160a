"""Judge records that came without a book: the very checks of a file's rows, as far as they look at nothing but the rows sent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from sulah.adapters.engines.duck import connect, literal
from sulah.adapters.lms.files import open_rows
from sulah.adapters.lms.identity import strangers_of
from sulah.adapters.lms.modes import set_aside_unclear
from sulah.adapters.lms.sift import check_rows, check_twins, prepare, record_key, shape_rows
from sulah.adapters.lms.source import DELETED, Mode, Source
from sulah.contracts.shape import Table
from sulah.intake.call import Record
from sulah.intake.mapping import PLAIN
from sulah.kernel.terms import RecordFate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one record: its key as the book writes it, its fate, and (field, code) of each finding."""

    index: int
    key: str
    fate: RecordFate
    findings: tuple[tuple[str, str], ...] = ()


def columns_of(table: Table, mode: Mode) -> tuple[str, ...]:
    """The columns of a change file of a table: the contract's own names and, among changes, the mark of a tombstone."""
    return (*(column.source for column in table.columns), *((DELETED,) if mode is Mode.CHANGES else ()))


def judge(records: Sequence[Record], table: Table, mode: Mode, as_of: date, settings: Mapping[str, object]) -> list[Verdict]:
    """A verdict for each record, in order; settings: those of the lender, for rows of another one."""
    readable = [record for record in records if not record.code]
    found = {
        record.index: Verdict(record.index, _key_as_sent(record, table), RecordFate.REJECTED, ((record.field, record.code),))
        for record in records
    }
    if readable:
        connection = connect(memory_mb=512)
        try:
            for row, verdict in _judged(connection, readable, table, mode, as_of, settings).items():
                index = readable[row - 1].index
                found[index] = Verdict(index, *verdict)
        finally:
            connection.close()
    return [found[record.index] for record in records]


def _key_as_sent(record: Record, table: Table) -> str:
    """The key of a record that is no row, so that its sender knows which one is meant; empty where it has none."""
    parts = [record.cells.get(table.column(name).source) or "" for name in table.key]
    return "|".join(parts) if any(parts) else ""


_Told = tuple[str, RecordFate, tuple[tuple[str, str], ...]]


def _judged(
    connection: duckdb.DuckDBPyConnection,
    records: Sequence[Record],
    table: Table,
    mode: Mode,
    as_of: date,
    settings: Mapping[str, object],
) -> dict[int, _Told]:
    """Key, fate and findings by row, from 1."""
    cells = {name: pa.array([record.cells.get(name) for record in records], pa.string()) for name in columns_of(table, mode)}
    rows = pa.table({"__row": pa.array(range(1, len(records) + 1), pa.int64()), **cells})
    prepare(connection)
    source = open_rows(connection, 1, table.name, rows, mode=mode)
    shapes = shape_rows(connection, [source], PLAIN, as_of, lambda _: None)
    keys = dict(_asked(connection, f"SELECT s.row_id, {record_key(table, 's')} FROM shaped_{table.name} s", source))
    if mode is Mode.CHANGES:
        set_aside_unclear(connection, source)
        connection.execute(f"DELETE FROM shaped_{table.name} WHERE row_id IN (SELECT row_id FROM mark)")
    check_rows(connection, [source], shapes, (), lambda _: None)
    for named, column, other in strangers_of(settings):
        if named == table.name:
            said = f"SELECT {literal(named)}, row_id, {literal(column)}, 'other_tenant' FROM shaped_{named} WHERE {other}"
            connection.execute(f"INSERT INTO finding (table_name, row_id, field, code) {said}")
    check_twins(connection, table)
    findings = _findings(connection, source)
    copies = {row for row, _ in _asked(connection, _COPIES, source)}
    return {row: (key, _fate(findings[row], row in copies), tuple(findings[row])) for row, key in keys.items()}


_COPIES = "SELECT row_id, 1 FROM finding WHERE code = 'duplicate_identical' UNION SELECT row_id, 1 FROM set_aside WHERE fate = 'duplicate'"
_REFUSING = (
    "SELECT f.row_id, f.field, f.code FROM finding f JOIN severity v ON v.code = f.code WHERE v.severity <> 'note' "
    "UNION ALL SELECT a.row_id, a.field, a.code FROM set_aside a WHERE a.fate = 'refused'"
)


def _fate(findings: Sequence[tuple[str, str]], copy: bool) -> RecordFate:
    return RecordFate.REJECTED if findings else RecordFate.DUPLICATE if copy else RecordFate.ACCEPTED


def _asked(connection: duckdb.DuckDBPyConnection, query: str, source: Source) -> list[tuple[int, str]]:
    """Rows of a query by their number among the rows sent."""
    return [(int(row_id) - source.first_id, said) for row_id, said in connection.execute(query).fetchall()]


def _findings(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[int, list[tuple[str, str]]]:
    """Field and code of what refuses a row, in the order in which a load's quarantine names them."""
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for row_id, field, code in connection.execute(f"SELECT row_id, field, code FROM ({_REFUSING}) ORDER BY row_id, field, code").fetchall():
        found[int(row_id) - source.first_id].append((field, code))
    return found
