"""Promises to pay: which are open, due today or broken since yesterday, and how many were kept, by channel and by who took them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.export_rows import MOST_ROWS
from sulah.kernel.dates import IST, system_clock
from sulah.records.contact.promise import Promise
from sulah.resolution.promise import PromiseState
from sulah.web.desk.inbox import faces_here
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out

DAYS = 90
"""Promises whose day lies in the last so many days stand in the rates."""

GIVEN = ("person", "loan_id", "made_at", "due_on", "amount_paise", "whole", "overdue_paise", "channel", "taken_by", "state", "paid_paise")
COLUMNS = ("id", *GIVEN, "ended_at", "ended_by")
SHOWN = {"open": "Open", "today": "Due today", "broken": "Broken yesterday", "all": "All"}
"""What the list can show, with its words."""

_ENDED = (PromiseState.KEPT, PromiseState.PART_KEPT, PromiseState.BROKEN)


@dataclass(frozen=True, slots=True)
class Rate:
    """Promises that ended, of one channel or taker: kept whole, kept in part, broken."""

    name: str
    kept: int
    part: int
    broken: int

    @property
    def ended(self) -> int:
        """All of them.

        >>> Rate("sms", 3, 1, 1).ended, Rate("sms", 3, 1, 1).some
        (5, 4)
        """
        return self.kept + self.part + self.broken

    @property
    def some(self) -> int:
        """Those for which anything was paid in time."""
        return self.kept + self.part


def within(reach: Reach) -> QuerySet[Promise]:
    """The promises of people within reach."""
    found = Promise.objects.all()
    return found if reach.whole_lender else found.filter(person__in=people_of(reach).values("pk"))


def shown(found: QuerySet[Promise], show: str, today: date) -> QuerySet[Promise]:
    """The promises of one view, in the order of their day."""
    chosen = {
        "today": Q(due_on=today, state=PromiseState.OPEN),
        "broken": Q(due_on=today - timedelta(days=1), state__in=(PromiseState.BROKEN, PromiseState.PART_KEPT)),
        "all": Q(),
    }.get(show, Q(state=PromiseState.OPEN))
    return found.filter(chosen).order_by("-due_on" if show == "all" else "due_on", "id")


def rates(found: QuerySet[Promise], by: str, today: date) -> list[Rate]:
    """The rates of the last ninety days by a column (channel or taken_by), those with most promises first."""
    ended = found.filter(due_on__gt=today - timedelta(days=DAYS), state__in=_ENDED)
    counts: dict[str, dict[str, int]] = {}
    for row in ended.order_by().values(by, "state").annotate(rows=Count("pk")):
        counts.setdefault(row[by], {})[row["state"]] = row["rows"]
    lines = [Rate(name, *(states.get(state, 0) for state in _ENDED)) for name, states in counts.items()]
    return sorted(lines, key=lambda line: (-line.ended, line.name))


def _lines(found: Iterable[Promise], today: date) -> list[dict[str, Any]]:
    return [
        {
            "promise": one,
            **{name: getattr(one, name) for name in COLUMNS if hasattr(one, name)},
            "id": one.pk,
            "days": (one.due_on - today).days,
        }
        for one in found
    ]


@page("promises")
def promises(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The list of one view, fifty a page or as CSV; ?person= narrows it to one; the rates below it are of all within reach."""
    today, show = system_clock().astimezone(IST).date(), request.GET.get("show", "open")
    mine = within(reach)
    found = mine.filter(person=request.GET["person"][:64]) if request.GET.get("person") else mine
    found = shown(found, "all" if request.GET.get("person") and "show" not in request.GET else show, today)
    if asks_for(request, "promises"):
        return taken_out(request, reach, "promises", None, COLUMNS, _lines(found[:MOST_ROWS], today))
    sheet = sheet_of(request, found.count())
    rows = _lines(found[sheet.offset : sheet.offset + PAGE_ROWS], today)
    faces = faces_here((row["person"] for row in rows), reach, "promises")
    context: dict[str, Any] = {"reach": reach, "rows": [{**row, "face": faces.get(row["person"])} for row in rows], "sheet": sheet}
    context |= {"views": SHOWN, "show": show if show in SHOWN else "open", "days": DAYS, "today": today}
    context |= {"counts": {name: shown(mine, name, today).count() for name in ("open", "today", "broken")}}
    of_takers = ("who took them", "Taken by", rates(mine, "taken_by", today))
    context["rates"] = [("channel", "Channel", rates(mine, "channel", today)), of_takers]
    return render(request, "promises.html", context)
