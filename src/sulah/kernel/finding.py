"""A finding: an error in data, as a value that says where, what and in which words; never an exception."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding does: note it, quarantine the row, hold the load for approval, or refuse the file."""

    NOTE = "note"
    ROW = "row"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One error in the lender's data.

    file and row point into the lender's own file (row 1 is the first data row; 0 = the file as a whole),
    field is the contract's column, code is stable, words tell a branch manager what to do next.
    """

    table: str
    file: str
    row: int
    field: str
    code: str
    words: str
    severity: Severity = Severity.ROW
    count: int = 1
