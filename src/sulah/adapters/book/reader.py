"""Rows of a committed day, found only through its ledger row: the run's own tables and those of the load that it stands on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa

from sulah.adapters.book.bases import digests_with_base
from sulah.adapters.book.layers import LoadRows, rows_of_load, view_of_load
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.retention import is_retired, retired_paths
from sulah.adapters.book.sound import hold_sound
from sulah.adapters.engines.duck import connect, identifier, view_of_files
from sulah.contracts.registry import EXTRACT, TABLES
from sulah.kernel.refusal import Refusal
from sulah.records.dayrun import DayRun
from sulah.records.load import Load

LOAD_TABLES = ("account", "due", "receipt", "relief_window", "touched")
LOAD_FILES = {"quarantine": "quarantine.parquet", "borrower_private": "borrower_private.parquet"}
_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "IN", "NOT IN", "IS NULL", "IS NOT NULL")
Row = dict[str, Any]


class DayFilesMissingError(Refusal):
    """The ledger names files that are not on the disk; the words say which and what to do."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a query: a column of the contract, an operator of the list, a value that travels as a parameter."""

    column: str
    operator: str
    value: Any = None

    def __post_init__(self) -> None:
        """An operator outside the list is a programmer's error."""
        if self.operator not in _OPERATORS:
            raise ValueError(f"operator {self.operator!r} is not allowed")


def equals(column: str, value: object) -> Condition:
    """column = value."""
    return Condition(column, "=", value)


def truth(column: str, *, is_true: bool) -> Condition:
    """A column that holds yes or no."""
    return Condition(column, "=", is_true)


def one_of(column: str, values: Sequence[object]) -> Condition:
    """column is one of the values; no values = no row."""
    return Condition(column, "IN", tuple(values))


@dataclass(frozen=True, slots=True)
class Line:
    """A row that joins tables of the day: its columns with their source, and the join."""

    columns: Mapping[str, str]
    tables: tuple[str, ...]
    join: str


def _loan_line() -> Line:
    """A loan with its position, its class and the lender's own terms."""
    of_position = (
        *("loan_id", "borrower_id", "product", "branch_id", "as_of", "outstanding_principal_paise", "overdue_paise", "instalments_overdue"),
        *("oldest_unpaid_due_on", "dpd", "last_paid_on", "next_due_on"),
    )
    of_class = ("bucket", "sma", "asset_class", "npa_on", "borrower_dpd", "rule_id")
    of_account = ("officer_id", "status", "pincode", "frequency")
    sources = {name: f"p.{name}" for name in of_position}
    sources |= {name: f"c.{name}" for name in of_class}
    sources |= {name: f"a.{name}" for name in of_account}
    sources["written_off"] = "(a.written_off_on IS NOT NULL AND a.written_off_on <= p.as_of)"
    sources["ended"] = "(a.ended_on IS NOT NULL AND a.ended_on <= p.as_of)"
    join = "position AS p JOIN classification AS c ON c.loan_id = p.loan_id JOIN account AS a ON a.loan_id = p.loan_id"
    return Line(sources, ("position", "classification", "account"), join)


def _loan_measured() -> Line:
    """A loan line with what the measures know of it: where it stood at the opening and the day before, and its members.

    A borrower's own state goes before that of the PIN directory, as in the cells.
    """
    line = _loan_line()
    of_measures = ("ticket_band", "acquisition_channel", "place", "open_place", "before_place", "open_principal_paise")
    sources = {**line.columns, **{name: f"m.{name}" for name in of_measures}}
    sources["vintage"] = "left(CAST(m.vintage AS VARCHAR), 4) || '-' || right(CAST(m.vintage AS VARCHAR), 2)"
    sources["state"] = "coalesce(nullif(m.state, ''), g.state, '')"
    sources["district"] = "coalesce(g.district, '')"
    cells = "SELECT member, max(state) AS state, max(district) AS district FROM roll_cell WHERE dimension = 'pincode' GROUP BY member"
    join = f"{line.join} JOIN loan_day AS m ON m.loan_id = p.loan_id LEFT JOIN ({cells}) AS g ON g.member = coalesce(m.pincode, '')"
    return Line(sources, (*line.tables, "loan_day", "roll_cell"), join)


