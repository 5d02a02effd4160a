"""What the small lender's people agreed to, who contacted them, what stops it, and who works with them: all made by the acts themselves."""

from datetime import UTC, date, datetime, time, timedelta

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.assign_agent import assign_agent, give_notice
from sulah.actions.contact.change_rule import propose_rule
from sulah.actions.contact.edit_calendar import add_day, decide_day, propose_days
from sulah.actions.contact.engage_agent import engage_agency, engage_agent, file_paper
from sulah.actions.contact.note_occasion import note_occasion
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.record_consent import give_consent, withdraw_consent
from sulah.actions.contact.record_preference import ask_preference
from sulah.actions.contact.reserve_contact import live_contact, reserve_contact
from sulah.actions.contact.rulebook import Rulebook, digest_of, rulebook_of
from sulah.actions.contact.settle_contact import settle_contact
from sulah.actions.contact.sign_rule import sign_off_rule
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.adapters.lms.phones import one_way
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST, fixed_clock, system_clock
from sulah.kernel.terms import Channel, ContactState, Purpose, Role, StopEvent
from sulah.records.contact.decision import Decision
from sulah.records.contact.standing import Standing, StandingBook
from tests.web.cast import LAST, Story, state_and_position

COMPLIANCE, SUPERVISOR = Actor("meera", Role.COMPLIANCE), Actor("usha", Role.SUPERVISOR)
MACHINE = Actor("worker")
CALM, COMPLAINED, GIVEN = "B-0003", "B-0007", "B-0010"
"""People of the cast: one without anything, one who complained, one who is given to an agent."""

_EXAMPLE = {"given": {"channel": "call", "purpose": "recovery", "counted": [0, 1], "days_ago": [6, 7]}}
STRICTER = {**_EXAMPLE, "expect": {"yes": [True, False], "inside": [True, False]}}
"""The worked example of one call a week instead of ten."""


def today() -> date:
    """Today in India: pages look at now, so what they show must be of now."""
    return system_clock().astimezone(IST).date()


def at_noon(days_ago: int) -> datetime:
    """12:00 in India so many days ago."""
    return datetime.combine(today() - timedelta(days=days_ago), time(12), IST).astimezone(UTC)


def phone_of(borrower: int) -> str:
    """The number that the small book has of a borrower."""
    return f"98200{borrower:05d}"


def key_of(lender: Lender, borrower: int) -> str:
    """The blind index of that number."""
    return Vault(lender).number_key(one_way(phone_of(borrower)))


def put_people(lender: Lender, told: list[Story]) -> None:
    """The standings of the people of the small book, as of yesterday."""
    StandingBook.objects.create(as_of=today() - timedelta(days=1), run_path="days/x", published_at=at_noon(0), published_by="night run")
    of: dict[int, list[Story]] = {}
    for story in told:
        of.setdefault(story.borrower, []).append(story)
    rows = []
    for borrower, stories in sorted(of.items()):
        loans = [_loan(story) for story in stories]
        branches = sorted({story.branch for story in stories})
        plain = {"household": f"H-{borrower:04d}", "pincode": f"42200{borrower % 4}", "state": "MH", "language": "mr", "digest": "d" * 64}
        numbers = {key_of(lender, borrower): ["own", "good"]}
        rows.append(Standing(person=stories[0].borrower_id, loans=loans, branches=branches, numbers=numbers, as_of=LAST, **plain))
    Standing.objects.bulk_create(rows)


def _loan(story: Story) -> dict[str, object]:
    position = state_and_position(story, LAST)[1]
    return {
        "loan_id": story.loan_id,
        "loan_type": "mfl" if story.product == "JLG-WEEKLY" else "other",
        "product": story.product,
        "overdue_paise": position["overdue_paise"] or 45_000,
        "demand_paise": position["overdue_paise"] or 45_000,
        "next_due_on": (today() + timedelta(days=9)).isoformat(),
        "last_paid_on": None,
        "open": True,
        "parties": {story.borrower_id: "borrower"},
        "branch_id": story.branch,
        "limitation_on": "2029-01-01",
    }


def put_contacts(lender: Lender, book: Rulebook, people: list[str], days: int = 5) -> None:
    """Reminders by SMS and calls about overdue loans over some days, decided and reserved as they would be; some reach the person."""
    for day in range(days, 0, -1):
        for place, person in enumerate(people):
            channel = (Channel.SMS, Channel.CALL, Channel.WHATSAPP)[(place + day) % 3]
            number = next(iter(Standing.objects.get(pk=person).numbers))
            loans = tuple(loan["loan_id"] for loan in Standing.objects.get(pk=person).loans)
            said = {"loan_ids": loans, "number_key": number, "offers": False, "legal_words": False, "caller_series": "1600"}
            intent = Intent(f"i-{person}-{day}", person, at_noon(day), channel, Purpose.RECOVERY, **said)
            reserve_contact(intent, book.rules, by=MACHINE, clock=fixed_clock(at_noon(day)), template=True)
            contact = live_contact(intent.intent_id)
            if contact is not None:
                state = ContactState.CONNECTED if channel is Channel.CALL else ContactState.SENT
                settle_contact(contact.pk, state, evidence="worker", by=MACHINE, clock=fixed_clock(at_noon(day)))


