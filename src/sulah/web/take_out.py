"""Taking a page's table out as CSV: the same rows that the page shows, all of its pages, within the reader's reach."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.export_rows import MOST_ROWS, export_rows
from sulah.kernel.dates import system_clock
from sulah.web.reach import Reach
from sulah.web.words import grouped


def asks_for(request: HttpRequest, name: str) -> bool:
    """Does the address ask for that table of the page as CSV?"""
    return request.GET.get("csv") == name


def taken_out(
    request: HttpRequest, reach: Reach, name: str, as_of: date | None, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> HttpResponse:
    """The CSV as a file to keep; the act writes it down."""
    asked = request.get_full_path().partition("?")[2]
    content = export_rows(name, as_of, columns, rows, person=reach.person, asked=asked, clock=system_clock)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    file = f"{name}-{as_of.isoformat()}.csv" if as_of else f"{name}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer


def too_many(request: HttpRequest, rows: int, table: str, as_of: date) -> HttpResponse | None:
    """The page that says a list is too long to be taken out here, and what to do; None when it is not."""
    if rows <= MOST_ROWS:
        return None
    why = f"{grouped(rows)} rows are asked for; a page gives {grouped(MOST_ROWS)} at most."
    words = f"Narrow the list, or write it on the lender’s machine: sulah export {table} --as-of {as_of.isoformat()} --out {table}.csv"
    return render(request, "error.html", {"title": "Too many rows to take out here", "why": why, "words": words}, status=400)
