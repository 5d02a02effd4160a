"""Where our figures and the lender's differ: by cause, branch and PIN code, with the list behind."""

from django.http import HttpRequest, HttpResponse

from sulah.adapters.book.reader import Condition, Day, Row, clause_of
from sulah.web.reach import Reach, page
from sulah.web.supervise.counted import counted_page

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
    return counted_page(
        request,
        reach,
        name="differences",
        table="difference",
        parts=PARTS,
        by=("cause", "branch_id", "pincode"),
        count=counted_by,
        order=("-overdue_paise", "loan_id", "field"),
        more=lambda day: {"loans_in_all": day.count("position", where=reach.conditions())},
    )
