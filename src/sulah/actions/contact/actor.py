"""Who does an act on a person's facts: the role that they may do it in, and the branches or the agency that they reach."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.records.contact.agent import Assignment
from sulah.records.contact.standing import Standing
from sulah.records.person import Person

DESK = frozenset({Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE})
"""Those who speak with borrowers, and those who answer for them."""

CONDUCT = frozenset({Role.SUPERVISOR, Role.COMPLIANCE})
"""Those who answer for how borrowers are treated."""

OFFICE = frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR})
"""Those who keep what holds for the whole lender."""


class NotPermittedError(Refusal):
    """The person's role, branches or agency do not reach that far; the words say whom to ask."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.  role None: the machine itself (a run, a worker, the command line), which the machine's own permissions hold.

    branches: None = every branch of the lender.  agency: of a person of an agency, who reaches only those assigned to it.
    """

    name: str
    role: Role | None = None
    branches: tuple[str, ...] | None = None
    agency: str = ""

    @property
    def whole_lender(self) -> bool:
        """Does the actor reach every branch?"""
        return self.branches is None and self.role is not Role.AGENCY


def machine(name: str) -> Actor:
    """A run, a worker or somebody at the command line."""
    return Actor(name)


def actor_of(person: Person) -> Actor:
    """The person who is signed in."""
    role = Role(person.role)
    branches: Collection[Any] = person.branches
    return Actor(person.get_username(), role, tuple(str(branch) for branch in branches) or None, person.agency_id)


def hold_role(by: Actor, roles: Collection[Role], doing: str) -> None:
    """NotPermittedError unless the actor is the machine or has one of the roles."""
    if by.role is not None and by.role not in roles:
        asked = ", ".join(sorted(role.value.replace("_", " ") for role in roles))
        whom = f"Ask somebody of: {asked}." if asked else "Only the machine does that."
        raise NotPermittedError(f"The role {by.role.value.replace('_', ' ')} may not {doing}. {whom}")


def hold_whole_lender(by: Actor, doing: str) -> None:
    """NotPermittedError unless the actor reaches every branch: what covers the whole lender is not for one branch to do."""
    if not by.whole_lender:
        raise NotPermittedError(
            f"You are of some branches only and may not {doing}, which reaches further. Ask somebody of the head office."
        )


def hold_reach(by: Actor, person: str) -> None:
    """NotPermittedError unless the person has a loan in a branch of the actor, or is assigned to the actor's agency just now.

    The words are the same whether the person is unknown or another branch's.
    """
    if by.role is Role.AGENCY:
        theirs = Q(agency_id=by.agency) | Q(agent__agency_id=by.agency)
        reached = bool(by.agency) and Assignment.objects.filter(theirs, person=person, until=None).exists()
    elif by.branches is None:
        return
    else:
        known = Standing.objects.filter(person=person).values_list("branches", flat=True).first()
        reached = bool(set(known or ()) & set(by.branches))
    if not reached:
        raise NotPermittedError(f"Borrower {person} is not among the people that you work with.")
