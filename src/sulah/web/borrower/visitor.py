"""Where a visitor of a public page comes from, for counting tries; behind a proxy the address that the proxy saw."""

from django.conf import settings
from django.http import HttpRequest


def visitor_of(request: HttpRequest) -> str:
    """The network address; the last of X-Forwarded-For where `sulah serve --behind-https` says that a proxy of ours writes it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
