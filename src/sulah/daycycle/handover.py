"""Class memory follows a loan that changes hands: another borrower id is no way out of NPA (ADR 2, point 19).

Where people are merged, renamed, or a loan moves to somebody else between two committed days, the person who has the loan now is
remembered as NPA since the day on which the one who had it was; RBI/2021-22/125 lets an NPA be upgraded only when all arrears are paid.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from sulah.adapters.book.layers import rows_of_load
from sulah.adapters.engines.duck import connect, literal

_MOVED = """
SELECT DISTINCT a.borrower_id, p.borrower_id AS former_id
FROM {account} AS a
INNER JOIN {before} AS p ON {same_loan} AND p.borrower_id <> a.borrower_id
WHERE (a.ended_on IS NULL OR a.ended_on > {as_of}) AND {may_have}
"""
_BROUGHT = """
WITH own_and_brought AS (
  SELECT m.borrower_id, m.npa_on, m.upgraded_on, m.cause FROM {memory} AS m
  UNION ALL
  SELECT d.borrower_id, m.npa_on, m.upgraded_on, m.cause FROM moved AS d INNER JOIN {memory} AS m ON m.borrower_id = d.former_id
),
kept AS (
  SELECT b.borrower_id, min(b.npa_on) AS npa_on, CASE WHEN min(b.npa_on) IS NULL THEN max(b.upgraded_on) END AS upgraded_on
  FROM own_and_brought AS b
  GROUP BY b.borrower_id
)
SELECT k.borrower_id, k.npa_on, k.upgraded_on, min(b.cause) AS cause
FROM kept AS k
INNER JOIN own_and_brought AS b ON b.borrower_id = k.borrower_id
  AND b.npa_on IS NOT DISTINCT FROM k.npa_on AND (k.npa_on IS NOT NULL OR b.upgraded_on IS NOT DISTINCT FROM k.upgraded_on)
GROUP BY k.borrower_id, k.npa_on, k.upgraded_on
ORDER BY k.borrower_id
"""


def memory_brought_along(load: Path, before: Path | None, memory: Sequence[Path], as_of: date, *, touched_only: bool) -> pa.Table | None:
    """asset_memory of the last committed day, whole, with what moved loans bring to their new people; none where no loan moved.

    Columns of asset_memory.  A person takes the earliest npa_on of their own and of those from whom loans came, with its cause; where
    none was NPA, the latest upgraded_on.  Loans that have ended bring nothing.
    before: the folder of the load that the last committed day stood on, memory: the files of that day's asset_memory.
    touched_only: is the load that one's child, so that only loans in touched can have moved, and keys of loans are the same in both?
    """
    if not memory or before is None or before.name == load.name:
        return None
    touched = f"a.loan_key IN (SELECT t.loan_key FROM {rows_of_load(load, 'touched').relation()} AS t)"
    with connect() as connection:
        moved = _MOVED.format(
            account=rows_of_load(load, "account").relation(),
            before=rows_of_load(before, "account").relation(),
            as_of=f"DATE {literal(as_of.isoformat())}",
            same_loan="p.loan_key = a.loan_key" if touched_only else "p.loan_id = a.loan_id",
            may_have=touched if touched_only else "true",
        )
        connection.execute(f"CREATE TABLE moved AS {moved}")
        if not connection.execute("SELECT 1 FROM moved LIMIT 1").fetchall():
            return None
        remembered = f"read_parquet([{', '.join(literal(str(path)) for path in memory)}])"
        return connection.sql(_BROUGHT.format(memory=remembered)).to_arrow_table()
