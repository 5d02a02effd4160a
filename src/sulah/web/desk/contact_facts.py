"""What is on record of one person's contact, for a page: stops, consents, wishes, numbers, occasions, contacts, agents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from sulah.actions.contact.read_past import Past
from sulah.guard.facts import Facts
from sulah.kernel.dates import IST
from sulah.kernel.terms import ContactState, StopScope
from sulah.records.contact.agent import Agent, AgentNotice, Assignment
from sulah.records.contact.contact import Contact
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.wish import Consent, Preference
from sulah.web.desk.next_step import Reached, reached
from sulah.web.words import within

WEEK = 7
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NumberLine:
    """One number of a person: its key, how the reader sees it, whose it is, what it is good for, and how likely it reaches the person."""

    key: str
    shown: str
    whose: str
    standing: str
    reached: Reached


@dataclass(frozen=True, slots=True)
class AgentLine:
    """Who a person is given to, since when, with the agent's papers."""

    assignment: Assignment
    agent: Agent | None
    papers: list[dict[str, Any]]
    told_at: datetime | None


def stops_in_force(facts: Facts) -> list[StopEvent]:
    """The stops that the facts name, as they were raised, latest first."""
    reaches = Q(pk=None)
    for stop in facts.stops:
        of_person = {"person": facts.person.person_id} if stop.scope is StopScope.CHANNEL else {}
        reaches |= Q(event=stop.event.value, scope=stop.scope.value, key=stop.key, **of_person)
    return list(StopEvent.objects.filter(reaches, lifted_at=None).order_by("-since", "-id"))


def stops_lifted(person: str, at: datetime) -> list[StopEvent]:
    """The stops of this person that were lifted in the last thirty days, latest first."""
    return list(StopEvent.objects.filter(person=person, lifted_at__gte=at - _LATELY).order_by("-lifted_at", "-id"))


def consents(person: str) -> list[Consent]:
    """The entry of each channel that holds, by channel: the last one, and of two of one instant the withdrawal."""
    last: dict[str, Consent] = {}
    for entry in Consent.objects.filter(person=person).order_by("at", "-given", "id"):
        last[entry.channel] = entry
    return [last[channel] for channel in sorted(last)]


def numbers(facts: Facts, shown: Mapping[str, str], past: Past, today: date) -> list[NumberLine]:
    """Every number on file or marked; shown: those that the reader may see, by key, full or by their end."""
    lines = []
    for place, (key, number) in enumerate(sorted(facts.numbers.items()), start=1):
        whose = number.whose.value if number.whose else "unknown"
        learned = reached(past, key, number.standing.value, today)
        lines.append(NumberLine(key, shown.get(key) or f"number {place}", whose, number.standing.value, learned))
    return lines


def occasions(standing: Standing, today: date) -> list[Occasion]:
    """Occasions noted for the person, the household, the PIN code or the state, not over yet and not taken back."""
    covered = {"person": standing.person, "household": standing.household, "pincode": standing.pincode, "state": standing.state}
    reaches = Q(pk=None)
    for scope, key in covered.items():
        reaches |= Q(scope=scope, key=key) if key else Q(pk=None)
    return list(Occasion.objects.filter(reaches, ended_at=None, last__gte=today).order_by("first", "id"))


def calendar_ahead(standing: Standing, today: date) -> list[CalendarDay]:
    """Confirmed days of the calendar of the next thirty that reach the person's state."""
    until = today + _LATELY
    days = CalendarDay.objects.filter(standing="confirmed", day__gte=today, day__lte=until)
    return list(days.filter(state__in=("", standing.state)).order_by("day", "state"))


def contacts(person: str, today: date) -> list[dict[str, Any]]:
    """Contacts of the last seven days in India, latest first, with whether each counts."""
    since = datetime.combine(today - timedelta(days=WEEK - 1), time.min, IST)
    rows = Contact.objects.filter(person=person, at__gte=since).select_related("decision").order_by("-at", "-id")
    return [{"contact": row, "counts": ContactState(row.state).counts} for row in rows]


def wishes(person: str) -> list[dict[str, Any]]:
    """The wishes in force, in words."""
    return [
        {"wish": wish, "words": wish_words(wish.weekdays, wish.first, wish.last, wish.classes, wish.places)}
        for wish in Preference.objects.filter(person=person, ended_at=None).order_by("id")
    ]


def wish_words(weekdays: list[int], first: int, last: int, classes: list[str], places: list[str]) -> str:
    """A wish as the person would say it.

    >>> wish_words([6], 0, 86400, ["call"], []), wish_words([], 46800, 54000, [], ["workplace"])
    ('No call on Sunday', 'No contact from 13:00 to 15:00 at the workplace')
    """
    what = " or ".join(within(kind) for kind in classes) or "contact"
    days = f" on {', '.join(_WEEKDAYS[day] for day in weekdays)}" if weekdays else ""
    hours = "" if (first, last) == (0, 86_400) else f" from {_hour(first)} to {_hour(last)}"
    where = f" at the {' or '.join(within(place) for place in places)}" if places else ""
    return f"No {what}{days}{hours}{where}"


def _hour(second: int) -> str:
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def agent_lines(person: str, today: date) -> list[AgentLine]:
    """The open assignment of a person, with the agent's papers and when the person was told; empty where nobody outside works with them."""
    lines = []
    for given in Assignment.objects.filter(person=person, until=None).select_related("agent", "agency", "agent__agency"):
        agency = given.agency_id or (given.agent.agency_id if given.agent else None)
        told = Q(agent=given.agent_id) if given.agent_id else Q(pk=None)
        told |= Q(agent="", agency=agency) if agency else Q(pk=None)
        notice = AgentNotice.objects.filter(told, person=person, at__gte=given.since).order_by("-at").first()
        lines.append(AgentLine(given, given.agent, papers_of(given.agent, today) if given.agent else [], notice.at if notice else None))
    return lines


def papers_of(agent: Agent, today: date) -> list[dict[str, Any]]:
    """The papers of an agent, latest first, with the days that each still holds; None where it has no last day."""
    return [
        {"paper": paper, "days_left": (paper.last - today).days if paper.last else None, "age": (today - paper.first).days}
        for paper in agent.papers.order_by("kind", "-first", "-id")
    ]


def place_words(person: str, standing: Standing) -> str:
    """The place that was agreed with the person, in words."""
    agreed = AgreedPlace.objects.filter(person=person).order_by("-id").first()
    centre = agreed.centre_id if agreed is not None else standing.centre_id
    if centre:
        return f"Centre {centre}"
    if agreed is not None and agreed.branch_id:
        return f"Branch {agreed.branch_id}"
    return "None: withdrawn by the person" if agreed is not None else "None on record"


def visits(person: str) -> list[Miss]:
    """The last ten times that the person was looked for, latest first."""
    return list(Miss.objects.filter(person=person).order_by("-at", "-id")[:10])
