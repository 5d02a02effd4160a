"""Returned debits: which may be presented again, on which day and for how much, and why the others may not."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse

from sulah.adapters.book.bounces import ReturnedDebits
from sulah.adapters.book.reader import Condition, Day, Row, clause_of
from sulah.records.dayrun import DayRun
from sulah.web.reach import Reach, page
from sulah.web.standing import rules_of, the_lender
from sulah.web.supervise.counted import counted_page

PARTS = ("outcome", "because", "branch_id", "kind")
_MOST = 12


def summed_by(day: Day, part: str, where: tuple[Condition, ...]) -> list[Row]:
    """Returned debits and rupees by one column, and those planned again; most rupees first."""
    clause, params = clause_of("presentation", where)
    sql = (
        f"SELECT {part} AS part, CAST(count(*) AS BIGINT) AS debits, CAST(sum(amount_paise) AS BIGINT) AS paise, "
        "CAST(count(present_on) AS BIGINT) AS planned, CAST(coalesce(sum(present_paise), 0) AS BIGINT) AS planned_paise "
        f"FROM presentation{clause} GROUP BY {part} ORDER BY paise DESC, part LIMIT {_MOST}"
    )
    return day.query(sql, params, "presentation")


def _opened(run: DayRun) -> Day:
    return ReturnedDebits(run, the_lender())


@page("returns")
def returns(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The latest return of each loan and mandate within reach, narrowed by ?outcome=, ?because=, ?branch_id=, ?kind=."""
    return counted_page(
        request,
        reach,
        name="returns",
        table="presentation",
        parts=PARTS,
        by=("outcome", "because", "branch_id"),
        count=summed_by,
        order=("present_on", "-amount_paise", "loan_id"),
        more=_limits,
        opened=_opened,
    )


def _limits(day: Day) -> dict[str, Any]:
    """The rules of the day, and from when on is planned."""
    return {"limits": rules_of(day.run).rows("presentation"), "planned_on": cast("ReturnedDebits", day).planned_on}
