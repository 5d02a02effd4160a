"""What the records say of some people: one reader a kind of fact, one query a reader, however many people are asked for.

Each gives a mapping by person; who is not in it has nothing of the kind.  `gather_facts` puts them together, for one person or many.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Max, Q

from sulah.guard import facts as known
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, ContactClass, ContactState, LoanType, Party, Place, Purpose, StopEvent, StopScope
from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.standing import Standing
from sulah.records.contact.stop import StopEvent as Stop
from sulah.records.contact.tier import ChannelTier
from sulah.records.contact.wish import Consent, Preference

HORIZON_DAYS = 61
"""How far ahead occasions are looked up: a refusal names the next lawful time within 60 days."""

TIER_HOURS = 24
_IN_FLIGHT = (ContactState.RESERVED.value, ContactState.RINGING.value)
_NOT_COUNTED = (ContactState.FAILED.value, ContactState.WITHDRAWN.value)
_OF_ALL = (StopScope.LENDER, StopScope.CHANNEL_ALL)
"""Scopes whose stops are in everybody's facts."""

One = TypeVar("One")
People = Sequence[str]
Keys = Mapping[StopScope, Collection[str] | None]
"""What stops on a person may be about, by scope: keys that are not empty, or None for every stop of the scope."""


def standings_of(people: People) -> dict[str, Standing]:
    """What the book says; of a person whom it does not know, nothing."""
    found = {row.person: row for row in Standing.objects.filter(pk__in=people)}
    return {person: found.get(person) or Standing(person=person) for person in people}


def agreed_places(people: People) -> dict[str, bool]:
    """Was a place agreed with the person?  The last entry; one without centre and branch ended the agreement."""
    rows = AgreedPlace.objects.filter(person__in=people).order_by("id").values_list("person", "centre_id", "branch_id")
    return {person: bool(centre or branch) for person, centre, branch in rows}


def person_of(standing: Standing, agreed: bool | None) -> known.Person:
    """A centre on the book is an agreed place too, until the person agrees to another or to none."""
    return known.Person(
        person_id=standing.person,
        household_id=standing.household or None,
        pincode=standing.pincode or None,
        state=standing.state or None,
        language=standing.language or None,
        agreed_place=agreed if agreed is not None else (True if standing.centre_id else None),
    )


def loan_of(loan: Mapping[str, Any]) -> known.Loan:
    """A loan of a standing."""
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


def contacts_of(people: People, today: date, days: int, own: Collection[str]) -> dict[str, list[known.Contact]]:
    """Contacts that a cap can count, and those in flight however old; not those that the intents of `own` have reserved themselves."""
    since = datetime.combine(today - timedelta(days=days - 1), time.min, IST)
    counted = Q(at__gte=since) & ~Q(state__in=_NOT_COUNTED) | Q(state__in=_IN_FLIGHT)
    rows = Contact.objects.filter(counted, person__in=people).order_by("at", "id")
    found: dict[str, list[known.Contact]] = defaultdict(list)
    columns = ("person", "intent", "at", "channel", "purpose", "state", "source")
    for person, intent, at, channel, purpose, state, source in rows.values_list(*columns):
        if state == ContactState.RESERVED.value and intent in own:
            continue
        found[person].append(
            known.Contact(
                at=at,
                channel=Channel(channel),
                purpose=Purpose(purpose) if purpose else None,
                state=ContactState(state),
                source=source,
            )
        )
    return found


def numbers_of(standings: Mapping[str, Standing]) -> dict[str, dict[str, known.Number]]:
    """The numbers on file, and what people marked on them since; what a mark does not say stays as it was."""
    on_file = {person: {key: (said[0], said[1]) for key, said in row.numbers.items()} for person, row in standings.items()}
    marks = NumberStanding.objects.filter(person__in=list(standings)).order_by("id")
    for person, key, whose, good in marks.values_list("person", "number_key", "whose", "standing"):
        before = on_file[person].get(key, ("", "unknown"))
        on_file[person][key] = (whose or before[0], good or before[1])
    return {
        person: {
            key: known.Number(known.Whose(whose) if whose else None, known.Standing(good or "unknown"))
            for key, (whose, good) in said.items()
        }
        for person, said in on_file.items()
    }


def consents_of(people: People) -> dict[str, list[known.Consent]]:
    """Every entry of the register of consents."""
    rows = Consent.objects.filter(person__in=people).order_by("at", "id").values_list("person", "channel", "given", "at")
    return _by_person((person, known.Consent(Channel(channel), given, at)) for person, channel, given, at in rows)


def preferences_of(people: People) -> dict[str, list[known.Preference]]:
    """Wishes that have not ended."""
    rows = Preference.objects.filter(person__in=people, ended_at=None).order_by("id")
    return _by_person(
        (
            wish.person,
            known.Preference(
                weekdays=tuple(wish.weekdays),
                from_second=wish.first,
                to_second=wish.last,
                classes=tuple(map(ContactClass, wish.classes)),
                places=tuple(map(Place, wish.places)),
            ),
        )
        for wish in rows
    )


