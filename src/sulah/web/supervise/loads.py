"""The lender's loads: where each stands, whether it ties out, and the decision on one that is held."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from sulah.actions.decide_load import DecisionRefusedError, approve_load, reject_load
from sulah.intake.load_report import FileTie
from sulah.kernel.dates import system_clock
from sulah.kernel.terms import LoadState
from sulah.records.load import Load
from sulah.web.reach import Reach, page


def files_of(load: Load) -> list[FileTie]:
    """The files of a load with their tie-out as its report says it: identical copies are told there only."""
    return [FileTie(**tie) for tie in load.report.get("files", ())]


@page("loads")
def loads(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The latest sixty loads, newest first, each with its files."""
    found = Load.objects.order_by("-as_of", "-version")[:60]
    lines = [{"load": load, "files": files_of(load)} for load in found]
    return render(request, "loads.html", {"reach": reach, "lines": lines, "held": LoadState.HELD.value})


@require_POST
@page("decide_load")
def decide_load(request: HttpRequest, reach: Reach, load_id: str) -> HttpResponse:
    """Approve or reject a held load through the act; what the act refuses is shown in its own words."""
    if not reach.may_decide_loads():
        raise PermissionDenied("A load is the whole lender's; someone who sees all branches must decide it.")
    if not Load.objects.filter(pk=load_id).exists():
        raise Http404("No such load.")
    note = request.POST.get("note", "").strip()
    decision = request.POST.get("decision")
    if not note or decision not in ("approve", "reject"):
        messages.error(request, "Say in the note why, then press Approve or Reject.")
        return redirect("loads")
    act = approve_load if decision == "approve" else reject_load
    try:
        act(load_id, actor=reach.person.get_username(), note=note, clock=system_clock, person=reach.person)
    except DecisionRefusedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Load {load_id} is {'approved' if decision == 'approve' else 'rejected'}.")
    return redirect("loads")
