"""Where a load stands at its own business date, from its derived tables: the total overdue, and how far our days past due differ."""

from datetime import date
from pathlib import Path

import duckdb

from sulah.adapters.book.layers import rows_of_load, view_of_load

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

_DIFFERENCES = """
WITH compared AS (
    SELECT a.loan_key, a.lms_dpd, a.lms_dpd_count FROM derived_account a
    WHERE a.lms_dpd IS NOT NULL AND a.extract_on = $as_of AND NOT a.schedule_unreliable AND (a.ended_on IS NULL OR a.ended_on > $as_of)
        AND a.loan_key NOT IN (SELECT w.loan_key FROM derived_relief_window w WHERE NOT w.counts AND w.from_on <= $as_of)
), paid AS (
    SELECT loan_key, CAST(sum(amount_paise) AS BIGINT) AS paise FROM derived_receipt
    WHERE effective_on <= $as_of AND void_on > $as_of GROUP BY loan_key
), oldest AS (
    SELECT d.loan_key, min(d.due_on) AS due_on FROM derived_due d LEFT JOIN paid p ON p.loan_key = d.loan_key
    WHERE d.due_on <= $as_of AND d.in_force_from <= $as_of AND d.in_force_to > $as_of AND d.cum_due_paise > coalesce(p.paise, 0)
    GROUP BY d.loan_key
), counted AS (
    SELECT c.lms_dpd, c.lms_dpd_count, coalesce(date_diff('day', o.due_on, CAST($as_of AS DATE)), 0) AS elapsed,
        coalesce(date_diff('day', o.due_on, CAST($as_of AS DATE)) + 1, 0) AS inclusive
    FROM compared c LEFT JOIN oldest o ON o.loan_key = c.loan_key
)
SELECT count(1), count(1) FILTER (CASE lms_dpd_count
    WHEN 'inclusive' THEN lms_dpd <> inclusive WHEN 'elapsed' THEN lms_dpd <> elapsed ELSE lms_dpd NOT IN (inclusive, elapsed) END)
FROM counted
"""
"""Loans compared and loans that differ.  Left out: loans that ended or whose figure is of another day, schedules that contradict
themselves, and windows of relief that stop the count: their differences have a known cause.  A lender that does not say how it
counts differs only when neither count is its figure."""


def overdue_of(connection: duckdb.DuckDBPyConnection, folder: Path, as_of: date) -> int:
    """Paise overdue over the demanded loans: dues of as_of and earlier less receipts that count by then, never below zero a loan."""
    for name in ("account", "due", "receipt", "relief_window"):
        view_of_load(connection, f"derived_{name}", rows_of_load(folder, name))
    rows = connection.execute(_TOTAL, {"as_of": as_of}).fetchall()
    return int(rows[0][0])


def dpd_differences(connection: duckdb.DuckDBPyConnection, as_of: date) -> tuple[int, int]:
    """Loans whose days past due were compared with the lender's, and those that differ; after overdue_of, whose views it reads."""
    if not connection.execute("SELECT 1 FROM derived_account a WHERE a.lms_dpd IS NOT NULL LIMIT 1").fetchall():
        return 0, 0  # a lender that sends no figure of its own is spared a pass over its dues and receipts
    compared, different = connection.execute(_DIFFERENCES, {"as_of": as_of}).fetchall()[0]
    return int(compared), int(different)
