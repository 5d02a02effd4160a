"""Agencies and agents: their papers with the days left, whom they are given, who was not told of them yet, and what runs out."""

from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.actor import OFFICE
from sulah.actions.contact.engage_agent import ANTECEDENTS, CERTIFICATE
from sulah.guard.rule import Predicate
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Role
from sulah.records.contact.agent import Agency, Agent, AgentNotice, Assignment
from sulah.web.contact_book import the_book
from sulah.web.desk.contact_facts import papers_of
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.forms import Field, Form
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out

SOON_DAYS = 30
"""A paper with fewer days left is listed as running out."""
COLUMNS = ("agency", "agent", "name", "engaged_on", "ended_on", "certificate_to", "certificate_days_left", "antecedents_on", "people")
PEOPLE_COLUMNS = ("person", "agent", "agency", "since", "told_at")


def agents_of(reach: Reach) -> QuerySet[Agent]:
    """The agents whom the reader may see: a person of an agency those of that agency, everybody else all."""
    found = Agent.objects.select_related("agency").order_by("agency_id", "pk")
    return found.filter(agency_id=reach.person.agency_id or "-") if reach.role is Role.AGENCY else found


def oldest_check(on: date) -> int | None:
    """The greatest age in days that a rule in force lets a check of antecedents have; None where no rule asks."""
    rules = the_book().rules.on(on).rules
    return min((rule.days for rule in rules if rule.predicate is Predicate.ANTECEDENTS), default=None)


def line_of(agent: Agent, today: date, most: int | None) -> dict[str, Any]:
    """One agent: the certificate with the most days left, the last check, and what is wrong or soon will be, in words."""
    papers = papers_of(agent, today)
    certificates = [one for one in papers if one["paper"].kind == CERTIFICATE and one["paper"].first <= today]
    certificate = max(certificates, key=lambda one: one["days_left"] or 0, default=None)
    check = min((one for one in papers if one["paper"].kind == ANTECEDENTS), key=lambda one: one["age"], default=None)
    return {
        "agent": agent.pk,
        "agency": agent.agency_id or "",
        "name": agent.name,
        "engaged_on": agent.engaged_on,
        "ended_on": agent.ended_on,
        "certificate": certificate,
        "certificate_to": certificate["paper"].last if certificate else None,
        "certificate_days_left": certificate["days_left"] if certificate else None,
        "check": check,
        "antecedents_on": check["paper"].first if check else None,
        "people": getattr(agent, "given", 0),
        "wrong": _wrong(certificate, check, most) if agent.ended_on is None else [],
    }


def _wrong(certificate: dict[str, Any] | None, check: dict[str, Any] | None, most: int | None) -> list[str]:
    """What stands against the agent's papers, or will within a month."""
    found = []
    if certificate is None:
        found.append("no certificate on file")
    elif certificate["days_left"] < 0:
        found.append("the certificate has ended")
    elif certificate["days_left"] < SOON_DAYS:
        found.append(f"the certificate ends in {certificate['days_left']} days")
    if check is None:
        found.append("no check of antecedents on file")
    elif most is not None and check["age"] > most:
        found.append("the check of antecedents is too old")
    elif most is not None and check["age"] > most - SOON_DAYS:
        found.append(f"the check of antecedents is too old in {most - check['age'] + 1} days")
    return found


def given_to(reach: Reach, agent: Agent | None = None, *, told: bool | None = None) -> QuerySet[Assignment]:
    """Open assignments of people within reach, with whether the person was told since; of one agent, or those told or not, where asked."""
    found = Assignment.objects.filter(until=None)
    if agent is not None:
        found = found.filter(agent=agent)
    if not reach.whole_lender:
        found = found.filter(person__in=people_of(reach).values("pk"))
    notices = AgentNotice.objects.filter(person=OuterRef("person"), at__gte=OuterRef("since"))
    of_agent = notices.filter(Q(agent=OuterRef("agent_id")) | Q(agent="", agency=OuterRef("agent__agency_id")))
    of_agency = notices.filter(agent="", agency=OuterRef("agency_id"))
    listed = found.annotate(told=Exists(of_agent) | Exists(of_agency)).select_related("agent", "agency").order_by("told", "since", "id")
    return listed if told is None else listed.filter(told=told)


