"""The public page on which a borrower checks an officer: a code or the link of a QR code, and who stands at the door, or what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from sulah.actions.contact.check_officer import QR, SLOW, TYPED, Checked, check_officer
from sulah.actions.sentences import settings_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.outreach.house import HouseError, TextSettings
from sulah.policy.languages import load_languages
from sulah.policy.languages.check_words import check_words, page_language
from sulah.web.borrower.visitor import visitor_of
from sulah.web.standing import the_lender


@csrf_exempt  # it changes nothing of anybody's, and browsers inside of other apps bring no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def officer_check(request: HttpRequest, token: str = "") -> HttpResponse:
    """The form; with a code or the sign of a QR code the answer.  No log-in, no word of any loan or person but the officer."""
    lender = the_lender()
    settings = _settings()
    given = request.POST if request.method == "POST" else request.GET
    second = settings.second_language if settings is not None else "en"
    language = page_language(given.get("language", ""), request.headers.get("Accept-Language", ""), second)
    typed = request.POST.get("code", "").strip() if request.method == "POST" else ""
    checked: Checked | None = None
    if typed or (token and request.method == "GET"):
        way, said = (TYPED, typed) if typed else (QR, token)
        checked = check_officer(said, way, visitor=visitor_of(request), language=language, vault=Vault(lender), clock=system_clock)
    number = settings.house.grievance if settings is not None else ""
    words = {name: text.replace("{number}", number) for name, text in check_words(language).items()}
    context = {
        "here": reverse("officer_check"),
        "lender": settings.house.lender if settings is not None else lender.name,
        "simulated": lender.simulated,
        "words": words,
        "number": number,
        "language": load_languages()[language],
        "languages": load_languages().values(),
        "checked": checked,
        "slow": checked is not None and checked.outcome == SLOW,
    }
    response = render(request, "check.html", context, status=429 if context["slow"] else 200)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _settings() -> TextSettings | None:
    try:
        return settings_of(the_lender())
    except HouseError:
        return None
