"""Everything that the guard must know of people at one instant, from the database in few queries: pseudonyms and keys only.

The same readers serve one person and hundreds: what is decided singly and what is planned as sets rests on the same facts.
"""

from collections.abc import Sequence
from datetime import datetime

from sulah.actions.contact import read_people as read
from sulah.actions.contact.read_agents import AgentsOnFile
from sulah.guard import facts as known
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST
from sulah.kernel.terms import Channel, Place, StopScope
from sulah.records.contact.standing import StandingBook


def gather_facts(person: str, at: datetime, intent: Intent | None = None, *, days: int = 7, template: bool | None = None) -> known.Facts:
    """The facts of a person at an instant; of a person whom nobody knows there are none, and the guard's rules say what that means.

    intent: the one that they are gathered for: it names the agent, the number and the channel whose facts are wanted too, and what it
    has reserved itself is no contact yet.  days: IST days of contacts, today included.  template: is the text's template registered?
    Inside a transaction that holds the person's row the facts cannot change until it ends.
    """
    return Gathered([person], at, [intent] if intent is not None else [], days=days).facts(person, intent, template=template)


class Gathered:
    """What the records say of some people at one instant, in as many queries as for one; `facts` gives each one's.

    intents: those that the facts are gathered for, about these people; what they have reserved themselves is no contact yet.  Some
    hundreds of people at a time keep the queries within what a database takes.
    """

    def __init__(self, people: Sequence[str], at: datetime, intents: Sequence[Intent] = (), *, days: int = 7) -> None:
        today = at.astimezone(IST).date()
        self._standings = read.standings_of(people)
        self._agreed = read.agreed_places(people)
        self._misses = read.misses_of(self._standings)
        self._numbers = read.numbers_of(self._standings)
        self._book_as_of = StandingBook.objects.order_by("-id").values_list("as_of", flat=True).first()
        self._contacts = read.contacts_of(people, today, days, {intent.intent_id for intent in intents if intent.intent_id})
        self._consents = read.consents_of(people)
        self._preferences = read.preferences_of(people)
        self._occasions = read.occasions_of(self._standings, today)
        self._agents = AgentsOnFile(people, intents, today)
        self._keys = {person: self._keys_of(person) for person in people}
        for intent in intents:
            self._keys[intent.person_id] = _both(self._keys[intent.person_id], self._keys_named(intent))
        self._stops = read.stops_of(self._keys, at)
        self._inbound = read.last_inbound_of(people)
        whatsapp = any(intent.channel is Channel.WHATSAPP for intent in intents)
        self._tier_limit, self._in_tier = read.tier_at(at) if whatsapp else (None, frozenset())

    def facts(self, person: str, intent: Intent | None = None, *, template: bool | None = None) -> known.Facts:
        """The facts of one of the people, for one of the intents or for none; template: is the text's template registered?"""
        standing = self._standings[person]
        misses = self._misses.get(person, {})
        on_tier = intent is not None and intent.channel is Channel.WHATSAPP
        return known.Facts(
            person=read.person_of(standing, self._agreed.get(person)),
            loans=tuple(map(read.loan_of, standing.loans)),
            book_as_of=self._book_as_of,
            contacts=tuple(self._contacts.get(person, ())),
            numbers=self._numbers[person],
            consents=tuple(self._consents.get(person, ())),
            preferences=tuple(self._preferences.get(person, ())),
            occasions=tuple(self._occasions[person]),
            stops=tuple(self._stops[person]),
            misses_in_succession=misses.get(Place.AGREED, 0),
            not_found=misses,
            agent=self._agents.named(intent) if intent is not None else None,
            last_inbound=self._inbound.get(person, {}),
            template=template,
            tier_limit=self._tier_limit if on_tier else None,
            tier_used=len(self._in_tier) if on_tier else 0,
            in_tier_already=on_tier and person in self._in_tier,
        )

    def _keys_of(self, person: str) -> dict[StopScope, set[str] | None]:
        """What of the person's own a stop may be about; every PIN code where theirs is not known."""
        standing = self._standings[person]
        return {
            StopScope.PERSON: {person},
            StopScope.LOAN: {loan["loan_id"] for loan in standing.loans},
            StopScope.NUMBER: set(self._numbers[person]),
            StopScope.HOUSEHOLD: {standing.household} - {""},
            StopScope.PINCODE: {standing.pincode} if standing.pincode else None,
        }

    def _keys_named(self, intent: Intent) -> dict[StopScope, set[str] | None]:
        """What an intent names; the agency of the agent, as on file, is named with the agent, and every one where the agent is not."""
        agent = self._agents.named(intent)
        named: dict[StopScope, set[str | None]] = {
            StopScope.LOAN: set(intent.loan_ids),
            StopScope.NUMBER: {intent.number_key},
            StopScope.AGENT: {intent.agent_id},
            StopScope.AGENCY: {intent.agency_id, agent.agency_id if agent is not None else None},
        }
        keys: dict[StopScope, set[str] | None] = {scope: {key for key in some if key} for scope, some in named.items()}
        return keys | {StopScope.AGENCY: None} if intent.agent_id and agent is None else keys


def _both(one: dict[StopScope, set[str] | None], other: dict[StopScope, set[str] | None]) -> dict[StopScope, set[str] | None]:
    """The keys of either; every stop of a scope where one of them says so."""
    return {scope: _either(one.get(scope, set()), other.get(scope, set())) for scope in {**one, **other}}


def _either(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    return None if one is None or other is None else one | other
