"""Addresses of the API, under /api/v1/ and, of a sandbox, under /api/sandbox/v1/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from sulah.contracts.resources import RESOURCES
from sulah.web.api import read
from sulah.web.api.openapi import document, reference
from sulah.web.api.receive import receive
from sulah.web.problem import ProblemError, problem

READS = {"accounts": read.accounts, "payments": read.payments}
"""Resources that can be read as well: the same address with GET."""


@csrf_exempt
def resource(request: HttpRequest, name: str, *, sandbox: bool) -> HttpResponse:
    """One address for each table: POST sends records, GET reads where there is something to read."""
    if name not in RESOURCES:
        words = f"There is no {name[:40]!r} here. Known: {', '.join(RESOURCES)}; the reference is at reference."
        return problem(request, ProblemError(404, "address_unknown", words))
    if request.method == "GET" and name in READS:
        return READS[name](request, sandbox=sandbox)
    return receive(request, sandbox=sandbox, table=RESOURCES[name])


urlpatterns = [
    path("openapi.json", document, name="api_document"),
    path("reference", reference, name="api_reference"),
    path("days/last", read.last_day, name="api_last_day"),
    path("batches/<str:name>", read.batch, name="api_batch"),
    path("accounts/<path:loan_id>", read.account, name="api_account"),
    path("<path:name>", resource, name="api_resource"),
]
