"""One file of an extract, ready to be read as rows of text with their numbers."""

from dataclasses import dataclass
from pathlib import Path

ROW_SPAN = 1 << 40
"""Row ids are file number times this, plus the row in the file: no file has as many rows."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file bound to a table: relation is SQL giving __row (data row, from 1) and the lender's columns as text.

    rejects names the table of malformed lines (CSV only); number is the file's place in the extract, from 1.
    plain: the values are already written as the contract wants, whatever the mapping says (accepted rows of an earlier load).
    malformed: (row, line) of lines that an earlier load could not split, carried on.
    changed: SQL that counts the rows whose text is cleaned on reading, and the first of them; empty where nothing is.
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
    changed: str = ""

    @property
    def first_id(self) -> int:
        """Added to the row number to make the row id."""
        return self.number * ROW_SPAN
