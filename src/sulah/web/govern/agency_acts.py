"""The acts on agencies, agents and their papers."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.contact.engage_agent import ANTECEDENTS, CERTIFICATE, dismiss_agent, engage_agency, engage_agent, file_paper
from sulah.kernel.dates import system_clock
from sulah.records.contact.agent import Agent
from sulah.web.forms import day_of, done
from sulah.web.reach import Reach, page


def _agency(given: QueryDict, by: Actor) -> str:
    engaged = engage_agency(given.get("agency", "").strip()[:64], given.get("name", "").strip()[:150], by=by, clock=system_clock)
    return f"{engaged.name} is engaged."


def _agent(given: QueryDict, by: Actor) -> str:
    of = given.get("of", "")
    engaged = engage_agent(
        given.get("agent", "").strip()[:64], given.get("name", "").strip()[:150], agency_id=of, by=by, clock=system_clock
    )
    return f"{engaged.name} is engaged. Put the certificate and the check of antecedents on file."


def _certificate(given: QueryDict, by: Actor) -> str:
    first, last = day_of(given.get("first", "")), day_of(given.get("last", ""))
    reference = given.get("reference", "").strip()[:120]
    file_paper(given.get("agent", ""), CERTIFICATE, first, last=last, reference=reference, by=by, clock=system_clock)
    return "The certificate is on file."


def _antecedents(given: QueryDict, by: Actor) -> str:
    reference = given.get("reference", "").strip()[:120]
    file_paper(given.get("agent", ""), ANTECEDENTS, day_of(given.get("first", "")), reference=reference, by=by, clock=system_clock)
    return "The check of antecedents is on file."


def _dismiss(given: QueryDict, by: Actor) -> str:
    gone = dismiss_agent(given.get("agent", ""), by=by, clock=system_clock)
    return f"{gone.name} is let go; whoever was given to them is given to nobody."


ACTS: dict[str, Callable[[QueryDict, Actor], str]] = {
    "agency": _agency,
    "agent": _agent,
    "certificate": _certificate,
    "antecedents": _antecedents,
    "dismiss": _dismiss,
}
"""The act of each form, by its name in the address."""


@require_POST
@page("agency_act")
def agency_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Do one act and go back to the agent that the form names, else to the list."""
    if act not in ACTS:
        raise Http404("No such act.")
    named = request.POST.get("agent", "")
    back = ("agent", named) if act not in ("agency", "agent") and Agent.objects.filter(pk=named).exists() else ("agencies",)
    return done(request, lambda: ACTS[act](request.POST, actor_of(reach.person)), *back)