def occasions_of(standings: Mapping[str, Standing], today: date) -> dict[str, list[known.Occasion]]:
    """Occasions of now and of the weeks to come: the person's, the household's, the place's, then confirmed days of the calendar."""
    until = today + timedelta(days=HORIZON_DAYS)
    covered = {person: _covered(row) for person, row in standings.items()}
    reaches = Q()
    for scope in ("person", "household", "pincode", "state"):
        if keys := sorted({key for one in covered.values() if (key := one[scope])}):
            reaches |= Q(scope=scope, key__in=keys)
    noted: dict[tuple[str, str], list[tuple[int, known.Occasion]]] = defaultdict(list)
    rows = Occasion.objects.filter(reaches, ended_at=None, last__gte=today, first__lte=until).order_by("id")
    for number, scope, key, kind, first, last in rows.values_list("id", "scope", "key", "kind", "first", "last"):
        noted[scope, key].append((number, known.Occasion(kind, scope, first, last)))
    states = sorted({"", *(row.state for row in standings.values())})
    calendar = CalendarDay.objects.filter(day__gte=today, day__lte=until, standing="confirmed", state__in=states)
    days = list(calendar.order_by("day", "kind", "state").values_list("state", "kind", "day"))
    of_state = {
        state: [known.Occasion(kind, "calendar", day, day) for place, kind, day in days if place in ("", state)] for state in states
    }
    return {
        person: [*_in_order(noted[pair] for pair in covered[person].items() if pair in noted), *of_state[row.state]]
        for person, row in standings.items()
    }


def _covered(standing: Standing) -> dict[str, str]:
    """What an occasion must be about to reach the person."""
    return {"person": standing.person, "household": standing.household, "pincode": standing.pincode, "state": standing.state}


def stops_of(keys: Mapping[str, Keys], at: datetime) -> dict[str, list[known.Stop]]:
    """Stops in force on what is a person's or named, by person as the keys are; on the channels and on the lender too.

    A stop whose beginning lies ahead of the clock is in force too: the most protective reading wins.
    """
    whole = {scope for one in keys.values() for scope, named in one.items() if named is None}
    reaches = Q(scope__in=sorted(scope.value for scope in {*_OF_ALL, *whole})) | Q(scope=StopScope.CHANNEL.value, person__in=list(keys))
    for scope in sorted({scope for one in keys.values() for scope in one} - whole):
        reaches |= Q(scope=scope.value, key__in=sorted({key for one in keys.values() for key in one.get(scope) or ()}))
    rows = Stop.objects.filter(reaches, Q(until=None) | Q(until__gt=at), lifted_at=None).order_by("id")
    of_scope: dict[StopScope, list[tuple[int, known.Stop]]] = defaultdict(list)
    found: dict[tuple[StopScope, str], list[tuple[int, known.Stop]]] = defaultdict(list)
    for number, person, event, scope_name, key, since, until in rows.values_list("id", "person", "event", "scope", "key", "since", "until"):
        scope = StopScope(scope_name)
        stop = (number, known.Stop(StopEvent(event), scope, key, min(since, at), until))
        of_scope[scope].append(stop)
        found[scope, person if scope is StopScope.CHANNEL else key].append(stop)
    return {
        person: _in_order(
            [
                *(of_scope[scope] for scope in (*_OF_ALL, *(scope for scope, some in named.items() if some is None))),
                found.get((StopScope.CHANNEL, person), []),
                *(found[scope, key] for scope, some in named.items() for key in some or () if (scope, key) in found),
            ]
        )
        for person, named in keys.items()
    }


def misses_of(standings: Mapping[str, Standing]) -> dict[str, dict[Place, int]]:
    """Misses by place since the person was last met anywhere or last paid; those of one day in India are one occasion."""
    found: dict[str, dict[Place, set[date]]] = {}
    paid = {
        person: max((loan["last_paid_on"] for loan in row.loans if loan["last_paid_on"]), default=None) for person, row in standings.items()
    }
    rows = Miss.objects.filter(person__in=list(standings)).order_by("at", "id").values_list("person", "place", "met", "at")
    for person, place, met, at in rows:
        since, day = paid[person], at.astimezone(IST).date()
        if met:
            found.pop(person, None)
        elif since is None or day > date.fromisoformat(since):
            found.setdefault(person, {}).setdefault(Place(place), set()).add(day)
    return {person: {place: len(days) for place, days in missed.items()} for person, missed in found.items()}


def last_inbound_of(people: People) -> dict[str, dict[Channel, datetime]]:
    """When the person last wrote, by channel."""
    rows = Inbound.objects.filter(person__in=people).order_by().values_list("person", "channel").annotate(last=Max("at"))
    found: dict[str, dict[Channel, datetime]] = defaultdict(dict)
    for person, channel, last in rows:
        found[person][Channel(channel)] = last
    return found


def tier_at(at: datetime) -> tuple[int | None, frozenset[str]]:
    """The portfolio's limit, and the people whom the lender messaged on WhatsApp outside sessions in the last 24 hours."""
    limit = ChannelTier.objects.filter(pk=Channel.WHATSAPP.value).values_list("most", flat=True).first()
    since = at - timedelta(hours=TIER_HOURS)
    counted = Contact.objects.filter(channel=Channel.WHATSAPP.value, outside_session=True, at__gt=since).exclude(state__in=_NOT_COUNTED)
    return limit, frozenset(counted.order_by().values_list("person", flat=True).distinct())


def _by_person(rows: Iterable[tuple[str, One]]) -> dict[str, list[One]]:
    found: dict[str, list[One]] = defaultdict(list)
    for person, one in rows:
        found[person].append(one)
    return found


def _in_order(lists: Iterable[Iterable[tuple[int, One]]]) -> list[One]:
    """What several lists hold, in the order of writing."""
    return [one for _, one in sorted((pair for some in lists for pair in some), key=lambda pair: pair[0])]
