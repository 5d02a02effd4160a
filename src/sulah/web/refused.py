"""The page for what the book or the records refuse: a file that is not the one written, a row that rotted, files that are gone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from sulah.kernel.refusal import Refusal
from sulah.records.damage import damaged_record

Respond = Callable[[HttpRequest], HttpResponse]
_DAMAGED = "The database holds something that cannot be what was written. Restore the lender from its backup (sulah restore)."


class RefusedPages:
    """Middleware: a refusal that no view answered becomes a page with its words (503), never a number and never a traceback."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self._respond(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page; None for a fault of our own, which stays one.  No context processor runs: it might ask the same row again."""
        if isinstance(exception, Refusal):
            words = str(exception)
        elif damaged_record(exception):
            words = _DAMAGED
        else:
            return None
        return HttpResponse(render_to_string("refused.html", {"words": words}), status=503)