def put_wish(book: Rulebook, person: str) -> None:
    """The person asked not to be contacted from 11 to 15 o'clock, and a reminder at noon is refused."""
    ask_preference(person, first=39_600, last=54_000, by=SUPERVISOR, clock=fixed_clock(at_noon(2)))
    known = Standing.objects.get(pk=person)
    loans = tuple(loan["loan_id"] for loan in known.loans)
    said = {"loan_ids": loans, "number_key": next(iter(known.numbers)), "offers": False, "legal_words": False}
    intent = Intent(f"i-{person}-wish", person, at_noon(1), Channel.SMS, Purpose.RECOVERY, **said)
    reserve_contact(intent, book.rules, by=MACHINE, clock=fixed_clock(at_noon(1)), template=True)


def try_at_night(lender: Lender, person: str = CALM) -> None:
    """Somebody asks for a reminder to a person at ten in the evening of yesterday, which is refused."""
    known, at = Standing.objects.get(pk=person), at_noon(1) + timedelta(hours=10)
    loans = tuple(loan["loan_id"] for loan in known.loans)
    said = {"loan_ids": loans, "number_key": next(iter(known.numbers)), "offers": False, "legal_words": False}
    intent = Intent(f"i-{person}-night", person, at, Channel.SMS, Purpose.RECOVERY, **said)
    assert not reserve_contact(intent, rulebook_of(lender).rules, by=MACHINE, clock=fixed_clock(at), template=True).permitted


def put_agents(person: str) -> None:
    """An agency with two agents, one whose certificate runs out; a person given to the other, and told."""
    clock = fixed_clock(at_noon(20))
    engage_agency("AG-1", "Vishwas Recovery Services", by=COMPLIANCE, clock=clock)
    for agent_id, name, left in (("RA-1", "Sanjay More", 200), ("RA-2", "Anil Shinde", 12)):
        engage_agent(agent_id, name, agency_id="AG-1", by=COMPLIANCE, clock=clock)
        first = today() - timedelta(days=100)
        file_paper(agent_id, "certificate", first, last=today() + timedelta(days=left), reference="IIBF 4471", by=COMPLIANCE, clock=clock)
        file_paper(agent_id, "antecedents", first, reference="Police file 118", by=COMPLIANCE, clock=clock)
    assign_agent(person, agent_id="RA-1", by=SUPERVISOR, clock=fixed_clock(at_noon(10)))
    give_notice(person, agent_id="RA-1", channel=Channel.LETTER, reference="L-9", by=SUPERVISOR, clock=fixed_clock(at_noon(9)))


def put_rules(book: Rulebook) -> None:
    """Two rules signed off, and a stricter cap proposed."""
    clock = fixed_clock(at_noon(3))
    for rule_id in ("HRS-MFL", "FRQ-CALL-DAY"):
        row = book.row(rule_id, today())
        assert row is not None
        sign_off_rule(rule_id, digest_of(row), book=book, by=COMPLIANCE, clock=clock)
    row = book.row("FRQ-CALL-WEEK", today())
    assert row is not None
    changed = {**row.to_plain(), "most": 1, "effective_from": (today() + timedelta(days=5)).isoformat(), "example": STRICTER}
    changed.pop("effective_to")
    propose_rule(changed, reason="Complaints about many calls a week", book=book, by=COMPLIANCE, clock=fixed_clock(at_noon(0)))


def put_calendar() -> None:
    """The holidays of the year proposed, the first three of this month confirmed; a flood in one PIN code."""
    clock = fixed_clock(at_noon(2))
    proposed = propose_days(today().year, ["MH"], by=COMPLIANCE, clock=clock)
    for row in proposed[:3]:
        decide_day(row.pk, confirm=True, by=COMPLIANCE, clock=clock)
    add_day(today().replace(day=12), "Local festival", state="MH", by=COMPLIANCE, clock=clock)


def fill_contacts(lender: Lender, told: list[Story]) -> None:
    """All of it, for the first forty people."""
    put_people(lender, told)
    book = rulebook_of(lender)
    for person in (CALM, COMPLAINED, GIVEN):
        give_consent(person, Channel.SMS, source="loan form", by=SUPERVISOR, clock=fixed_clock(at_noon(30)))
        give_consent(person, Channel.WHATSAPP, source="loan form", by=SUPERVISOR, clock=fixed_clock(at_noon(30)))
    withdraw_consent(GIVEN, Channel.WHATSAPP, source="reply STOP", by=SUPERVISOR, clock=fixed_clock(at_noon(6)))
    ask_preference(CALM, weekdays=[6], by=SUPERVISOR, clock=fixed_clock(at_noon(6)))
    put_contacts(lender, book, [CALM, COMPLAINED, "B-0005", "B-0006"])
    put_agents(GIVEN)
    reason = "Called rudely on Monday"
    raise_stop(StopEvent.COMPLAINT, Struck(COMPLAINED), reason=reason, book=book, by=SUPERVISOR, clock=fixed_clock(at_noon(1)))
    put_calendar()
    note = {"scope": "pincode", "key": "422001", "note": "Flood on the Godavari", "last": today() + timedelta(days=4)}
    note_occasion("calamity", today() - timedelta(days=1), book=book, by=COMPLIANCE, clock=fixed_clock(at_noon(1)), **note)
    put_rules(book)


def first_decision(*, permitted: bool) -> int:
    """The number of a decision."""
    return Decision.objects.filter(permitted=permitted).values_list("pk", flat=True).order_by("pk")[0]
