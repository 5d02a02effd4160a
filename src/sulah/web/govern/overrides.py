"""The register of overrides: which rule was set aside for which contact, by whom, in which role and why; and the act of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import actor_of
from sulah.actions.contact.give_override import give_override
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.export_rows import MOST_ROWS
from sulah.kernel.dates import IST, system_clock
from sulah.records.contact.decision import Decision, Override
from sulah.web.contact_book import the_book
from sulah.web.desk.loans import PAGE_ROWS, sheet_of
from sulah.web.desk.reached import people_of
from sulah.web.forms import Field, Form, done
from sulah.web.govern.decisions import within as decisions_within
from sulah.web.reach import Reach, page
from sulah.web.said import kept, shown
from sulah.web.take_out import asks_for, taken_out

COLUMNS = ("id", "given_at", "rule_id", "intent_id", "person", "role", "given_by", "reason")


def within(reach: Reach) -> QuerySet[Override]:
    """The overrides for people within reach."""
    found = Override.objects.all()
    return found if reach.whole_lender else found.filter(person__in=people_of(reach).values("pk"))


def override_forms(row: Decision, book: Rulebook, reach: Reach) -> list[Form]:
    """One form for each rule that refused and that the reader's role may set aside; none once it is set aside for this contact."""
    today = system_clock().astimezone(IST).date()
    given = set(Override.objects.filter(intent_id=row.intent_id).values_list("rule_id", flat=True))
    rules = [rule for rule in book.rules.on(today).rules if rule.override_by is reach.role and rule.rule_id in row.refused_by.split()]
    return [
        Form(
            "set_aside",
            f"Set {rule.rule_id} aside for this contact",
            (Field("reason", "Why"),),
            "Set it aside",
            "For this one contact. It stands in the register with your name, and the guard asks every other rule again.",
            hidden={"decision": str(row.pk), "rule": rule.rule_id},
            danger=True,
        )
        for rule in rules
        if rule.rule_id not in given
    ]


@page("overrides")
def overrides(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The register, latest first; ?rule= and ?person= narrow."""
    found = within(reach).order_by("-id")
    for name, column in (("rule", "rule_id"), ("person", "person")):
        if request.GET.get(name):
            found = found.filter(**{column: request.GET[name].strip()[:160]})
    if asks_for(request, "overrides"):
        rows: list[dict[str, Any]] = list(found.values(*COLUMNS)[: MOST_ROWS + 1])
        said = shown(((row["person"], row["reason"]) for row in rows), reach, "overrides")
        return taken_out(
            request, reach, "overrides", None, COLUMNS, [{**row, "reason": said.get(row["reason"], row["reason"])} for row in rows]
        )
    sheet = sheet_of(request, found.count())
    listed = found[sheet.offset : sheet.offset + PAGE_ROWS]
    said = shown(((row.person, row.reason) for row in listed), reach, "overrides")
    context = {"reach": reach, "rows": listed, "sheet": sheet, "said": said}
    return render(request, "overrides.html", context)


@require_POST
@page("override_act")
def override_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Set a rule aside for the contact of a refused decision; 404 for one about a person out of reach."""
    which = request.POST.get("decision", "")
    row = decisions_within(reach).filter(pk=which).first() if which.isascii() and which.isdigit() and len(which) < 18 else None
    if row is None or act != "set_aside":
        raise Http404("No such decision within reach.")
    rule_id, reason, rules = request.POST.get("rule", ""), request.POST.get("reason", ""), the_book().rules
    by = actor_of(reach.person)

    def set_aside() -> str:
        with kept(row.person, reason, by) as place:
            given = give_override(row.intent_id, row.person, rule_id, reason=place, rules=rules, by=by, clock=system_clock)
        return f"{given.rule_id} is set aside for this contact. It is decided again when it is tried again."

    return done(request, set_aside, "decision", str(row.pk))
