"""A process of its own that prepares a lender's records, reserves contacts for people at random, or tells what is in the records.

    python -m tests.contact.caller prepare ROOT PEOPLE
    python -m tests.contact.caller call ROOT SEED PEOPLE TRIES      the same intents for every seed; the seed orders them
    python -m tests.contact.caller tell ROOT
    python -m tests.contact.caller ready ROOT                       what the acts need: a key, a mapping, a stop to lift
    python -m tests.contact.caller act ROOT NAME                    one act on the facts of a person
    python -m tests.contact.caller publish ROOT                     the last day of a lender's folder

The database is ROOT/sulah.sqlite3, or the one that SULAH_TEST_DATABASE names.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sulah.kernel.dates import IST
from sulah.records.connect import bring_up_to_date, connect_records

FIRST_DAY = datetime(2026, 11, 29, tzinfo=IST)
"""A Sunday; the month ends after the second of the four days."""

DAYS = 4
CHANGED = FIRST_DAY + timedelta(days=2)
"""The midnight of the month's end, at which everybody goes from one agency to the other."""

EDGES = (0, 28_800, 32_399, 32_400, 35_999, 36_000, 61_199, 61_200, 64_799, 64_800, 68_399, 68_400, 86_399)
"""Seconds of the Indian day at which an answer may turn, and those before them."""

SKEWS = tuple(timedelta(hours=hours) for hours in (0, 0, 0, 24, -2, 0, -24, 0))
"""How far the clock of a process is off, in turn."""


def prepare(people: int) -> None:
    """People with two loans each, of one agency until a midnight and of another from it on; some are in the logs of both already."""
    from django.db import transaction

    from sulah.records.contact.agent import Agency, Agent, AgentNotice, AgentPaper, Assignment
    from sulah.records.contact.standing import StandingBook
    from tests.contact.people import loan_of, put_person

    bring_up_to_date()
    with transaction.atomic():
        StandingBook.objects.create(as_of=CHANGED.date(), run_path="days/x", published_at=CHANGED, published_by="x")
        agents = {}
        for agency, agent_id in AGENTS.items():
            engaged = Agency.objects.create(id=agency, name="Agency", engaged_on=FIRST_DAY.date())
            agents[agency] = agent = Agent.objects.create(id=agent_id, agency=engaged, name="Agent", engaged_on=FIRST_DAY.date())
            paper = {
                "agent": agent,
                "first": FIRST_DAY.date() - timedelta(30),
                "reference": "x",
                "recorded_at": FIRST_DAY,
                "recorded_by": "x",
            }
            AgentPaper.objects.create(kind="certificate", last=FIRST_DAY.date() + timedelta(300), **paper)
            AgentPaper.objects.create(kind="antecedents", **paper)
        spans: dict[str, dict[str, Any]] = {
            "A1": {"since": FIRST_DAY - timedelta(days=9), "until": CHANGED, "ended_by": "x"},
            "A2": {"since": CHANGED},
        }
        for number in range(people):
            person = f"P{number}"
            put_person(person, *(loan_of(f"L{number}-{which}", person) for which in "ab"))
            for agency, span in spans.items():
                agent, told = agents[agency], span["since"] + timedelta(hours=1)
                Assignment.objects.create(person=person, agent=agent, agency=agent.agency, assigned_by="x", **span)
                AgentNotice.objects.create(person=person, agency=agency, at=told, channel="sms", recorded_at=told, recorded_by="x")
            _log(number)


def _log(number: int) -> None:
    """What the agencies' own diallers did: a call a day to some, of whom a few were reached, and a message to others."""
    from sulah.records.contact.contact import Contact

    for day in range(DAYS):
        at = FIRST_DAY + timedelta(days=day, hours=9, minutes=number % 50)
        alike = {"person": f"P{number}", "at": at, "source": "agency_file", "state_at": at, "agency": "A1" if day < 2 else "A2"}
        if number % 3 == 0:
            state = "connected" if number % 2 and day == 1 else "not_connected"
            Contact.objects.create(intent=f"log:c{number}.{day}", channel="call", contact_class="call", state=state, **alike)
        if number % 4 == 0:
            Contact.objects.create(intent=f"log:s{number}.{day}", channel="sms", contact_class="message", state="sent", **alike)


AGENTS = {"A1": "A1-7", "A2": "A2-3"}


