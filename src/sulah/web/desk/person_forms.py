"""The acts on a person's contact facts that the page offers to a role; each is a small form, and the act itself holds who may do it."""

from collections.abc import Mapping
from datetime import date, timedelta

from sulah.actions.contact.actor import CONDUCT, DESK
from sulah.actions.contact.mark_number import STANDINGS, WHOSE
from sulah.actions.contact.raise_stop import BORROWER_ASKED, TELLERS
from sulah.actions.contact.rulebook import Rulebook
from sulah.guard.facts import Facts
from sulah.kernel.dates import day_text
from sulah.kernel.money import indian
from sulah.kernel.terms import Channel, ContactClass, Place, Role, StopEvent, StopScope
from sulah.records.contact.agent import Agency, Agent
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent as Stop
from sulah.web.forms import Choices, Field, Form, choices_of, shown_to
from sulah.web.reach import Reach

ROLES: dict[str, frozenset[Role]] = {
    "consent": DESK,
    "withdraw": DESK | {Role.AGENCY, Role.LEGAL},
    "wish": DESK | {Role.AGENCY},
    "end_wish": CONDUCT,
    "number": DESK | {Role.AGENCY},
    "place": DESK,
    "visit": DESK | {Role.AGENCY},
    "stop": TELLERS,
    "occasion": DESK | {Role.AGENCY, Role.LEGAL},
    "end_occasion": CONDUCT,
    "assign": CONDUCT,
    "take_back": CONDUCT,
    "notice": DESK,
    "promise": DESK | {Role.AGENCY},
    "withdraw_promise": DESK,
}
"""Which roles are shown which act; lifting a stop goes by its row.  A test holds that the acts refuse all others."""

OF_A_PERSON = frozenset({StopScope.NUMBER, StopScope.CHANNEL, StopScope.LOAN, StopScope.PERSON, StopScope.HOUSEHOLD})
_BY_MESSAGE = (Channel.SMS, Channel.WHATSAPP, Channel.EMAIL, Channel.LETTER)
WEEKDAYS = (("0", "Monday"), ("1", "Tuesday"), ("2", "Wednesday"), ("3", "Thursday"), ("4", "Friday"), ("5", "Saturday"), ("6", "Sunday"))
_CHANNEL = Field("channel", "Channel", "select", choices_of(tuple(Channel)))
_SOURCE = Field("source", "How you know (a form, a call, a reply)", most=40)
_ALL: Choices = (("", "All"),)


def forms_for(reach: Reach, book: Rulebook, facts: Facts, shown: Mapping[str, str], today: date) -> dict[str, list[Form]]:
    """The forms of the page by the part that they stand in."""
    numbers = tuple((key, shown.get(key) or f"number {place}") for place, key in enumerate(sorted(facts.numbers), start=1))
    given = [Form("take_back", "Take the person back", (), "Take back", "The access ends at the same instant.", danger=True)]
    parts = {
        "stops": [_stop(book, facts, numbers, today)],
        "consents": [
            Form("consent", "The person agreed to a channel", (_CHANNEL, _SOURCE)),
            Form("withdraw", "The person took the agreement back", (_CHANNEL, _SOURCE), hint="It holds at once.", danger=True),
        ],
        "wishes": [_wish()],
        "numbers": [_number(numbers)] if numbers else [],
        "occasions": [_occasion(book, today)],
        "places": [_place(), _visit()],
        "agents": [_assign(), _notice(), *given],
        "promises": _promises(facts.person.person_id, reach, today),
    }
    return {part: shown_to(ROLES, reach.role, forms) for part, forms in parts.items()}


def lift_form(stop: Stop, lifted_by: str, role: Role) -> list[Form]:
    """The form that lifts a stop, for the roles that its row names; the act holds the same."""
    lifters = {"borrower": BORROWER_ASKED, "book": frozenset({Role.COMPLIANCE})}.get(lifted_by) or frozenset({Role(lifted_by)})
    reason = Field("reason", "Why (kept beside the stop)")
    return [Form("lift", "Lift this stop", (reason,), "Lift it", hidden={"which": str(stop.pk)})] if role in lifters else []


def raisable(book: Rulebook, today: date, *, of_a_person: bool) -> tuple[StopEvent, ...]:
    """The events of which the table has rows about one person, or those about more."""
    rows = [(str(row["event"]), StopScope(str(row["scope"]))) for row in book.policy.in_force("contact_stop", today)]
    narrow = {event for event, _ in rows if all(scope in OF_A_PERSON for named, scope in rows if named == event)}
    return tuple(event for event in StopEvent if event in {name for name, _ in rows} and (event.value in narrow) is of_a_person)


def _stop(book: Rulebook, facts: Facts, numbers: Choices, today: date) -> Form:
    loans = tuple((loan.loan_id, loan.loan_id) for loan in facts.loans)
    return Form(
        "stop",
        "Something happened: stop contact",
        (
            Field("event", "What happened", "select", choices_of(raisable(book, today, of_a_person=True))),
            Field("loan", "Loan, where it is about one", "select", _ALL + loans, required=False),
            Field("number_key", "Number, where it is about one", "select", _ALL + numbers, required=False),
            Field("channel", "Channel, where it is about one", "select", _ALL + choices_of(tuple(Channel)), required=False),
            Field("reason", "What was said, or how you know"),
        ),
        "Stop contact now",
        "It holds at once: what is queued and covered is withdrawn. The rules of stops say what it covers and who lifts it.",
        danger=True,
    )


