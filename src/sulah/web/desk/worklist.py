"""The worklist: one row a person, in the order in which the branch should work it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.web.desk.work import FILTERS, cursor_of, is_past, work_of
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of, rules_of
from sulah.web.take_out import asks_for, taken_out, too_many

PAGE_ROWS = 40
OUT = ("borrower_id", "branch_id", "officer_id", "product", "lead_loan_id", "loans_overdue", "dpd", "overdue_paise", "stage", "treatment")
OUT_COLUMNS = (*OUT, "channel", "worked_by", "hold_reason", "rule_id")
"""What can be taken out: pseudonyms and work, no name and no number."""


@page("worklist")
def worklist(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Open items by branch in working order, filtered, or a past day's list as published; names as far as the role sees them."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    chosen = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    with day_of(run) as day:
        work = work_of(run, day, reach)
        if asks_for(request, "worklist"):
            total = work.count(chosen)
            long = too_many(request, total, "worklist", run.as_of)
            return long or taken_out(request, reach, "worklist", run.as_of, OUT_COLUMNS, work.items(chosen, None, total))
        found = work.items(chosen, cursor_of(request.GET.get("after", "")), PAGE_ROWS + 1)
        rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
        shown = faces_for([item["borrower_id"] for item in rows], source=day, reach=reach, page="worklist")
        total, choices = work.count(chosen), work.choices()
    rules = rules_of(run)
    context = {
        "run": run,
        "reach": reach,
        "rows": [{"item": item, "face": shown[item["borrower_id"]], "rule": rules.find(item["rule_id"])} for item in rows],
        "total": total,
        "choices": choices,
        "cursor": f"{rows[-1]['cursor']}~{rows[-1]['pk']}~{rows[-1]['branch_id']}" if more else "",
        "continued": bool(request.GET.get("after")),
        "past": is_past(run),
    }
    return render(request, "worklist.html", context)
