"""Everything that the guard must know of one person at one instant, from the database in few queries: pseudonyms and keys only."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Max, Q

from sulah.guard import facts as known
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, ContactClass, ContactState, LoanType, Party, Place, Purpose, StopEvent, StopScope
from sulah.records.contact import agent as agents
from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.contact.tier import ChannelTier
from sulah.records.contact.wish import Consent, Preference

HORIZON_DAYS = 61
"""How far ahead occasions are looked up: a refusal names the next lawful time within 60 days."""

TIER_HOURS = 24
_IN_FLIGHT = (ContactState.RESERVED.value, ContactState.RINGING.value)
_NOT_COUNTED = (ContactState.FAILED.value, ContactState.WITHDRAWN.value)


def gather_facts(person: str, at: datetime, intent: Intent | None = None, *, days: int = 7, template: bool | None = None) -> known.Facts:
    """The facts of a person at an instant; of a person whom nobody knows there are none, and the guard's rules say what that means.

    intent: the one that they are gathered for: it names the agent, the number and the channel whose facts are wanted too, and what it
    has reserved itself is no contact yet.  days: IST days of contacts, today included.  template: is the text's template registered?
    Inside a transaction that holds the person's row the facts cannot change until it ends.
    """
    standing = Standing.objects.filter(pk=person).first() or Standing(person=person)
    today = at.astimezone(IST).date()
    agreed = AgreedPlace.objects.filter(person=person).order_by("-id").first()
    misses, not_found = _misses(person, standing.loans)
    numbers, agent = _numbers(standing), _agent(person, intent, today)
    limit, used, inside = _tier(person, at) if intent is not None and intent.channel is Channel.WHATSAPP else (None, 0, False)
    return known.Facts(
        person=_person(standing, agreed),
        loans=tuple(map(_loan, standing.loans)),
        book_as_of=StandingBook.objects.order_by("-id").values_list("as_of", flat=True).first(),
        contacts=_contacts(person, today, days, intent.intent_id if intent else ""),
        numbers=numbers,
        consents=tuple(
            known.Consent(Channel(channel), given, when)
            for channel, given, when in Consent.objects.filter(person=person).order_by("at", "id").values_list("channel", "given", "at")
        ),
        preferences=_preferences(person),
        occasions=_occasions(standing, today),
        stops=_stops(standing, at, numbers, intent, agent),
        misses_in_succession=misses,
        not_found=not_found,
        agent=agent,
        last_inbound=_last_inbound(person),
        template=template,
        tier_limit=limit,
        tier_used=used,
        in_tier_already=inside,
    )


def _person(standing: Standing, agreed: AgreedPlace | None) -> known.Person:
    """A centre on the book is an agreed place too, until the person agrees to another or to none."""
    place = bool(agreed.centre_id or agreed.branch_id) if agreed is not None else (True if standing.centre_id else None)
    return known.Person(
        person_id=standing.person,
        household_id=standing.household or None,
        pincode=standing.pincode or None,
        state=standing.state or None,
        language=standing.language or None,
        agreed_place=place,
    )


def _loan(loan: Mapping[str, Any]) -> known.Loan:
    return known.Loan(
        loan_id=loan["loan_id"],
        loan_type=LoanType(loan["loan_type"]) if loan["loan_type"] else None,
        product=loan["product"],
        overdue_paise=loan["overdue_paise"],
        demand_paise=loan["demand_paise"],
        next_due_on=_day(loan["next_due_on"]),
        open=loan["open"],
        parties={person: Party(party) for person, party in loan["parties"].items()},
        limitation_on=_day(loan["limitation_on"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _contacts(person: str, today: date, days: int, intent_id: str) -> tuple[known.Contact, ...]:
    """Contacts that a cap can count, and those in flight however old; not the one that this very intent has reserved."""
    since = datetime.combine(today - timedelta(days=days - 1), time.min, IST)
    counted = Q(at__gte=since) & ~Q(state__in=_NOT_COUNTED) | Q(state__in=_IN_FLIGHT)
    rows = Contact.objects.filter(counted, person=person).order_by("at", "id")
    if intent_id:
        rows = rows.exclude(intent=intent_id, state=ContactState.RESERVED.value)
    return tuple(
        known.Contact(
            at=at,
            channel=Channel(channel),
            purpose=Purpose(purpose) if purpose else None,
            state=ContactState(state),
            source=source,
        )
        for at, channel, purpose, state, source in rows.values_list("at", "channel", "purpose", "state", "source")
    )


def _numbers(standing: Standing) -> dict[str, known.Number]:
    """The numbers on file, and what people marked on them since; what a mark does not say stays as it was."""
    found = {key: (whose, good) for key, (whose, good) in standing.numbers.items()}
    marks = NumberStanding.objects.filter(person=standing.person).order_by("id").values_list("number_key", "whose", "standing")
    for key, whose, good in marks:
        before = found.get(key, ("", "unknown"))
        found[key] = (whose or before[0], good or before[1])
    return {
        key: known.Number(known.Whose(whose) if whose else None, known.Standing(good or "unknown")) for key, (whose, good) in found.items()
    }


def _preferences(person: str) -> tuple[known.Preference, ...]:
    return tuple(
        known.Preference(
            weekdays=tuple(wish.weekdays),
            from_second=wish.first,
            to_second=wish.last,
            classes=tuple(map(ContactClass, wish.classes)),
            places=tuple(map(Place, wish.places)),
        )
        for wish in Preference.objects.filter(person=person, ended_at=None).order_by("id")
    )


def _occasions(standing: Standing, today: date) -> tuple[known.Occasion, ...]:
    """Occasions of now and of the weeks to come, of the person, the household, the place, and the confirmed days of the calendar."""
    covered = {"person": standing.person, "household": standing.household, "pincode": standing.pincode, "state": standing.state}
    reaches = Q()
    for scope, key in covered.items():
        reaches |= Q(scope=scope, key=key) if key else Q()
    until = today + timedelta(days=HORIZON_DAYS)
    noted = Occasion.objects.filter(reaches, ended_at=None, last__gte=today, first__lte=until).order_by("id")
    days = CalendarDay.objects.filter(day__gte=today, day__lte=until, standing="confirmed", state__in=("", standing.state)).order_by(
        "day", "kind", "state"
    )
    return (
        *(known.Occasion(*row) for row in noted.values_list("kind", "scope", "first", "last")),
        *(known.Occasion(kind, "calendar", day, day) for kind, day in days.values_list("kind", "day")),
    )


def _stops(
    standing: Standing, at: datetime, numbers: Iterable[str], intent: Intent | None, agent: known.Agent | None
) -> tuple[known.Stop, ...]:
    """Stops in force on anything of the person, on what the intent names, on the channels and on the lender.

    A stop whose beginning lies ahead of the clock is in force too: the most protective reading wins.  So are the stops of every PIN code
    where the person's is not known, and of every agency where the agent named is not on file.
    """
    keys: dict[StopScope, set[str | None]] = {
        StopScope.PERSON: {standing.person},
        StopScope.LOAN: {loan["loan_id"] for loan in standing.loans} | set(intent.loan_ids if intent else ()),
        StopScope.NUMBER: {*numbers, intent.number_key if intent else None},
        StopScope.HOUSEHOLD: {standing.household},
        StopScope.PINCODE: {standing.pincode},
        StopScope.AGENT: {intent.agent_id if intent else None},
        StopScope.AGENCY: {intent.agency_id if intent else None, agent.agency_id if agent else None},
    }
    whole = [StopScope.LENDER, StopScope.CHANNEL_ALL]
    whole += [] if standing.pincode else [StopScope.PINCODE]
    whole += [StopScope.AGENCY] if intent is not None and intent.agent_id and agent is None else []
    reaches = Q(scope__in=[scope.value for scope in whole]) | Q(scope=StopScope.CHANNEL.value, person=standing.person)
    for scope, named in keys.items():
        if wanted := sorted(key for key in named if key):
            reaches |= Q(scope=scope.value, key__in=wanted)
    in_force = Stop.objects.filter(reaches, Q(until=None) | Q(until__gt=at), lifted_at=None).order_by("id")
    return tuple(
        known.Stop(StopEvent(event), StopScope(scope), key, min(since, at), until)
        for event, scope, key, since, until in in_force.values_list("event", "scope", "key", "since", "until")
    )


def _misses(person: str, loans: Iterable[Mapping[str, Any]]) -> tuple[int, dict[Place, int]]:
    """Misses at the agreed place, and misses by place, since the person was last met anywhere or last paid."""
    paid = max((loan["last_paid_on"] for loan in loans if loan["last_paid_on"]), default=None)
    found: dict[Place, int] = {}
    for place, met, at in Miss.objects.filter(person=person).order_by("at", "id").values_list("place", "met", "at"):
        if met:
            found = {}
        elif paid is None or at.astimezone(IST).date() > date.fromisoformat(paid):
            found[Place(place)] = found.get(Place(place), 0) + 1
    return found.get(Place.AGREED, 0), found


def _agent(person: str, intent: Intent | None, today: date) -> known.Agent | None:
    """The agent or agency named, as on file; one that is not, that has ended, or that is of another agency than named is nobody."""
    if intent is None or (intent.agent_id is None and intent.agency_id is None):
        return None
    agent = agents.Agent.objects.select_related("agency").filter(pk=intent.agent_id).first() if intent.agent_id else None
    agency = agent.agency if agent is not None else agents.Agency.objects.filter(pk=intent.agency_id or "").first()
    if intent.agent_id and (agent is None or (agent.ended_on is not None and agent.ended_on < today)):
        return None
    if agency is not None and agency.ended_on is not None and agency.ended_on < today:
        return None
    if (agency.pk if agency is not None else None) != intent.agency_id and intent.agency_id is not None:
        return None
    certificate, antecedents = _papers(agent, today)
    agency_id = agency.pk if agency is not None else None
    return known.Agent(
        agent_id=intent.agent_id,
        agency_id=agency_id,
        certificate=certificate,
        antecedents_on=antecedents,
        notices=_notices(person, intent.agent_id, agency_id),
        assignments=_assignments(person, intent.agent_id, agency_id),
    )


def _papers(agent: agents.Agent | None, today: date) -> tuple[known.Span | None, date | None]:
    """The certificate that covers the day, else the last one; the last check of antecedents."""
    certificate, antecedents = None, None
    for paper in agents.AgentPaper.objects.filter(agent=agent).order_by("id") if agent is not None else ():
        if paper.kind == "antecedents":
            antecedents = max(paper.first, antecedents or paper.first)
            continue
        span = known.Span(paper.first, paper.last or paper.first)
        if certificate is None or not certificate.first <= today <= certificate.last:
            certificate = span
    return certificate, antecedents


def _notices(person: str, agent_id: str | None, agency_id: str | None) -> tuple[known.Notice, ...]:
    told = Q(agent=agent_id) if agent_id else Q()
    told |= Q(agent="", agency=agency_id) if agency_id else Q()
    rows = agents.AgentNotice.objects.filter(told, person=person).order_by("at", "id").values_list("agent", "agency", "at")
    return tuple(known.Notice(agent or agency, at) for agent, agency, at in rows)


def _assignments(person: str, agent_id: str | None, agency_id: str | None) -> tuple[known.Assignment, ...]:
    given = Q(agent_id=agent_id) if agent_id else Q()
    given |= Q(agent=None, agency_id=agency_id) if agency_id else Q()
    rows = (
        agents.Assignment.objects.filter(given, person=person)
        .order_by("since", "id")
        .values_list("agent_id", "agency_id", "since", "until")
    )
    return tuple(known.Assignment(agent or agency or "", since, until) for agent, agency, since, until in rows)


def _last_inbound(person: str) -> dict[Channel, datetime]:
    rows = Inbound.objects.filter(person=person).order_by().values_list("channel").annotate(last=Max("at"))
    return {Channel(channel): last for channel, last in rows}


def _tier(person: str, at: datetime) -> tuple[int | None, int, bool]:
    """The portfolio's limit; how many different persons the lender messaged on WhatsApp outside sessions in the last 24 hours; is
    this person one of them?"""
    limit = ChannelTier.objects.filter(pk=Channel.WHATSAPP.value).values_list("most", flat=True).first()
    since = at - timedelta(hours=TIER_HOURS)
    counted = Contact.objects.filter(channel=Channel.WHATSAPP.value, outside_session=True, at__gt=since).exclude(state__in=_NOT_COUNTED)
    people = set(counted.order_by().values_list("person", flat=True).distinct())
    return limit, len(people), person in people
