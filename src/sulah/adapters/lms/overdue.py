"""The total overdue of a load at its own business date, from its derived tables: what the hold on swings compares."""

from datetime import date
from pathlib import Path

import duckdb

from sulah.adapters.engines.duck import view_of_files

_TOTAL = """
SELECT CAST(coalesce(sum(greatest(0, coalesce(d.due_paise, 0) - coalesce(r.paid_paise, 0))), 0) AS BIGINT)
FROM derived_account a
LEFT JOIN (
    SELECT loan_key, CAST(sum(principal_paise + interest_paise + charge_paise) AS BIGINT) AS due_paise FROM derived_due
    WHERE due_on <= $as_of AND in_force_from <= $as_of AND in_force_to > $as_of GROUP BY loan_key
) d ON d.loan_key = a.loan_key
LEFT JOIN (
    SELECT loan_key, CAST(sum(amount_paise) AS BIGINT) AS paid_paise FROM derived_receipt
    WHERE effective_on <= $as_of AND void_on > $as_of GROUP BY loan_key
) r ON r.loan_key = a.loan_key
WHERE a.ended_on IS NULL OR a.ended_on > $as_of
"""


def overdue_of(connection: duckdb.DuckDBPyConnection, folder: Path, as_of: date) -> int:
    """Paise overdue over the demanded loans: dues of as_of and earlier less receipts that count by then, never below zero a loan."""
    for name in ("account", "due", "receipt"):
        view_of_files(connection, f"derived_{name}", sorted((folder / name).glob("*.parquet")))
    rows = connection.execute(_TOTAL, {"as_of": as_of}).fetchall()
    return int(rows[0][0])
