"""A day's table on a page: narrowed by what the address asks for, counted by some columns, with the list behind and the way out as CSV."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.adapters.book.reader import Condition, Day, Row, equals
from sulah.contracts.registry import TABLES
from sulah.records.dayrun import DayRun
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.reach import Reach
from sulah.web.standing import chosen_run, day_of
from sulah.web.take_out import asks_for, taken_out, too_many

Count = Callable[[Day, str, tuple[Condition, ...]], list[Row]]
"""Counts a table by one column, under conditions."""


def counted_page(
    request: HttpRequest,
    reach: Reach,
    *,
    name: str,
    table: str,
    parts: Sequence[str],
    by: Sequence[str],
    count: Count,
    order: Sequence[str],
    more: Callable[[Day], Mapping[str, Any]] = lambda _: {},
    opened: Callable[[DayRun], Day] = day_of,
) -> HttpResponse:
    """The page `name` over a table of the chosen day, within the reader's reach.

    parts: the columns by which the address may narrow it; by: those of the counts; more: what else the page shows of the day;
    opened: how the day is opened, where it must have more than its own tables.
    """
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    with opened(run) as day:
        asked = [(part, request.GET[part]) for part in parts if request.GET.get(part)]
        where = (*reach.conditions(), *(equals(part, value) for part, value in asked))
        sheet = sheet_of(request, day.count(table, where=where))
        if asks_for(request, name):
            long = too_many(request, sheet.rows, table, run.as_of)
            found = [] if long else day.rows(table, where=where, order=order)
            return long or taken_out(request, reach, name, run.as_of, TABLES[table].names, found)
        context = {
            "run": run,
            "reach": reach,
            "rows": day.rows(table, where=where, order=order, limit=PAGE_ROWS, offset=sheet.offset),
            "sheet": sheet,
            "asked": asked,
            "by": [(part, count(day, part, where)) for part in by],
            **more(day),
        }
        return render(request, f"{name}.html", context)
