"""The configuration document on a page: what is live for this lender, to be read, printed or kept."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.daycycle.configuration import configuration_of
from sulah.insight.configuration import as_html, as_markdown
from sulah.kernel.dates import IST, system_clock
from sulah.policy.load import PolicyError
from sulah.records.dayrun import DayRun
from sulah.web.reach import Reach, page
from sulah.web.standing import the_lender

_KINDS = {"md": (as_markdown, "text/markdown"), "html": (as_html, "text/html")}


def chosen_date(request: HttpRequest) -> date:
    """The date of ?day=, else the last committed day, else today in India; 404 for a text that is no date."""
    asked = request.GET.get("day")
    if asked:
        try:
            return date.fromisoformat(asked)
        except ValueError as error:
            raise Http404("The day in the address is not a date.") from error
    last = DayRun.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    return last or system_clock().astimezone(IST).date()


@page("configuration")
def configuration(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The document; ?as=md or ?as=html gives it as a file."""
    on = chosen_date(request)
    try:
        document = configuration_of(the_lender(), on)
    except PolicyError as error:
        words = "Mend the file in the lender's folder policy/, then run: sulah check"
        told = {"title": "The lender's own rules cannot be read", "why": str(error), "words": words}
        return render(request, "error.html", told, status=409)
    kind = request.GET.get("as", "")
    if kind in _KINDS:
        write, content_type = _KINDS[kind]
        answer = HttpResponse(write(document), content_type=f"{content_type}; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="configuration-{on.isoformat()}.{kind}"'
        return answer
    rules = [section for section in document.sections if section.ident.startswith("rules-")]
    return render(request, "configuration.html", {"reach": reach, "document": document, "rules": rules, "on": on})
