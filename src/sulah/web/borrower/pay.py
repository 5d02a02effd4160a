"""The page behind a short address in a message: to whom the money goes and where the way on leads; going on is noted.

Programs that look at links for people open the first page and press nothing, so that what is noted was a person's doing.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sulah.actions.contact.actor import machine
from sulah.actions.follow_link import follow_link, leads_to
from sulah.actions.sentences import settings_of
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import system_clock
from sulah.policy.languages import load_languages
from sulah.policy.languages.check_words import check_words, page_language
from sulah.web import talk_ways
from sulah.web.standing import the_lender

WAY = machine("short address")


@require_safe
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """The lender's name and where the payment page lies, in the reader's language; 404 where the link is over or there is none."""
    lender = the_lender()
    settings = settings_of(lender)
    address = leads_to(token, system_clock)
    second = settings.second_language if settings is not None else "en"
    language = page_language(request.GET.get("language", ""), request.headers.get("Accept-Language", ""), second)
    number = settings.house.grievance if settings is not None else ""
    context = {
        "here": "",
        "lender": settings.house.lender if settings is not None else lender.name,
        "simulated": lender.simulated,
        "words": {name: text.replace("{number}", number) for name, text in check_words(language).items()},
        "language": load_languages()[language],
        "languages": load_languages().values(),
        "number": number,
        "host": urlsplit(address).hostname or "",
        "on": reverse("pay_on", args=(token,)),
    }
    response = render(request, "pay.html", context, status=200 if address else 404)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def pay_on(request: HttpRequest, token: str) -> HttpResponse:
    """Note that somebody went on, and lead on; back to the page, which says so, where the link is over."""
    lender = the_lender()
    if request.method == "HEAD":
        return HttpResponse(status=204)
    settings = settings_of(lender)
    own = (
        f"{settings.short}/p/{token}"
        if settings is not None and settings.short
        else request.build_absolute_uri(reverse("pay", args=(token,)))
    )
    address = follow_link(token, own, channels=talk_ways.channels_here(), vault=Vault(lender), by=WAY, clock=system_clock)
    response = HttpResponseRedirect(address or reverse("pay", args=(token,)))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
