"""Contact in the demo: people who agreed, complained, asked for quiet or were given to an agency, and who was contacted; all of it made
by the acts themselves, at moments of the demo's last days."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sulah.actions.contact.actor import Actor, machine
from sulah.actions.contact.assign_agent import assign_agent, give_notice
from sulah.actions.contact.edit_calendar import decide_day, propose_days
from sulah.actions.contact.engage_agent import engage_agency, engage_agent, file_paper
from sulah.actions.contact.note_occasion import note_occasion
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.record_consent import give_consent, withdraw_consent
from sulah.actions.contact.record_place import record_miss
from sulah.actions.contact.record_preference import ask_preference
from sulah.actions.contact.reserve_contact import live_contact, reserve_contact
from sulah.actions.contact.rulebook import Rulebook, digest_of, rulebook_of
from sulah.actions.contact.settle_contact import settle_contact
from sulah.actions.contact.sign_rule import sign_off_rule
from sulah.actions.keep_words import keep_words
from sulah.actions.publish_people import publish_people
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.cli.demo_talk import fill_talk
from sulah.cli.demo_texts import fill_texts
from sulah.guard.intent import Intent
from sulah.kernel.dates import IST, Clock, fixed_clock, system_clock
from sulah.kernel.terms import Channel, ContactState, Place, Purpose, Role, StopEvent
from sulah.records.contact.standing import Standing
from sulah.records.workitem import WorkItem

COMPLIANCE, SUPERVISOR, WORKER = Actor("compliance", Role.COMPLIANCE), Actor("supervisor", Role.SUPERVISOR), machine("demo")
PEOPLE, TALKERS = 40, 500
"""How many people were contacted, and among how many those are looked for who say something."""

_HAPPENED = ((0, StopEvent.COMPLAINT, "Called rudely, says she"), (7, StopEvent.DISPUTE, "Says that the instalment was paid in cash"))
_ALSO = ((13, StopEvent.HARDSHIP, "Crop lost in the flood"), (21, StopEvent.PAID, "Shows a receipt of this morning"))
_TRIED = ((Channel.SMS, 11), (Channel.CALL, 12), (Channel.WHATSAPP, 13), (Channel.CALL, 16))


def fill_contact(lender: Lender, last: date) -> None:
    """Publish the last day's people, then what was agreed, asked and done with forty of them in the days up to it."""
    book = rulebook_of(lender)
    publish_people(lender, book.rules, by=WORKER, clock=system_clock)
    open_items = WorkItem.objects.filter(closed_on=None, hold_reason="").order_by("work_order", "borrower_id")
    people = list(open_items.values_list("borrower_id", flat=True)[:PEOPLE])
    _agreed(people, last)
    _agency(people[1::9], last)
    _calendar(last)
    for row in ("HRS-MFL", "HRS-GEN", "FRQ-CALL-DAY"):
        _sign(row, book, last)
    for days_ago in (3, 2, 1, 0):
        for place, person in enumerate(people):
            channel, hour = _TRIED[(place + days_ago) % len(_TRIED)]
            _tried(person, channel, _at(last, days_ago, hour, place), book)
    _happened(lender, people, book, last)
    fill_texts(lender, system_clock)
    fill_talk(lender, list(open_items.values_list("borrower_id", flat=True)[10:TALKERS]))


