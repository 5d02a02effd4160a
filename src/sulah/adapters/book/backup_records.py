"""The records as of one moment: copied out of SQLite or PostgreSQL in one snapshot, read for what they name, and put back.

SQLite is copied by its own online backup, in one pass, while others read and write; PostgreSQL table by table with COPY inside one
REPEATABLE READ transaction.  Sessions are left out: a restored lender's people sign in again.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from sulah.adapters.book.backup_store import BackupRefusedError
from sulah.adapters.book.durable import sha256_of, sync_file
from sulah.adapters.book.layout import Lender

SQLITE = "records.sqlite3"
_LEFT_OUT = ("django_session", "django_migrations")
_BLOCK = 1 << 20
_LOADS = "SELECT id, as_of, path, report FROM records_load ORDER BY as_of, version"
_DAYS = "SELECT as_of, path, tables FROM records_dayrun ORDER BY as_of"
_REPLACED = "SELECT before FROM records_auditentry WHERE act = 'day.commit' ORDER BY id"
_RETIRED = "SELECT after FROM records_auditentry WHERE act = 'retain' ORDER BY id"
_SUPPLEMENTS = "SELECT id, loaded_at, path, report FROM records_supplement ORDER BY id"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY id"
_QUERIES = (
    ("records_load", _LOADS),
    ("records_supplement", _SUPPLEMENTS),
    ("records_dayrun", _DAYS),
    ("records_auditentry", _REPLACED),
    ("records_auditentry", _RETIRED),
    ("django_migrations", _MIGRATIONS),
)
"""What is asked of the records, by the table that it is asked of; a table that this database does not have yet names nothing."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder under the book that a row names, with the digests that the row gives of its files (by path in the folder)."""

    name: str
    path: str
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The records as of one moment, as files, and what they name.

    files: path in the snapshot's folder -> SHA-256.  replaced: folders of runs that a later run of their date replaced.
    retired: paths under the book that retention removed.
    """

    files: Mapping[str, str]
    loads: tuple[Folder, ...]
    supplements: tuple[Folder, ...]
    days: tuple[Folder, ...]
    replaced: tuple[str, ...]
    retired: frozenset[str]
    migrations: Mapping[str, str]
    columns: Mapping[str, list[str]] = field(default_factory=dict)


def take_records(lender: Lender, folder: Path) -> Snapshot:
    """Copy the records of a lender into a folder; BackupRefusedError when the database itself is damaged."""
    return _from_postgres(lender.database, folder) if lender.database else _from_sqlite(lender.sqlite, folder)


def _from_sqlite(source: Path, folder: Path) -> Snapshot:
    copy = folder / SQLITE
    try:
        with closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True)) as live, closing(sqlite3.connect(copy)) as taken:
            live.backup(taken)
        with closing(sqlite3.connect(copy, isolation_level=None)) as taken:
            if problems := wrong_pages(taken):
                raise BackupRefusedError(f"The database {source} is damaged ({problems[0]}). Restore the lender from its last backup.")
            taken.execute("PRAGMA journal_mode = DELETE")
            taken.execute("DELETE FROM django_session")
            taken.execute("VACUUM")
            there = {row[0] for row in taken.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            rows = {query: taken.execute(query).fetchall() for table, query in _QUERIES if table in there}
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError) and "malformed" not in str(error):
            raise OSError(*_as_of_the_disk(error), str(copy)) from error
        raise BackupRefusedError(f"The database {source} is damaged ({error}). Restore the lender from its last backup.") from error
    sync_file(copy)
    return _told(rows, {SQLITE: sha256_of(copy)}, {})


def _as_of_the_disk(error: sqlite3.OperationalError) -> tuple[int, str]:
    """SQLite's words for a disk that is full or not to be written, as the system would have said it."""
    full = "full" in str(error) or "disk I/O" in str(error)
    return (28, "No space left on device") if full else (5, str(error))


