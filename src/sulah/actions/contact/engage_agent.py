"""Those who contact people: agencies and agents engaged and let go, and their papers put on file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction

from sulah.actions.contact.actor import OFFICE, Actor, hold_role, hold_whole_lender
from sulah.kernel.dates import IST, Clock
from sulah.kernel.refusal import Refusal
from sulah.records.audit import write_audit
from sulah.records.contact.agent import Agency, Agent, AgentPaper, Assignment

CERTIFICATE, ANTECEDENTS = "certificate", "antecedents"


class AgentRefusedError(Refusal):
    """The agency, agent or paper cannot be written down; the words say why."""


def engage_agency(agency_id: str, name: str, *, mapping: Mapping[str, Any] | None = None, by: Actor, clock: Clock) -> Agency:
    """Engage an agency, or renew what is known of it; mapping: how its dialler log reads (see take_log)."""
    _hold(by)
    if not agency_id.strip() or not name.strip():
        raise AgentRefusedError("An agency needs an id and a name.")
    with transaction.atomic():
        now = clock()
        agency = Agency.objects.select_for_update().filter(pk=agency_id).first() or Agency(
            id=agency_id, engaged_on=now.astimezone(IST).date()
        )
        before = {"name": agency.name, "mapping": agency.mapping} if agency.name else {}
        agency.name, agency.ended_on = name, None
        agency.mapping = dict(mapping) if mapping is not None else agency.mapping
        agency.save()
        after = {"name": name, "mapping": agency.mapping}
        write_audit(at=now, actor=by.name, act="agency.engage", subject=f"agency:{agency_id}", before=before, after=after)
    return agency


def engage_agent(agent_id: str, name: str, *, agency_id: str = "", by: Actor, clock: Clock) -> Agent:
    """Engage an agent of an agency, or of the lender itself; an agent never changes agency, as papers and notices name both."""
    _hold(by)
    if not agent_id.strip() or not name.strip():
        raise AgentRefusedError("An agent needs an id and a name.")
    with transaction.atomic():
        now = clock()
        if agency_id and not Agency.objects.filter(pk=agency_id, ended_on=None).exists():
            raise AgentRefusedError(f"There is no agency {agency_id} that is engaged. Engage it first.")
        agent = Agent.objects.select_for_update().filter(pk=agent_id).first()
        if agent is not None and (agent.agency_id or "") != agency_id:
            raise AgentRefusedError(f"{agent_id} is of {agent.agency_id or 'the lender itself'}. Give the person an id of their own there.")
        before = {"name": agent.name} if agent is not None else {}
        agent = agent or Agent(id=agent_id, agency_id=agency_id or None, engaged_on=now.astimezone(IST).date())
        agent.name, agent.ended_on = name, None
        agent.save()
        after = {"name": name, "agency": agency_id}
        write_audit(at=now, actor=by.name, act="agent.engage", subject=f"agent:{agent_id}", before=before, after=after)
    return agent


def dismiss_agent(agent_id: str, *, by: Actor, clock: Clock) -> Agent:
    """Let an agent go: whoever was given to them is given to nobody at the same instant."""
    _hold(by)
    with transaction.atomic():
        now = clock()
        agent = Agent.objects.select_for_update().filter(pk=agent_id, ended_on=None).first()
        if agent is None:
            raise AgentRefusedError(f"There is no agent {agent_id} who is engaged.")
        ended = 0
        for given in Assignment.objects.select_for_update().filter(agent=agent, until=None):
            given.until, given.ended_by = now, by.name
            given.save(update_fields=["until", "ended_by"])
            ended += 1
        agent.ended_on = now.astimezone(IST).date()
        agent.save()
        write_audit(at=now, actor=by.name, act="agent.dismiss", subject=f"agent:{agent_id}", after={"assignments_ended": ended})
    return agent


def file_paper(agent_id: str, kind: str, first: date, *, last: date | None = None, reference: str, by: Actor, clock: Clock) -> AgentPaper:
    """Put a paper on file: a certificate from its first to its last day, both inside, or a check of antecedents made on its first day."""
    _hold(by)
    if kind not in (CERTIFICATE, ANTECEDENTS) or not reference.strip():
        raise AgentRefusedError(f"A paper is a {CERTIFICATE} or a check of {ANTECEDENTS}, and has a reference by which it can be found.")
    if kind == CERTIFICATE and (last is None or last < first):
        raise AgentRefusedError("A certificate has a last day, on its first or later.")
    with transaction.atomic():
        now = clock()
        if not Agent.objects.filter(pk=agent_id).exists():
            raise AgentRefusedError(f"There is no agent {agent_id}. Engage the agent first.")
        if first > now.astimezone(IST).date() and kind == ANTECEDENTS:
            raise AgentRefusedError("A check cannot be of a day to come.")
        paper = AgentPaper.objects.create(
            agent_id=agent_id,
            kind=kind,
            first=first,
            last=last if kind == CERTIFICATE else None,
            reference=reference,
            recorded_at=now,
            recorded_by=by.name,
        )
        days = {"first": first.isoformat(), "last": last.isoformat() if last else None}
        after = {"kind": kind, "reference": reference, **days}
        write_audit(at=now, actor=by.name, act="agent.paper", subject=f"agent:{agent_id}", after=after)
    return paper


def _hold(by: Actor) -> None:
    hold_role(by, OFFICE, "engage agencies and agents")
    hold_whole_lender(by, "engage agencies and agents")