def _at(last: date, days_ago: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(last - timedelta(days=days_ago), time(hour, minute), IST)


def _clock(last: date, days_ago: int, hour: int = 10) -> Clock:
    return fixed_clock(_at(last, days_ago, hour))


def _agreed(people: Sequence[str], last: date) -> None:
    """Most agreed to messages, one took it back; some asked for quiet hours; some were not met at the centre."""
    for place, person in enumerate(people):
        if place % 4:
            for channel in (Channel.SMS, Channel.WHATSAPP)[: 1 + place % 2]:
                give_consent(person, channel, source="loan form", by=SUPERVISOR, clock=_clock(last, 40))
        if place % 8 == 3:
            ask_preference(person, first=11 * 3_600, last=15 * 3_600, by=SUPERVISOR, clock=_clock(last, 9))
        if place % 6 == 2:
            for days_ago in (12, 5):
                record_miss(person, Place.AGREED, met=False, at=_at(last, days_ago), by=SUPERVISOR, clock=_clock(last, days_ago, 18))
    withdraw_consent(people[5], Channel.WHATSAPP, source="answered STOP", by=SUPERVISOR, clock=_clock(last, 6))


def _agency(people: Sequence[str], last: date) -> None:
    """An agency with two agents, one whose certificate runs out soon; a few people given to the other, and told by letter."""
    long_ago = _clock(last, 60)
    engage_agency("AG-1", "Vishwas Recovery (simulated)", by=COMPLIANCE, clock=long_ago)
    for agent_id, name, left in (("RA-1", "Sanjay More (simulated)", 300), ("RA-2", "Anil Shinde (simulated)", 12)):
        engage_agent(agent_id, name, agency_id="AG-1", by=COMPLIANCE, clock=long_ago)
        first, until = last - timedelta(days=100), last + timedelta(days=left)
        file_paper(agent_id, "certificate", first, last=until, reference="IIBF 0000 (simulated)", by=COMPLIANCE, clock=long_ago)
        file_paper(agent_id, "antecedents", first, reference="Police file 0 (simulated)", by=COMPLIANCE, clock=long_ago)
    for person in people:
        assign_agent(person, agent_id="RA-1", by=SUPERVISOR, clock=_clock(last, 10))
        give_notice(person, agent_id="RA-1", channel=Channel.LETTER, reference="L-1", by=SUPERVISOR, clock=_clock(last, 9))


def _calendar(last: date) -> None:
    """The holidays of the year are proposed, and the first of the month to come are confirmed."""
    for row in propose_days(last.year, [], by=COMPLIANCE, clock=_clock(last, 20)):
        if last < row.day <= last + timedelta(days=40):
            decide_day(row.pk, confirm=True, by=COMPLIANCE, clock=_clock(last, 15))


def _sign(rule_id: str, book: Rulebook, last: date) -> None:
    row = book.row(rule_id, last)
    if row is not None:
        sign_off_rule(rule_id, digest_of(row), book=book, by=COMPLIANCE, clock=_clock(last, 30))


def _happened(lender: Lender, people: Sequence[str], book: Rulebook, last: date) -> None:
    """On the last afternoon: a complaint, a dispute, hardship, a payment; a death in another household."""
    vault, clock = Vault(lender), _clock(last, 0, 17)
    for place, event, reason in (*_HAPPENED, *_ALSO):
        kept = keep_words(vault, people[place], reason, by=SUPERVISOR, clock=clock)
        raise_stop(event, Struck(people[place]), reason=kept, book=book, by=SUPERVISOR, clock=clock)
    note = keep_words(vault, people[9], "Told at the centre", by=SUPERVISOR, clock=clock)
    note_occasion("bereavement", last, person=people[9], note=note, book=book, by=SUPERVISOR, clock=clock)


def _tried(person: str, channel: Channel, at: datetime, book: Rulebook) -> None:
    """A reminder that the guard decides about; where it is permitted it is made, and something becomes of it."""
    known = Standing.objects.get(pk=person)
    intent = Intent(
        f"demo-{person}-{at:%Y%m%d}",
        person,
        at,
        channel,
        Purpose.RECOVERY,
        loan_ids=tuple(loan["loan_id"] for loan in known.loans if (loan["overdue_paise"] or 0) > 0),
        number_key=next(iter(sorted(known.numbers)), None),
        offers=False,
        legal_words=False,
        caller_series="1600",
    )
    reserve_contact(intent, book.rules, by=WORKER, clock=fixed_clock(at), template=True)
    contact = live_contact(intent.intent_id)
    if contact is not None:
        reached = ContactState.CONNECTED if contact.pk % 3 else ContactState.NOT_CONNECTED
        state = reached if channel is Channel.CALL else ContactState.DELIVERED
        settle_contact(contact.pk, state, evidence="worker", by=WORKER, clock=fixed_clock(at + timedelta(minutes=2)))
