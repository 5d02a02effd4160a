"""The rows about the code by which a borrower checks an officer."""

from collections.abc import Mapping
from functools import cache

from sulah.policy.talk.steps import LearningRow, sheet_rows


@cache
def code_rows() -> Mapping[str, LearningRow]:
    """The numbers by name; ValueError for one that stands twice or is not above nothing, which is a fault of the package."""
    rows = [LearningRow(**row) for row in sheet_rows("officer_code", "row")]
    if len({row.name for row in rows}) < len(rows) or any(row.value <= 0 for row in rows):
        raise ValueError("a name stands twice in officer_code.toml, or a value is not above nothing")
    return {row.name: row for row in rows}


def code_limit(name: str) -> int:
    """One number.

    >>> code_limit("digits"), code_limit("valid_minutes")
    (8, 30)
    """
    return code_rows()[name].value
