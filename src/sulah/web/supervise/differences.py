"""Where our figures and the lender's differ: by cause, branch and PIN code, with the list behind."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Day, Row, clause_of, equals
from sulah.contracts.registry import TABLES
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out, too_many

PARTS = ("cause", "branch_id", "pincode", "field")
_MOST = 12


def counted_by(day: Day, part: str, where: tuple[Condition, ...]) -> list[Row]:
    """Differences and loans by one column, most first."""
    clause, params = clause_of("difference", where)
    sql = (
        f"SELECT {part} AS part, CAST(count(*) AS BIGINT) AS differences, CAST(count(DISTINCT loan_id) AS BIGINT) AS loans "
        f"FROM difference{clause} GROUP BY {part} ORDER BY differences DESC, part LIMIT {_MOST}"
    )
    return day.query(sql, params, "difference")


@page("differences")
def differences(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Differences of the day within reach, narrowed by ?cause=, ?branch_id=, ?pincode=, ?field=."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    with day_of(run) as day:
        asked = tuple(equals(part, request.GET[part]) for part in PARTS if request.GET.get(part))
        where = (*reach.conditions(), *asked)
        sheet = sheet_of(request, day.count("difference", where=where))
        order = ("-overdue_paise", "loan_id", "field")
        if asks_for(request, "differences"):
            long = too_many(request, sheet.rows, "difference", run.as_of)
            found = [] if long else day.rows("difference", where=where, order=order)
            return long or taken_out(request, reach, "differences", run.as_of, TABLES["difference"].names, found)
        context = {
            "run": run,
            "reach": reach,
            "rows": day.rows("difference", where=where, order=order, limit=PAGE_ROWS, offset=sheet.offset),
            "sheet": sheet,
            "asked": [(part, request.GET[part]) for part in PARTS if request.GET.get(part)],
            "by": [(part, counted_by(day, part, where)) for part in ("cause", "branch_id", "pincode")],
            "loans_in_all": day.count("position", where=reach.conditions()),
        }
        return render(request, "differences.html", context)
