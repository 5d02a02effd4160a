"""Sums over a committed day's small tables and positions, for the words of a command."""

from pathlib import Path
from typing import Any

from sulah.adapters.engines.duck import connect, view_of_files

SUMMED_UP = ("book_day", "position", "provision_book")
"""The tables of a day that its summary reads."""

_BUCKETS = """
SELECT b.bucket, CAST(sum(b.loans) AS BIGINT) AS loans, CAST(sum(b.outstanding_principal_paise) AS BIGINT) AS outstanding_principal_paise,
  CAST(sum(b.overdue_paise) AS BIGINT) AS overdue_paise
FROM book_day AS b
WHERE NOT b.written_off
GROUP BY b.bucket
ORDER BY CASE WHEN b.bucket = 'current' THEN 0 ELSE CAST(regexp_extract(b.bucket, '^[0-9]+') AS INTEGER) END
"""
_NPA = """
SELECT coalesce(CAST(sum(b.loans) AS BIGINT), 0), coalesce(CAST(sum(b.outstanding_principal_paise) AS BIGINT), 0)
FROM book_day AS b WHERE b.asset_class <> 'standard' AND NOT b.written_off
"""
_RECEIPTS = """
SELECT coalesce(CAST(sum(p.paid_paise) AS BIGINT), 0), coalesce(CAST(sum(p.allocated_paise) AS BIGINT), 0),
  coalesce(CAST(sum(p.unallocated_paise) AS BIGINT), 0)
FROM position AS p
"""
_PROVISION = "SELECT coalesce(max(v.provision_paise), 0) FROM provision_book AS v WHERE v.leg = 'total'"


def summary_of(folder: Path) -> dict[str, Any]:
    """Buckets, NPA, receipts and provision of a day's folder; written-off loans apart."""
    connection = connect()
    for table in SUMMED_UP:
        view_of_files(connection, table, sorted((folder / table).glob("*.parquet")))
    names = ("bucket", "loans", "outstanding_principal_paise", "overdue_paise")
    buckets = [dict(zip(names, row, strict=True)) for row in connection.execute(_BUCKETS).fetchall()]
    npa_loans, npa_paise = connection.execute(_NPA).fetchall()[0]
    paid, allocated, unallocated = connection.execute(_RECEIPTS).fetchall()[0]
    provision = connection.execute(_PROVISION).fetchall()[0][0]
    connection.close()
    return {
        "buckets": buckets,
        "npa_loans": npa_loans,
        "npa_paise": npa_paise,
        "paid_paise": paid,
        "allocated_paise": allocated,
        "unallocated_paise": unallocated,
        "provision_paise": provision,
    }
