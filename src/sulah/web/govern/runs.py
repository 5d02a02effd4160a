"""The ledger of days: what ran, on which load, policy and code, and how long each step took."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.records.dayrun import DayRun
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out


@page("runs")
def runs(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Committed days, newest first."""
    sheet = sheet_of(request, DayRun.objects.count())
    if asks_for(request, "runs"):
        columns = ("as_of", "load_id", "committed_at", "committed_by", "code_version", "policy_sha256", "published")
        return taken_out(request, reach, "runs", None, columns, list(DayRun.objects.order_by("-as_of").values(*columns)))
    found = DayRun.objects.select_related("load", "previous").prefetch_related("steps").defer("policy")
    found = found.order_by("-as_of")[sheet.offset : sheet.offset + PAGE_ROWS]
    lines = [{"run": run, "steps": list(run.steps.all()), "seconds": sum(step.seconds for step in run.steps.all())} for run in found]
    return render(request, "runs.html", {"reach": reach, "lines": lines, "sheet": sheet})
