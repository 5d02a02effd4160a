"""Payments that other sources know, against the lender's postings: by outcome, source, branch and PIN code, with the list behind."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Day, Row, clause_of, equals
from sulah.contracts.registry import TABLES
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out, too_many

PARTS = ("outcome", "source", "branch_id", "pincode")
_MOST = 12


def summed_by(day: Day, part: str, where: tuple[Condition, ...]) -> list[Row]:
    """Payments and rupees by one column, and how much of both met its posting in full; largest rest first."""
    clause, params = clause_of("payment_match", where)
    met = "outcome = 'matched'"
    sql = (
        f"SELECT {part} AS part, CAST(count(*) AS BIGINT) AS payments, CAST(sum(amount_paise) AS BIGINT) AS paise, "
        f"CAST(count(*) FILTER ({met}) AS BIGINT) AS matched, "
        f"CAST(coalesce(sum(amount_paise) FILTER (NOT ({met})), 0) AS BIGINT) AS rest_paise "
        f"FROM payment_match{clause} GROUP BY {part} ORDER BY rest_paise DESC, payments DESC, part LIMIT {_MOST}"
    )
    return day.query(sql, params, "payment_match")


@page("payments")
def payments(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Payments of the day's sources within reach, narrowed by ?outcome=, ?source=, ?branch_id=, ?pincode=.

    Payments for loans that nobody knows have no branch: whoever sees some branches only does not see them.
    """
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    with day_of(run) as day:
        asked = tuple(equals(part, request.GET[part]) for part in PARTS if request.GET.get(part))
        where = (*reach.conditions(), *asked)
        sheet = sheet_of(request, day.count("payment_match", where=where))
        order = ("-paid_on", "-amount_paise", "source", "reference")
        if asks_for(request, "payments"):
            long = too_many(request, sheet.rows, "payment_match", run.as_of)
            found = [] if long else day.rows("payment_match", where=where, order=order)
            return long or taken_out(request, reach, "payments", run.as_of, TABLES["payment_match"].names, found)
        context = {
            "run": run,
            "reach": reach,
            "rows": day.rows("payment_match", where=where, order=order, limit=PAGE_ROWS, offset=sheet.offset),
            "sheet": sheet,
            "asked": [(part, request.GET[part]) for part in PARTS if request.GET.get(part)],
            "by": [(part, summed_by(day, part, where)) for part in ("outcome", "branch_id", "pincode")],
        }
        return render(request, "payments.html", context)
