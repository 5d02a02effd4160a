"""Run the checks of an extract on DuckDB: shaped rows in, accepted rows and findings out.  Nothing here looks at a row in Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import duckdb

from sulah.adapters.engines.duck import identifier, literal
from sulah.adapters.lms.source import ROW_SPAN, Source
from sulah.contracts.registry import EXTRACT
from sulah.contracts.shape import Table
from sulah.intake.codes import CODES
from sulah.intake.load_report import FileTie
from sulah.intake.mapping import PLAIN
from sulah.intake.mapping import Mapping as LenderMapping
from sulah.intake.shape import Shape, shape_of
from sulah.intake.validate import MONEY, ORDER, SCHEDULE_NOTES, Cross, cross_checks, empty_tables, twins
from sulah.kernel.finding import Severity
from sulah.kernel.points import reach, register

register("load.read", "load.validated")

FATES = ("refused", "duplicate", "removed")
"""What becomes of a row that a delta sets aside: it cannot be applied, says what stands already, or takes rows out or is overtaken."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sifted:
    """What the checks left in the connection: `good_T` views, `finding` rows, and how each source was shaped."""

    sources: tuple[Source, ...]
    shapes: Mapping[int, Shape]
    present: tuple[str, ...]


def sift(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], mapping: LenderMapping, as_of: date, *, progress: Progress
) -> Sifted:
    """Shape every source, check every row, then rows against each other; the connection afterwards has good_T and finding."""
    prepare(connection)
    shapes = shape_rows(connection, sources, mapping, as_of, progress)
    return check_rows(connection, sources, shapes, tuple(dict.fromkeys(source.table for source in sources)), progress)


def shape_rows(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], mapping: LenderMapping, as_of: date, progress: Progress
) -> dict[int, Shape]:
    """Put the typed rows of every source into shaped_T; how each source was shaped, by its number."""
    shapes: dict[int, Shape] = {}
    for source in sources:
        progress(f"reading {source.name} as {source.table}")
        table, written = EXTRACT[source.table], (PLAIN if source.plain else mapping).table(source.table)
        shapes[source.number] = shape_of(table, written, source.header, source.relation, as_of.isoformat(), source.native)
        columns = ", ".join(["row_id", *(identifier(name) for name in table.names), "bad"])
        connection.execute(f"INSERT INTO shaped_{source.table} ({columns}) {shapes[source.number].rows(source.first_id)}")
        _malformed(connection, source)
        _not_applied(connection, source)
        reach("load.read")
    return shapes


def check_rows(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    shapes: Mapping[int, Shape],
    present: tuple[str, ...],
    progress: Progress,
) -> Sifted:
    """Check the rows in shaped_T one by one, then against each other; present: the tables of the extract."""
    for source in sources:
        _row_findings(connection, source, shapes[source.number])
    check_across(connection, present, progress)
    reach("load.validated")
    return Sifted(tuple(sources), shapes, present)


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty tables for the rows and findings of one load."""
    for statement in empty_tables():
        connection.execute(statement)
    connection.execute("CREATE TABLE finding (table_name VARCHAR, row_id BIGINT, field VARCHAR, code VARCHAR)")
    connection.execute("CREATE TABLE severity (code VARCHAR, severity VARCHAR)")
    known = ", ".join(f"({literal(code.code)}, {literal(code.severity.value)})" for code in CODES.values())
    connection.execute(f"INSERT INTO severity (code, severity) VALUES {known}")
    connection.execute(
        "CREATE TABLE set_aside (table_name VARCHAR, number INTEGER, n BIGINT, row_id BIGINT, field VARCHAR, code VARCHAR, fate VARCHAR, "
        "record_key VARCHAR, amount_paise BIGINT)"
    )
    connection.execute("CREATE TABLE malformed (table_name VARCHAR, number INTEGER, line BIGINT, csv_line VARCHAR, carried BOOLEAN)")


def _malformed(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Lines that DuckDB could not split into fields: line 1 is the header, so data row = line - 1."""
    if source.rejects:
        found = f"SELECT {literal(source.table)}, {source.number}, CAST(line AS BIGINT) - 1, min(csv_line), false FROM {source.rejects}"
        connection.execute(f"INSERT INTO malformed (table_name, number, line, csv_line, carried) {found} GROUP BY line ORDER BY line")
    for row, line in source.malformed:
        connection.execute(
            "INSERT INTO malformed (table_name, number, line, csv_line, carried) VALUES (?, ?, ?, ?, true)",
            [source.table, source.number, row, line],
        )


