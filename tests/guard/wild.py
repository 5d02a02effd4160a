"""Random persons, intents and rule books, from a seed: mostly in order, each with a few things amiss, so that both verdicts are common."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from sulah.guard.facts import (
    Agent,
    Assignment,
    Consent,
    Contact,
    Facts,
    Loan,
    Notice,
    Number,
    Occasion,
    Person,
    Preference,
    Span,
    Standing,
    Stop,
    Whose,
)
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST
from sulah.kernel.terms import (
    Channel,
    ContactClass,
    ContactState,
    EntityType,
    LoanType,
    Party,
    Place,
    Purpose,
    StopEvent,
    StopScope,
)
from tests.guard.paper import Row, occasion_row, rule, stop_row

One = TypeVar("One")
CHANNELS, CONTACT_STATES, PARTIES = tuple(Channel), tuple(ContactState), tuple(Party)
STATES = ("KA", "TN", "BR")
PRODUCTS = ("JLG", "jlg-2", "MSME", "HL")
KINDS = ("bereavement", "marriage", "national_holiday", "exam")
NO_ROW = "eclipse"
PREDICATES = (
    *("hours", "cap", "cap", "cap", "one_call", "preference", "occasion", "party", "number", "consent", "misses", "place_order"),
    *("certificate", "antecedents", "agent_notice", "assigned", "overdue", "due_soon", "session", "template", "tier", "no_offer"),
    *("caller_id", "legal_language", "demand", "book_age", "permit_life"),
)
TIMED = (
    *("hours", "hours", "cap", "cap", "preference", "occasion", "consent", "certificate", "agent_notice", "assigned", "due_soon"),
    *("session", "overdue", "book_age", "antecedents"),
)


class Wild:
    """Draws from one seed; `at` is the instant around which everything lies."""

    def __init__(self, seed: int, at: datetime) -> None:
        self.luck = Random(seed)
        self.at = at
        self.today = at.astimezone(IST).date()

    def one(self, words: Sequence[One]) -> One:
        """One of these."""
        return words[int(self.luck.random() * len(words))]

    def seldom(self, chance: float = 0.12) -> bool:
        """True now and then."""
        return self.luck.random() < chance

    def some(self, words: Sequence[One], most: int) -> tuple[One, ...]:
        """A few of these, none among them."""
        return tuple(self.luck.sample(words, self.luck.randint(0, min(most, len(words)))))

    def near(self, days: int = 9) -> datetime:
        """An instant near `at`, now and then exactly so or a microsecond off, or a day ahead."""
        off = self.one((timedelta(0), timedelta(microseconds=1), timedelta(seconds=86_400)))
        if self.seldom(0.15):
            return self.at + off * self.one((-1, 1))
        return self.at - timedelta(seconds=self.luck.randint(-40_000, days * 86_400))

    def day(self, before: int = 9, after: int = 9) -> date:
        """A day around today."""
        return self.today + timedelta(days=self.luck.randint(-before, after))

    def person(self, person_id: str) -> Facts:
        """A person with everything that is known of them."""
        number = {f"{person_id}-n{place}": self.number() for place in range(self.luck.randint(1, 2))}
        return Facts(
            person=Person(
                person_id,
                self.one((None, "h1", "h2")),
                self.one((None, "p1", "p2", "p3")),
                self.one((None, *STATES)),
                agreed_place=self.one((True, True, False, None)),
            ),
            loans=tuple(self.loan(person_id, place) for place in range(self.luck.randint(0, 3))),
            book_as_of=None if self.seldom(0.05) else self.day(3 + 2 * self.seldom(), 1),
            contacts=tuple(self.contact() for _ in range(self.one((0, 1, 2, 5, 12)))),
            numbers=number,
            consents=tuple(Consent(self.one(CHANNELS), not self.seldom(0.3), self.near()) for _ in range(self.luck.randint(0, 6))),
            preferences=tuple(self.preference() for _ in range(self.seldom())),
            occasions=tuple(self.occasion() for _ in range(self.seldom(0.2))),
            stops=tuple(self.stop(person_id) for _ in range(self.luck.randint(1, 3) if self.seldom(0.25) else 0)),
            misses_in_succession=self.one((None, 0, 1, 2, 3)),
            not_found={place: self.luck.randint(0, 2) for place in self.some((Place.AGREED, Place.RESIDENCE, Place.WORKPLACE), 3)},
            last_inbound={channel: self.near(2) for channel in self.some((Channel.SMS, Channel.WHATSAPP, Channel.EMAIL), 3)},
            tier_limit=self.one((None, 10, 10, 10)),
            tier_used=self.one((0, 8, 9, 10, 11)),
            in_tier_already=self.seldom(0.3),
        )

    def people(self, prefix: str, count: int) -> Iterator[tuple[Intent, Facts]]:
        """Intents of many persons, each with the facts that it is decided on; those of a person follow each other."""
        papers = self.papers()
        for place in range(count):
            facts = self.person(f"{prefix}{place}")
            notices, assignments = self.dealings()
            for number in range(self.one((1, 2, 3, 3, 6))):
                intent = self.intent(facts, number)
                paper = papers.get(intent.agent_id or intent.agency_id or "")
                agent = paper and replace(paper, notices=notices, assignments=assignments)
                yield intent, replace(facts, agent=agent, template=self.one((True, True, True, False, None)))

    def number(self) -> Number:
        """A number, mostly the person's own."""
        return Number(self.one((Whose.OWN,) * 8 + (None, *Whose)), self.one((Standing.GOOD,) * 5 + tuple(Standing)))

    def loan(self, person_id: str, place: int) -> Loan:
        """A loan, mostly overdue."""
        overdue = self.one((-1, 0, 30_000, 30_000, 30_000, 30_000, None))
        parties = {} if self.seldom() else {person_id: Party.BORROWER if not self.seldom() else self.one(PARTIES)}
        return Loan(
            loan_id=f"{person_id}-{place}",
            loan_type=self.one((LoanType.MFL, LoanType.OTHER, LoanType.OTHER, None)),
            product=self.one(PRODUCTS),
            overdue_paise=overdue,
            demand_paise=self.one((10_000, 20_000, None)),
            next_due_on=self.one((None, self.day(2, 9))),
            open=not self.seldom(),
            parties=parties,
            limitation_on=self.one((None, self.today, self.today - timedelta(days=1), self.today + timedelta(days=90))),
        )

    def contact(self) -> Contact:
        """A contact of the last days, or of a clock that was set back."""
        channel = self.one(CHANNELS)
        return Contact(
            self.near(),
            channel,
            self.one((None, *Purpose)),
            self.one(CONTACT_STATES),
            self.one(("ours", "import")),
        )

    def preference(self) -> Preference:
        """A wish of the person."""
        first = self.luck.randint(0, 86_000)
        return Preference(
            weekdays=self.some(range(7), 4),
            from_second=self.one((0, first)),
            to_second=self.one((86_400, first + 1 + self.luck.randint(0, 86_399 - first))),
            classes=self.some(list(ContactClass), 2),
            places=self.some(list(Place), 1),
        )

    def occasion(self) -> Occasion:
        """An occasion around today."""
        first = self.day(5, 5)
        return Occasion(self.one((*KINDS, *KINDS, NO_ROW)), "person", first, first + timedelta(days=self.luck.randint(0, 5)))

    def stop(self, person_id: str) -> Stop:
        """A stop that may or may not be about what is asked."""
        scope = self.one(list(StopScope))
        keys = {
            StopScope.NUMBER: f"{person_id}-n0",
            StopScope.CHANNEL: self.one(CHANNELS).value,
            StopScope.CHANNEL_ALL: self.one(CHANNELS).value,
            StopScope.LOAN: f"{person_id}-{self.luck.randint(0, 2)}",
            StopScope.PERSON: person_id,
            StopScope.HOUSEHOLD: self.one(("h1", "h2")),
            StopScope.PINCODE: self.one(("p1", "p2", "p3")),
            StopScope.AGENT: self.one(("a1", "a2")),
            StopScope.AGENCY: self.one(("g1", "g2")),
            StopScope.LENDER: "",
        }
        since = self.near()
        return Stop(
            self.one((StopEvent.PAID, *StopEvent)),
            scope,
            keys[scope],
            since,
            self.one((None, self.at, since + timedelta(days=self.luck.randint(1, 12)))),
        )

    def papers(self) -> dict[str, Agent]:
        """What is on file of the agents and agencies, by id; now and then one of them is not."""
        agencies = {"g1": None, "g2": None, "a1": self.one(("g1", "g1", None)), "a2": "g2"}
        on_file = [one for one in agencies if not self.seldom()]
        return {one: self.agent(one if one[0] == "a" else None, agencies[one] if one[0] == "a" else one) for one in on_file}

    def agent(self, agent_id: str | None, agency_id: str | None) -> Agent:
        """The papers of an agent, or of an agency."""
        spans = (None, Span(self.today, self.today), Span(self.day(9, 0), self.day(0, 9)), Span(self.day(9, 0), self.day(0, 9)))
        return Agent(agent_id, agency_id, self.one(spans), self.one((None, self.day(9, 1))))

    def dealings(self) -> tuple[tuple[Notice, ...], tuple[Assignment, ...]]:
        """Of which agents a person was told, and to whom they were assigned."""
        names = ("a1", "a1", "a2", "g1", "g2")
        notices = tuple(Notice(self.one(names), self.near(4)) for _ in range(self.luck.randint(0, 4)))
        sinces = [self.near() for _ in range(self.luck.randint(0, 3))]
        return notices, tuple(Assignment(self.one(names), since, self.one((None, None, self.at, self.near()))) for since in sinces)

    def intent(self, facts: Facts, number: int) -> Intent:
        """Something that somebody wants of the person."""
        person_id = facts.person.person_id
        channel, purpose = self.one(CHANNELS), self.one((Purpose.RECOVERY, Purpose.RECOVERY, Purpose.PRE_DUE, *Purpose))
        named = [one.loan_id for one in facts.loans] + ([f"{person_id}-x"] if self.seldom(0.03) else [])
        agents = ((None, None),) * 5 + (("a1", None), ("a1", "g1"), ("a2", "g2"), (None, "g1"), (None, "g2"))
        agent_id, agency_id = self.one(agents)
        keys = (None, *(f"{person_id}-n{place}" for place in (0, 0, 0, 0, 1, 1)))
        return Intent(
            intent_id=f"{person_id}-{number}",
            person_id=person_id,
            at=self.at,
            channel=channel,
            purpose=purpose,
            loan_ids=tuple(self.luck.sample(named, self.luck.randint(min(1, len(named)), len(named)))),
            number_key=self.one(keys),
            place=self.one((None, *Place)) if channel.contact_class is ContactClass.VISIT else None,
            agent_id=agent_id,
            agency_id=agency_id,
            free_text=self.seldom(),
            offers=self.one((False, False, False, False, True, None)),
            legal_words=self.one((False, False, False, False, True, None)),
            legal_approved=self.seldom(0.6),
            amount_paise=self.one((None, None, None, 10_000, 20_000, 30_000)),
            caller_series=self.one(("1600", "1600", "1601", "0140", "hidden", None)),
            caller_hidden=self.seldom(0.04),
            by_hand=self.seldom(0.3),
        )

    def rules(self, most: int = 24) -> ContactRules:
        """A rule book at random."""
        return ContactRules(EntityType.NBFC_MFI, self.rows(most))

    def timed_rules(self, life: int) -> ContactRules:
        """A rule book of what waiting can satisfy, with permits of a life in seconds; what is unknown passes."""
        rows = self.rows(0)
        for place in range(self.luck.randint(1, 5)):
            first = self.one((0, 28_800, 32_400, 45_000))
            wide = {
                "channels": "*",
                "purposes": "*",
                "severity": "block",
                "when_unknown": "not_applicable",
                "most": self.luck.randint(1, 3),
            }
            window = {"first": first, "last": first + self.one((20_000, 36_000))}
            rows["contact_rule"].append({**self.rule(place), **wide, **window, "predicate": self.one(TIMED)})
        rows["contact_rule"].append(rule("permit_life", rule_id="life", most=life))
        return ContactRules(EntityType.NBFC_MFI, rows)

    def rows(self, most: int = 24) -> dict[str, list[Row]]:
        """The rows of a rule book at random: every predicate, with limits of every kind."""
        events = [(event, scope) for event in StopEvent for scope in StopScope if self.seldom(0.2)]
        stops = [
            stop_row(
                event.value,
                scope.value,
                allowed=" ".join(one.value for one in self.some(list(Purpose), 6)),
                classes=self.words(ContactClass),
            )
            for event, scope in events
        ]
        return {
            "contact_rule": [self.rule(place) for place in range(min(most, self.luck.randint(1, 24)))],
            "contact_stop": stops,
            "contact_occasion": [occasion_row(kind, self.words(ContactClass)) for kind in KINDS],
        }

    def words(self, terms: Any) -> str:
        """A list of terms as a row writes it, often all."""
        chosen = " ".join(term.value for term in self.some(list(terms), 4))
        return "*" if self.seldom(0.5) or not chosen else chosen

    def rule(self, place: int) -> Row:
        """One row at random."""
        first = self.one((0, 28_800, 32_400, 1_600, 46_400))
        return rule(
            self.one(PREDICATES),
            rule_id=f"R{place:02}",
            channels=self.words(Channel),
            purposes=self.words(Purpose),
            loan_types=self.one(("*", "*", "mfl", "other")),
            states=self.one(("*", "*", "*", "KA TN", "BR")),
            products=self.one(("*", "*", "*", "JLG", "JLG*", "MSME")),
            weekdays=self.one(("*", "*", "*", "mon tue wed", "sun", "thu fri sat sun")),
            first=first,
            last=first + self.one((0, 0, 100, 40_000)),
            most=self.luck.randint(0, 4),
            days=self.luck.randint(1, 8),
            series=self.one(("*", "1600", "1600 1601", "140 1601")),
            counts=self.one(("attempts", "connects")),
            when_unknown=self.one(("block", "strictest", "not_applicable")),
            severity=self.one(("block", "block", "block", "block", "warn", "log")),
            override_by=self.one(("nobody", "supervisor", "compliance", "legal")),
            switched_on=not self.seldom(0.05),
        )