LINES: dict[str, Line] = {"loan_line": _loan_line(), "loan_measured": _loan_measured()}
"""loan_measured needs a day that was run with measures (`measures.has_measures`)."""


def _columns_of(table: str) -> dict[str, str]:
    """Column names of a table or line with their SQL source; KeyError for a name that is neither."""
    if table in LINES:
        return dict(LINES[table].columns)
    if table == "borrower_private":
        return {"borrower_id": '"borrower_id"', "sealed": '"sealed"'}
    return {name: identifier(name) for name in TABLES[table].names}


def clause_of(table: str, conditions: Sequence[Condition]) -> tuple[str, list[Any]]:
    """The WHERE clause of conditions on a table (or line) and its parameters; KeyError for a column that the contract lacks."""
    columns = _columns_of(table)
    parts: list[str] = []
    params: list[Any] = []
    for condition in conditions:
        source = columns[condition.column]
        if condition.operator.endswith("NULL"):
            parts.append(f"{source} {condition.operator}")
        elif condition.operator in ("IN", "NOT IN"):
            marks = ", ".join("?" for _ in condition.value)
            parts.append(f"{source} {condition.operator} ({marks})" if marks else ("false" if condition.operator == "IN" else "true"))
            params.extend(condition.value)
        else:
            parts.append(f"{source} {condition.operator} ?")
            params.append(condition.value)
    return (" WHERE " + " AND ".join(parts) if parts else ""), params


def _ordering(columns: Mapping[str, str], order: Sequence[str]) -> str:
    """The ORDER BY clause; a leading minus turns a column round.  Empty values come last either way."""
    parts = [f"{columns[name.lstrip('-')]} {'DESC' if name.startswith('-') else 'ASC'} NULLS LAST" for name in order]
    return " ORDER BY " + ", ".join(parts) if parts else ""


def load_rows(lender: Lender, load: Load, table: str) -> LoadRows:
    """The rows of a load's table, every file as it was written; DayFilesMissingError when there are none, DamagedFileError."""
    folder, whole = lender.book / load.path, LOAD_FILES.get(table)
    rows = LoadRows(table, (folder / whole,)) if whole else rows_of_load(folder, table)
    if not any(path.is_file() for path in rows.files):
        if is_retired(f"{load.path}/{whole or table}", retired_paths()):
            raise DayFilesMissingError(f"The {table} files of load {load.pk} were removed when their period was over (sulah retain).")
        raise DayFilesMissingError(f"Load {load.pk} has no {table} files. Restore its folder from the backup of the book, then try again.")
    for part, place, digests in digests_with_base(lender.book, load):
        recorded = {place / name for name in digests if name.startswith((f"{table}/", f"accepted/{table}.", "layer"))}
        read = {path for path in rows.all_files if path.is_relative_to(place)}
        hold_sound(f"load {part.pk}", place, digests, sorted(recorded | read))  # a file that is gone is missed too
    return rows


