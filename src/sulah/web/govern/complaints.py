"""Complaints and disputes: each with its number and the day by which it is answered, and the closing of one by compliance."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.export_rows import MOST_ROWS
from sulah.actions.talk.open_complaint import ENDS, close_complaint
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Role
from sulah.records.contact.task import Complaint
from sulah.web.desk.inbox import faces_here
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.forms import choices_of, done
from sulah.web.reach import Reach, page
from sulah.web.said import kept, shown
from sulah.web.take_out import asks_for, taken_out

SOON = 10
"""Days left under which a complaint is shown in red."""

GIVEN = ("number", "kind", "person", "channel", "opened_at", "opened_by", "reply_by", "state", "closed_at", "closed_by")
COLUMNS = (*GIVEN, "days_left")


def within(reach: Reach) -> QuerySet[Complaint]:
    """The complaints of people within reach."""
    found = Complaint.objects.all()
    return found if reach.whole_lender else found.filter(person__in=people_of(reach).values("pk"))


def _lines(found: Iterable[Complaint], today: date) -> list[dict[str, Any]]:
    rows = []
    for one in found:
        left = (one.reply_by - today).days if one.state == "open" else None
        given = {name: getattr(one, name) for name in GIVEN}
        rows.append({"complaint": one, **given, "days_left": left, "soon": left is not None and left < SOON})
    return rows


@page("complaints")
def complaints(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Open ones by the day of the answer; ?state=closed or all, ?kind= and ?number= narrow; CSV without a word of them."""
    today, asked, mine = system_clock().astimezone(IST).date(), request.GET, within(reach)
    found = mine.order_by("reply_by", "id")
    if asked.get("number"):
        found = found.filter(number=asked["number"][:24])
    elif asked.get("state") == "closed":
        found = found.exclude(state="open").order_by("-closed_at", "-id")
    elif asked.get("state") != "all":
        found = found.filter(state="open")
    if asked.get("kind") in ("complaint", "dispute"):
        found = found.filter(kind=asked["kind"])
    if asks_for(request, "complaints"):
        return taken_out(request, reach, "complaints", None, COLUMNS, _lines(found[:MOST_ROWS], today))
    sheet = sheet_of(request, found.count())
    rows = _lines(found[sheet.offset : sheet.offset + PAGE_ROWS], today)
    faces = faces_here((row["person"] for row in rows), reach, "complaints")
    still = mine.filter(state="open")
    context: dict[str, Any] = {"reach": reach, "rows": [{**row, "face": faces.get(row["person"])} for row in rows], "sheet": sheet}
    context |= {"open": still.count(), "over": still.filter(reply_by__lt=today).count(), "first": still.order_by("reply_by", "id").first()}
    context["said"] = shown(((row["person"], row["complaint"].words) for row in rows), reach, "complaints")
    context |= {"may_close": reach.role is Role.COMPLIANCE, "ends": choices_of(ENDS), "soon": SOON}
    return render(request, "complaints.html", context)


def _close(given: QueryDict, by: Actor) -> str:
    number = given.get("number", "")
    person = Complaint.objects.filter(number=number).values_list("person", flat=True).first()
    with kept(person, given.get("words", ""), by) as words:
        made = close_complaint(number, given.get("end", ""), words, by=by, clock=system_clock)
    return f"{made.number} is closed. Its stop stays until it is lifted on the person’s page."


@require_POST
@page("complaint_act")
def complaint_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Close a complaint with words on what was answered."""
    if act != "close":
        raise Http404("No such act.")
    return done(request, lambda: _close(request.POST, actor_of(reach.person)), "complaints")
