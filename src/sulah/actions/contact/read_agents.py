"""The agents and agencies that intents name, as on file: papers, notices to some people, assignments of them; five queries at most."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db.models import Q

from sulah.guard import facts as known
from sulah.guard.intent import Intent
from sulah.records.contact.agent import Agency, Agent, AgentNotice, AgentPaper, Assignment


class AgentsOnFile:
    """Who is named by any of the intents, with what some people have to do with them; nothing is asked where nobody is named."""

    def __init__(self, people: Sequence[str], intents: Iterable[Intent], today: date) -> None:
        agent_ids, agency_ids = set(), set()
        for intent in intents:
            agent_ids |= {intent.agent_id} - {None, ""}
            agency_ids |= {intent.agency_id} - {None, ""}
        self._today = today
        self._agents = {one.pk: one for one in Agent.objects.select_related("agency").filter(pk__in=agent_ids)} if agent_ids else {}
        self._agencies = {one.pk: one for one in Agency.objects.filter(pk__in=agency_ids)} if agency_ids else {}
        self._agencies |= {one.agency.pk: one.agency for one in self._agents.values() if one.agency is not None}
        self._papers: dict[str, list[AgentPaper]] = defaultdict(list)
        self._notices: dict[str, list[tuple[str, str, datetime]]] = defaultdict(list)
        self._assignments: dict[str, list[tuple[str | None, str | None, datetime, datetime | None]]] = defaultdict(list)
        if self._agents:
            for paper in AgentPaper.objects.filter(agent__in=list(self._agents)).order_by("id"):
                self._papers[paper.agent_id].append(paper)
        if self._agents or self._agencies:
            self._read_dealings(people)

    def _read_dealings(self, people: Sequence[str]) -> None:
        agents, agencies = list(self._agents), list(self._agencies)
        told = Q(agent__in=agents) | Q(agent="", agency__in=agencies)
        notices = AgentNotice.objects.filter(told, person__in=people).order_by("at", "id")
        for person, agent, agency, at in notices.values_list("person", "agent", "agency", "at"):
            self._notices[person].append((agent, agency, at))
        given = Q(agent_id__in=agents) | Q(agent=None, agency_id__in=agencies)
        assignments = Assignment.objects.filter(given, person__in=people).order_by("since", "id")
        for person, agent_id, agency_id, since, until in assignments.values_list("person", "agent_id", "agency_id", "since", "until"):
            self._assignments[person].append((agent_id, agency_id, since, until))

    def named(self, intent: Intent) -> known.Agent | None:
        """The agent or agency that an intent names, with what its person has to do with them.

        One that is not on file, that has ended, or that is of another agency than named is nobody.
        """
        if intent.agent_id is None and intent.agency_id is None:
            return None
        agent = self._agents.get(intent.agent_id) if intent.agent_id else None
        agency = agent.agency if agent is not None else self._agencies.get(intent.agency_id or "")
        if intent.agent_id and (agent is None or self._over(agent.ended_on)):
            return None
        if agency is not None and self._over(agency.ended_on):
            return None
        agency_id = agency.pk if agency is not None else None
        if intent.agency_id is not None and agency_id != intent.agency_id:
            return None
        certificate, antecedents = self._of_papers(intent.agent_id)
        return known.Agent(
            agent_id=intent.agent_id,
            agency_id=agency_id,
            certificate=certificate,
            antecedents_on=antecedents,
            notices=tuple(
                known.Notice(agent or agency, at)
                for agent, agency, at in self._notices.get(intent.person_id, ())
                if _is_of(agent or None, agency, intent.agent_id, agency_id)
            ),
            assignments=tuple(
                known.Assignment(agent or agency or "", since, until)
                for agent, agency, since, until in self._assignments.get(intent.person_id, ())
                if _is_of(agent, agency, intent.agent_id, agency_id)
            ),
        )

    def _over(self, ended_on: date | None) -> bool:
        return ended_on is not None and ended_on < self._today

    def _of_papers(self, agent_id: str | None) -> tuple[known.Span | None, date | None]:
        """The certificate that covers the day, else the last one; the last check of antecedents."""
        certificate, antecedents = None, None
        for paper in self._papers.get(agent_id or "", ()):
            if paper.kind == "antecedents":
                antecedents = max(paper.first, antecedents or paper.first)
                continue
            span = known.Span(paper.first, paper.last or paper.first)
            if certificate is None or not certificate.first <= self._today <= certificate.last:
                certificate = span
        return certificate, antecedents


def _is_of(agent: str | None, agency: str | None, agent_id: str | None, agency_id: str | None) -> bool:
    """Is an entry about this agent, or about the agency as a whole?"""
    return (bool(agent_id) and agent == agent_id) or (agent is None and bool(agency_id) and agency == agency_id)
