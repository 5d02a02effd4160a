"""Agents and agencies: papers, notice to the person, assignment.  A contact that names neither an agent nor an agency passes."""

from datetime import datetime

from sulah.guard.case import MICROSECOND, Case, ist_instant
from sulah.guard.facts import Agent, Assignment
from sulah.guard.predicates.said import NO, UNKNOWN, YES, Said, first_of, not_before
from sulah.guard.rule import ContactRule


def _names_nobody(case: Case) -> bool:
    return case.intent.agent_id is None and case.intent.agency_id is None


def certificate(_rule: ContactRule, case: Case) -> Said:
    """The certificate on file covers the IST date, both ends inside."""
    if _names_nobody(case):
        return YES
    paper = case.agent.certificate if case.agent else None
    if paper is None:
        return UNKNOWN
    if case.today < paper.first <= paper.last:
        return not_before(ist_instant(paper.first.toordinal()))
    return YES if paper.first <= case.today <= paper.last else NO


def antecedents(rule: ContactRule, case: Case) -> Said:
    """A check of antecedents is on file, made on the IST date or at most `days` days before it."""
    if _names_nobody(case):
        return YES
    checked = case.agent.antecedents_on if case.agent else None
    if checked is None:
        return UNKNOWN
    age = (case.today - checked).days
    if age < 0:
        return not_before(ist_instant(checked.toordinal()))
    return YES if age <= rule.days else NO


def agent_notice(_rule: ContactRule, case: Case) -> Said:
    """The person was told of this agent or its agency before the contact, and after the latest assignment that has begun."""
    if _names_nobody(case):
        return YES
    agent = case.agent
    if agent is None:
        return UNKNOWN
    told = [notice.at for notice in agent.notices if notice.told_of in (agent.agent_id, agent.agency_id)]
    begins = [one.since for one in _assignments(agent)]

    def holds(at: datetime) -> bool:
        begun = max((since for since in begins if since <= at), default=None)
        return begun is not None and any(begun < heard < at for heard in told)

    return YES if holds(case.at) else first_of([heard + MICROSECOND for heard in told], case.at, holds)


def assigned(_rule: ContactRule, case: Case) -> Said:
    """The person is assigned to this agent, or to its agency, at the instant."""
    if _names_nobody(case):
        return YES
    if case.agent is None:
        return UNKNOWN
    mine = _assignments(case.agent)

    def holds(at: datetime) -> bool:
        return any(one.since <= at and (one.until is None or at < one.until) for one in mine)

    return YES if holds(case.at) else first_of([one.since for one in mine], case.at, holds)


def _assignments(agent: Agent) -> list[Assignment]:
    return [one for one in agent.assignments if one.agent_id in (agent.agent_id, agent.agency_id)]
