"""Finding the person to look at: by their own number or by that of a loan, as the lender's system writes them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sulah.actions.contact.publish_standing import unpublished
from sulah.adapters.book.reader import equals
from sulah.records.contact.standing import StandingBook
from sulah.web.desk.reached import people_of
from sulah.web.reach import Reach, page
from sulah.web.standing import chosen_run, day_of


def found_by(request: HttpRequest, reach: Reach, text: str) -> str | None:
    """The person within reach whose number it is, or whose loan has it on the chosen day."""
    people = people_of(reach)
    if people.filter(pk=text).exists():
        return text
    run = chosen_run(request)
    if run is None:
        return None
    with day_of(run) as day:
        loan = day.one("position", where=(equals("loan_id", text), *reach.conditions()))
    return str(loan["borrower_id"]) if loan and people.filter(pk=loan["borrower_id"]).exists() else None


@page("people")
def people(request: HttpRequest, reach: Reach) -> HttpResponse:
    """The search; a hit leads straight to the person."""
    text = request.GET.get("q", "").strip()[:64]
    found = found_by(request, reach, text) if text else None
    if found is not None:
        return redirect("person", found)
    last = StandingBook.objects.order_by("-id").first()
    return render(request, "people.html", {"reach": reach, "text": text, "last": last, "waits": unpublished()})
