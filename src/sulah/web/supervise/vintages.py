"""Loans by their month of disbursal, and what came back from those that fell behind."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.adapters.book.measures import cohorts, month_ends
from sulah.adapters.book.measures import vintages as vintage_rows
from sulah.adapters.book.reader import Row
from sulah.insight.rates import share_bps
from sulah.records.dayrun import DayRun
from sulah.web.charts.trend import Series, trend
from sulah.web.figures import without_measures
from sulah.web.members import loans_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of
from sulah.web.supervise.history import rows_over, runs_to
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import percent

MARKS = {"par_30": "PAR 30", "par_90": "PAR 90", "npa": "NPA"}
DRAWN = 4
"""Vintages that the chart follows, the youngest that have two month-ends."""
VINTAGE_COLUMNS = (
    *("vintage", "months_on_book", "loans", "disbursed_paise", "principal_paise", "par_30_loans", "par_30_paise", "par_90_loans"),
    *("par_90_paise", "ever_30_loans", "ever_30_paise", "ever_90_loans", "ever_90_paise", "written_off_loans", "written_off_paise"),
)
COHORT_COLUMNS = (
    *("mark", "entered_in", "seen_late", "loans", "entry_principal_paise", "entry_overdue_paise", "collected_paise", "principal_paise"),
    *("current_loans", "closed_loans", "written_off_loans"),
)


def vintage_line(row: Row) -> dict[str, Any]:
    """A vintage with its shares of loans, and its door."""
    shares = {name: share_bps(row[f"{name}_loans"], row["loans"]) for name in ("par_30", "ever_30", "par_90", "ever_90")}
    return {**row, **shares, "href": loans_of("vintage", str(row["vintage"]))}


def curve_chart(run: DayRun) -> SafeString | None:
    """PAR 30 of the youngest vintages over month-ends, by loans; None before there are two of them."""
    ends = month_ends(runs_to(run, 370))
    if len(ends) < 2:
        return None
    columns = "as_of, vintage, CAST(sum(par_30_loans) AS BIGINT) AS late, CAST(sum(loans) AS BIGINT) AS loans"
    rows = rows_over(ends, "vintage_day", columns, (), "GROUP BY as_of, vintage ORDER BY as_of, vintage")
    days = [end.as_of for end in ends]
    points = {(row["vintage"], row["as_of"]): share_bps(row["late"], row["loans"]) for row in rows}
    known = sorted({vintage for vintage, _ in points if sum((vintage, day) in points for day in days) > 1})[-DRAWN:]
    if not known:
        return None
    lines = [Series(vintage, tuple(points.get((vintage, day)) for day in days)) for vintage in known]
    told = "; ".join(f"{line.name} {percent(line.values[-1])}" for line in lines)
    return trend(
        "curves", "PAR 30 of the youngest vintages at month-ends, by loans", f"{told}. The table holds every vintage.", days, lines, percent
    )


def cohort_line(row: Row) -> dict[str, Any]:
    """A cohort with what came back, of what was overdue and of what was outstanding on entry."""
    paid = row["collected_paise"]
    return {**row, "of_overdue": share_bps(paid, row["entry_overdue_paise"]), "of_principal": share_bps(paid, row["entry_principal_paise"])}


def products_of(rows: Sequence[Row]) -> list[str]:
    """The products that occur, for the switch."""
    return [str(row["product"]) for row in rows if row["product"]]


@page("vintages")
def vintages(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Vintages (for those who see the whole lender) of ?product=, and recovery of those that entered ?mark=; both out as CSV."""
    run = chosen_run(request)
    missing = without_measures(request, reach, run)
    if missing is not None or run is None:
        return missing or HttpResponse(status=404)
    mark = request.GET.get("mark", "")
    mark = mark if mark in MARKS else "par_30"
    product = request.GET.get("product", "")
    with day_of(run) as day:
        found = vintage_rows(day, product) if reach.whole_lender else []
        entered = cohorts(day, mark, reach.conditions())
        products = day.query("SELECT DISTINCT product FROM vintage_day ORDER BY product", [], "vintage_day") if reach.whole_lender else []
    if asks_for(request, "vintages"):
        return taken_out(request, reach, "vintages", run.as_of, VINTAGE_COLUMNS, found)
    if asks_for(request, "cohorts"):
        return taken_out(request, reach, f"cohorts-{mark}", run.as_of, COHORT_COLUMNS, [{**row, "mark": mark} for row in entered])
    lines = [vintage_line(row) for row in found][::-1]
    context = {"run": run, "reach": reach, "lines": lines, "cohorts": [cohort_line(row) for row in entered][::-1], "mark": mark}
    context |= {"marks": list(MARKS.items()), "mark_words": MARKS[mark], "products": products_of(products), "product": product}
    context |= {"chart": curve_chart(run) if reach.whole_lender else None, "most": max((line["ever_30"] or 0 for line in lines), default=0)}
    return render(request, "vintages.html", context)
