"""The book over days: each day's pre-aggregated rows, found through the ledger; a restated figure never rewrites an older day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sulah.adapters.book.reader import Condition, Day, Row, clause_of, rows_of, truth
from sulah.adapters.book.retention import is_retired, retired_paths
from sulah.adapters.engines.duck import connect, view_of_files
from sulah.kernel.dates import add_months
from sulah.records.dayrun import DayRun
from sulah.web.standing import the_lender
from sulah.web.words import bps

OVERDUE = ("1-30", "31-60", "61-90", "91-180", "181-365", "366+")
BEYOND = {30: OVERDUE[1:], 60: OVERDUE[2:], 90: OVERDUE[3:], 180: OVERDUE[4:]}
"""The buckets beyond so many days: what PAR 30, 60, 90 and 180 are the sums of."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The book within reach on one day-end, written-off loans apart: sums in paise, outstanding principal by bucket."""

    as_of: date
    loans: int
    outstanding_paise: int
    overdue_paise: int
    by_bucket: dict[str, int]

    def par_paise(self, days: int) -> int:
        """Outstanding principal of loans beyond 30, 60, 90 or 180 days past due."""
        return sum(self.by_bucket.get(bucket, 0) for bucket in BEYOND[days])

    def par(self, days: int) -> int | None:
        """PAR in hundredths of a percent; None of an empty book."""
        return bps(self.par_paise(days), self.outstanding_paise)

    def share(self, bucket: str) -> int | None:
        """A bucket's share of the outstanding principal, in hundredths of a percent."""
        return bps(self.by_bucket.get(bucket, 0), self.outstanding_paise)


def runs_to(run: DayRun, days: int) -> list[DayRun]:
    """The committed days of the last so many calendar days up to a run, oldest first."""
    since = run.as_of - timedelta(days=days - 1)
    return list(DayRun.objects.select_related("load").defer("policy").filter(as_of__gte=since, as_of__lte=run.as_of).order_by("as_of"))


def files_over(runs: Sequence[DayRun], table: str) -> list[Path]:
    """The files of a table over runs; a run from before the table was made, or whose files were let go in their time, has none."""
    lender, gone = the_lender(), retired_paths()
    standing = (run for run in runs if run.tables.get(table) and not is_retired(run.path, gone))
    return [path for run in standing for path in Day(run, lender).files(table)]


def rows_over(runs: Sequence[DayRun], table: str, columns: str, where: Sequence[Condition], grouping: str) -> list[Row]:
    """Rows of a small table over several days in one reading: columns and grouping are SQL of ours, values travel as parameters."""
    files = files_over(runs, table)
    if not files:
        return []
    clause, params = clause_of(table, where)
    connection = connect(memory_mb=512)
    try:
        view_of_files(connection, table, files)
        return rows_of(connection.execute(f"SELECT {columns} FROM {table}{clause} {grouping}", params))
    finally:
        connection.close()


def standings(runs: Sequence[DayRun], where: Sequence[Condition]) -> list[Standing]:
    """Each day's standing within reach, oldest first; a day without a loan within reach is left out."""
    columns = (
        "as_of, bucket, CAST(sum(loans) AS BIGINT) AS loans, CAST(sum(outstanding_principal_paise) AS BIGINT) AS outstanding_paise, "
        "CAST(sum(overdue_paise) AS BIGINT) AS overdue_paise"
    )
    live = (truth("written_off", is_true=False), *where)
    rows = rows_over(runs, "book_day", columns, live, "GROUP BY as_of, bucket ORDER BY as_of, bucket")
    days: dict[date, list[Row]] = {}
    for row in rows:
        days.setdefault(row["as_of"], []).append(row)
    return [
        Standing(
            as_of,
            sum(row["loans"] for row in found),
            sum(row["outstanding_paise"] for row in found),
            sum(row["overdue_paise"] for row in found),
            {row["bucket"]: row["outstanding_paise"] for row in found},
        )
        for as_of, found in days.items()
    ]


def month_end_before(day: date) -> date:
    """The last day of the month before.

    >>> month_end_before(date(2026, 3, 31))
    datetime.date(2026, 2, 28)
    """
    return day.replace(day=1) - timedelta(days=1)


def next_month_end(day: date) -> date:
    """The first month-end on or after a day.

    >>> next_month_end(date(2026, 3, 31)), next_month_end(date(2026, 4, 2))
    (datetime.date(2026, 3, 31), datetime.date(2026, 4, 30))
    """
    return add_months(day.replace(day=1), 1) - timedelta(days=1)
