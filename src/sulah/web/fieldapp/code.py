"""The page on which an officer shows his code at a door: the code as it is said, a QR code beside it, until when; and who checked it."""

from collections.abc import Mapping
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import actor_of
from sulah.actions.contact.officer_code import SHOWERS, Code, code_of, make_code, unfit
from sulah.actions.sentences import settings_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Role
from sulah.outreach.house import HouseError
from sulah.policy.talk.codes import code_limit
from sulah.records.contact.agent import Agent
from sulah.records.contact.officer_code import OfficerCode
from sulah.records.person import Person
from sulah.web.desk.reached import person_within
from sulah.web.forms import Field, Form, done
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender

RECENT = 10


def own_id(person: Person) -> str:
    """The id under which the signed-in officer is on file: that of the book, else the name by which he signs in."""
    return person.officer_id or person.get_username()


def qr_of(address: str) -> str:
    """The QR code of an address, as a drawing that stands in the page itself (model 2, ISO/IEC 18004, correction M)."""
    drawn: str = segno.make_qr(address, error="m").svg_inline(
        omitsize=True, border=4, light="#fff", dark="#000", svgclass="qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308  (drawn here, from digits and letters of our own)


@page("officer_code")
def officer_code(request: HttpRequest, reach: Reach, person_id: str) -> HttpResponse:
    """The code that the signed-in officer shows this person now, the form for a new one, and what became of the last ones."""
    standing = person_within(reach, person_id)
    lender, now = the_lender(), system_clock()
    shown = _shown(reach, person_id, request.GET)
    code = code_of(shown.pk, person_id, Vault(lender), now) if shown is not None else None
    check = _check_address(request)
    recent = OfficerCode.objects.filter(person=person_id).select_related("agent").prefetch_related("checks").order_by("-id")[:RECENT]
    context: dict[str, Any] = {
        "reach": reach,
        "standing": standing,
        "agent": shown,
        "unfit": unfit(shown, now) if shown is not None else "",
        "code": code,
        "check": check,
        "qr": _drawing(code, check),
        "minutes": code_limit("valid_minutes"),
        "recent": [(row, list(row.checks.all()), row.ended_at is None and row.until > now) for row in recent],
        "forms": _forms(reach, person_id, shown),
    }
    return render(request, "officer_code.html", context)


@require_POST
@page("officer_code_act")
def officer_code_act(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Make a code and go back to the page that shows it; what the act refuses is said in its own words."""
    person, agent = request.POST.get("person", ""), request.POST.get("agent", "")
    person_within(reach, person)

    def act() -> str:
        made = make_code(agent, person, own=own_id(reach.person), vault=Vault(the_lender()), by=actor_of(reach.person), clock=system_clock)
        return f"The code of {made.row.agent.name} is good for {code_limit('valid_minutes')} minutes."

    return done(request, act, "officer_code", person)


def _shown(reach: Reach, person_id: str, given: Mapping[str, str]) -> Agent | None:
    """Whose code the page shows: the officer's own; of an agency the agent of its own who has the last code, or the one asked for."""
    if reach.role is not Role.AGENCY:
        return Agent.objects.filter(pk=own_id(reach.person)).first() if reach.role in SHOWERS else None
    own = Agent.objects.filter(agency_id=reach.person.agency_id or "-", ended_on=None)
    last = OfficerCode.objects.filter(person=person_id, agent__in=own).order_by("-id").first()
    asked = own.filter(pk=given.get("agent", "")).first()
    return asked or (last.agent if last is not None else None)


def _forms(reach: Reach, person_id: str, shown: Agent | None) -> list[Form]:
    if reach.role not in SHOWERS:
        return []
    hidden, hint = {"person": person_id}, "A former code of the same officer for this person ends with it."
    if reach.role is Role.AGENCY:
        own = Agent.objects.filter(agency_id=reach.person.agency_id or "-", ended_on=None).order_by("pk")
        asked = Field("agent", "Which of your agents", "select", tuple((one.pk, one.name) for one in own))
        return [Form("new", "Show a code", (asked,), "Show a new code", hint, hidden)] if own else []
    return [Form("new", "Show my code", (), "Show a new code", hint, hidden | {"agent": shown.pk})] if shown is not None else []


def _check_address(request: HttpRequest) -> str:
    """Where a code is checked: as [texts] says; of a simulated lender here, so that a demo can be tried without a name of its own."""
    lender = the_lender()
    if lender.simulated:
        return request.build_absolute_uri(reverse("officer_check"))
    try:
        settings = settings_of(lender)
    except HouseError:
        return ""
    return settings.house.check if settings is not None else ""


def _drawing(code: Code | None, check: str) -> str:
    return qr_of(f"{check.rstrip('/')}/{code.token}") if code is not None and check else ""
