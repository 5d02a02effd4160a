"""What a day publishes: the worklist's content, its digest, and how it differs from what was published before."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from sulah.adapters.engines.duck import connect, view_of_files

CONTENT = (
    *("work_order", "branch_id", "officer_id", "product", "lead_loan_id", "loans_overdue", "overdue_since", "overdue_paise"),
    *("stage", "treatment", "channel", "worked_by", "hold_reason", "rule_id"),
)
"""What a published item says; neither the rank nor the days past due, which move with every day that passes."""

_TEXTS = ("branch_id", "officer_id", "hold_reason")
"""Columns that may be empty: published as an empty text."""
_ROWS_AT_ONCE = 20_000


def digest_of(files: Sequence[Path]) -> str:
    """SHA-256 of the published rows in key order, without times; files hold a worklist, none means that nothing was published.

    >>> digest_of([])
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    total = sha256()
    if files:
        connection = _worklists(files, ())
        parts = " || chr(31) || ".join(("w.borrower_id", *(f"coalesce(CAST({_value('w', name)} AS VARCHAR), '')" for name in CONTENT)))
        lines = connection.sql(f"SELECT {parts} || chr(10) AS line FROM published AS w ORDER BY w.borrower_id")
        for batch in lines.to_arrow_reader(_ROWS_AT_ONCE):
            total.update("".join(batch.column(0).to_pylist()).encode())
        connection.close()
    return total.hexdigest()


def digest_of_rows(rows: Iterable[Sequence[Any]]) -> str:
    """The same digest from rows as the database holds them: the person, then CONTENT."""
    total = sha256()
    for row in sorted(rows, key=lambda row: str(row[0])):
        total.update(("\x1f".join("" if value is None else str(value) for value in row) + "\n").encode())
    return total.hexdigest()


class Changes:
    """The differences of a worklist from the one published before it: counts, rows to put and people to close."""

    def __init__(self, files: Sequence[Path], before: Sequence[Path]) -> None:
        """Both as files of worklists; no file before means that nothing was published yet."""
        self._connection = _worklists(files, before)
        differs = " OR ".join(f"{_value('n', name)} IS DISTINCT FROM {_value('o', name)}" for name in CONTENT)
        self._connection.execute(
            f"CREATE TABLE put AS SELECT n.borrower_id, o.borrower_id IS NULL AS fresh FROM published AS n "
            f"LEFT JOIN before AS o ON o.borrower_id = n.borrower_id WHERE o.borrower_id IS NULL OR {differs}"
        )
        counted = "SELECT count(*) FILTER (p.fresh), count(*) FILTER (NOT p.fresh), (SELECT count(*) FROM published) FROM put AS p"
        self.opened, self.changed, whole = self._connection.execute(counted).fetchall()[0]
        self.unchanged: int = whole - self.opened - self.changed
        gone = "SELECT count(*) FROM before AS o WHERE NOT EXISTS (SELECT 1 FROM published AS n WHERE n.borrower_id = o.borrower_id)"
        self.closed: int = self._connection.execute(gone).fetchall()[0][0]
        self.before: int = self._connection.execute("SELECT count(*) FROM before").fetchall()[0][0]

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The people whose item is new or says something else, with its content, in key order and batches."""
        listed = ", ".join(("n.borrower_id", *(_value("n", name) for name in CONTENT)))
        self._connection.execute(
            f"SELECT {listed} FROM published AS n INNER JOIN put AS p ON p.borrower_id = n.borrower_id ORDER BY n.borrower_id"
        )
        return self._batches()

    def gone(self) -> Iterator[list[str]]:
        """The people who are no longer on the list, in batches."""
        self._connection.execute(
            "SELECT o.borrower_id FROM before AS o WHERE NOT EXISTS "
            "(SELECT 1 FROM published AS n WHERE n.borrower_id = o.borrower_id) ORDER BY o.borrower_id"
        )
        return ([row[0] for row in rows] for rows in self._batches())

    def close(self) -> None:
        """Let the files go."""
        self._connection.close()

    def _batches(self) -> Iterator[list[tuple[Any, ...]]]:
        while rows := self._connection.fetchmany(_ROWS_AT_ONCE):
            yield rows


def _value(alias: str, name: str) -> str:
    return f"coalesce({alias}.{name}, '')" if name in _TEXTS else f"{alias}.{name}"


def _worklists(files: Sequence[Path], before: Sequence[Path]) -> duckdb.DuckDBPyConnection:
    connection = connect()
    view_of_files(connection, "published", files)
    if before:
        view_of_files(connection, "before", before)
    else:
        listed = ", ".join(("w.borrower_id", *(f"w.{name}" for name in CONTENT)))
        connection.execute(f"CREATE VIEW before AS SELECT {listed} FROM published AS w WHERE false")
    return connection
