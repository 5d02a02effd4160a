"""The worklist: one row a person, in the order in which the branch should work it."""

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.records.workitem import WorkItem
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of, rules_of

PAGE_ROWS = 40
_FILTERS = (("branch", "branch_id"), ("stage", "stage"), ("worked_by", "worked_by"), ("officer", "officer_id"))


def open_items(reach: Reach) -> QuerySet[WorkItem]:
    """The open items of the branches within reach."""
    items = WorkItem.objects.filter(closed_on=None)
    return items if reach.branches is None else items.filter(branch_id__in=reach.branches)


def _after(items: QuerySet[WorkItem], cursor: str) -> QuerySet[WorkItem]:
    """The items after a cursor `rank~id~branch`: by key and not by offset, so that a change in between skips nobody."""
    rank, _, rest = cursor.partition("~")
    key, _, branch = rest.partition("~")
    if not (rank.isascii() and rank.isdigit() and key.isascii() and key.isdigit() and len(rank) < 10 and len(key) < 18):
        return items
    same_rank = Q(branch_id=branch, rank=int(rank), pk__gt=int(key))
    return items.filter(Q(branch_id__gt=branch) | Q(branch_id=branch, rank__gt=int(rank)) | same_rank)


@page("worklist")
def worklist(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Open items by branch and rank, filtered; names as far as the role sees them."""
    run = chosen_run(request)
    if run is None:
        return render(request, "book_empty.html", {"reach": reach})
    items = open_items(reach)
    choices = {name: sorted(set(items.values_list(column, flat=True)) - {""}) for name, column in _FILTERS}
    for name, column in _FILTERS:
        if request.GET.get(name):
            items = items.filter(**{column: request.GET[name]})
    total = items.count()
    found = list(_after(items, request.GET.get("after", "")).order_by("branch_id", "rank", "pk")[: PAGE_ROWS + 1])
    rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    with day_of(run) as day:
        shown = faces_for([item.borrower_id for item in rows], source=day, reach=reach, page="worklist")
    rules = rules_of(run)
    context = {
        "run": run,
        "reach": reach,
        "rows": [{"item": item, "face": shown[item.borrower_id], "rule": rules.find(item.rule_id)} for item in rows],
        "total": total,
        "choices": choices,
        "cursor": f"{rows[-1].rank}~{rows[-1].pk}~{rows[-1].branch_id}" if more else "",
        "continued": bool(request.GET.get("after")),
    }
    return render(request, "worklist.html", context)
