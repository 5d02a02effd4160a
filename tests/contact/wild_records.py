"""People at random in a real database, from a seed: what `tests.guard.wild` draws as facts, written as the rows that facts come from."""

from datetime import datetime, timedelta
from typing import Any

from sulah.guard.facts import Facts, Loan, Stop
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.terms import EntityType, Place, StopScope
from sulah.records.contact.agent import Agency, Agent, AgentNotice, AgentPaper, Assignment
from sulah.records.contact.contact import Contact, Inbound
from sulah.records.contact.number import NumberStanding
from sulah.records.contact.occasion import CalendarDay, Occasion
from sulah.records.contact.place import AgreedPlace, Miss
from sulah.records.contact.standing import Standing, StandingBook
from sulah.records.contact.stop import StopEvent
from sulah.records.contact.tier import ChannelTier
from sulah.records.contact.wish import Consent, Preference
from tests.guard.wild import KINDS, STATES, Wild


class WildRecords:
    """A lender's records of some people, and intents about them."""

    def __init__(self, seed: int, at: datetime, people: int) -> None:
        self.wild = Wild(seed, at)
        self.at = at
        self.rows: list[Any] = []
        self._agents()
        self.intents = [intent for number in range(people) for intent in self._person(f"p{number}")]
        self._of_everybody()
        self._write()

    def rules(self) -> ContactRules:
        """A rule book at random; a tier is of WhatsApp alone, as the checks of policy hold."""
        rows = self.wild.rows()
        for row in rows["contact_rule"]:
            row["channels"] = "whatsapp" if row["predicate"] == "tier" else row["channels"]
        return ContactRules(EntityType.NBFC_MFI, rows)

    def _write(self) -> None:
        kinds = dict.fromkeys(type(row) for row in self.rows)
        for kind in kinds:
            kind._default_manager.bulk_create([row for row in self.rows if type(row) is kind], batch_size=200)

    def _put(self, model: Any, /, **said: Any) -> Any:
        row = model(**said)
        self.rows.append(row)
        return row

    def _noted(self) -> dict[str, Any]:
        return {"recorded_at": self.at, "recorded_by": "x"}

    def _agents(self) -> None:
        """Two agencies, three agents, one of the lender's own; papers, and now and then an end."""
        wild, today = self.wild, self.wild.today
        ends = (None, None, None, today, today - timedelta(1))
        agencies = [self._put(Agency, id=name, name=name, engaged_on=today, ended_on=wild.one(ends)) for name in ("g1", "g2")]
        for name, agency in (("a1", agencies[0]), ("a2", agencies[1]), ("a3", None)):
            agent = self._put(Agent, id=name, name=name, agency=agency, engaged_on=today, ended_on=wild.one(ends))
            for _ in range(wild.luck.randint(0, 3)):
                paper = {"agent": agent, "reference": "x", **self._noted()}
                first = wild.day(9, 2)
                self._put(AgentPaper, kind="certificate", first=first, last=first + timedelta(wild.luck.randint(0, 9)), **paper)
                self._put(AgentPaper, kind="antecedents", first=wild.day(9, 0), last=None, **paper)

    def _of_everybody(self) -> None:
        wild = self.wild
        self._put(StandingBook, as_of=wild.day(4, 0), run_path="days/x", published_at=self.at, published_by="x")
        self._put(ChannelTier, channel="whatsapp", most=wild.luck.randint(1, 60), changed_at=self.at, changed_by="x")
        asked = {"name": "x", "source": "x", "changed_at": self.at, "changed_by": "x"}
        for state in ("", *STATES):
            if wild.seldom(0.3):
                standing = wild.one(("confirmed", "confirmed", "proposed"))
                self._put(CalendarDay, day=wild.day(1, 1), state=state, kind=wild.one(KINDS), standing=standing, **asked)
        for _ in range(wild.luck.randint(0, 2)):
            self._stop(wild.stop("p0"), "")

    def _person(self, person: str) -> list[Intent]:
        """One person and what is wanted of them; now and then a stranger of whom nothing is written but the wish."""
        facts = self.wild.person(person)
        intents = [self._intent(facts, number) for number in range(self.wild.one((1, 1, 2, 3, 6)))]
        if not self.wild.seldom(0.03):
            self._book(facts)
            self._wishes(facts)
            self._happened(facts, intents)
            self._dealings(person)
        return intents

    def _intent(self, facts: Facts, number: int) -> Intent:
        return self.wild.intent(facts, number)

    def _book(self, facts: Facts) -> None:
        wild, who = self.wild, facts.person
        self._put(
            Standing,
            person=who.person_id,
            household=who.household_id or "",
            pincode=who.pincode or "",
            state=who.state or "",
            language=who.language or "",
            centre_id=wild.one(("", "C1")),
            loans=[self._loan(loan) for loan in facts.loans],
            numbers={key: [one.whose or "", one.standing.value] for key, one in facts.numbers.items()},
            digest="d" * 64,
            as_of=wild.today,
        )
        for key in (*facts.numbers, "elsewhere"):
            if wild.seldom(0.3):
                said = {"whose": wild.one(("", "own", "family")), "standing": wild.one(("", "good", "wrong")), "source": "x"}
                self._put(NumberStanding, person=who.person_id, number_key=key, **said, **self._noted())

    def _loan(self, loan: Loan) -> dict[str, Any]:
        paid = self.wild.one((None, self.wild.day(6, 0).isoformat()))
        dates = {"next_due_on": loan.next_due_on, "limitation_on": loan.limitation_on}
        return {
            "loan_id": loan.loan_id,
            "loan_type": loan.loan_type and loan.loan_type.value,
            "product": loan.product,
            "overdue_paise": loan.overdue_paise,
            "demand_paise": loan.demand_paise,
            "last_paid_on": paid,
            "open": loan.open,
            "parties": {person: party.value for person, party in loan.parties.items()},
            **{name: day and day.isoformat() for name, day in dates.items()},
        }

    def _wishes(self, facts: Facts) -> None:
        wild, person = self.wild, facts.person.person_id
        for entry in facts.consents:
            given = {"channel": entry.channel.value, "given": entry.given, "at": entry.at}
            self._put(Consent, person=person, source="x", **given, **self._noted())
        for wish in facts.preferences:
            hours = {"weekdays": list(wish.weekdays), "first": wish.from_second, "last": wish.to_second}
            where = {"classes": [str(one) for one in wish.classes], "places": [str(one) for one in wish.places]}
            ended = {"ended_at": wild.one((None, None, self.at)), "asked_at": self.at, "recorded_by": "x"}
            self._put(Preference, person=person, **hours, **where, **ended)
        keys = {"person": person, "household": facts.person.household_id, "pincode": facts.person.pincode, "state": facts.person.state}
        for one in facts.occasions:
            scope = wild.one([scope for scope, key in keys.items() if key])
            days = {"kind": one.kind, "first": one.first, "last": one.last, "noted_at": self.at, "noted_by": "x"}
            self._put(Occasion, scope=scope, key=keys[scope], ended_at=wild.one((None, None, None, self.at)), **days)
        for stop in facts.stops:
            self._stop(stop, person)

    def _stop(self, stop: Stop, person: str) -> None:
        said: dict[str, Any] = {"event": stop.event.value, "scope": stop.scope.value, "key": stop.key, "until": stop.until}
        whose = person if stop.scope in (StopScope.CHANNEL, StopScope.LOAN, StopScope.PERSON, StopScope.NUMBER) else ""
        lifted = self.wild.one((None, None, None, self.at))
        self._put(StopEvent, person=whose, since=stop.since, taken_at=stop.since, reason="x", raised_by="x", lifted_at=lifted, **said)

    def _happened(self, facts: Facts, intents: list[Intent]) -> None:
        """Contacts of every state, one of them perhaps reserved by the very intent; misses; messages of the person."""
        wild, person = self.wild, facts.person.person_id
        for place, one in enumerate(facts.contacts):
            own = place == 0 and one.state == "reserved" and len(intents) == 1
            said: dict[str, Any] = {
                "channel": one.channel.value,
                "contact_class": one.channel.contact_class.value,
                "at": one.at,
                "state_at": one.at,
            }
            said |= {"purpose": one.purpose or "", "state": one.state.value, "source": one.source, "person": person}
            outside = one.channel == "whatsapp" and wild.seldom(0.5)
            self._put(Contact, intent=intents[0].intent_id if own else f"{person}-c{place}", outside_session=outside, **said)
        for minute in range(wild.one((0, 0, 1, 2, 4))):
            where = wild.one((Place.AGREED, Place.AGREED, Place.RESIDENCE))
            at = wild.near(6) + timedelta(minutes=minute)
            self._put(Miss, person=person, place=where.value, met=wild.seldom(0.2), at=at, **self._noted())
        if wild.seldom(0.3):
            place = wild.one(("", "C9"))
            self._put(AgreedPlace, person=person, centre_id=place, agreed_at=self.at, recorded_by="x")
        for channel, at in facts.last_inbound.items():
            for back in range(2):
                reference = f"{person}-{back}"
                self._put(
                    Inbound, person=person, channel=channel.value, at=at - timedelta(hours=back), reference=reference, recorded_at=self.at
                )

    def _dealings(self, person: str) -> None:
        notices, assignments = self.wild.dealings()
        for notice in notices:
            agency = notice.told_of if notice.told_of[0] == "g" else self.wild.one(("", "g1"))
            agent = notice.told_of if notice.told_of[0] == "a" else ""
            self._put(AgentNotice, person=person, agent=agent, agency=agency, at=notice.at, channel="sms", **self._noted())
        open_one = False
        for one in assignments:
            until = one.until if open_one or one.until is not None else None
            until = one.since + timedelta(hours=5) if open_one and until is None else until
            open_one = open_one or until is None
            whose = {"agency_id": one.agent_id} if one.agent_id[0] == "g" else {"agent_id": one.agent_id, "agency_id": "g1"}
            self._put(Assignment, person=person, since=one.since, until=until, assigned_by="x", **whose)