def _not_applied(connection: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Rows of a delta that an earlier load could not apply stay refused with their code, and are no part of the extract."""
    table, amount = source.table, MONEY.get(source.table, "CAST(NULL AS BIGINT)")
    for row, field, code in source.not_applied:
        connection.execute(
            "INSERT INTO set_aside (table_name, number, n, row_id, field, code, fate, record_key, amount_paise) "
            f"SELECT {literal(table)}, {source.number}, ?, s.row_id, ?, ?, 'refused', {record_key(EXTRACT[table], 's')}, {amount} "
            f"FROM shaped_{table} s WHERE s.row_id = ?",
            [row, field, code, source.first_id + row],
        )
        connection.execute(f"DELETE FROM shaped_{table} WHERE row_id = ?", [source.first_id + row])


def _row_findings(connection: duckdb.DuckDBPyConnection, source: Source, shape: Shape) -> None:
    low, high = source.first_id, source.first_id + ROW_SPAN
    wanted = f"(SELECT row_id - {low} AS n FROM shaped_{source.table} WHERE bad AND row_id >= {low} AND row_id < {high})"
    if connection.execute(f"SELECT 1 FROM {wanted} LIMIT 1").fetchone() is None:
        return
    found = f"SELECT {literal(source.table)}, {low} + n, field, code FROM ({shape.findings(wanted)}) ORDER BY n"
    connection.execute(f"INSERT INTO finding (table_name, row_id, field, code) {found}")


def check_across(connection: duckdb.DuckDBPyConnection, present: Sequence[str], progress: Progress) -> None:
    """The checks across rows and tables, in order; what one refuses is out of sight of the next."""
    for name in ORDER:
        if name not in present:
            continue
        progress(f"checking {name}")
        _check(connection, EXTRACT[name], cross_checks(EXTRACT[name], present))
    if "loan" in present:
        _sum_schedules(connection)
        connection.execute(f"CREATE TABLE schedule_note AS {SCHEDULE_NOTES}")


def check_twins(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Only the checks of rows of one table that have the same key: what can be said of rows without their book."""
    _check(connection, table, [check for check in cross_checks(table, ()) if check.code.startswith("duplicate_")])


def _check(connection: duckdb.DuckDBPyConnection, table: Table, checks: Sequence[Cross]) -> None:
    """Run checks across the rows of a table in order."""
    name = table.name
    connection.execute(f"CREATE TEMP TABLE twin_{name} AS {twins(table)}")
    for check in checks:
        named = f"{literal(name)} AS table_name, row_id, {literal(check.field)} AS field, {literal(check.code)} AS code"
        made = f"SELECT {named} FROM ({check.sql})"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS {made}")
        connection.execute(
            "INSERT INTO finding (table_name, row_id, field, code) SELECT table_name, row_id, field, code FROM fresh ORDER BY row_id"
        )
        connection.execute(f"INSERT INTO dropped_{name} (row_id) SELECT DISTINCT row_id FROM fresh")


def _sum_schedules(connection: duckdb.DuckDBPyConnection) -> None:
    """Make schedule_sum over the accepted instalments; the derivation finds it there."""
    columns = ", ".join(identifier(name) for name in EXTRACT["instalment"].names)
    connection.execute(f"CREATE TEMP VIEW instalment AS SELECT {columns} FROM good_instalment")
    statement = files("sulah.intake").joinpath("schedule_sum.sql").read_text("utf-8")
    connection.execute(f"CREATE TABLE schedule_sum AS {statement}")
    connection.execute("DROP VIEW instalment")


def record_key(table: Table, row: str) -> str:
    """SQL of a row's key as one text, parts joined by "|"; row is the alias of the shaped row."""
    parts = ", ".join(f"coalesce(CAST({row}.{identifier(name)} AS VARCHAR), '')" for name in table.key)
    return f"concat_ws('|', {parts})"


def refused_rows(connection: duckdb.DuckDBPyConnection, sifted: Sifted) -> None:
    """Make the table refused: one row per finding that quarantines, with file number, row, key, amount, and the row as given."""
    connection.execute(
        "CREATE TABLE refused (table_name VARCHAR, number INTEGER, n BIGINT, field VARCHAR, code VARCHAR, "
        "record_key VARCHAR, amount_paise BIGINT, given VARCHAR)"
    )
    for source in sifted.sources:
        table, shape = EXTRACT[source.table], sifted.shapes[source.number]
        low, high = source.first_id, source.first_id + ROW_SPAN
        mine = (
            f"SELECT f.row_id - {low} AS n, f.row_id, f.field, f.code FROM finding f JOIN severity v ON v.code = f.code "
            f"WHERE v.severity = 'row' AND f.table_name = {literal(source.table)} AND f.row_id >= {low} AND f.row_id < {high}"
        )
        connection.execute(f"CREATE OR REPLACE TEMP TABLE mine AS {mine}")
        _refuse_set_aside(connection, source, shape)
        if connection.execute("SELECT 1 FROM mine LIMIT 1").fetchone() is None:
            continue
        given = shape.given("mine")
        amount = MONEY.get(source.table, "CAST(NULL AS BIGINT)")
        keyed = f"SELECT s.row_id, {record_key(table, 's')} AS record_key, {amount} AS amount_paise FROM shaped_{source.table} s"
        connection.execute(
            "INSERT INTO refused (table_name, number, n, field, code, record_key, amount_paise, given) "
            f"SELECT {literal(source.table)}, {source.number}, m.n, m.field, m.code, k.record_key, k.amount_paise, g.given "
            f"FROM mine m JOIN ({keyed}) k ON k.row_id = m.row_id JOIN ({given}) g ON g.n = m.n ORDER BY m.n, m.field, m.code"
        )
    _number_rows(connection)
    connection.execute(
        "INSERT INTO refused (table_name, number, n, field, code, record_key, amount_paise, given) "
        "SELECT m.table_name, m.number, m.line, '', 'csv_malformed_row', '', CAST(NULL AS BIGINT), "
        "CAST(to_json({line: m.csv_line}) AS VARCHAR) "
        "FROM malformed m ORDER BY m.number, m.line"
    )


def _refuse_set_aside(connection: duckdb.DuckDBPyConnection, source: Source, shape: Shape) -> None:
    """Rows of a delta that could not be applied are refused too."""
    wanted = f"(SELECT n FROM set_aside WHERE number = {source.number} AND fate = 'refused')"
    if connection.execute(f"SELECT 1 FROM {wanted} LIMIT 1").fetchone() is None:
        return
    connection.execute(
        "INSERT INTO refused (table_name, number, n, field, code, record_key, amount_paise, given) "
        "SELECT a.table_name, a.number, a.n, a.field, a.code, a.record_key, a.amount_paise, g.given "
        f"FROM set_aside a JOIN ({shape.given(wanted)}) g ON g.n = a.n WHERE a.number = {source.number} AND a.fate = 'refused' ORDER BY a.n"
    )


def _number_rows(connection: duckdb.DuckDBPyConnection) -> None:
    """Turn places among the readable rows into rows of the file: malformed lines before them count too."""
    connection.execute(
        "CREATE TEMP TABLE shift AS "
        "SELECT number, line - row_number() OVER (PARTITION BY number ORDER BY line) AS readable_before FROM malformed "
        "WHERE NOT carried"
    )
    connection.execute(
        "UPDATE refused SET n = n + (SELECT count(1) FROM shift s WHERE s.number = refused.number AND s.readable_before < refused.n) "
        "WHERE number IN (SELECT number FROM shift)"
    )


def tie_out(connection: duckdb.DuckDBPyConnection, sifted: Sifted, unmapped: Mapping[int, Sequence[str]]) -> list[FileTie]:
    """Rows and rupees of each file: given = loaded + quarantined + identical duplicates + taken out by a delta."""
    ties: list[FileTie] = []
    for source in sifted.sources:
        amount = MONEY.get(source.table, "0")
        low, high = source.first_id, source.first_id + ROW_SPAN
        counted = f"SELECT count(1), CAST(coalesce(sum({amount}), 0) AS BIGINT) FROM shaped_{source.table} s"
        mine = f"s.row_id >= {low} AND s.row_id < {high}"
        twins = f"SELECT f.row_id FROM finding f WHERE f.table_name = {literal(source.table)} AND f.code = 'duplicate_identical'"
        dropped = f"SELECT d.row_id FROM dropped_{source.table} d"
        rows, paise = connection.execute(f"{counted} WHERE {mine}").fetchall()[0]
        unloaded, paise_unloaded = connection.execute(f"{counted} WHERE {mine} AND (s.bad OR s.row_id IN ({dropped}))").fetchall()[0]
        twice, paise_twice = connection.execute(f"{counted} WHERE {mine} AND s.row_id IN ({twins})").fetchall()[0]
        loaded, paise_loaded = rows - unloaded, paise - paise_unloaded
        lines = connection.execute(f"SELECT count(1) FROM malformed WHERE number = {source.number}").fetchall()[0][0]
        aside = _set_aside_of(connection, source)
        (refused, paise_refused), (again, paise_again), (gone, paise_gone) = (aside.get(fate, (0, 0)) for fate in FATES)
        ties.append(
            FileTie(
                table=source.table,
                name=source.name,
                sha256=source.sha256,
                rows=rows + lines + refused + again + gone,
                loaded=loaded,
                quarantined=rows - loaded - twice + lines + refused,
                duplicates=twice + again,
                removed=gone,
                paise=paise + paise_refused + paise_again + paise_gone,
                paise_loaded=paise_loaded,
                paise_quarantined=paise - paise_loaded - paise_twice + paise_refused,
                paise_duplicates=paise_twice + paise_again,
                paise_removed=paise_gone,
                unmapped=tuple(unmapped.get(source.number, ())),
            )
        )
    return ties


def _set_aside_of(connection: duckdb.DuckDBPyConnection, source: Source) -> dict[str, tuple[int, int]]:
    """Rows and paise of a file that a delta set aside, by fate."""
    read = (
        "SELECT fate, count(1), CAST(coalesce(sum(amount_paise), 0) AS BIGINT) FROM set_aside "
        f"WHERE number = {source.number} AND table_name = {literal(source.table)} GROUP BY fate"
    )
    return {str(fate): (int(rows), int(paise)) for fate, rows, paise in connection.execute(read).fetchall()}


def refusing_codes(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str, str]]:
    """Findings of rows that refuse the whole extract: table, file number, field, code."""
    found = (
        f"SELECT DISTINCT f.table_name, CAST(f.row_id // {ROW_SPAN} AS INTEGER) AS number, f.field, f.code FROM finding f "
        f"JOIN severity v ON v.code = f.code WHERE v.severity = '{Severity.REFUSE.value}' ORDER BY 1, 2, 3, 4"
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(found).fetchall()]
