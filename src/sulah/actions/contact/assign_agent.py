"""Give a person to an agent or an agency, and tell the person: the old one's access ends at the same instant as the new one's begins."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from sulah.actions.contact.actor import CONDUCT, DESK, Actor, hold_reach, hold_role
from sulah.actions.contact.reserve_contact import lock_person
from sulah.kernel.dates import IST, Clock
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Channel, StopScope
from sulah.records.audit import write_audit
from sulah.records.contact.agent import Agency, Agent, AgentNotice, Assignment
from sulah.records.contact.stop import StopEvent
from sulah.records.turn import turn

register("assignment.before_commit")


class AssignmentRefusedError(Refusal):
    """The person cannot be given so; the words say why."""


def assign_agent(person: str, *, agent_id: str = "", agency_id: str = "", by: Actor, clock: Clock) -> Assignment:
    """Give a person to an agent, or to an agency as a whole; whoever had them has not any more, from the same instant on.

    AssignmentRefusedError for somebody who is not engaged, and for an agency while a stop of the person is in force: a complaint, a
    death, a court matter (rules.md GRV-PAUSE).
    """
    hold_role(by, CONDUCT, "give a person to an agent")
    hold_reach(by, person)
    with turn(), transaction.atomic():
        lock_person(person)
        now = clock()
        agent, agency = _engaged(agent_id, agency_id, now)
        if agency is not None:
            _refuse_stopped(person, now)
        before = _end(person, by, now)
        given = Assignment.objects.create(person=person, agent=agent, agency=agency, since=now, assigned_by=by.name)
        after = {"agent": agent_id, "agency": agency.pk if agency else ""}
        write_audit(at=now, actor=by.name, act="assignment.give", subject=f"borrower:{person}", before=before, after=after)
        reach("assignment.before_commit")
    return given


def end_assignment(person: str, *, by: Actor, clock: Clock) -> None:
    """Take a person back from whomever they are given to; AssignmentRefusedError when they are given to nobody."""
    hold_role(by, CONDUCT, "take a person back from an agent")
    hold_reach(by, person)
    with turn(), transaction.atomic():
        lock_person(person)
        now = clock()
        before = _end(person, by, now)
        if not before:
            raise AssignmentRefusedError(f"Borrower {person} is given to nobody.")
        write_audit(at=now, actor=by.name, act="assignment.end", subject=f"borrower:{person}", before=before)


def give_notice(
    person: str,
    *,
    agent_id: str = "",
    agency_id: str = "",
    channel: Channel,
    reference: str = "",
    at: datetime | None = None,
    by: Actor,
    clock: Clock,
) -> AgentNotice:
    """Write down that the person was told, in writing, who will contact them: an agent, or an agency."""
    hold_role(by, DESK, "write down a notice")
    hold_reach(by, person)
    if bool(agent_id) == bool(agency_id):
        raise AssignmentRefusedError("A notice names an agent or an agency.")
    with transaction.atomic():
        now = clock()
        if at is not None and at > now:
            raise AssignmentRefusedError("A notice cannot be of a time to come.")
        _engaged(agent_id, agency_id, now)
        told = AgentNotice.objects.create(
            person=person,
            agent=agent_id,
            agency=agency_id,
            at=at or now,
            channel=channel.value,
            reference=reference,
            recorded_at=now,
            recorded_by=by.name,
        )
        after = {"agent": agent_id, "agency": agency_id, "channel": channel.value, "reference": reference, "at": told.at.isoformat()}
        write_audit(at=now, actor=by.name, act="assignment.notice", subject=f"borrower:{person}", after=after)
    return told


def _engaged(agent_id: str, agency_id: str, now: datetime) -> tuple[Agent | None, Agency | None]:
    """The agent with the agency, or the agency alone; AssignmentRefusedError unless they are engaged."""
    today = now.astimezone(IST).date()
    working = Q(ended_on=None) | Q(ended_on__gte=today)
    agent = Agent.objects.select_related("agency").filter(working, pk=agent_id).first() if agent_id else None
    if agent_id and agent is None:
        raise AssignmentRefusedError(f"There is no agent {agent_id} who is engaged.")
    of_agent = agent.agency if agent is not None else None
    if agent is not None and agency_id and (of_agent is None or of_agent.pk != agency_id):
        raise AssignmentRefusedError(f"Agent {agent_id} is not of agency {agency_id}.")
    agency = of_agent if agent is not None else Agency.objects.filter(working, pk=agency_id).first()
    if agent is None and agency is None:
        raise AssignmentRefusedError(f"There is no agency {agency_id or 'named'} that is engaged.")
    return agent, agency


def _refuse_stopped(person: str, now: datetime) -> None:
    raised = StopEvent.objects.filter(Q(until=None) | Q(until__gt=now), scope=StopScope.PERSON.value, key=person, lifted_at=None)
    if (stop := raised.order_by("id").first()) is not None:
        what = stop.event.replace("_", " ")
        raise AssignmentRefusedError(f"A {what} of borrower {person} is open: nobody is given to an agency until it is settled.")


def _end(person: str, by: Actor, now: datetime) -> dict[str, str]:
    """End the open assignment of a person; who had them, empty when nobody did."""
    had = Assignment.objects.select_for_update().filter(person=person, until=None).first()
    if had is None:
        return {}
    had.until, had.ended_by = now, by.name
    had.save(update_fields=["until", "ended_by"])
    return {"agent": had.agent_id or "", "agency": had.agency_id or ""}
