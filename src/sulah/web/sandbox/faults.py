"""Faults that a sandbox has on request, so that an integrator can try what production will do to them one day."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from sulah.web.problem import ProblemError

HEADER = "Sulah-Sandbox-Fault"
FAULTS = {
    "429": "refused as one call too many, with Retry-After: 1; nothing was done",
    "500": "a fault before anything was done",
    "timeout-after-effect": "everything is done, and the answer is lost (504): send the same call with the same key again",
}
"""Value of the header -> what happens."""


def with_faults(request: HttpRequest, go_on: Callable[[], HttpResponse], *, sandbox: bool) -> HttpResponse:
    """Answer a call, with the fault that its header asks for; outside a sandbox the header is an error of whoever sends it."""
    asked = request.headers.get(HEADER, "")
    if not asked:
        return go_on()
    if not sandbox:
        raise ProblemError(400, "fault_in_production", f"{HEADER} is for the sandbox. Nothing was done; leave it out here.")
    if asked not in FAULTS:
        raise ProblemError(400, "fault_unknown", f"{HEADER} knows {', '.join(FAULTS)}. Nothing was done.")
    if asked == "429":
        raise ProblemError(429, "too_many_calls", "You asked for this fault. Nothing was done.", {"Retry-After": "1"})
    if asked == "500":
        raise ProblemError(500, "broken", "You asked for this fault. Nothing was done.")
    go_on()
    words = "You asked for this fault: all of the call was done and its answer is lost. Send it again with the same key to get the answer."
    raise ProblemError(504, "answer_lost", words)
