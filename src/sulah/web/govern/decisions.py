"""Every answer of the guard, permits and refusals alike: searched by person, loan, channel, purpose, rule, day, branch and agency."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.export_rows import MOST_ROWS
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Channel, Purpose
from sulah.records.contact.agent import Agency
from sulah.records.contact.decision import Decision
from sulah.records.contact.standing import Standing
from sulah.records.holds import Holds
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.reach import Reach, page
from sulah.web.take_out import asks_for, taken_out
from sulah.web.words import grouped

DAYS = 7
"""Days shown where the address names none: the last ones up to today."""
OUT = ("id", "at", "person", "channel", "purpose", "outcome", "permit_until", "next_lawful_at", "refused_by", "agent", "agency", "actor")
COLUMNS = (*OUT, "rules_version", "facts_sha256", "content_sha256")
_OUTCOMES = {"permit": True, "refusal": False}


def span_of(request: HttpRequest, days: int = DAYS) -> tuple[date, date]:
    """First and last day in India of ?from= and ?to=; the last so many days where they are not given or cannot be read."""
    return span_asked(request.GET, days)


def span_asked(asked: Mapping[str, str], days: int) -> tuple[date, date]:
    """The same of any form: an order that was turned round is put right."""
    today = system_clock().astimezone(IST).date()
    last = _day(asked.get("to", "")) or today
    first = _day(asked.get("from", "")) or last - timedelta(days=days - 1)
    return min(first, last), max(first, last)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def within(reach: Reach) -> QuerySet[Decision]:
    """The decisions about people within reach, without what was known and said in each."""
    found = Decision.objects.all()
    if reach.whole_lender:
        return found
    return found.filter(person__in=people_of(reach).values("pk"))


def asked_for(request: HttpRequest, reach: Reach, first: date, last: date) -> QuerySet[Decision]:
    """The decisions that the address asks for, latest first."""
    asked = {name: request.GET.get(name, "").strip()[:160] for name in request.GET}
    found = within(reach).filter(
        at__gte=datetime.combine(first, time.min, IST), at__lt=datetime.combine(last + timedelta(days=1), time.min, IST)
    )
    for name in ("person", "channel", "purpose"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    if asked.get("outcome") in _OUTCOMES:
        found = found.filter(permitted=_OUTCOMES[asked["outcome"]])
    if asked.get("rule"):
        found = found.filter(refused_by__contains=f" {asked['rule']} ")
    if asked.get("loan"):
        found = found.filter(Q(Holds("intent__loan_ids", asked["loan"])))
    if asked.get("branch"):
        found = found.filter(person__in=Standing.objects.filter(Q(Holds("branches", asked["branch"]))).values("pk"))
    if asked.get("agency"):
        found = found.filter(intent__agency_id=asked["agency"])
    return found.order_by("-at", "-id")


def _lines(found: QuerySet[Decision]) -> Iterator[dict[str, Any]]:
    """Decisions as rows: what was asked and answered."""
    for row in found.defer("facts", "verdicts"):
        yield {
            "id": row.pk,
            "at": row.at,
            "person": row.person,
            "channel": row.channel,
            "purpose": row.purpose,
            "outcome": "permit" if row.permitted else "refusal",
            "permit_until": row.permit_until,
            "next_lawful_at": row.next_lawful_at,
            "refused_by": row.refused_by.strip(),
            "rules": row.refused_by.split(),
            "agent": row.intent.get("agent_id") or "",
            "agency": row.intent.get("agency_id") or "",
            "loans": row.intent.get("loan_ids") or [],
            "actor": row.actor,
            "rules_version": row.rules_version,
            "facts_sha256": row.facts_sha256,
            "content_sha256": row.content_sha256,
        }


@page("decisions")
def decisions(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The list, fifty a page, or all that was asked for as CSV."""
    first, last = span_of(request)
    found = asked_for(request, reach, first, last)
    count = found.count()
    if asks_for(request, "decisions"):
        if count > MOST_ROWS:
            why = f"{grouped(count)} decisions are asked for; a page gives {grouped(MOST_ROWS)} at most."
            told = {
                "title": "Too many rows to take out here",
                "why": why,
                "words": "Ask for fewer days, or for one rule or branch at a time.",
            }
            return render(request, "error.html", told, status=400)
        return taken_out(request, reach, "decisions", None, COLUMNS, list(_lines(found)))
    sheet = sheet_of(request, count)
    permits = found.filter(permitted=True).count()
    context = {
        "reach": reach,
        "rows": list(_lines(found[sheet.offset : sheet.offset + PAGE_ROWS])),
        "sheet": sheet,
        "first": first,
        "last": last,
        "permits": permits,
        "refusals": count - permits,
        "channels": list(Channel),
        "purposes": list(Purpose),
        "agencies": Agency.objects.order_by("pk").values_list("pk", flat=True),
        "branches": reach.branches,
    }
    return render(request, "decisions.html", context)