def intents(people: int, tries: int) -> list[tuple[Any, datetime]]:
    """The same clashing intents for every process: channels, loans, the lender's own people and those of two agencies, at all hours."""
    from sulah.kernel.terms import Channel, Place
    from tests.contact.people import sms

    chance = Random(people * 1_000 + tries)
    made = []
    for number in range(tries):
        who = chance.randrange(people)
        channel = chance.choice([Channel.SMS, Channel.CALL, Channel.CALL, Channel.VISIT])
        agency = chance.choice(["", "", "", "A1", "A2"])
        said: dict[str, Any] = {"channel": channel, "loan_ids": (f"L{who}-{chance.choice('ab')}",)}
        said |= {"agent_id": AGENTS[agency], "agency_id": agency} if agency else {}
        said |= {"place": Place.BRANCH, "number_key": None} if channel is Channel.VISIT else {}
        said |= {"by_hand": True} if channel is Channel.CALL else {}
        second = chance.choice(EDGES) if chance.random() < 0.3 else chance.randrange(32_400, 64_800)
        made.append((sms(f"i-{number}", f"P{who}", **said), FIRST_DAY + timedelta(days=chance.randrange(DAYS), seconds=second)))
    return sorted(made, key=lambda one: one[1])


def call(seed: int, people: int, tries: int) -> dict[str, int]:
    """Reserve for every intent that does not stand yet by a clock that may be wrong, and settle what was reserved in every way there is."""
    from sulah.actions.contact.reserve_contact import AlreadyReservedError, live_contact, reserve_contact
    from sulah.kernel.dates import fixed_clock
    from tests.contact.people import BY, RULES

    chance = Random(seed)
    done = {"permitted": 0, "refused": 0, "stood": 0}
    for intent, at in _shuffled_by_day(intents(people, tries), chance):
        clock = fixed_clock(at + SKEWS[seed % len(SKEWS)])
        try:
            answer = reserve_contact(intent, RULES, by=BY, clock=clock, template=True)
        except AlreadyReservedError:
            done["stood"] += 1
            continue
        done["permitted" if answer.permitted else "refused"] += 1
        contact = live_contact(intent.intent_id) if answer.permitted else None
        if contact is not None:
            _settle(contact, chance, clock)
    return done


def _shuffled_by_day(made: list[tuple[Any, datetime]], chance: Random) -> Iterator[tuple[Any, datetime]]:
    days = sorted({at.date() for _, at in made})
    for day in days:
        some = [one for one in made if one[1].date() == day]
        chance.shuffle(some)
        yield from some


def _settle(contact: Any, chance: Random, clock: Any) -> None:
    from sulah.actions.contact.settle_contact import settle_contact
    from sulah.kernel.terms import ContactState as S
    from tests.contact.people import BY

    ways = [(S.SENT, S.DELIVERED), (S.AMBIGUOUS,), (S.FAILED,), (S.WITHDRAWN,), (S.CONNECTED,), (S.RINGING, S.NOT_CONNECTED), ()]
    for state in chance.choice(ways):
        settle_contact(contact.pk, state, evidence="worker", by=BY, clock=clock)


def tell() -> dict[str, Any]:
    """Every contact with its day and second in India and what became of it, and how decisions and contacts fit together."""
    from sulah.records.contact.contact import Contact, ContactEvent
    from sulah.records.contact.decision import Decision

    rows = []
    for row in Contact.objects.order_by("id"):
        at = row.at.astimezone(IST)
        what = [row.person, row.contact_class, row.purpose, row.state, at.date().toordinal(), row.intent, row.decision_id]
        rows.append([*what, at.hour * 3_600 + at.minute * 60 + at.second, row.agency])
    last = {event.contact_id: event.state for event in ContactEvent.objects.order_by("id")}
    return {
        "contacts": rows,
        "permits": sorted(Decision.objects.filter(permitted=True).values_list("id", flat=True)),
        "refusals": Decision.objects.filter(permitted=False).count(),
        "states_differ": sum(1 for row in Contact.objects.all() if row.source == "ours" and last.get(row.pk) != row.state),
    }


