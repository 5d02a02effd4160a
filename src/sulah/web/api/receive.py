"""Records come in: one POST for each table of the extract, and what became of a batch."""

from django.http import HttpRequest, HttpResponse

from sulah.actions.receive_records import DayClosedError, KeyReusedError, receive_records
from sulah.contracts.registry import EXTRACT
from sulah.contracts.resources import resource_of
from sulah.intake.call import UnreadableCallError
from sulah.web.api.door import Caller, endpoint
from sulah.web.problem import ProblemError

KEY = "Idempotency-Key"
_LONGEST_KEY = 200
_LET_PASS = 64_000_000


@endpoint("POST")
def receive(request: HttpRequest, caller: Caller, table: str) -> HttpResponse:
    """Take in records of one table: 200 all accepted, 207 some, 422 none; the same key again, the same bytes again."""
    caller.needs(f"{resource_of(table)}:write")
    key, body = _key_of(request), _body_of(request, caller.settings.most_bytes)
    try:
        found = receive_records(
            caller.lender, caller.client, EXTRACT[table], key=key, body=body, settings=caller.settings, clock=caller.clock
        )
    except UnreadableCallError as error:
        raise ProblemError(400, "call_unreadable", str(error)) from error
    except KeyReusedError as error:
        raise ProblemError(409, "key_reused", str(error)) from error
    except DayClosedError as error:
        raise ProblemError(409, "day_closed", str(error)) from error
    response = HttpResponse(found.answer, status=found.status, content_type="application/json")
    response.headers["Idempotency-Replayed"] = "true" if found.replayed else "false"
    return response


def _key_of(request: HttpRequest) -> str:
    key = request.headers.get(KEY, "").strip()
    if not key or len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        words = (
            f"Send the header {KEY}: a name of your own for this call, 1 to {_LONGEST_KEY} plain characters, the same when you repeat it."
        )
        raise ProblemError(400, "key_missing", words)
    return key


def _body_of(request: HttpRequest, most: int) -> bytes:
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProblemError(415, "not_json", "Send JSON as it is: Content-Type: application/json, without Content-Encoding.")
    said = request.headers.get("Content-Length", "")
    if said.isascii() and said.isdigit() and int(said) > most:
        _let_pass(request)
        raise ProblemError(413, "too_large", f"The body has {int(said):,} bytes; at most {most:,} may come in one call. Send it in parts.")
    body: bytes = request.read(most + 1)
    if len(body) > most:
        raise ProblemError(413, "too_large", f"The body is larger than {most:,} bytes. Send it in parts.")
    return body


def _let_pass(request: HttpRequest) -> None:
    """Read what is too large and throw it away, up to a bound: who is cut off while sending never sees the answer."""
    left = _LET_PASS
    while left > 0 and (block := request.read(1 << 16)):
        left -= len(block)
