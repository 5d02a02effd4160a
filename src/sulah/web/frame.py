"""What every page's frame shows: lender, simulated label, the pages that the role opens, the days to choose from."""

from importlib.metadata import version

from django.http import HttpRequest

from sulah.adapters.book.layout import NotALenderError
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.records.person import Person
from sulah.web.reach import PAGES
from sulah.web.standing import the_lender

_NAVIGATION = (
    ("book", "Book"),
    ("worklist", "Worklist"),
    ("loans", "Loans"),
    ("differences", "Differences"),
    ("quarantine", "Quarantine"),
    ("loads", "Loads"),
    ("runs", "Days"),
    ("rules", "Rules"),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """The context that the base template needs, signed in or not."""
    person = getattr(request, "user", None)
    shown: dict[str, object] = {"version": version("sulah"), "page_name": getattr(request.resolver_match, "url_name", "") or ""}
    try:
        lender = the_lender()
    except NotALenderError:
        return shown
    shown |= {"lender_name": lender.name, "simulated": lender.simulated}
    if isinstance(person, Person) and person.role in tuple(Role):
        role = Role(person.role)
        shown["navigation"] = [(name, label) for name, label in _NAVIGATION if role in PAGES[name]]
        shown["days"] = list(DayRun.objects.order_by("-as_of").values_list("as_of", flat=True)[:60])
    return shown
