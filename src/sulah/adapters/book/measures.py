"""The measures of committed days as pages and exports read them: sums of pre-aggregated rows, never of the book.

Every amount is whole paise, every rate is two numbers (divide them with insight.rates.share_bps).  `where` are conditions of a
person's reach (on branch_id): cuts of the whole lender (vintage, channel, ticket band) carry no branch and so give no row to
somebody who sees some branches only.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sulah.adapters.book.reader import Condition, Day, Row, clause_of, equals, one_of, truth
from sulah.contracts.measure_day import DIMENSIONS
from sulah.contracts.registry import TABLES
from sulah.contracts.shape import Kind
from sulah.records.dayrun import DayRun

SOURCE = {"branch": "product", "state": "pincode", "district": "pincode", "total": "product"}
"""Dimension -> the cells that it is summed from; any other dimension has cells of its own."""

WHOLE_LENDER = ("vintage", "channel", "ticket_band")
"""Cuts that are made for the whole lender only."""

_SUMS = tuple(column.name for column in TABLES["measure_day"].columns if column.kind in (Kind.INTEGER, Kind.PAISE))
_SUMMED = ", ".join(f"CAST(coalesce(sum({name}), 0) AS BIGINT) AS {name}" for name in _SUMS)
_PERIODS = {
    "month": ("roll_cell", "open_place", "open_principal_paise", "open_provision_paise", "open_provision_aged_paise"),
    "day": ("roll_move", "before_place", "before_principal_paise", "before_provision_paise", "before_provision_aged_paise"),
}


def has_measures(run: DayRun) -> bool:
    """Was the day run by a version that makes measures?"""
    return "measure_day" in run.tables


def totals(day: Day, where: Sequence[Condition] = ()) -> Row:
    """One row: as_of, open_on (None = no anchor yet) and every measure of the book within reach."""
    clause, params = clause_of("measure_day", (equals("dimension", "branch"), *where))
    sql = f"SELECT max(as_of) AS as_of, max(open_on) AS open_on, {_SUMMED} FROM measure_day{clause}"
    row = day.query(sql, params, "measure_day")[0]
    return {**row, "as_of": day.run.as_of}


def by_dimension(day: Day, dimension: str, where: Sequence[Condition] = (), *, limit: int | None = None) -> list[Row]:
    """One row a member of the dimension, largest outstanding principal first; ValueError for a dimension that there is not."""
    if dimension not in DIMENSIONS:
        raise ValueError(f"no dimension {dimension}; there are {', '.join(DIMENSIONS)}")
    clause, params = clause_of("measure_day", (equals("dimension", dimension), *where))
    tail = "" if limit is None else f" LIMIT {int(limit)}"
    order = f"ORDER BY principal_paise DESC, member{tail}"
    sql = f"SELECT member, max(open_on) AS open_on, {_SUMMED} FROM measure_day{clause} GROUP BY member {order}"
    return day.query(sql, params, "measure_day")


def trend(days: Iterable[Day], where: Sequence[Condition] = (), *, dimension: str = "", member: str = "") -> list[Row]:
    """One row a day, in the order given: the book within reach, or one member of a dimension; days without measures are left out."""
    rows = []
    for day in days:
        if not has_measures(day.run):
            continue
        asked = (equals("dimension", dimension), equals("member", member)) if dimension else (equals("dimension", "branch"),)
        clause, params = clause_of("measure_day", (*asked, *where))
        row = day.query(f"SELECT max(open_on) AS open_on, {_SUMMED} FROM measure_day{clause}", params, "measure_day")[0]
        rows.append({"as_of": day.run.as_of, **row})
    return rows


def month_ends(runs: Iterable[DayRun]) -> list[DayRun]:
    """The runs of the last day of a month, oldest first: whole-month efficiency, month-on-month, vintage curves."""
    ends = [run for run in runs if (run.as_of + timedelta(days=1)).day == 1 and has_measures(run)]
    return sorted(ends, key=lambda run: run.as_of)


def first_anchor(as_of: date) -> date:
    """The month-end that will be the first anchor of a book whose month has none: the end of the month of as_of.

    >>> first_anchor(date(2026, 2, 11))
    datetime.date(2026, 2, 28)
    """
    later = as_of.replace(day=28) + timedelta(days=4)
    return later - timedelta(days=later.day)


def roll_matrix(
    day: Day, where: Sequence[Condition] = (), *, period: str = "month", dimension: str = "total", member: str = ""
) -> list[Row]:
    """The roll matrix: from_place, place, direction, loans, from_paise, principal_paise, change of provision (both ways).

    period: month (from the opening month-end) or day (from the last committed day).  Empty without an anchor, or a day before.
    """
    table, from_place, from_paise, provision, aged = _PERIODS[period]
    clause, params = clause_of(table, (*_cells(dimension, member), *where))
    clause += f" AND {from_place} IS NOT NULL"
    sql = (
        f"SELECT {from_place} AS from_place, place, direction, CAST(sum(loans) AS BIGINT) AS loans, "
        f"CAST(coalesce(sum({from_paise}), 0) AS BIGINT) AS from_paise, CAST(sum(principal_paise) AS BIGINT) AS principal_paise, "
        f"CAST(sum(provision_paise) - coalesce(sum({provision}), 0) AS BIGINT) AS provision_change_paise, "
        f"CAST(sum(provision_aged_paise) - coalesce(sum({aged}), 0) AS BIGINT) AS provision_aged_change_paise "
        f"FROM {table}{clause} GROUP BY {from_place}, place, direction"
    )
    rows = day.query(sql, params, table)
    if period == "day":
        rows += _stayed(day, (*_cells(dimension, member), *where))
    return sorted(rows, key=lambda row: (row["from_place"], row["place"]))


def roll_loans(
    day: Day, from_place: str, place: str, where: Sequence[Condition] = (), *, period: str = "month", limit: int = 50, offset: int = 0
) -> list[Row]:
    """The loans behind one cell of the matrix, largest principal first: rows of loan_day."""
    column = _PERIODS[period][1]
    conditions = (equals(column, from_place), equals("place", place), *where)
    return day.rows("loan_day", where=conditions, order=("-principal_paise", "loan_id"), limit=limit, offset=offset)


def provision_by_age(day: Day) -> bool:
    """Does the way by aged instalments count on the day (NBFC-MFI)?  Then the *_aged_* columns are the provision."""
    legs = day.rows("provision_book", where=(truth("counted", is_true=True),))
    return any(str(row["leg"]).startswith("instalments") for row in legs)


def vintages(day: Day, product: str = "") -> list[Row]:
    """One row a month of disbursal, oldest first: loans, disbursed_paise, par_30/90, ever_30/90, written off; all products or one.

    A curve is the same vintage over the days of `month_ends`, by months_on_book.
    """
    names = tuple(column.name for column in TABLES["vintage_day"].columns if column.kind in (Kind.INTEGER, Kind.PAISE))
    summed = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in names if name != "months_on_book")
    clause, params = clause_of("vintage_day", (equals("product", product),) if product else ())
    sql = f"SELECT vintage, max(months_on_book) AS months_on_book, {summed} FROM vintage_day{clause} GROUP BY vintage ORDER BY vintage"
    return day.query(sql, params, "vintage_day")


def cohorts(day: Day, mark: str, where: Sequence[Condition] = (), *, dimension: str = "branch", member: str | None = None) -> list[Row]:
    """Recovery of those that entered par_30, par_90 or npa, one row a month of entry (seen_late: already so when first seen)."""
    asked = (equals("mark", mark), equals("dimension", dimension), *([] if member is None else [equals("member", member)]))
    clause, params = clause_of("cohort_day", (*asked, *where))
    names = tuple(column.name for column in TABLES["cohort_day"].columns if column.kind in (Kind.INTEGER, Kind.PAISE))
    summed = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in names)
    sql = f"SELECT entered_in, seen_late, {summed} FROM cohort_day{clause} GROUP BY entered_in, seen_late ORDER BY entered_in, seen_late"
    return day.query(sql, params, "cohort_day")


def alerts(day: Day, branches: Sequence[str] | None = None) -> list[Row]:
    """Cohorts outside their band, largest principal first; branches None = all of the lender, else those branches only."""
    where = () if branches is None else (one_of("branch_id", branches),)
    return day.rows("roll_alert", where=where, order=("-forward_paise", "dimension", "member", "open_place"))


def alert_since(earlier: Iterable[Day], alert: Row) -> date:
    """The first day of the unbroken run of committed days (newest first in `earlier`) on which the cohort was outside its band."""
    since: date = alert["as_of"]
    key = tuple(equals(name, alert[name]) for name in ("dimension", "member", "branch_id", "open_place"))
    for day in earlier:
        if not has_measures(day.run) or not day.count("roll_alert", where=key):
            break
        since = day.run.as_of
    return since


def ledger(day: Day, where: Sequence[Condition] = ()) -> list[Row]:
    """The lender's ledger totals beside ours; no rows when the lender sent none for the day."""
    return day.rows("ledger_match", where=where, order=("agrees", "measure", "product", "branch_id"))