def wrong_pages(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's own integrity check finds: broken pages, indexes that do not agree with their rows; nothing about contents."""
    return [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)").fetchall() if row[0] != "ok"]


def _from_postgres(address: str, folder: Path) -> Snapshot:
    (folder / "records").mkdir()
    files: dict[str, str] = {}
    columns: dict[str, list[str]] = {}
    with psycopg.connect(address) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        for table in _tables(connection):
            columns[table] = _columns(connection, table)
            path = folder / "records" / f"{table}.copy"
            _copy_out(connection, table, columns[table], path)
            files[f"records/{path.name}"] = sha256_of(path)
        rows = {query: connection.execute(query).fetchall() for table, query in _QUERIES if table in columns or table in _LEFT_OUT}
    return _told(rows, files, columns)


def _tables(connection: "psycopg.Connection[Any]") -> list[str]:
    here = "table_schema = current_schema() AND table_type = 'BASE TABLE'"
    found = f"SELECT table_name FROM information_schema.tables WHERE {here} ORDER BY 1"
    return [row[0] for row in connection.execute(found).fetchall() if row[0] not in _LEFT_OUT]


def _columns(connection: "psycopg.Connection[Any]", table: str) -> list[str]:
    found = (
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position"
    )
    return [row[0] for row in connection.execute(found, [table]).fetchall()]


def _listed(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _copy_out(connection: "psycopg.Connection[Any]", table: str, columns: Sequence[str], path: Path) -> None:
    rows = sql.SQL("COPY (SELECT {} FROM {} ORDER BY 1) TO STDOUT").format(_listed(columns), sql.Identifier(table))
    with path.open("wb") as handle, connection.cursor() as cursor, cursor.copy(rows) as copy:
        for block in copy:
            handle.write(block)
    sync_file(path)


def _told(rows: Mapping[str, Sequence[Sequence[Any]]], files: Mapping[str, str], columns: Mapping[str, list[str]]) -> Snapshot:
    """What the rows of the records name."""
    loads, supplements = (
        tuple(Folder(str(name), path, _plain(report).get("digests", {})) for name, _, path, report in rows.get(query, ()))
        for query in (_LOADS, _SUPPLEMENTS)
    )
    days = tuple(
        Folder(str(as_of), path, {entry["file"]: entry["sha256"] for entries in _plain(tables).values() for entry in entries})
        for as_of, path, tables in rows[_DAYS]
    )
    standing = {day.path for day in days}
    before = (_plain(row[0]).get("path", "") for row in rows[_REPLACED])
    retired = frozenset(path for row in rows[_RETIRED] for path in _plain(row[0]).get("paths", []))
    replaced = tuple(sorted({path for path in before if path} - standing))
    return Snapshot(files, loads, supplements, days, replaced, retired, {str(app): str(name) for app, name in rows[_MIGRATIONS]}, columns)


def _plain(value: Any) -> dict[str, Any]:
    """A JSON column as either database gives it."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def refuse_used(address: str) -> None:
    """BackupRefusedError when a PostgreSQL database holds a lender's records already."""
    with psycopg.connect(address) as connection:
        for table in ("records_load", "records_dayrun", "records_auditentry", "records_person"):
            if not connection.execute("SELECT to_regclass(%s)", [table]).fetchall()[0][0]:
                continue
            if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone():
                raise BackupRefusedError(
                    "The database named with --database holds records of a lender already; a restore never writes over one. "
                    "Make an empty database (createdb) and name that."
                )


def put_into_postgres(address: str, folder: Path, columns: Mapping[str, list[str]]) -> None:
    """Fill an empty, migrated PostgreSQL database from a backup's files, in one transaction."""
    with psycopg.connect(address) as connection:
        here = set(_tables(connection))
        if gone := sorted(set(columns) - here):
            raise BackupRefusedError(f"This version has no table {gone[0]}, the backup has. Restore with the version that took it.")
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(sql.Identifier(table) for table in sorted(here))))
        for table, listed in columns.items():
            rows = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _listed(listed))
            with (folder / "records" / f"{table}.copy").open("rb") as handle, connection.cursor() as cursor, cursor.copy(rows) as copy:
                while block := handle.read(_BLOCK):
                    copy.write(block)
        for table in columns:
            _count_on(connection, table)


def _count_on(connection: "psycopg.Connection[Any]", table: str) -> None:
    """The numbers that the database gives go on after the last one restored."""
    here = "table_schema = current_schema() AND table_name = %s"
    identity = f"SELECT column_name FROM information_schema.columns WHERE {here} AND is_identity = 'YES'"
    for (column,) in connection.execute(identity, [table]).fetchall():
        last = sql.SQL("SELECT coalesce(max({}), 0) FROM {}").format(sql.Identifier(column), sql.Identifier(table))
        following = int(connection.execute(last).fetchall()[0][0]) + 1
        connection.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s, false)", [table, column, following])
