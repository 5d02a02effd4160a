"""One person: what is allowed with them now and until when, why not and from when, and what that rests on."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from sulah.actions.contact.gather_facts import gather_facts
from sulah.actions.contact.read_past import Past, pasts_of
from sulah.actions.contact.rulebook import Rulebook
from sulah.actions.read_personal import Face
from sulah.guard.facts import Facts
from sulah.guard.intent import Intent
from sulah.guard.rule import Predicate
from sulah.guard.rules import ContactRules
from sulah.guard.words import explain
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Channel, Purpose
from sulah.records.contact.promise import Promise
from sulah.records.contact.standing import Standing
from sulah.records.dayrun import DayRun
from sulah.web import said
from sulah.web.contact_book import lifters, the_book
from sulah.web.desk import contact_facts as on_record
from sulah.web.desk.allowed import asked_of, barred_by, cap_use, table_of
from sulah.web.desk.contact_facts import stops_in_force
from sulah.web.desk.next_step import names_of, what_next
from sulah.web.desk.person_forms import ROLES, forms_for, lift_form
from sulah.web.desk.reached import person_within
from sulah.web.people import faces_for
from sulah.web.reach import Reach, page
from sulah.web.standing import day_of

_AHEAD = timedelta(days=60)


def asked_instant(request: HttpRequest, now: datetime) -> datetime:
    """The instant of ?at= (India time, as a browser's field writes it) within the next sixty days, else now."""
    try:
        given = datetime.fromisoformat(request.GET.get("at", "")).replace(tzinfo=IST)
    except ValueError:
        return now
    return given if now < given <= now + _AHEAD else now


def rules_that_last(book: Rulebook) -> ContactRules:
    """The rules without the life of a permit, so that a page says how long nothing else ends what is allowed."""
    rows = {sheet: book.policy.rows(sheet) for sheet in book.policy.tables}
    lasting = [row for row in rows["contact_rule"] if row["predicate"] != Predicate.PERMIT_LIFE.value]
    return ContactRules(book.policy.entity, {**rows, "contact_rule": lasting})


def facts_at(person: str, at: datetime, rules: ContactRules) -> Facts:
    """The facts of a person for every channel at once: with the WhatsApp tier, and for texts from registered templates."""
    in_force = rules.on(at.astimezone(IST).date())
    days = max((rule.days for rule in in_force.rules if rule.predicate is Predicate.CAP), default=on_record.WEEK)
    return gather_facts(person, at, Intent("", person, at, Channel.WHATSAPP, Purpose.RECOVERY), days=days, template=True)


def _chosen(request: HttpRequest, allowances: Any) -> dict[str, Any] | None:
    """The cell that the address asks about, with all that the guard says of it."""
    for one in allowances:
        if (one.channel.value, one.purpose.value) == (request.GET.get("channel"), request.GET.get("purpose")):
            return {"one": one, "sentences": explain(one.decision), "asked": len(one.decision.verdicts)}
    return None


def _recorded(standing: Standing, facts: Facts, at: datetime, shown: Mapping[str, str], past: Past) -> dict[str, Any]:
    """What is on record of the person."""
    person, today = standing.person, at.astimezone(IST).date()
    return {
        "lifted": on_record.stops_lifted(person, at),
        "consents": on_record.consents(person),
        "wishes": on_record.wishes(person),
        "numbers": on_record.numbers(facts, shown, past, today),
        "occasions": on_record.occasions(standing, today),
        "calendar": on_record.calendar_ahead(standing, today),
        "contacts": on_record.contacts(person, today),
        "agents": on_record.agent_lines(person, today),
        "place": on_record.place_words(person, standing),
        "visits": on_record.visits(person),
    }


def _loans(standing: Standing, reach: Reach) -> dict[str, Any]:
    """The person's loans in the reader's branches, and how many lie elsewhere."""
    seen = [loan for loan in standing.loans if reach.sees(loan["branch_id"])]
    lines = [{**loan, "party": loan["parties"].get(standing.person)} for loan in seen]
    return {"loans": lines, "hidden_loans": len(standing.loans) - len(seen), "loans_open": reach.opens("loan")}


def _face(person: str, reach: Reach) -> Face | None:
    """Name and numbers as far as the role sees them; None before any day has run."""
    run = DayRun.objects.select_related("load").order_by("-as_of").first()
    if run is None:
        return None
    with day_of(run) as day:
        return faces_for([person], source=day, reach=reach, page=f"person/{person}")[person]


def _written(context: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    """What staff wrote that the page shows, with the person whom it is about; an occasion of a household is in several people's."""
    yield from ((stop.person, stop.reason) for stop, _ in context["stops"] if stop.person)
    yield from ((stop.person, stop.lift_reason) for stop in context["lifted"] if stop.person)
    yield from ((None, one.note) for one in context["occasions"] if one.scope in ("person", "household"))


@page("person")
def person(request: HttpRequest, reach: Reach, person_id: str) -> HttpResponse:
    """The page of one person; names and numbers as far as the role sees them, and written down when they are seen."""
    standing = person_within(reach, person_id)
    at = asked_instant(request, now := system_clock())
    book, today = the_book(), now.astimezone(IST).date()
    in_force = book.rules.on(at.astimezone(IST).date())
    facts = facts_at(person_id, at, book.rules)
    allowances = asked_of(facts, rules_that_last(book), at)
    face = _face(person_id, reach)
    shown = face.numbers if face else {}
    lifts = lifters(book.rules.on(today))
    stops = [(stop, lift_form(stop, lifts.get((stop.event, stop.scope), "compliance"), reach.role)) for stop in stops_in_force(facts)]
    context: dict[str, Any] = {"reach": reach, "face": face, "standing": standing, "facts": facts, "at": at, "ahead": at != now}
    context |= {"channels": list(Channel), "table": table_of(allowances, at), "barred": barred_by(allowances)}
    context |= {"chosen": _chosen(request, allowances), "caps": cap_use(facts, in_force, at), "stops": stops}
    past = pasts_of([person_id], now)[person_id]
    coming = what_next(standing, facts, past, book.rules, now)
    context |= _recorded(standing, facts, now, shown, past) | _loans(standing, reach)
    context |= {"next": coming, "next_channels": names_of(coming.channels)}
    context |= {"forms": forms_for(reach, book, facts, shown, today), "may_end": reach.role in ROLES["end_wish"]}
    context |= {"decisions_open": reach.opens("decisions"), "thread_open": reach.opens("thread")}
    context |= {"code_open": reach.opens("officer_code"), "ledger_open": reach.opens("ledger")}
    context["said"] = said.shown(_written(context), reach, f"person/{person_id}")
    context["promises"] = [*Promise.objects.filter(person=person_id).order_by("-id")[:5]]
    return render(request, "person.html", context)
