"""What a signed-in person may open: pages by role, rows by branch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from sulah.adapters.book.reader import Condition, one_of
from sulah.kernel.terms import Role
from sulah.records.person import Person

_DESK = frozenset(Role) - {Role.AGENCY}
_BACK_OFFICE = frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.VALIDATOR, Role.ADMINISTRATOR, Role.INSPECTOR})
_CONTACT_OFFICE = _BACK_OFFICE | {Role.LEGAL}
_SPEAKERS = frozenset({Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE})
_READERS = _SPEAKERS | {Role.LEGAL}
"""Who reads what borrowers write."""

PAGES: dict[str, frozenset[Role]] = {
    "book": frozenset(Role),
    "loans": _DESK,
    "loan": _DESK,
    "worklist": _DESK,
    "rules": _DESK,
    "trend": _BACK_OFFICE,
    "compare": _BACK_OFFICE,
    "rolls": _BACK_OFFICE,
    "vintages": _BACK_OFFICE,
    "places": _BACK_OFFICE,
    "alerts": _BACK_OFFICE,
    "quality": _BACK_OFFICE,
    "configuration": _BACK_OFFICE,
    "differences": _BACK_OFFICE | {Role.LEGAL},
    "payments": _BACK_OFFICE,
    "returns": _BACK_OFFICE,
    "quarantine": _BACK_OFFICE,
    "loads": _BACK_OFFICE,
    "runs": _BACK_OFFICE | {Role.LEGAL},
    "written_off": _BACK_OFFICE | {Role.LEGAL},
    "written_off_loan": _BACK_OFFICE | {Role.LEGAL},
    "post_written_off": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
    "people": frozenset(Role),
    "person": frozenset(Role),
    "person_act": frozenset(Role) - {Role.VALIDATOR, Role.INSPECTOR},
    "inbox": _DESK,
    "nobody": frozenset({Role.SUPERVISOR, Role.COMPLIANCE}),
    "task_act": _SPEAKERS,
    "thread": _DESK,
    "thread_act": _SPEAKERS,
    "promises": _DESK,
    "complaints": _DESK,
    "complaint_act": frozenset({Role.COMPLIANCE}),
    "phone": _READERS,
    "phone_act": _READERS,
    "officer_code": _SPEAKERS | {Role.AGENCY},
    "officer_code_act": _SPEAKERS | {Role.AGENCY},
    "delivery": _CONTACT_OFFICE,
    "decisions": _CONTACT_OFFICE,
    "decision": _CONTACT_OFFICE,
    "overrides": _CONTACT_OFFICE,
    "override_act": frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL}),
    "stops": _DESK,
    "stop_act": frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL, Role.ADMINISTRATOR}),
    "erasures": frozenset({Role.COMPLIANCE, Role.LEGAL, Role.INSPECTOR}),
    "erasure_act": frozenset({Role.COMPLIANCE, Role.LEGAL}),
    "calendar": _DESK,
    "calendar_act": frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "agencies": _CONTACT_OFFICE | {Role.AGENCY},
    "agent": _CONTACT_OFFICE | {Role.AGENCY},
    "agency_act": frozenset({Role.COMPLIANCE, Role.ADMINISTRATOR}),
    "log": frozenset({Role.COMPLIANCE, Role.INSPECTOR}),
    "contact_rules": _DESK,
    "contact_rule": _DESK,
    "rule_act": frozenset({Role.COMPLIANCE}),
    "texts": _DESK,
    "text": _DESK,
    "text_act": frozenset({Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL, Role.ADMINISTRATOR}),
    "ledger": _CONTACT_OFFICE,
    "ledger_act": _CONTACT_OFFICE,
    "inspection": _CONTACT_OFFICE,
    "inspection_answer": _CONTACT_OFFICE,
    "decide_load": frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
}
"""Page name to the roles that may open it; a test walks every role over every page."""


@dataclass(frozen=True, slots=True)
class Reach:
    """One person's reach; branches None = every branch of the lender, an empty tuple = none."""

    person: Person
    role: Role
    branches: tuple[str, ...] | None

    @property
    def whole_lender(self) -> bool:
        """Does the person see every branch?"""
        return self.branches is None

    def opens(self, page: str) -> bool:
        """May the role open that page?"""
        return self.role in PAGES[page]

    def sees(self, branch_id: str | None) -> bool:
        """May the person see rows of that branch?  Rows without a branch are for those who see all."""
        return self.branches is None or branch_id in self.branches

    def conditions(self) -> tuple[Condition, ...]:
        """The condition on branch_id that every query of rows carries."""
        return () if self.branches is None else (one_of("branch_id", self.branches),)

    def may_decide_loads(self) -> bool:
        """A load is the whole lender's: a supervisor of some branches only does not decide it."""
        return self.opens("decide_load") and self.whole_lender


def reach_of(person: Person) -> Reach:
    """The reach of a person; an agency sees nothing until work is given to it, an unknown role is refused."""
    try:
        role = Role(person.role)
    except ValueError as error:
        raise PermissionDenied(f"{person.get_username()} has no role.") from error
    if role is Role.AGENCY:
        return Reach(person, role, ())
    branches: Sequence[str] = person.branches
    return Reach(person, role, tuple(str(branch) for branch in branches) or None)


P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def page(name: str) -> Callable[[Callable[Concatenate[HttpRequest, Reach, P], HttpResponse]], View[P]]:
    """A view that only signed-in people of the page's roles reach; it is given their Reach.  Others: sign-in page or 403."""
    if name not in PAGES:
        raise KeyError(f"undeclared page {name}")

    def wrap(view: Callable[Concatenate[HttpRequest, Reach, P], HttpResponse]) -> View[P]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not isinstance(request.user, Person):
                return redirect_to_login(request.get_full_path())
            reach = reach_of(request.user)
            if not reach.opens(name):
                raise PermissionDenied(f"The role {reach.role.replace('_', ' ')} does not open this page.")
            return view(request, reach, *args, **kwargs)

        update_wrapper(guarded, view)
        return guarded

    return wrap
