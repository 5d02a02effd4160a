"""What went wrong with a call, as application/problem+json (RFC 9457), in words that say what to do next."""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse

TITLES = {
    400: "The call cannot be read",
    401: "No valid token",
    403: "The token does not open this",
    404: "Nothing here",
    405: "Not this way",
    409: "In conflict with what is known",
    413: "Too large",
    415: "Not JSON",
    429: "Too many calls",
    500: "A fault on our side",
    503: "Not available now",
    504: "The answer was lost",
}


class ProblemError(Exception):
    """A call that is answered with a problem: status, a stable code, words for a person, and headers."""

    def __init__(self, status: int, code: str, words: str, headers: Mapping[str, str] | None = None) -> None:
        """Keep them; the message is the words."""
        super().__init__(words)
        self.status, self.code, self.headers = status, code, dict(headers or {})


def problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    """The response; type leads to the reference that this very server serves."""
    base = "/api/sandbox/v1" if request.path.startswith("/api/sandbox/") else "/api/v1"
    told = {"type": f"{base}/reference#{error.code}", "title": TITLES[error.status], "status": error.status}
    told |= {"detail": str(error), "code": error.code}
    response = HttpResponse(json.dumps(told, ensure_ascii=False).encode(), status=error.status, content_type="application/problem+json")
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def answer(told: Mapping[str, object], status: int = 200) -> HttpResponse:
    """A JSON response."""
    return HttpResponse(json.dumps(told, ensure_ascii=False, default=str).encode(), status=status, content_type="application/json")
