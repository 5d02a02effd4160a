"""Which lender and which committed day a request is about."""

from datetime import date

from django.conf import settings
from django.http import Http404, HttpRequest

from sulah.adapters.book.layout import Lender, open_lender
from sulah.adapters.book.reader import Day
from sulah.records.dayrun import DayRun
from sulah.web.rulebook import Rulebook, rulebook_of


def the_lender() -> Lender:
    """The lender whose folder this server serves."""
    return open_lender(settings.LENDER)


def chosen_run(request: HttpRequest) -> DayRun | None:
    """The run of ?day=, else the latest; None when no day has run; 404 for a day that is not in the ledger."""
    asked = request.GET.get("day")
    runs = DayRun.objects.select_related("load")
    if not asked:
        return runs.order_by("-as_of").first()
    try:
        found = runs.filter(as_of=date.fromisoformat(asked)).first()
    except ValueError as error:
        raise Http404("The day in the address is not a date.") from error
    if found is None:
        raise Http404("That day has not run.")
    return found


def day_of(run: DayRun) -> Day:
    """The rows of a run."""
    return Day(run, the_lender())


def rules_of(run: DayRun, on: date | None = None) -> Rulebook:
    """The rules that the run stood on, as in force on its day, or on an earlier one."""
    return rulebook_of(run.policy, the_lender().entity_type, on or run.as_of)
