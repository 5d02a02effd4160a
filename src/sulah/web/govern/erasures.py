"""Who asked to be erased, what keeps them and until when, the approval of a second person, and legal holds."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.erase_person import ERASERS, ask_erasures, decide_erasures, lift_hold, place_hold
from sulah.actions.erasure_certificate import certificate_page
from sulah.actions.erasure_proof import proof_or_why_not
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import Role
from sulah.records.erasure import Erasure, ErasureState, LegalHold
from sulah.web.desk.reached import people_of
from sulah.web.forms import Field, Form, UnreadableError, done, number_of
from sulah.web.reach import Reach, page
from sulah.web.said import kept, shown
from sulah.web.standing import the_lender

_SHOWN = 200
HOLDERS = ERASERS | {Role.LEGAL}


def _asked(row: Erasure, reach: Reach) -> dict[str, Any]:
    """A request with what its viewer may do to it: nobody approves their own."""
    mine = row.asked_by == reach.person.get_username()
    decides = reach.role in ERASERS and reach.whole_lender and row.state == ErasureState.ASKED
    hidden = {"which": str(row.pk)}
    approve = Form(
        "approve", f"Erase {row.person}", (), "Erase for good", "The key is destroyed. Nothing brings it back.", hidden, danger=True
    )
    decline = Form("decline", "Decline", (Field("note", "Why"),), "Decline", hidden=hidden)
    return {"row": row, "forms": ([] if mine else [approve]) + [decline] if decides else [], "mine": mine and decides}


def _lifting(row: LegalHold) -> Form:
    return Form("lift", "Lift", (Field("reason", "Why"),), "Lift the hold", hidden={"which": str(row.pk)})


@page("erasures")
def erasures(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The latest requests and the holds in force; compliance of the whole lender asks and decides, legal holds too.

    ?certificate=N gives the certificate of a request that is done, with its proof from the log, as a file.
    """
    asked, holds = Erasure.objects.all(), LegalHold.objects.filter(lifted_at=None)
    if not reach.whole_lender:
        mine = people_of(reach).values("pk")
        asked, holds = asked.filter(person__in=mine), holds.filter(Q(person__in=mine) | Q(person=""))
    if which := request.GET.get("certificate"):
        return _certificate(asked, which)
    may_hold = reach.role in HOLDERS
    context: dict[str, Any] = {
        "reach": reach,
        "rows": [_asked(row, reach) for row in asked.order_by("-id")[:_SHOWN]],
        "holds": [{"row": row, "form": _lifting(row) if may_hold else None} for row in holds],
        "said": shown(((row.person, row.reason) for row in holds if row.person), reach, "erasures"),
        "waiting": asked.filter(state=ErasureState.ASKED).count(),
    }
    person = Field("person", "The lender’s id of the person", most=64)
    words = "Reasons are looked at at once, and again when another person approves. Write no name: the words stay."
    forms = [Form("ask", "Erase a person", (person, Field("reason", "Why")), "Ask for it", words)]
    if not (reach.role in ERASERS and reach.whole_lender):
        forms = []
    if may_hold:
        fields = (Field("person", "The lender’s id; empty for all records", required=False, most=64), Field("reason", "The case"))
        forms.append(Form("hold", "Place a legal hold", fields, "Hold now"))
    return render(request, "erasures.html", context | {"forms": forms})


def _certificate(asked: QuerySet[Erasure], which: str) -> HttpResponse:
    """The page that is handed out; 404 for a request that is not done or of no concern to who asks."""
    row = asked.filter(pk=int(which)).first() if which.isascii() and which.isdigit() and len(which) < 16 else None
    if row is None or not row.certificate:
        raise Http404("No certificate has that number.")
    response = HttpResponse(certificate_page(row, *proof_or_why_not(the_lender(), row)))
    response["Content-Disposition"] = f'attachment; filename="certificate-{row.pk}.html"'
    return response


def _ask(given: QueryDict, by: Actor) -> str:
    person = given.get("person", "").strip()
    if not person:
        raise UnreadableError("Say whom. Nothing was written down.")
    [row] = ask_erasures(the_lender(), [person], reason=given.get("reason", ""), by=by, clock=system_clock)
    if row.state == ErasureState.REFUSED:
        return f"{person} is kept: {'; '.join(kept['rule'] for kept in row.kept_for)}. The request stands below with its reasons."
    return f"Request {row.pk} waits for another person of compliance."


def _decide(given: QueryDict, by: Actor, *, approve: bool) -> str:
    numbers = [number_of(given, "which")]
    [row] = decide_erasures(the_lender(), numbers, approve=approve, note=given.get("note", ""), by=by, clock=system_clock)
    return f"Request {row.pk} is {row.state}. {row.certificate.get('unfinished', '')}".strip()


def _hold(given: QueryDict, by: Actor) -> str:
    person = given.get("person", "").strip()
    with kept(person or None, given.get("reason", ""), by) as reason:
        row = place_hold(person, reason=reason, by=by, clock=system_clock)
    return f"Hold {row.pk} stands."


def _lift(given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    person = LegalHold.objects.filter(pk=which).values_list("person", flat=True).first()
    with kept(person or None, given.get("reason", ""), by) as reason:
        row = lift_hold(which, reason=reason, by=by, clock=system_clock)
    return f"Hold {row.pk} is lifted."


@require_POST
@page("erasure_act")
def erasure_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Ask, approve, decline, hold or lift; the act itself judges who may."""
    by, given = actor_of(reach.person), request.POST
    acts = {
        "ask": lambda: _ask(given, by),
        "approve": lambda: _decide(given, by, approve=True),
        "decline": lambda: _decide(given, by, approve=False),
        "hold": lambda: _hold(given, by),
        "lift": lambda: _lift(given, by),
    }
    if act not in acts:
        raise Http404("No such act.")
    return done(request, acts[act], "erasures")
