"""The door of the API: who calls, whether they may, and every refusal as a problem; no cookie opens anything here."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from sulah.actions.admit_client import LIVE, SANDBOX, digest_of
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.reader import Condition, one_of
from sulah.adapters.lms.api_settings import ApiSettings, api_settings
from sulah.kernel.dates import Clock, system_clock
from sulah.kernel.refusal import Refusal
from sulah.records.api_client import ApiClient
from sulah.records.damage import damaged_record
from sulah.web.api.pace import Pace
from sulah.web.problem import ProblemError, problem
from sulah.web.sandbox.faults import with_faults
from sulah.web.standing import the_lender

PACE = Pace()
_USED_EVERY = timedelta(minutes=1)
_NO_TOKEN = {"WWW-Authenticate": 'Bearer realm="sulah"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, for which lender, with which settings, and the clock."""

    client: ApiClient
    lender: Lender
    settings: ApiSettings
    clock: Clock

    def needs(self, scope: str) -> None:
        """A problem (403) when the client has not this scope."""
        if scope not in self.client.scopes:
            words = f"This token has no {scope}. Ask whoever made it: sulah api-client add {self.client.name} --scope {scope} ..."
            raise ProblemError(403, "scope_missing", words)

    def conditions(self) -> tuple[Condition, ...]:
        """The condition on branch_id that every reading of rows carries."""
        return (one_of("branch_id", tuple(self.client.branches)),) if self.client.branches else ()


View = Callable[..., HttpResponse]


def endpoint(*methods: str) -> Callable[[View], View]:
    """A view of the API for these methods; it is given its Caller.  Every refusal becomes a problem."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def guarded(request: HttpRequest, /, *, sandbox: bool, **named: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise ProblemError(405, "method", f"Use {' or '.join(methods)} here.", {"Allow": ", ".join(methods)})
                caller = _caller(request, sandbox=sandbox)
                return with_faults(request, lambda: view(request, caller, **named), sandbox=sandbox)
            except ProblemError as error:
                return problem(request, error)
            except Refusal as refusal:
                return problem(request, ProblemError(503, "refused", str(refusal)))
            except (ValueError, TypeError, LookupError) as error:
                if not damaged_record(error):
                    raise
                return problem(request, ProblemError(503, "damaged", "The database holds something that nobody wrote. Nothing was done."))

        return guarded

    return wrap


def settings_here(*, sandbox: bool) -> tuple[Lender, ApiSettings]:
    """The lender of this server and its settings; a problem (404) when the address is of the other side."""
    lender = the_lender()
    found = api_settings(lender.settings, simulated=lender.simulated)
    if found.sandbox != sandbox:
        side, base = ("the sandbox", "/api/sandbox/v1") if found.sandbox else ("production", "/api/v1")
        raise ProblemError(404, "other_side", f"This server is {side}: its addresses begin with {base}.")
    return lender, found


def _caller(request: HttpRequest, *, sandbox: bool) -> Caller:
    lender, settings = settings_here(sandbox=sandbox)
    now = system_clock()
    client = _client_of(request.headers.get("Authorization", ""), now, sandbox=sandbox)
    if seconds := PACE.wait(client.pk, settings.calls_a_minute, now):
        words = f"More than {settings.calls_a_minute:,} calls in a minute. Nothing was done; try again in {seconds} seconds."
        raise ProblemError(429, "too_many_calls", words, {"Retry-After": str(seconds)})
    if client.last_used_at is None or now - client.last_used_at >= _USED_EVERY:
        ApiClient.objects.filter(pk=client.pk).update(last_used_at=now)
    return Caller(client, lender, settings, system_clock)


def _client_of(header: str, now: datetime, *, sandbox: bool) -> ApiClient:
    """The client of a bearer token, compared in constant time; a problem (401) that never says which part of a token was wrong."""
    scheme, _, token = header.partition(" ")
    side, _, secret = token.strip().rpartition("_")
    kind, _, number = side.rpartition("_")
    if scheme.lower() != "bearer" or not secret:
        raise ProblemError(401, "token_missing", "Send the header Authorization: Bearer TOKEN. Make one: sulah api-client add", _NO_TOKEN)
    if kind == (LIVE if sandbox else SANDBOX):
        here, there = ("the sandbox", "production") if sandbox else ("production", "the sandbox")
        raise ProblemError(
            401, "token_of_other_side", f"This is {here}, and the token is one of {there}. They never open each other.", _NO_TOKEN
        )
    short = number.isascii() and number.isdigit() and len(number) < 10
    client = ApiClient.objects.filter(pk=int(number)).first() if short else None
    fits = hmac.compare_digest(client.token_sha256 if client else "0" * 64, digest_of(secret))
    if client is None or not fits or client.revoked_at is not None:
        raise ProblemError(401, "token_unknown", "This token opens nothing, or no longer. Ask whoever made it for a new one.", _NO_TOKEN)
    if now >= client.expires_at:
        raise ProblemError(401, "token_expired", f"This token ended on {client.expires_at:%d %b %Y}. Ask for a new one.", _NO_TOKEN)
    return client
