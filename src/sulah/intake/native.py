"""Columns that a file stores as dates and numbers: their value is taken over as it is, without writing it out and reading it again.

Only values within the bounds that the text way knows as plainly written are taken; every other one takes the way of text, so that
both ways give the same value and the same findings.
"""

import re

from sulah.contracts.shape import Kind

NATIVE = re.compile(r"DATE|TIMESTAMP|INTEGER|BIGINT|SMALLINT|TINYINT|DECIMAL\(([1-9]|1[0-8]),[0-2]\)")
"""The engine's types that hold a plainly written date, moment, whole number or amount."""

_WHOLE = ("INTEGER", "BIGINT", "SMALLINT", "TINYINT")


def stored_name(column: str) -> str:
    """The name under which a relation offers a column of the lender as it is stored, beside its text.

    >>> stored_name("DueDate")
    'DueDate as stored'
    """
    return f"{column} as stored"


def taken_over(kind: Kind, engine_type: str, cell: str) -> str | None:
    """WHEN ... THEN ... of a value taken over as it is stored; none where a column of this kind has to be read from its text.

    >>> taken_over(Kind.INTEGER, "BIGINT", "x")
    'WHEN x BETWEEN -99999999 AND 999999999 THEN CAST(x AS INTEGER)'
    >>> taken_over(Kind.INTEGER, "DATE", "x") is None
    True
    """
    match kind:
        case Kind.PAISE if engine_type.startswith("DECIMAL"):
            return f"WHEN {cell} BETWEEN -99999999999999 AND 99999999999999 THEN CAST({cell} * 100 AS BIGINT)"
        case Kind.PAISE if engine_type in _WHOLE:
            return f"WHEN {cell} BETWEEN -99999999999999 AND 999999999999999 THEN CAST({cell} AS BIGINT) * 100"
        case Kind.INTEGER if engine_type in _WHOLE:
            return f"WHEN {cell} BETWEEN -99999999 AND 999999999 THEN CAST({cell} AS INTEGER)"
        case Kind.DATE if engine_type == "DATE":
            return f"WHEN {cell} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {cell}"
        case Kind.MOMENT if engine_type == "TIMESTAMP":
            return f"WHEN {cell} IS NOT NULL THEN {cell}"
    return None
