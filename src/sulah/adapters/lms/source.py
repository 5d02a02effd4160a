"""One file of an extract, ready to be read as rows of text with their numbers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

ROW_SPAN = 1 << 40
"""Row ids are file number times this, plus the row in the file: no file has as many rows."""


DELETED = "deleted"
"""The column of a file of changes that marks a tombstone."""


_RECEIVED = re.compile(r"api[.]\d{4}-\d\d-\d\d[.]\d+[.][a-z_]+[.](changes|append)[.]\d+[.]parquet")


def is_received(name: str) -> bool:
    """Is that the name of a file of records that the API received?  They are written as the contract says, whatever the mapping of the day.

    >>> is_received("api.2026-04-01.1.repayment.changes.1.parquet"), is_received("repayment.parquet")
    (True, False)
    """
    return _RECEIVED.fullmatch(name) is not None


class Mode(StrEnum):
    """What the rows of a file are: the whole table, new rows only, or rows by key that take the place of those before."""

    FULL = "full"
    APPEND = "append"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Source:
    """A file bound to a table: relation is SQL giving __row (data row, from 1) and the lender's columns as text.

    rejects names the table of malformed lines (CSV only); number is the file's place in the extract, from 1.
    plain: the values are already written as the contract wants, whatever the mapping says (accepted rows of an earlier load).
    malformed: (row, line) of lines that an earlier load could not split, carried on.
    mode: what its rows are to the load before.
    not_applied: (row, field, code) of rows of a delta that an earlier load could not apply, carried on.
    changed: SQL that counts the rows whose text is cleaned on reading, and the first of them; empty where nothing is.
    native: the engine's type of the lender's columns that the relation also offers as they are stored (intake/native.py).
    """

    table: str
    path: Path
    name: str
    number: int
    header: tuple[str, ...]
    relation: str
    sha256: str
    rejects: str = ""
    plain: bool = False
    malformed: tuple[tuple[int, str], ...] = ()
    not_applied: tuple[tuple[int, str, str], ...] = ()
    changed: str = ""
    mode: Mode = Mode.FULL
    native: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_id(self) -> int:
        """Added to the row number to make the row id."""
        return self.number * ROW_SPAN
