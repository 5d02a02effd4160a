"""Every act by every role: done and audited, or refused and nothing left; and nobody reaches people of another branch or agency."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from sulah.actions.contact.actor import Actor, NotPermittedError
from sulah.actions.contact.assign_agent import assign_agent, end_assignment, give_notice
from sulah.actions.contact.edit_calendar import add_day, propose_days
from sulah.actions.contact.engage_agent import dismiss_agent, engage_agency, engage_agent, file_paper
from sulah.actions.contact.mark_number import mark_number
from sulah.actions.contact.note_inbound import note_inbound, set_tier
from sulah.actions.contact.note_occasion import end_occasion, note_occasion
from sulah.actions.contact.raise_stop import Struck, raise_stop
from sulah.actions.contact.record_consent import give_consent, withdraw_consent
from sulah.actions.contact.record_place import agree_place, record_miss
from sulah.actions.contact.record_preference import ask_preference, end_preference
from sulah.kernel.terms import Channel, Place, Role, StopEvent
from sulah.records.audit import AuditEntry
from sulah.records.contact.agent import Assignment
from sulah.records.contact.standing import Standing
from tests.contact.people import BY, CLOCK, NOON, NUMBER, TODAY, actor, agent_on_file, put_person
from tests.contact.people import RULEBOOK as BOOK

pytestmark = pytest.mark.django_db


ACTS: dict[str, tuple[Callable[[Actor], object], set[Role], str]] = {
    "give consent": (
        lambda by: give_consent("P1", Channel.WHATSAPP, source="form", by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE},
        "consent.give",
    ),
    "withdraw consent": (
        lambda by: withdraw_consent("P1", Channel.WHATSAPP, source="call", by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY, Role.LEGAL},
        "consent.withdraw",
    ),
    "ask preference": (
        lambda by: ask_preference("P1", first=0, last=36_000, by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY},
        "preference.ask",
    ),
    "end preference": (
        lambda by: end_preference(ask_preference("P1", by=BY, clock=CLOCK).pk, by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE},
        "preference.end",
    ),
    "mark a number wrong": (
        lambda by: mark_number("P1", NUMBER, standing="wrong", source="call", by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY},
        "number.mark",
    ),
    "mark a number good": (
        lambda by: mark_number("P1", NUMBER, whose="own", standing="good", source="visit", by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE},
        "number.mark",
    ),
    "agree a place": (
        lambda by: agree_place("P1", centre_id="C1", by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE},
        "place.agree",
    ),
    "record a miss": (
        lambda by: record_miss("P1", Place.AGREED, met=False, at=NOON, by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY},
        "place.visit",
    ),
    "note an occasion": (
        lambda by: note_occasion("bereavement", TODAY, person="P1", book=BOOK, by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY, Role.LEGAL},
        "occasion.note",
    ),
    "note an occasion of a place": (
        lambda by: note_occasion("calamity", TODAY, key="847109", book=BOOK, by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR},
        "occasion.note",
    ),
    "end an occasion": (
        lambda by: end_occasion(note_occasion("hospital", TODAY, person="P1", book=BOOK, by=BY, clock=CLOCK).pk, by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE},
        "occasion.end",
    ),
    "add a day": (
        lambda by: add_day(TODAY, "Chhath", state="BR", by=by, clock=CLOCK),
        {Role.COMPLIANCE, Role.ADMINISTRATOR},
        "calendar.add",
    ),
    "propose days": (lambda by: propose_days(2026, ["BR"], by=by, clock=CLOCK), {Role.COMPLIANCE, Role.ADMINISTRATOR}, "calendar.propose"),
    "raise a stop of a person": (
        lambda by: raise_stop(StopEvent.COMPLAINT, Struck("P1"), reason="called", book=BOOK, by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.AGENCY, Role.LEGAL, Role.ADMINISTRATOR},
        "stop.raise",
    ),
    "stop the lender": (
        lambda by: raise_stop(StopEvent.LENDER_STOPPED, Struck(), reason="order", book=BOOK, by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL, Role.ADMINISTRATOR},
        "stop.raise",
    ),
    "engage an agency": (
        lambda by: engage_agency("A9", "Agency", by=by, clock=CLOCK),
        {Role.COMPLIANCE, Role.ADMINISTRATOR},
        "agency.engage",
    ),
    "engage an agent": (lambda by: engage_agent("S1", "Own", by=by, clock=CLOCK), {Role.COMPLIANCE, Role.ADMINISTRATOR}, "agent.engage"),
    "file a paper": (
        lambda by: file_paper("A1-7", "antecedents", TODAY, reference="police 12", by=by, clock=CLOCK),
        {Role.COMPLIANCE, Role.ADMINISTRATOR},
        "agent.paper",
    ),
    "dismiss an agent": (lambda by: dismiss_agent("A1-7", by=by, clock=CLOCK), {Role.COMPLIANCE, Role.ADMINISTRATOR}, "agent.dismiss"),
    "assign an agent": (
        lambda by: assign_agent("P1", agent_id="A1-7", by=by, clock=CLOCK),
        {Role.SUPERVISOR, Role.COMPLIANCE},
        "assignment.give",
    ),
    "end an assignment": (lambda by: end_assignment("P1", by=by, clock=CLOCK), {Role.SUPERVISOR, Role.COMPLIANCE}, "assignment.end"),
    "give a notice": (
        lambda by: give_notice("P1", agent_id="A1-7", channel=Channel.SMS, by=by, clock=CLOCK),
        {Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE},
        "assignment.notice",
    ),
    "set a tier": (lambda by: set_tier(Channel.WHATSAPP, 250, by=by, clock=CLOCK), {Role.COMPLIANCE, Role.ADMINISTRATOR}, "tier.set"),
    "note an inbound": (
        lambda by: note_inbound("P1", Channel.WHATSAPP, reference="w-1", at=NOON, by=by, clock=CLOCK),
        set(),
        "inbound.note",
    ),
}
WHOLE_LENDER = {
    *("note an occasion of a place", "end an occasion", "add a day", "propose days", "stop the lender", "engage an agency"),
    *("engage an agent", "file a paper", "dismiss an agent", "set a tier", "note an inbound"),
}
"""Acts that no person of some branches may do; ending an occasion of a person they may."""


@pytest.fixture
def known() -> Standing:
    """A person of branch BR1, assigned to an agent of agency A1."""
    person = put_person()
    agent_on_file()
    Assignment.objects.create(person="P1", agent_id="A1-7", agency_id="A1", since=NOON - timedelta(3), assigned_by="x")
    return person


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_by_its_roles_and_audited_or_refused_and_leaves_nothing(act: str, role: Role, known: Standing) -> None:
    do, roles, entry = ACTS[act]
    by = actor(role, agency="A1" if role is Role.AGENCY else "")
    before = AuditEntry.objects.filter(act=entry).count()
    if role in roles:
        do(by)
        assert AuditEntry.objects.filter(act=entry, actor=by.name).count() >= 1
    else:
        with pytest.raises(NotPermittedError):
            do(by)
        assert AuditEntry.objects.filter(act=entry).count() == before


@pytest.mark.parametrize("act", ACTS)
def test_a_person_of_another_branch_or_agency_reaches_nobody_here(act: str, known: Standing) -> None:
    do, roles, _ = ACTS[act]
    for role in roles:
        stranger = actor(role, "BR2", agency="A2" if role is Role.AGENCY else "")
        with pytest.raises(NotPermittedError):
            do(stranger)


@pytest.mark.parametrize("act", sorted(set(ACTS) - WHOLE_LENDER))
def test_a_person_of_the_branch_reaches_its_people(act: str, known: Standing) -> None:
    do, roles, _ = ACTS[act]
    role = sorted(roles - {Role.AGENCY})[0]
    assert do(actor(role, "BR1")) or act == "end an assignment"


@pytest.mark.parametrize("act", ACTS)
def test_the_machine_does_every_act(act: str, known: Standing) -> None:
    """A run, a worker, the command line: the machine's own permissions hold them."""
    ACTS[act][0](BY)
    assert AuditEntry.objects.filter(act=ACTS[act][2], actor=BY.name).exists()
