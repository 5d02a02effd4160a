"""The measures side by side: one row a member of a dimension, sorted at the server, each figure a door to its loans."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.measures import by_dimension, provision_by_age, totals
from sulah.contracts.measure_day import PAR_DAYS
from sulah.contracts.registry import TABLES
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.figures import anchor_words, chosen_dimension, offered, rated, without_measures
from sulah.web.members import LABELS, NOT_GIVEN, loans_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out

SORTS = ("member", "loans", "principal_paise", "overdue_paise", "par_30", "par_90", "current", "arrears", "total", "forward", "back")
_KEPT = tuple(name for name in TABLES["measure_day"].names if name not in ("as_of", "dimension", "member", "branch_id"))
COLUMNS = ("as_of", "dimension", "member", *_KEPT)
"""What is taken out: every numerator and denominator, so that anyone can divide for themselves."""


def sorted_rows(rows: list[dict[str, Any]], sort: str) -> list[dict[str, Any]]:
    """Rows by a column of SORTS, a minus turning it round; members without the figure come last either way."""
    name = sort.lstrip("-")
    known = sorted((row for row in rows if row[name] is not None), key=lambda row: str(row["member"]))
    known.sort(key=lambda row: row[name], reverse=sort.startswith("-"))
    return known + [row for row in rows if row[name] is None]


def doors(dimension: str, row: dict[str, Any]) -> dict[str, str]:
    """Where the figures of a row lead: its loans, those overdue, and those beyond each PAR limit."""
    member = str(row["member"])
    beyond = {f"par_{days}": loans_of(dimension, member, written_off="no", dpd_over=days) for days in PAR_DAYS}
    return {
        "rolls": "/rolls?" + urlencode({"by": dimension, "member": member or NOT_GIVEN}),
        "loans": loans_of(dimension, member, written_off="no"),
        "overdue": loans_of(dimension, member, written_off="no", dpd_over=0),
        **beyond,
    }


@page("compare")
def compare(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Members of ?by= with PAR, efficiency, roll and provision; sorted by ?sort=; every sum out as ?csv=compare."""
    run = chosen_run(request)
    missing = without_measures(request, reach, run)
    if missing is not None or run is None:
        return missing or HttpResponse(status=404)
    dimension = chosen_dimension(request, reach, "branch")
    asked = request.GET.get("sort", "-par_30")
    sort = asked if asked.removeprefix("-") in SORTS else "-par_30"
    with day_of(run) as day:
        found = by_dimension(day, dimension, reach.conditions())
        if asks_for(request, "compare"):
            rows = [{"as_of": run.as_of, "dimension": dimension, **row} for row in found]
            return taken_out(request, reach, f"measures-{dimension}", run.as_of, COLUMNS, rows)
        by_age = provision_by_age(day)
        whole = rated(totals(day, reach.conditions()), by_age=by_age)
    sheet = sheet_of(request, len(found))
    ordered = sorted_rows([rated(row, by_age=by_age) for row in found], sort)
    rows = [{**row, "doors": doors(dimension, row)} for row in ordered[sheet.offset : sheet.offset + PAGE_ROWS]]
    context = {"run": run, "reach": reach, "rows": rows, "sheet": sheet, "sort": sort, "whole": whole, "dimension": dimension}
    context |= {"label": LABELS[dimension], "offered": offered(reach), **anchor_words(run, [whole])}
    context |= {"most": max((row["par_30"] or 0 for row in ordered), default=0)}
    return render(request, "compare.html", context)
