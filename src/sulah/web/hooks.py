"""The door for providers' callbacks: no person signs in here; a secret of the provider opens it, and nothing is said but a status."""

import os
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sulah.actions.answer_call import answer_call
from sulah.actions.take_callback import Door, InboxWriter, W
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.kernel.refusal import Refusal
from sulah.outreach.configured import configured
from sulah.outreach.http import Call
from sulah.web.standing import the_lender


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def hook(request: HttpRequest, section: str, provider: str) -> HttpResponse:
    """/hooks/CHANNEL/PROVIDER: 200 once it is on the disk, 401 without a right secret or signature, 404 where it is not set up."""
    try:
        door = _door()
    except Refusal as error:
        raise Http404("No messages are sent from here.") from error
    told = request.headers.get("Content-Length") or "0"
    if not told.isdigit() or int(told) > door.largest(section):
        return HttpResponse(status=413)
    call = call_of(request, request.read())
    status, text = door.take(section, provider, call)
    said = answer_call(door.channels, door.vault, section, provider, call) if status == 200 else None
    if said is not None:
        return HttpResponse(said.text, status=said.status, content_type=said.content_type)
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


def call_of(request: HttpRequest, body: bytes) -> Call:
    """What a provider asks of us, as its hook reads it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Call(request.method or "", request.GET.dict(), headers, body, request.build_absolute_uri())


@cache
def _door() -> Door[InboxWriter]:
    """The pages' door, the lender's settings read once a process."""
    return door_of(InboxWriter())


def door_of(writer: W) -> Door[W]:
    """The lender's door with that writer."""
    lender = the_lender()
    return Door(configured(lender.settings, os.environ), Vault(lender), writer, system_clock)
