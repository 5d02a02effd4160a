"""Make the code that an officer shows at a door: one officer, one person, a short time; and read it again while it is good."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from sulah.actions.contact.actor import DESK, Actor, hold_reach, hold_role
from sulah.adapters.book.vault import Vault
from sulah.kernel.dates import IST, Clock, day_text
from sulah.kernel.points import reach, register
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role, StopScope
from sulah.policy.talk.codes import code_limit
from sulah.records.audit import write_audit
from sulah.records.contact.agent import Agent, AgentPaper, Assignment
from sulah.records.contact.officer_code import OfficerCode
from sulah.records.contact.stop import StopEvent
from sulah.records.turn import turn

register("officer_code.before_commit")

SHOWERS = DESK | {Role.AGENCY}
"""Whose officers go to doors."""

_TRIES = 20
_TOKEN_BYTES = 12


class CodeRefusedError(Refusal):
    """No code can be shown; the words say why."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code as its officer sees it: as it is said aloud, the sign in the QR code, and until when it is good."""

    row: OfficerCode
    spoken: str
    token: str

    @property
    def until(self) -> datetime:
        """The instant from which it is good no more."""
        return self.row.until


def make_code(agent_id: str, person: str, *, own: str, vault: Vault, by: Actor, clock: Clock) -> Code:
    """Make a code for a visit to a person; the officer's code for her of before ends with it.

    own: the id of the officer who is signed in; nobody shows the code of another, but an agency that of its agents.  CodeRefusedError for
    an officer who is let go or stopped, whose certificate does not cover today, or in whose place somebody else stands.
    """
    hold_role(by, SHOWERS, "show an officer's code")
    hold_reach(by, person)
    with turn(), transaction.atomic():
        now = clock()
        agent = Agent.objects.select_for_update().select_related("agency").filter(pk=agent_id).first() if agent_id else None
        _hold_own(agent, agent_id, own, by)
        if agent is None or (words := unfit(agent, now)):
            raise CodeRefusedError(words if agent is not None else "You are not on file as an officer. Ask compliance to engage you.")
        _hold_given(agent, person)
        for former in OfficerCode.objects.select_for_update().filter(agent=agent, person=person, ended_at=None, until__gt=now):
            former.ended_at = now
            former.save()
        code, token = _drawn(vault, now), secrets.token_urlsafe(_TOKEN_BYTES).replace("_", "A").replace("-", "B")
        row = OfficerCode.objects.create(
            agent=agent,
            agency=agent.agency_id or "",
            person=person,
            code_key=vault.number_key(f"code|{code}"),
            token_key=vault.number_key(f"token|{token}"),
            sealed=vault.seal_about(person, code_subject(agent.pk, person), json.dumps({"code": code, "token": token})),
            made_at=now,
            until=now + timedelta(minutes=code_limit("valid_minutes")),
            made_by=by.name,
        )
        after = {"agent": agent.pk, "agency": row.agency, "until": row.until.isoformat()}
        write_audit(at=now, actor=by.name, act="officer.code", subject=f"borrower:{person}", after=after)
        reach("officer_code.before_commit")
    return Code(row, spoken(code), token)


def code_of(agent_id: str, person: str, vault: Vault, now: datetime) -> Code | None:
    """The officer's code for a person that is still good; None where there is none."""
    row = OfficerCode.objects.filter(agent_id=agent_id, person=person, ended_at=None, until__gt=now).order_by("-id").first()
    if row is None:
        return None
    held = json.loads(vault.unseal(code_subject(row.agent_id, row.person), row.sealed))
    return Code(row, spoken(held["code"]), held["token"])


def spoken(code: str) -> str:
    """A code in halves, as it is said.

    >>> spoken("48217093")
    '4821 7093'
    """
    half = (len(code) + 1) // 2
    return f"{code[:half]} {code[half:]}"


def unfit(agent: Agent, now: datetime) -> str:
    """Why an officer may show no code, in words; empty where he may: engaged, not stopped, and of an agency with a valid certificate."""
    today = now.astimezone(IST).date()
    if _over(agent.ended_on, today) or (agent.agency is not None and _over(agent.agency.ended_on, today)):
        return f"{agent.name} is engaged no more."
    stops = [(StopScope.AGENT, agent.pk), *([(StopScope.AGENCY, agent.agency_id)] if agent.agency_id else [])]
    if any(StopEvent.objects.filter(scope=scope.value, key=key, lifted_at=None).exists() for scope, key in stops):
        return f"{agent.name} is stopped for the time being."
    if agent.agency_id and certificate_of(agent, today) is None:
        return f"{agent.name} has no certificate that is valid on {day_text(today)}."
    return ""


def certificate_of(agent: Agent, today: date) -> AgentPaper | None:
    """The certificate that covers a day, the one that lasts longest; None where there is none."""
    return AgentPaper.objects.filter(agent=agent, kind="certificate", first__lte=today, last__gte=today).order_by("-last").first()


def _over(ended_on: date | None, today: date) -> bool:
    return ended_on is not None and ended_on <= today


def _hold_own(agent: Agent | None, agent_id: str, own: str, by: Actor) -> None:
    if by.role is Role.AGENCY:
        if agent is None or not by.agency or agent.agency_id != by.agency:
            raise CodeRefusedError("An agency shows codes of its own agents only.")
    elif by.role is not None and agent_id != own:
        raise CodeRefusedError("An officer shows his own code, never that of another.")


def _hold_given(agent: Agent, person: str) -> None:
    given = Assignment.objects.filter(person=person, until=None).first()
    mine = given is None or given.agent_id == agent.pk or (given.agent_id is None and given.agency_id == agent.agency_id)
    if not mine:
        raise CodeRefusedError(f"Borrower {person} is given to somebody else. No code is shown for a visit to her.")
    if given is None and agent.agency_id:
        raise CodeRefusedError(f"Borrower {person} is not given to this agency. No code is shown for a visit to her.")


def _drawn(vault: Vault, now: datetime) -> str:
    """A code that is no other's while both are good."""
    digits = code_limit("digits")
    for _ in range(_TRIES):
        code = f"{secrets.randbelow(10**digits):0{digits}d}"
        if not OfficerCode.objects.filter(code_key=vault.number_key(f"code|{code}"), until__gt=now - timedelta(days=1)).exists():
            return code
    raise CodeRefusedError("No code is free just now. Try again in a minute.")


def code_subject(agent: str, person: str) -> str:
    """What the seal of a code is bound to."""
    return f"code|{agent}|{person}"