def _cells(dimension: str, member: str) -> tuple[Condition, ...]:
    """The cells of a member of a dimension; total = all of the book."""
    if dimension != "total" and dimension not in DIMENSIONS:
        raise ValueError(f"no dimension {dimension}; there are total, {', '.join(DIMENSIONS)}")
    source = (equals("dimension", SOURCE.get(dimension, dimension)),)
    if dimension == "total":
        return source
    column = {"branch": "branch_id", "state": "state", "district": "district"}.get(dimension, "member")
    return (*source, equals(column, member))


def _stayed(day: Day, where: Sequence[Condition]) -> list[Row]:
    """Loans in the place of the last committed day: all that stand there today less those that moved in; their provision is not kept."""
    sql = (
        "SELECT place AS from_place, CAST(sum(loans) AS BIGINT) AS loans, CAST(sum(before_paise) AS BIGINT) AS from_paise FROM ("
        "SELECT place, loans, before_paise FROM roll_cell{0} "
        "UNION ALL SELECT place, -loans, -before_principal_paise FROM roll_move{0}) GROUP BY place HAVING sum(loans) > 0"
    )
    clause, params = clause_of("roll_move", where)
    rows = day.query(sql.format(clause), [*params, *params], "roll_cell", "roll_move")
    if not day.count("loan_day", where=(Condition("before_on", "IS NOT NULL"),)):
        return []
    unknown = {"principal_paise": None, "provision_change_paise": None, "provision_aged_change_paise": None}
    return [{**row, "place": row["from_place"], "direction": "same", **unknown} for row in rows]
