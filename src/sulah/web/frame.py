"""What every page's frame shows: lender, simulated label, pages that the role opens, how old the book is, the days to choose from."""

from importlib.metadata import version

from django.http import HttpRequest

from sulah.actions.read_staleness import late_dates
from sulah.adapters.book.layout import NotALenderError
from sulah.kernel.terms import Role
from sulah.records.dayrun import DayRun
from sulah.records.person import Person
from sulah.web.reach import PAGES
from sulah.web.standing import the_lender

_ROOMS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Book",
        (
            ("book", "Today"),
            ("trend", "Trend"),
            ("compare", "Compare"),
            ("rolls", "Rolls"),
            ("vintages", "Vintages"),
            ("places", "Places"),
            ("alerts", "Alerts"),
        ),
    ),
    ("Worklist", (("worklist", "Worklist"),)),
    ("Loans", (("loans", "Loans"), ("written_off", "Written off"))),
    (
        "Talk",
        (
            ("inbox", "Inbox"),
            ("promises", "Promises"),
            ("complaints", "Complaints"),
            ("nobody", "From unknown numbers"),
        ),
    ),
    (
        "Contact",
        (
            ("people", "Person"),
            ("delivery", "Delivery and cost"),
            ("decisions", "Decisions"),
            ("overrides", "Overrides"),
            ("stops", "Stops"),
            ("calendar", "Calendar"),
            ("agencies", "Agencies"),
            ("texts", "Texts"),
            ("erasures", "Erasures"),
            ("contact_rules", "Rules of contact"),
        ),
    ),
    (
        "Files",
        (
            ("quality", "Quality"),
            ("differences", "Differences"),
            ("payments", "Payments"),
            ("returns", "Returned debits"),
            ("quarantine", "Quarantine"),
            ("loads", "Loads"),
            ("runs", "Days"),
        ),
    ),
    ("Rules", (("rules", "Rules"), ("configuration", "Configuration"), ("log", "Log"))),
    ("Inspection", (("inspection", "Inspection"),)),
)
"""The pages in rooms: the first line of the navigation names the rooms, the second the pages of the room that is open."""

_WITHIN = {
    "loan": "loans",
    "decide_load": "loads",
    "written_off_loan": "written_off",
    "post_written_off": "written_off",
    "person": "people",
    "officer_code": "people",
    "thread": "inbox",
    "phone": "inbox",
    "decision": "decisions",
    "ledger": "people",
    "inspection_answer": "inspection",
    "agent": "agencies",
    "contact_rule": "contact_rules",
    "text": "texts",
}
"""Pages that stand under another in the navigation."""

_OF_THE_BOOK = frozenset(("Book", "Worklist", "Loans", "Files"))
"""Rooms that show the book: their pages say when it is older than what the lender sent or should have sent."""


def navigation_of(role: Role, shown: str) -> tuple[list[dict[str, object]], list[tuple[str, str]]]:
    """The rooms that the role opens, each leading to its first page, and the pages of the room in which the shown page stands."""
    here = _WITHIN.get(shown, shown)
    rooms: list[dict[str, object]] = []
    inside: list[tuple[str, str]] = []
    for label, pages in _ROOMS:
        opened = [(name, words) for name, words in pages if role in PAGES[name]]
        if not opened:
            continue
        current = here in dict(opened)
        rooms.append({"page": opened[0][0], "label": label, "current": current})
        if current and len(opened) > 1:
            inside = opened
    return rooms, inside


def frame(request: HttpRequest) -> dict[str, object]:
    """The context that the base template needs, signed in or not."""
    person = getattr(request, "user", None)
    name = getattr(request.resolver_match, "url_name", "") or ""
    shown: dict[str, object] = {"version": version("sulah"), "page_name": _WITHIN.get(name, name)}
    try:
        lender = the_lender()
    except NotALenderError:
        return shown
    shown |= {"lender_name": lender.name, "simulated": lender.simulated}
    if isinstance(person, Person) and person.role in tuple(Role):
        rooms, shown["inside"] = navigation_of(Role(person.role), name)
        shown["rooms"] = rooms
        if any(room["current"] and room["label"] in _OF_THE_BOOK for room in rooms):
            shown |= {"late": late_dates(lender.book), "sees_loads": Role(person.role) in PAGES["loads"]}
        shown["days"] = list(DayRun.objects.order_by("-as_of").values_list("as_of", flat=True)[:60])
    return shown
