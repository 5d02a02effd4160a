"""Writes a day's differences into the open worklist: in bulk, inside the caller's transaction, on both databases."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection

from sulah.records.workitem import WorkItem

ITEMS = "records_workitem"
"""The table of the open worklist."""


def put_items(columns: Sequence[str], batches: Iterable[Sequence[tuple[Any, ...]]], as_of: date) -> None:
    """Open or change one item a person; columns name the values of each row, the person first.

    An open item keeps the day on which it was opened; a closed one is opened again.
    """
    table = ITEMS
    whole = (*columns, "opened_on", "changed_on")
    listed = ", ".join(whole)
    kept = f"opened_on = CASE WHEN {table}.closed_on IS NULL THEN {table}.opened_on ELSE excluded.opened_on END"
    said = ", ".join([*(f"{name} = excluded.{name}" for name in (*columns[1:], "changed_on")), kept, "closed_on = NULL"])
    merge = f"ON CONFLICT ({columns[0]}) DO UPDATE SET {said}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming ON COMMIT DROP AS SELECT {listed} FROM {table} WHERE false")
            for rows in batches:
                with cursor.copy(f"COPY incoming ({listed}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row((*row, as_of, as_of))
            cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM incoming ORDER BY {columns[0]} {merge}")
            return
        marks = ", ".join(["%s"] * len(whole))
        for rows in batches:
            cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks}) {merge}", [(*row, as_of, as_of) for row in rows])


def close_items(borrowers: Iterable[Sequence[str]], as_of: date) -> None:
    """Close the open items of these people, given in batches."""
    for some in borrowers:
        for start in range(0, len(some), 500):
            WorkItem.objects.filter(borrower_id__in=some[start : start + 500]).update(closed_on=as_of, changed_on=as_of)


def open_items() -> int:
    """How many items are open."""
    return WorkItem.objects.filter(closed_on=None).count()
