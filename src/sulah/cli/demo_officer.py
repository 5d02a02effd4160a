"""The code that the demo's agent shows at a door: two of its log-ins are on file as officers, and one makes a code whenever it starts."""

from datetime import timedelta

from sulah.actions.contact.actor import Actor
from sulah.actions.contact.engage_agent import engage_agent, file_paper
from sulah.actions.contact.officer_code import Code, make_code
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, system_clock
from sulah.kernel.terms import Role
from sulah.records.contact.agent import Agent, Assignment
from sulah.records.person import Person
from sulah.records.workitem import WorkItem

COMPLIANCE = Actor("compliance", Role.COMPLIANCE)
OFFICERS = (("agent", "Lakshmi Venkataraman (simulated)"), ("supervisor", "Usha Kulkarni (simulated)"))
"""The log-ins that are officers, and their names."""


def officer_code(lender: Lender) -> Code | None:
    """A code of the demo's agent for a person of his branch, made now; None where nobody there is left to be visited."""
    today = system_clock().astimezone(IST).date()
    for one, name in OFFICERS:
        if not Agent.objects.filter(pk=one).exists():
            engage_agent(one, name, by=COMPLIANCE, clock=system_clock)
            first, last = today - timedelta(days=100), today + timedelta(days=265)
            file_paper(one, "certificate", first, last=last, reference="IIBF 0000 (simulated)", by=COMPLIANCE, clock=system_clock)
    agent = OFFICERS[0][0]
    branches = tuple(str(branch) for branch in Person.objects.get(username=agent).branches)
    given = Assignment.objects.filter(until=None).values("person")
    items = WorkItem.objects.filter(closed_on=None, hold_reason="", branch_id__in=branches).exclude(borrower_id__in=given)
    person = items.order_by("work_order", "borrower_id").values_list("borrower_id", flat=True).first()
    if person is None:
        return None
    return make_code(agent, person, own=agent, vault=Vault(lender), by=Actor(agent, Role.AGENT, branches), clock=system_clock)
