"""The door for providers' callbacks: no person signs in here; a secret of the provider opens it, and nothing is said but a status."""

import os
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from sulah.actions.take_callback import LARGEST, Door, InboxWriter
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.outreach.sms.settings import SmsSettingsError, settings_of
from sulah.web.standing import the_lender


@csrf_exempt
@require_POST
def sms_hook(request: HttpRequest, provider: str) -> HttpResponse:
    """POST /hooks/sms/PROVIDER?key=SECRET: 200 once it is on the disk, 401 without a right secret, 404 where SMS is not set up."""
    try:
        door = _door()
    except SmsSettingsError as error:
        raise Http404("No messages are sent from here.") from error
    told = request.headers.get("Content-Length") or "0"
    if not told.isdigit() or int(told) > LARGEST:
        return HttpResponse(status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HttpResponse(status=door.take(provider, request.GET.get("key", ""), headers, request.body))


@cache
def _door() -> Door:
    """The lender's door, its settings read once a process."""
    lender = the_lender()
    return Door(settings_of(lender.settings, os.environ), Vault(lender), InboxWriter(), system_clock)
