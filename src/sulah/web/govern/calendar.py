"""The calendar of days on which people are left alone: holidays of India and of a state, and occasions of places, month by month."""

import calendar as months
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import CONDUCT, OFFICE, Actor, actor_of
from sulah.actions.contact.edit_calendar import KINDS, add_day, decide_day, propose_days
from sulah.actions.contact.note_occasion import end_occasion, note_occasion
from sulah.kernel.dates import IST, add_months, day_text, system_clock
from sulah.kernel.states import STATES
from sulah.kernel.terms import Role
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.web.contact_book import the_book
from sulah.web.forms import Field, Form, UnreadableError, choices_of, day_of, done, number_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import words

COLUMNS = ("day", "last", "name", "kind", "state", "standing", "source", "changed_at", "changed_by")
_YEARS = range(2000, 2101)
_PLACES = ("pincode", "state")
_INDIA = (("", "All of India"),)


def month_asked(request: HttpRequest) -> date:
    """The first day of the month of ?month= (2026-11), else, and for a year that no lender has, of this month in India."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        asked = None
    if asked is None or asked.year not in _YEARS:
        return system_clock().astimezone(IST).date().replace(day=1)
    return asked


def days_of(first: date, last: date, state: str) -> list[CalendarDay]:
    """The days of a span that bind or may bind: those of all India, and those of the state asked for, or of every state."""
    found = CalendarDay.objects.filter(day__gte=first, day__lte=last).exclude(standing="dismissed")
    return list(found.filter(state__in=("", state)) if state else found)


def occasions_of(first: date, last: date, state: str, pincode: str) -> list[Occasion]:
    """Occasions of places that touch the span; of the state and the PIN code asked for, or of every place."""
    found = Occasion.objects.filter(scope__in=_PLACES, ended_at=None, first__lte=last, last__gte=first)
    if state or pincode:
        found = found.filter(Q(scope="state", key=state) | Q(scope="pincode", key=pincode))
    return list(found.order_by("first", "id"))


def weeks_of(first: date, days: list[CalendarDay], occasions: list[Occasion]) -> list[list[dict[str, Any]]]:
    """The weeks of a month, Monday first; each day with what lies on it, days of other months without."""
    return [
        [
            {
                "day": day,
                "inside": day.month == first.month,
                "days": [one for one in days if one.day == day],
                "occasions": [one for one in occasions if one.first <= day <= one.last],
            }
            for day in week
        ]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]


def forms_of(first: date, state: str) -> dict[str, Form]:
    """The forms of the page."""
    states = _INDIA + tuple((one, one) for one in STATES)
    kinds = tuple(row["kind"] for row in the_book().policy.in_force("contact_occasion", first))
    return {
        "propose": Form(
            "propose",
            "Propose the holidays of a year",
            (
                Field("year", "Year", "number", value=str(first.year)),
                Field("states", "State (all of India is always proposed)", "select", states, required=False, value=state),
            ),
            "Propose them",
            "From the published list. Nothing binds before somebody confirms it here.",
        ),
        "add": Form(
            "add",
            "Add a day by hand",
            (
                Field("day", "Day", "date"),
                Field("name", "Name", most=120),
                Field("kind", "Kind", "select", choices_of(KINDS), value="religious_festival"),
                Field("state", "Where", "select", states, required=False, value=state),
            ),
            "Add it",
            "It holds at once.",
        ),
        "note": Form(
            "note",
            "Note an occasion of a place",
            (
                Field("kind", "What happens", "select", choices_of(kinds), value="calamity"),
                Field("pincode", "PIN code", required=False, most=6),
                Field("state", "Or the whole state", "select", (("", "—"), *((one, one) for one in STATES)), required=False),
                Field("first", "First day", "date"),
                Field("last", "Last day (empty: as the rule of its kind says)", "date", required=False),
                Field("note", "Why", most=200),
            ),
            "Note it",
            "A flood, a curfew, an election: everybody whose address lies there is left alone.",
        ),
    }


@page("calendar")
def calendar(request: HttpRequest, reach: Reach) -> HttpResponse:
    """One month; ?state= and ?pincode= show one place."""
    first = month_asked(request)
    state, pincode = request.GET.get("state", ""), request.GET.get("pincode", "")[:6]
    state = state if state in STATES else ""
    last = first.replace(day=months.monthrange(first.year, first.month)[1])
    days, occasions = days_of(first, last, state), occasions_of(first, last, state, pincode)
    if asks_for(request, "calendar"):
        listed = [{name: getattr(one, name, "") for name in COLUMNS} for one in days]
        noted = [
            {"day": one.first, "last": one.last, "name": one.note, "kind": one.kind, "state": one.key, "standing": "noted"}
            | {"source": "by hand", "changed_at": one.noted_at, "changed_by": one.noted_by}
            for one in occasions
        ]
        return taken_out(request, reach, "calendar", first, COLUMNS, [*listed, *noted])
    context = {
        "reach": reach,
        "first": first,
        "before": add_months(first, -1),
        "after": add_months(first, 1),
        "state": state,
        "pincode": pincode,
        "states": list(STATES),
        "weekdays": list(months.day_name),
        "weeks": weeks_of(first, days, occasions),
        "days": days,
        "proposed": [one for one in days if one.standing == "proposed"],
        "occasions": occasions,
        "dismissed": list(CalendarDay.objects.filter(day__gte=first, day__lte=last, standing="dismissed")),
        "waiting": CalendarDay.objects.filter(standing="proposed", day__year=first.year).count(),
        "edits": reach.role in OFFICE and reach.whole_lender,
        "notes": reach.role in CONDUCT | {Role.ADMINISTRATOR} and reach.whole_lender,
        "ends": reach.role in CONDUCT and reach.whole_lender,
        "forms": forms_of(first, state),
    }
    return render(request, "calendar.html", context)


def _propose(given: QueryDict, by: Actor) -> str:
    year = number_of(given, "year")
    if year not in _YEARS:
        raise UnreadableError("Give a year, such as 2027. Nothing was proposed.")
    fresh = propose_days(year, [state for state in (given.get("states", ""),) if state], by=by, clock=system_clock)
    return f"{len(fresh)} days of {year} are proposed. Each holds once somebody confirms it."


def _add(given: QueryDict, by: Actor) -> str:
    state, kind = given.get("state", ""), given.get("kind", "")
    added = add_day(day_of(given.get("day", "")), given.get("name", ""), kind=kind, state=state, by=by, clock=system_clock)
    return f"{added.name} on {day_text(added.day)} stands in the calendar."


def _decide(given: QueryDict, by: Actor, *, confirm: bool) -> str:
    row = decide_day(number_of(given, "which"), confirm=confirm, by=by, clock=system_clock)
    return f"{row.name} on {day_text(row.day)} is {words(row.standing).lower()}."


def _note(given: QueryDict, by: Actor) -> str:
    pincode = given.get("pincode", "").strip()
    scope, key = ("pincode", pincode) if pincode else ("state", given.get("state", ""))
    last = day_of(given.get("last", "")) if given.get("last") else None
    noted = note_occasion(
        given.get("kind", ""),
        day_of(given.get("first", "")),
        scope=scope,
        key=key,
        last=last,
        note=given.get("note", "").strip()[:200],
        book=the_book(),
        by=by,
        clock=system_clock,
    )
    return f"{words(noted.kind)} in {noted.key}, {day_text(noted.first)} to {day_text(noted.last)}, is noted."


def _end(given: QueryDict, by: Actor) -> str:
    noted = end_occasion(number_of(given, "which"), by=by, clock=system_clock)
    return f"{words(noted.kind)} in {noted.key} is taken back."


ACTS: dict[str, Callable[[QueryDict, Actor], str]] = {
    "propose": _propose,
    "add": _add,
    "confirm": lambda given, by: _decide(given, by, confirm=True),
    "dismiss": lambda given, by: _decide(given, by, confirm=False),
    "note": _note,
    "end": _end,
}
"""The act of each form, by its name in the address."""


@require_POST
@page("calendar_act")
def calendar_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Do one act on the calendar and go back to the month that was shown."""
    if act not in ACTS:
        raise Http404("No such act.")
    done(request, lambda: ACTS[act](request.POST, actor_of(reach.person)), "calendar")
    month = request.POST.get("month", "")
    shown = f"?month={month}" if len(month) == 7 and month.replace("-", "").isdigit() else ""
    return redirect(f"/contact/calendar{shown}")
