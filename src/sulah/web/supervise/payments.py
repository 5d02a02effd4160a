"""Payments that other sources know, against the lender's postings: by outcome, source, branch and PIN code, with the list behind."""

from django.http import HttpRequest, HttpResponse

from sulah.adapters.book.reader import Condition, Day, Row, clause_of
from sulah.web.reach import Reach, page
from sulah.web.supervise.counted import counted_page

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
    order = ("-paid_on", "-amount_paise", "source", "reference")
    by = ("outcome", "branch_id", "pincode")
    return counted_page(request, reach, name="payments", table="payment_match", parts=PARTS, by=by, count=summed_by, order=order)
