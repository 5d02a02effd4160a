"""The book over days: buckets, portfolio at risk, money overdue, collection efficiency, and today against last month-end."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString

from sulah.adapters.book.measures import has_measures
from sulah.adapters.book.reader import equals
from sulah.insight.rates import efficiency_of, share_bps
from sulah.kernel.dates import day_text
from sulah.records.dayrun import DayRun
from sulah.web.charts.columns import columns
from sulah.web.charts.trend import Series, trend
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run
from sulah.web.supervise.history import BEYOND, OVERDUE, Standing, month_end_before, next_month_end, rows_over, runs_to, standings
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import percent, short_rupees, words

SPANS = (14, 30, 60, 90)
"""Calendar days that the page may go back, chosen by link."""
COLUMNS = ("as_of", "loans", "outstanding_paise", "overdue_paise", *(f"par_{days}_paise" for days in BEYOND))


EFFICIENCY_COLUMNS = (
    *("as_of", "open_on", "month_due_paise", "applied_due_paise", "open_arrears_paise", "applied_arrears_paise", "ahead_paise"),
    *("open_principal_paise", "forward_paise", "back_paise", "principal_paise", "par_1_paise"),
)


def chosen_span(request: HttpRequest) -> int:
    """The days of ?days=, else 30."""
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, SPANS) else 30


def _moves(title: str, found: Sequence[Standing], value: str) -> str:
    return f"{title} from {day_text(found[0].as_of)} to {day_text(found[-1].as_of)}: {value}. The table below holds each day."


def bucket_chart(found: Sequence[Standing]) -> SafeString:
    """Past-due buckets as shares of the outstanding principal."""
    days = [one.as_of for one in found]
    layers = [Series(words(bucket).removesuffix(" days"), tuple(one.share(bucket) for one in found)) for bucket in OVERDUE]
    first, last = (sum(one.share(bucket) or 0 for bucket in OVERDUE) for one in (found[0], found[-1]))
    told = _moves("Share of the outstanding principal past due", found, f"{percent(first)}, then {percent(last)}")
    return columns("buckets", "Past due by bucket, share of outstanding principal", told, days, layers, percent)


def par_chart(found: Sequence[Standing]) -> SafeString:
    """PAR 30, 60, 90 and 180 as lines."""
    lines = [Series(f"PAR {days}", tuple(one.par(days) for one in found)) for days in BEYOND]
    told = "; ".join(f"{line.name} {percent(line.values[0])}, then {percent(line.values[-1])}" for line in lines)
    return trend("par", "Portfolio at risk", _moves("Portfolio at risk", found, told), [one.as_of for one in found], lines, percent)


def overdue_chart(found: Sequence[Standing]) -> SafeString:
    """Money overdue, all heads."""
    line = Series("Overdue", tuple(one.overdue_paise for one in found))
    told = f"{short_rupees(found[0].overdue_paise)}, then {short_rupees(found[-1].overdue_paise)}"
    return trend("overdue", "Overdue", _moves("Overdue", found, told), [one.as_of for one in found], [line], short_rupees)


def efficiency_rows(runs: Sequence[DayRun], reach: Reach) -> list[dict[str, Any]]:
    """Collection efficiency and rolls of the month so far on each day with measures, oldest first; None where the month has no anchor."""
    names = ("month_due_paise", "applied_due_paise", "open_arrears_paise", "applied_arrears_paise", "ahead_paise")
    rolled = ("forward_paise", "back_paise", "open_principal_paise", "par_1_paise", "principal_paise")
    sums = ", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in (*names, *rolled))
    where = (equals("dimension", "branch"), *reach.conditions())
    columns_read = f"as_of, max(open_on) AS open_on, {sums}"
    measured = [run for run in runs if has_measures(run)]
    rows = rows_over(measured, "measure_day", columns_read, where, "GROUP BY as_of ORDER BY as_of")
    lines = []
    for row in rows:
        found = efficiency_of(row)
        opening = row["open_principal_paise"] if row["open_on"] else 0
        line = {"current": found and found.current_bps, "arrears": found and found.overdue_bps, "total": found and found.total_bps}
        line |= {"forward": share_bps(row["forward_paise"], opening), "back": share_bps(row["back_paise"], opening)}
        lines.append({**row, **line, "par_1": share_bps(row["par_1_paise"], row["principal_paise"])})
    return lines


def efficiency_chart(rows: Sequence[dict[str, Any]]) -> SafeString | None:
    """Of the dues, of the arrears and in all; None where no day has an anchor."""
    if not any(row["open_on"] for row in rows):
        return None
    named = (("Of dues", "current"), ("Of arrears", "arrears"), ("In all", "total"))
    lines = [Series(label, tuple(row[name] for row in rows)) for label, name in named]
    told = "; ".join(f"{line.name} {percent(line.values[-1])}" for line in lines)
    title = "Collection efficiency of the month so far"
    return trend("efficiency", title, f"On {day_text(rows[-1]['as_of'])}: {told}.", [row["as_of"] for row in rows], lines, percent)


def against(now: Standing, then: Standing | None) -> list[dict[str, Any]]:
    """Figures of the day beside those of the last month-end: money and PAR, each with its move."""
    figures: list[tuple[str, str, Callable[[Standing], int | None]]] = [
        ("Outstanding principal", "rupees", lambda one: one.outstanding_paise),
        ("Overdue", "rupees", lambda one: one.overdue_paise),
        *((f"PAR {days}", "percent", partial(Standing.par, days=days)) for days in BEYOND),
    ]
    lines: list[dict[str, Any]] = []
    for label, kind, value_of in figures:
        today, before = value_of(now), value_of(then) if then else None
        move = None if today is None or before is None else today - before
        lines.append({"label": label, "kind": kind, "now": today, "then": before, "move": move})
    return lines


def anchor_of(run: DayRun, reach: Reach) -> tuple[Standing | None, date]:
    """The standing at the last month-end before the run, if that day was committed, and the month-end that will be the first otherwise."""
    wanted = month_end_before(run.as_of)
    runs = list(DayRun.objects.select_related("load").defer("policy").filter(as_of=wanted))
    found = standings(runs, reach.conditions())
    first = DayRun.objects.order_by("as_of").values_list("as_of", flat=True).first() or run.as_of
    return (found[0] if found else None), next_month_end(first)


@page("trend")
def trend_page(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The trend within reach over ?days= calendar days up to the chosen day; the table out as ?csv=trend."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    span = chosen_span(request)
    runs = runs_to(run, span)
    found = standings(runs, reach.conditions())
    measured = efficiency_rows(runs, reach)
    if asks_for(request, "efficiency"):
        return taken_out(request, reach, "efficiency", run.as_of, EFFICIENCY_COLUMNS, measured)
    rows = [
        {"as_of": one.as_of, "loans": one.loans, "outstanding_paise": one.outstanding_paise, "overdue_paise": one.overdue_paise}
        | {f"par_{days}_paise": one.par_paise(days) for days in BEYOND}
        | {"pars": [one.par(days) for days in BEYOND]}
        for one in found
    ]
    if asks_for(request, "trend"):
        return taken_out(request, reach, "trend", run.as_of, COLUMNS, rows)
    context: dict[str, Any] = {"run": run, "reach": reach, "span": span, "spans": SPANS, "rows": rows[::-1], "limits": list(BEYOND)}
    context |= {"measured": measured[::-1], "efficiency_chart": efficiency_chart(measured)}
    if found:
        then, first = anchor_of(run, reach)
        context |= {"bucket_chart": bucket_chart(found), "par_chart": par_chart(found), "overdue_chart": overdue_chart(found)}
        context |= {"against": against(found[-1], then), "then": then, "first_anchor": first}
    return render(request, "trend.html", context)