def _wish() -> Form:
    return Form(
        "wish",
        "The person asked not to be contacted at a time or place",
        (
            Field("weekdays", "Weekdays (none ticked: every day)", "many", WEEKDAYS, required=False),
            Field("first", "From (India time)", "time", required=False),
            Field("last", "Until", "time", required=False),
            Field("classes", "Which contact (none ticked: every one)", "many", choices_of(tuple(ContactClass)), required=False),
            Field("places", "Where (none ticked: wherever)", "many", choices_of(tuple(Place)), required=False),
        ),
        hint="Without hours the whole day is meant. A window over midnight is two wishes.",
    )


def _number(numbers: Choices) -> Form:
    unsaid = (("", "No change"),)
    return Form(
        "number",
        "Say whose a number is, or what it is good for",
        (
            Field("number_key", "Number", "select", numbers),
            Field("whose", "Whose it is", "select", unsaid + choices_of(WHOSE), required=False),
            Field("standing", "What it is good for", "select", unsaid + choices_of(STANDINGS), required=False),
            _SOURCE,
        ),
        hint="That a number may be used again is said by a supervisor or the compliance officer.",
    )


def _occasion(book: Rulebook, today: date) -> Form:
    rows = book.policy.in_force("contact_occasion", today)
    kinds = choices_of([str(row["kind"]) for row in rows if row["scope"] in ("person", "household")])
    fields = (
        Field("kind", "What happened", "select", kinds),
        Field("first", "First day", "date", value=today.isoformat()),
        Field("last", "Last day (empty: as the rule of its kind says)", "date", required=False),
        Field("note", "Why, or how you know", most=200),
    )
    return Form("occasion", "Note an occasion", fields, hint="A bereavement or a marriage covers the household, where it is known.")


def _place() -> Form:
    fields = (Field("centre_id", "Centre", required=False, most=64), Field("branch_id", "Or branch", required=False, most=64))
    return Form("place", "The place that was agreed with the person", fields, hint="Both empty: no place is agreed any more.")


def _visit() -> Form:
    fields = (
        Field("place", "Where", "select", choices_of(tuple(Place))),
        Field("met", "Outcome", "select", (("no", "Not there"), ("yes", "Met"))),
        Field("at", "When (India time)", "datetime-local"),
    )
    return Form("visit", "The person was looked for", fields)


def engaged() -> Choices:
    """Agents and agencies that are engaged, as a field offers them: agent:ID and agency:ID."""
    agents = Agent.objects.filter(ended_on=None).order_by("agency_id", "pk")
    agencies = Agency.objects.filter(ended_on=None).order_by("pk")
    return (
        *((f"agent:{one.pk}", f"{one.name} ({one.agency_id or 'own'})") for one in agents),
        *((f"agency:{one.pk}", f"{one.name}, the agency as a whole") for one in agencies),
    )


def _promises(person: str, reach: Reach, today: date) -> list[Form]:
    """Taking a promise on one of the loans on which something may be demanded, and withdrawing an open one."""
    standing = Standing.objects.filter(pk=person).first()
    due = [
        loan
        for loan in (standing.loans if standing else [])
        if loan["open"] and (loan["demand_paise"] or 0) > 0 and (reach.role is Role.AGENCY or reach.sees(loan["branch_id"]))
    ]
    loans = tuple((loan["loan_id"], f"{loan['loan_id']} ({indian(loan['demand_paise'])} overdue)") for loan in due)
    fields = (
        Field("loan", "Loan", "select", loans),
        Field("amount", "Amount in rupees (empty: all that is overdue)", required=False, most=15),
        Field("due_on", "By which day", "date", value=(today + timedelta(days=1)).isoformat()),
        Field("channel", "How it was given", "select", choices_of((Channel.CALL, Channel.VISIT, Channel.MEETING, *_BY_MESSAGE))),
    )
    quiet = "Nobody asks for money on the loan until the end of that day. A new promise replaces the open one."
    forms = [Form("promise", "The person promises to pay", fields, "Take the promise", quiet)] if loans else []
    open_ones = Promise.objects.filter(person=person, state="open").order_by("id")
    made = tuple((str(one.pk), f"{indian(one.amount_paise)} by {day_text(one.due_on)} on {one.loan_id}") for one in open_ones)
    again = (Field("which", "Promise", "select", made), Field("reason", "Why"))
    return [*forms, *([Form("withdraw_promise", "Withdraw a promise", again, "Withdraw it", danger=True)] if made else [])]


def _assign() -> Form:
    hint = "Whoever had the person has not any more, from the same instant. The person must be told before the first contact."
    return Form("assign", "Give the person to an agent or agency", (Field("whom", "To", "select", engaged()),), "Give", hint)


def _notice() -> Form:
    fields = (
        Field("whom", "Of whom", "select", engaged()),
        Field("channel", "How", "select", choices_of(tuple(Channel))),
        Field("reference", "Letter or message by which it can be found", required=False, most=160),
    )
    return Form("notice", "The person was told who will contact them", fields)