def ready(root: Path) -> None:
    """A key for the vault, a log of calls, a stop that may be lifted, an officer with papers, and a step that waits for nobody."""
    from sulah.actions.contact.actor import Actor
    from sulah.actions.contact.engage_agent import engage_agent, file_paper
    from sulah.adapters.book.vault import make_key
    from sulah.kernel.dates import fixed_clock
    from sulah.kernel.terms import Role
    from sulah.records.contact.outbox import Outbox
    from tests.contact.people import NOON

    by, clock, today = Actor("asha", Role.COMPLIANCE), fixed_clock(NOON), NOON.date()
    engage_agent("officer1", "Lakshmi Rao", by=by, clock=clock)
    file_paper("officer1", "certificate", today, last=today, reference="IIBF 77", by=by, clock=clock)
    times = dict.fromkeys(("not_before", "not_after", "queued_at", "changed_at"), NOON)
    Outbox.objects.create(reference="step-1", person="P3", channel="sms", purpose="recovery", template="x", step="gone/first", **times)
    make_key(root / "keys" / "personal.key")
    row = "C1,P0,2026-11-24 10:00:00,call,out,connected"
    (root / "contact.csv").write_text(f"contact_id,borrower_id,at,channel,direction,outcome\n{row}\n", "utf-8")
    act(root, "stop")


def publish(root: Path) -> Any:
    """The last day of a lender, if it is due."""
    from dataclasses import asdict

    from sulah.actions.contact.publish_standing import publish_due
    from sulah.adapters.book.layout import open_lender
    from sulah.kernel.dates import fixed_clock
    from tests.contact.people import BY, NOON, RULES

    published = publish_due(open_lender(root), RULES, by=BY, clock=fixed_clock(NOON))
    return asdict(published) if published else None


def act(root: Path, name: str) -> None:
    """One act, by name."""
    from sulah.actions.contact.actor import Actor
    from sulah.actions.contact.approve_text import draft_text
    from sulah.actions.contact.assign_agent import assign_agent
    from sulah.actions.contact.officer_code import make_code
    from sulah.actions.contact.raise_stop import Struck, lift_stop, raise_stop
    from sulah.actions.contact.record_consent import give_consent
    from sulah.actions.contact.review_language import digest_of as language_digest
    from sulah.actions.contact.review_language import sign_off_language
    from sulah.actions.contact.rulebook import digest_of, rulebook_of
    from sulah.actions.contact.sign_rule import sign_off_rule
    from sulah.actions.contact.take_log import take_log
    from sulah.actions.contact.withdraw_steps import withdraw_steps
    from sulah.adapters.book.layout import Lender
    from sulah.adapters.book.vault import Vault
    from sulah.kernel.dates import fixed_clock
    from sulah.kernel.terms import Channel, EntityType, Role, StopEvent
    from sulah.policy.text_rows import text_rows
    from sulah.records.contact.stop import StopEvent as Stop
    from sulah.records.contact.text import TextVersion
    from tests.contact.people import BY, NOON
    from tests.outreach.house import KAVERI

    lender = Lender(root, "Test", EntityType.NBFC_MFI)
    book, clock = rulebook_of(lender), fixed_clock(NOON)
    asha, officer = Actor("asha", Role.COMPLIANCE), Actor("officer1", Role.FIELD_OFFICER)
    rule = book.whole.tables["contact_rule"][0]
    acts: dict[str, Callable[[], object]] = {
        "consent": lambda: give_consent("P0", Channel.WHATSAPP, source="form", by=BY, clock=clock),
        "stop": lambda: raise_stop(StopEvent.HARDSHIP, Struck("P0"), reason="told us", book=book, by=BY, clock=clock),
        "lift": lambda: lift_stop(Stop.objects.filter(lifted_at=None)[0].pk, reason="settled", book=book, by=BY, clock=clock),
        "assign": lambda: assign_agent("P1", agent_id="A1-7", by=BY, clock=clock),
        "rule": lambda: sign_off_rule(rule.rule_id, digest_of(rule), book=book, by=asha, clock=clock),
        "text": lambda: draft_text(text_rows("en")[TextVersion.objects.count()], (), house=KAVERI, by=asha, clock=clock),
        "language": lambda: sign_off_language(
            "ta", language_digest("ta"), reader="Tamilselvi R.", read_on=NOON.date(), by=asha, clock=clock
        ),
        "steps": lambda: withdraw_steps(by=BY, clock=clock),
        "officer_code": lambda: make_code("officer1", "P4", own="officer1", vault=Vault(lender), by=officer, clock=clock),
        "log": lambda: take_log(lender, root / "contact.csv", "A1", by=BY, clock=clock),
    }
    acts[name]()


def main() -> None:
    """One command."""
    command, root, *words = sys.argv[1:]
    connect_records(Path(root), os.environ.get("SULAH_TEST_DATABASE", ""))
    if command in ("ready", "act", "publish"):
        done = {"ready": ready, "act": act, "publish": publish}[command](Path(root), *words)
    else:
        done = {"prepare": prepare, "call": call, "tell": tell}[command](*map(int, words))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
