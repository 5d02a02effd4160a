"""Bind every statement on empty tables: an unknown table, column, function or a wrong type fails here, without data."""

from collections.abc import Iterable

import duckdb
from sqlglot import exp

from sulah.adapters.engines.duck import connect
from sulah.contracts.registry import TABLES
from sulah.daycycle.statements import ALLOWED_FUNCTIONS, functions, parsed, texts
from sulah.daycycle.steps import PREVIOUS_TABLES, STEPS, Step
from sulah.kernel.finding import Finding, Severity
from sulah.policy.columns import SHEETS, ddl

_INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT"}


def empty_tables() -> duckdb.DuckDBPyConnection:
    """A connection with every contract, policy table and previous.X, all empty."""
    connection = connect()
    connection.execute("CREATE SCHEMA previous")
    connection.execute("CREATE TABLE previous_day (as_of DATE, load_as_of DATE)")
    for table in TABLES.values():
        connection.execute(table.ddl())
    for sheet in SHEETS:
        connection.execute(ddl(sheet))
    for name in PREVIOUS_TABLES:
        connection.execute(TABLES[name].ddl().replace(f"CREATE TABLE {name}", f"CREATE TABLE previous.{name}"))
    return connection


def check_statements(steps: Iterable[Step] = STEPS) -> list[Finding]:
    """What is wrong with the statements of the steps: one finding each, none when all bind and fit their contracts."""
    connection = empty_tables()
    return [finding for step in steps for text in texts(step) for finding in check_text(connection, step, text)]


def check_text(connection: duckdb.DuckDBPyConnection, step: Step, text: str) -> list[Finding]:
    """Bind one statement and hold its columns against the contract: names in order, types that fit without loss."""
    try:
        rows = connection.execute(f"DESCRIBE {text.replace('$as_of', 'DATE ' + chr(39) + '2000-01-01' + chr(39))}").fetchall()
    except duckdb.Error as error:
        return [_wrong(step, "statement_does_not_bind", str(error).splitlines()[0])]
    given = {str(row[0]): str(row[1]) for row in rows}
    found = []
    if tuple(given) != step.contract.names:
        found.append(_wrong(step, "columns_differ", f"makes {', '.join(given)}; the contract says {', '.join(step.contract.names)}"))
    for column in step.contract.columns:
        made = given.get(column.name, column.kind.value)
        if not _fits(made, column.kind.value):
            found.append(_wrong(step, "type_differs", f"{column.name} is {made}; the contract says {column.kind.value}"))
    strange = set(functions(text)) - ALLOWED_FUNCTIONS
    if strange:
        found.append(_wrong(step, "function_not_allowed", f"calls {', '.join(sorted(strange))}"))
    if any(True for _ in parsed(text).find_all(exp.Star) if not isinstance(_.parent, exp.Count)):
        found.append(_wrong(step, "columns_not_named", "uses *: name every column"))
    return found


def _fits(made: str, wanted: str) -> bool:
    return made == wanted or (made in _INTEGERS and wanted in _INTEGERS) or made == '"NULL"'


def _wrong(step: Step, code: str, words: str) -> Finding:
    file = f"{step.room}/{step.table}.sql"
    return Finding(table=step.table, file=file, row=0, field="", code=code, words=words, severity=Severity.REFUSE)
