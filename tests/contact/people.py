"""People, loans and agents for tests of contact, written straight into the records; the lender's own rules in force."""

from datetime import UTC, date, datetime
from typing import Any

from sulah.actions.contact.actor import Actor, machine
from sulah.actions.contact.engage_agent import engage_agency, engage_agent
from sulah.actions.contact.rulebook import Rulebook
from sulah.guard.intent import Intent
from sulah.guard.rules import ContactRules
from sulah.kernel.dates import IST, fixed_clock
from sulah.kernel.terms import Channel, EntityType, Purpose, Role
from sulah.policy.load import load_contact_policy
from sulah.records.contact.standing import Standing, StandingBook

NOON = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
"""A Tuesday, 12:00 in India."""

BY = machine("worker")
NUMBER = "a" * 32
WHOLE = load_contact_policy()
BOOK = WHOLE.for_entity(EntityType.NBFC_MFI)
RULES = ContactRules(EntityType.NBFC_MFI, {sheet: BOOK.rows(sheet) for sheet in BOOK.tables})
RULEBOOK = Rulebook(WHOLE, BOOK, RULES)
CLOCK = fixed_clock(NOON)
TODAY = NOON.astimezone(IST).date()


def actor(role: Role, *branches: str, agency: str = "") -> Actor:
    """Somebody of a role, of some branches or of all."""
    return Actor(f"some-{role.value}", role, branches or None, agency)


def loan_of(loan_id: str, person: str, **said: Any) -> dict[str, Any]:
    """A loan as the book has it: overdue, microfinance, the person's own."""
    plain = {
        "loan_id": loan_id,
        "loan_type": "mfl",
        "product": "JLG",
        "overdue_paise": 50_000,
        "demand_paise": 50_000,
        "next_due_on": "2026-12-01",
        "last_paid_on": None,
        "open": True,
        "parties": {person: "borrower"},
        "branch_id": "BR1",
        "limitation_on": "2029-01-01",
        "borrower_died_on": None,
    }
    return plain | said


def put_person(person: str = "P1", *loans: dict[str, Any], **said: Any) -> Standing:
    """A person of the book of yesterday, with a number of their own."""
    plain: dict[str, Any] = {"state": "BR", "pincode": "847109", "household": f"H-{person}", "branches": ["BR1"], "digest": "d" * 64}
    given = {"loans": list(loans) or [loan_of(f"L-{person}", person)], "numbers": {NUMBER: ["own", "good"]}, "as_of": date(2026, 11, 23)}
    if not StandingBook.objects.exists():
        StandingBook.objects.create(as_of=date(2026, 11, 23), run_path="days/x", published_at=NOON, published_by="x")
    return Standing.objects.create(person=person, **plain | given | said)


def sms(intent_id: str = "i-1", person: str = "P1", **said: Any) -> Intent:
    """A reminder of an overdue loan by SMS."""
    plain: dict[str, Any] = {"channel": Channel.SMS, "purpose": Purpose.RECOVERY, "loan_ids": (f"L-{person}",), "number_key": NUMBER}
    return Intent(intent_id, person, NOON, **plain | {"offers": False, "legal_words": False} | said)


def agent_on_file(agent_id: str = "A1-7", agency_id: str = "A1") -> None:
    """An agency and an agent of it."""
    engage_agency(agency_id, "Agency", by=BY, clock=CLOCK)
    engage_agent(agent_id, "Agent", agency_id=agency_id, by=BY, clock=CLOCK)