class RowSource:
    """Rows of a load or a day over one short-lived connection, opened when first needed; use it in a `with`."""

    def __init__(self, lender: Lender, load: Load) -> None:
        """The lender in whose book the load lies."""
        self.lender, self.load = lender, load
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._views: set[str] = set()

    def __enter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, if one was opened."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._views.clear()

    def files(self, table: str) -> tuple[Path, ...]:
        """Every file that the rows of a table are read from."""
        return load_rows(self.lender, self.load, table).all_files

    def over(self, *tables: str) -> duckdb.DuckDBPyConnection:
        """The connection, with the tables named as views."""
        if self._connection is None:
            self._connection = connect(memory_mb=512)
        for table in tables:
            if table not in self._views:
                if table in LOAD_TABLES or table in LOAD_FILES or table in EXTRACT:
                    view_of_load(self._connection, table, load_rows(self.lender, self.load, table))
                else:
                    view_of_files(self._connection, table, self.files(table))
                self._views.add(table)
        return self._connection

    def rows(
        self, table: str, *, where: Sequence[Condition] = (), order: Sequence[str] = (), limit: int | None = None, offset: int = 0
    ) -> list[Row]:
        """Rows of a table (or line) as dictionaries, every contract column; conditions, order and page as given."""
        if table == "borrower_private" and self._names_let_go():
            return []
        columns = _columns_of(table)
        line = LINES.get(table)
        clause, params = clause_of(table, where)
        listed = ", ".join(f"{source} AS {identifier(name)}" for name, source in columns.items())
        source = line.join if line else identifier(table)
        sql = f"SELECT {listed} FROM {source}{clause}{_ordering(columns, order)}"
        if limit is not None:
            sql += " LIMIT ? OFFSET ?"
            params += [limit, offset]
        return rows_of(self.over(*(line.tables if line else (table,))).execute(sql, params))

    def _names_let_go(self) -> bool:
        """Did retention remove the sealed names of the load?  Then people appear under their pseudonyms."""
        path = f"{self.load.path}/{LOAD_FILES['borrower_private']}"
        return not (self.lender.book / path).is_file() and is_retired(path, retired_paths())

    def one(self, table: str, *, where: Sequence[Condition]) -> Row | None:
        """The one row that meets the conditions, or None; more than one is a programmer's error."""
        found = self.rows(table, where=where, limit=2)
        if len(found) > 1:
            raise ValueError(f"{table}: more than one row for {[condition.column for condition in where]}")
        return found[0] if found else None

    def count(self, table: str, *, where: Sequence[Condition] = ()) -> int:
        """How many rows meet the conditions."""
        line = LINES.get(table)
        clause, params = clause_of(table, where)
        sql = f"SELECT count(*) FROM {line.join if line else identifier(table)}{clause}"
        found = self.over(*(line.tables if line else (table,))).execute(sql, params).fetchone()
        return int(found[0]) if found else 0

    def of_loan(self, sql: str, loan_key: int, policy: Mapping[str, pa.Table], as_of: date, *tables: str) -> list[Row]:
        """Rows of a portfolio statement over one loan's rows alone: tables cut to its loan_key, policy_* tables registered, $as_of given.

        The table `asked` holds the loan_key, as statements that answer for some loans want it.
        """
        connection = self.over(*tables)
        connection.execute("CREATE OR REPLACE SCHEMA one_loan")
        connection.execute("CREATE TABLE one_loan.asked AS SELECT CAST(? AS INTEGER) AS loan_key", [loan_key])
        for table in tables:
            listed = ", ".join(_columns_of(table).values())
            cut = f"CREATE TABLE one_loan.{table} AS SELECT {listed} FROM main.{table} WHERE loan_key = ?"
            connection.execute(cut, [loan_key])
        for name, rows in policy.items():
            connection.register(f"policy_{name}", rows)
        connection.execute("USE one_loan")
        try:
            return rows_of(connection.execute(sql, {"as_of": as_of}))
        finally:
            connection.execute("USE main")

    def query(self, sql: str, params: Mapping[str, Any] | Sequence[Any], *tables: str) -> list[Row]:
        """Rows of a statement with named columns over the tables named; values travel as parameters only."""
        return rows_of(self.over(*tables).execute(sql, params))


class Day(RowSource):
    """Rows of one committed day: its own tables as its ledger row lists them, and those of the load that it stands on."""

    def __init__(self, run: DayRun, lender: Lender) -> None:
        """A committed run and the lender in whose book it lies."""
        super().__init__(lender, run.load)
        self.run = run

    def files(self, table: str) -> tuple[Path, ...]:
        """The files that the ledger names for a table, each as it was written; DayFilesMissingError, DamagedFileError."""
        if table in LOAD_TABLES or table in LOAD_FILES:
            return super().files(table)
        listed: list[dict[str, Any]] = self.run.tables.get(table, [])
        files = tuple(self.lender.book / self.run.path / str(entry["file"]) for entry in listed)
        missing = [path.name for path in files if not path.is_file()]
        if missing and is_retired(self.run.path, retired_paths()):
            raise DayFilesMissingError(f"The files of the day {self.run.as_of} were removed when their period was over (sulah retain).")
        on = self.run.as_of.isoformat()
        again = f"rebuild it with: sulah replay --as-of {on} --out FOLDER"
        if missing or not files:
            what = f"file {missing[0]} of" if missing else "table"
            raise DayFilesMissingError(f"The day {on} has lost its {what} {table}. Restore it from the backup, or {again}")
        digests = {str(entry["file"]): str(entry["sha256"]) for entry in listed}
        hold_sound(f"the day {self.run.as_of}", self.lender.book / self.run.path, digests, files, f", or {again}")
        return files


def rows_of(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """Rows of an executed statement as dictionaries by column name."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
