"""The acts of a person's page: each reads its small form and asks the act that holds role, reach, reason and audit."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from sulah.actions.contact.actor import Actor, actor_of
from sulah.actions.contact.assign_agent import assign_agent, end_assignment, give_notice
from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.mark_number import mark_number
from sulah.actions.contact.note_occasion import end_occasion, note_occasion
from sulah.actions.contact.raise_stop import Struck, lift_stop, raise_stop
from sulah.actions.contact.record_consent import give_consent, withdraw_consent
from sulah.actions.contact.record_place import agree_place, record_miss
from sulah.actions.contact.record_preference import DAY_SECONDS, ask_preference, end_preference
from sulah.actions.talk.take_promise import take_promise
from sulah.actions.talk.withdraw_promise import quiet_stands, withdraw_promise
from sulah.kernel.dates import IST, day_text, system_clock
from sulah.kernel.money import indian
from sulah.kernel.terms import Channel, ContactClass, Place, StopEvent
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.contact.wish import Preference
from sulah.resolution.promise import Offered
from sulah.web.contact_book import the_book
from sulah.web.desk.contact_facts import occasions, stops_in_force
from sulah.web.desk.reached import person_within
from sulah.web.forms import UnreadableError, choice, day_of, done, instant_of, number_of, paise_of, second_of
from sulah.web.reach import Reach, page
from sulah.web.said import kept
from sulah.web.words import within, words

Act = Callable[[str, QueryDict, Actor], str]


def _consent(person: str, given: QueryDict, by: Actor) -> str:
    channel = choice(given, "channel", Channel, "Channel")
    give_consent(person, channel, source=given.get("source", ""), by=by, clock=system_clock)
    return f"Written down: agreement to {within(channel)}."


def _withdraw(person: str, given: QueryDict, by: Actor) -> str:
    channel = choice(given, "channel", Channel, "Channel")
    withdraw_consent(person, channel, source=given.get("source", ""), by=by, clock=system_clock)
    return f"Written down: no more {within(channel)}. It holds at once."


def _wish(person: str, given: QueryDict, by: Actor) -> str:
    weekdays = [int(day) for day in given.getlist("weekdays") if day.isascii() and day.isdigit()]
    classes = [choice({"one": one}, "one", ContactClass, "Which contact") for one in given.getlist("classes")]
    places = [choice({"one": one}, "one", Place, "Where") for one in given.getlist("places")]
    first, last = second_of(given.get("first", ""), 0), second_of(given.get("last", ""), DAY_SECONDS)
    ask_preference(person, first=first, last=last, weekdays=weekdays, classes=classes, places=places, by=by, clock=system_clock)
    return "The wish is written down and holds at once."


def _end_wish(person: str, given: QueryDict, by: Actor) -> str:
    wish = number_of(given, "which")
    if not Preference.objects.filter(pk=wish, person=person).exists():
        raise Http404("No such wish of this person.")
    end_preference(wish, by=by, clock=system_clock)
    return "The wish has ended."


def _number(person: str, given: QueryDict, by: Actor) -> str:
    marks = {"whose": given.get("whose", ""), "standing": given.get("standing", ""), "source": given.get("source", "").strip()[:40]}
    if not marks["source"]:
        raise UnreadableError("Say how you know about the number. Nothing was written down.")
    if given.get("number_key", "") not in gather_facts(person, system_clock()).numbers:
        raise UnreadableError("Choose one of the person’s numbers. Nothing was written down.")
    mark_number(person, given.get("number_key", ""), **marks, by=by, clock=system_clock)
    return "The number is marked."


def _place(person: str, given: QueryDict, by: Actor) -> str:
    centre, branch = given.get("centre_id", "").strip()[:64], given.get("branch_id", "").strip()[:64]
    agree_place(person, centre_id=centre, branch_id=branch, by=by, clock=system_clock)
    return "The agreed place is written down." if centre or branch else "No place is agreed any more."


def _visit(person: str, given: QueryDict, by: Actor) -> str:
    place = choice(given, "place", Place, "Where")
    record_miss(person, place, met=given.get("met") == "yes", at=instant_of(given.get("at", "")), by=by, clock=system_clock)
    return "The visit is written down."


def _stop(person: str, given: QueryDict, by: Actor) -> str:
    event = choice(given, "event", StopEvent, "What happened")
    reason = given.get("reason", "").strip()
    if not reason:
        raise UnreadableError("Say what was said, or how you know. Nothing was stopped.")
    channel = choice(given, "channel", Channel, "Channel") if given.get("channel") else None
    facts = gather_facts(person, system_clock())
    loan, number = given.get("loan", ""), given.get("number_key", "")
    if (loan and loan not in {one.loan_id for one in facts.loans}) or (number and number not in facts.numbers):
        raise UnreadableError("Choose one of the person’s loans and numbers. Nothing was stopped.")
    struck = Struck(person, (loan,) if loan else (), number, channel)
    with kept(person, reason, by) as place:
        stops = raise_stop(event, struck, reason=place, book=the_book(), by=by, clock=system_clock)
    return f"{words(event)}: contact is stopped at once ({', '.join(dict.fromkeys(within(stop.scope) for stop in stops))})."


def _lift(person: str, given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    facts = gather_facts(person, system_clock())
    if which not in {stop.pk for stop in stops_in_force(facts)}:
        raise Http404("No such stop of this person.")
    with kept(person, given.get("reason", ""), by) as reason:
        stop = lift_stop(which, reason=reason, book=the_book(), by=by, clock=system_clock)
    return f"The stop for {within(stop.event)} is lifted."


def _occasion(person: str, given: QueryDict, by: Actor) -> str:
    last = day_of(given.get("last", "")) if given.get("last") else None
    kind, first, book = given.get("kind", ""), day_of(given.get("first", "")), the_book()
    with kept(person, given.get("note", ""), by) as note:
        noted = note_occasion(kind, first, person=person, last=last, note=note, book=book, by=by, clock=system_clock)
    return f"{words(noted.kind)} until {day_text(noted.last)} is noted for the {within(noted.scope)}."


def _end_occasion(person: str, given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    if which not in {one.pk for one in occasions(Standing.objects.get(pk=person), system_clock().astimezone(IST).date())}:
        raise Http404("No such occasion of this person.")
    end_occasion(which, by=by, clock=system_clock)
    return "The occasion is taken back."


def _whom(given: QueryDict) -> tuple[str, str]:
    """The agent or the agency of a field, the other empty."""
    kind, _, named = given.get("whom", "").partition(":")
    if kind not in ("agent", "agency") or not named:
        raise UnreadableError("Choose an agent or an agency. Nothing was written down.")
    return (named, "") if kind == "agent" else ("", named)


def _assign(person: str, given: QueryDict, by: Actor) -> str:
    agent, agency = _whom(given)
    assign_agent(person, agent_id=agent, agency_id=agency, by=by, clock=system_clock)
    return "The person is given. They must be told before the first contact."


def _take_back(person: str, _given: QueryDict, by: Actor) -> str:
    end_assignment(person, by=by, clock=system_clock)
    return "The person is taken back."


def _notice(person: str, given: QueryDict, by: Actor) -> str:
    channel = choice(given, "channel", Channel, "How")
    agent, agency = _whom(given)
    reference = given.get("reference", "").strip()[:160]
    give_notice(person, agent_id=agent, agency_id=agency, channel=channel, reference=reference, by=by, clock=system_clock)
    return "The notice is written down."


def _promise(person: str, given: QueryDict, by: Actor) -> str:
    channel, loan = choice(given, "channel", Channel, "How"), given.get("loan", "")
    offered = Offered(day_of(given.get("due_on", "")), paise_of(given.get("amount", "")))
    made = take_promise(person, loan, offered, channel=channel, book=the_book(), by=by, clock=system_clock)
    return f"{indian(made.amount_paise)} by {day_text(made.due_on)} is promised. Until then nobody asks for money on {made.loan_id}."


def _withdraw_promise(person: str, given: QueryDict, by: Actor) -> str:
    which = number_of(given, "which")
    if not Promise.objects.filter(pk=which, person=person).exists():
        raise Http404("No such promise of this person.")
    with kept(person, given.get("reason", ""), by) as reason:
        ended = withdraw_promise(which, reason=reason, book=the_book(), by=by, clock=system_clock)
    if quiet_stands(ended):
        return "The promise is withdrawn. The quiet that it gave stands until its day; a supervisor may end it."
    return "The promise is withdrawn, and the quiet that it gave has ended."


ACTS: dict[str, Act] = {
    "consent": _consent,
    "withdraw": _withdraw,
    "wish": _wish,
    "end_wish": _end_wish,
    "number": _number,
    "place": _place,
    "visit": _visit,
    "stop": _stop,
    "lift": _lift,
    "occasion": _occasion,
    "end_occasion": _end_occasion,
    "assign": _assign,
    "take_back": _take_back,
    "notice": _notice,
    "promise": _promise,
    "withdraw_promise": _withdraw_promise,
}
"""The act of each form, by its name in the address."""


@require_POST
@page("person_act")
def person_act(request: HttpRequest, reach: Reach, act: str) -> HttpResponse:
    """Do one act on the person that the form names; what the act refuses is shown in its own words."""
    if act not in ACTS:
        raise Http404("No such act.")
    person = person_within(reach, request.POST.get("person", "")).person
    return done(request, lambda: ACTS[act](person, request.POST, actor_of(reach.person)), "person", person)
