"""The door for logs that this lender witnesses (https://c2sp.org/tlog-witness): no person signs in; the log's own signature opens it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sulah.actions.log.witness_logs import own_witness
from sulah.kernel.dates import system_clock
from sulah.web.standing import the_lender

_LARGEST = 65_536
_SIZE = "text/x.tlog.size"


@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    """/add-checkpoint: 200 with the signature, kept before it goes out; 404 where nobody is witnessed; else as tlog-witness says."""
    witness = own_witness(the_lender())
    if witness is None:
        raise Http404("No log is witnessed here.")
    told = request.headers.get("Content-Length") or "0"
    if not told.isdigit() or int(told) > _LARGEST:
        return HttpResponse(status=413)
    answer = witness.answer(request.read(), int(system_clock().timestamp()))
    kind = _SIZE if answer.status == 409 else "text/plain; charset=utf-8"
    return HttpResponse(answer.body, status=answer.status, content_type=kind)