def forms_of(reach: Reach) -> list[Form]:
    """The forms of engaging, for those who may."""
    if reach.role not in OFFICE or not reach.whole_lender:
        return []
    agencies = (("", "The lender itself"), *((one.pk, one.name) for one in Agency.objects.filter(ended_on=None).order_by("pk")))
    return [
        Form("agency", "Engage an agency", (Field("agency", "Id", most=64), Field("name", "Name", most=150)), "Engage"),
        Form(
            "agent",
            "Engage an agent",
            (Field("agent", "Id", most=64), Field("name", "Name", most=150), Field("of", "Of", "select", agencies, required=False)),
            "Engage",
            "Without papers and notice the guard refuses every contact of theirs.",
        ),
    ]


@page("agencies")
def agencies(request: HttpRequest, reach: Reach) -> HttpResponse:
    """Every agency with its agents; what runs out comes first."""
    today = system_clock().astimezone(IST).date()
    most = oldest_check(today)
    now_given = Q(assignments__until=None)
    if not reach.whole_lender:
        now_given &= Q(assignments__person__in=people_of(reach).values("pk"))
    counted = agents_of(reach).annotate(given=Count("assignments", filter=now_given))
    lines = [line_of(agent, today, most) for agent in counted]
    if asks_for(request, "agencies"):
        return taken_out(request, reach, "agencies", today, COLUMNS, lines)
    own = reach.person.agency_id if reach.role is Role.AGENCY else None
    listed = Agency.objects.order_by("pk") if own is None else Agency.objects.filter(pk=own)
    untold = given_to(reach, told=False)
    context = {
        "reach": reach,
        "today": today,
        "agencies": [(one, [line for line in lines if line["agency"] == one.pk]) for one in listed],
        "own": [line for line in lines if not line["agency"]],
        "wrong": [line for line in lines if line["wrong"]],
        "untold": untold[:PAGE_ROWS],
        "untold_count": untold.count(),
        "forms": forms_of(reach),
    }
    return render(request, "agencies.html", context)


@page("agent")
def agent(request: HttpRequest, reach: Reach, agent_id: str) -> HttpResponse:
    """One agent: papers, the people given to them, and notices."""
    one = agents_of(reach).filter(pk=agent_id).first()
    if one is None:
        raise Http404("No such agent.")
    today = system_clock().astimezone(IST).date()
    found = given_to(reach, one)
    if asks_for(request, "agent"):
        listed = [{"person": a.person, "agent": one.pk, "agency": one.agency_id or "", "since": a.since} for a in found[:100_000]]
        return taken_out(request, reach, "agent", today, PEOPLE_COLUMNS[:-1], listed)
    sheet = sheet_of(request, found.count())
    context = {
        "reach": reach,
        "agent": one,
        "line": line_of(one, today, oldest_check(today)),
        "papers": papers_of(one, today),
        "sheet": sheet,
        "people": found[sheet.offset : sheet.offset + PAGE_ROWS],
        "past": Assignment.objects.filter(agent=one).exclude(until=None).count(),
        "forms": _paper_forms(one, today) if reach.role in OFFICE and reach.whole_lender else [],
    }
    return render(request, "agent.html", context)


def _paper_forms(one: Agent, today: date) -> list[Form]:
    hidden = {"agent": one.pk}
    reference = Field("reference", "Number or place by which it can be found", most=120)
    certificate = (Field("first", "First day", "date"), Field("last", "Last day", "date"), reference)
    check = (Field("first", "Made on", "date", value=today.isoformat()), reference)
    forms = [
        Form("certificate", "Put a certificate on file", certificate, hidden=hidden),
        Form("antecedents", "Put a check of antecedents on file", check, hidden=hidden),
    ]
    let_go = Form(
        "dismiss", "Let the agent go", (), "Let go", "Whoever was given to them is given to nobody, at once.", hidden, danger=True
    )
    return [*forms, let_go] if one.ended_on is None else forms
