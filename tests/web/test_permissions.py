"""Who may open what: every role over every page, and branches on every object, direct addresses too."""

from collections.abc import Callable

import pytest
from django.test import Client

from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.person import Person
from sulah.records.workitem import WorkItem
from sulah.web.reach import PAGES
from tests.web import cast
from tests.web.small_contacts import first_decision

ADDRESSES = {
    "book": "/",
    "loans": "/loans",
    "loan": "/loan/LN/10001",
    "worklist": "/worklist",
    "rules": "/rules",
    "differences": "/differences",
    "payments": "/payments",
    "returns": "/returns",
    "quarantine": "/quarantine",
    "loads": "/loads",
    "runs": "/runs",
    "trend": "/trend",
    "compare": "/compare",
    "rolls": "/rolls",
    "vintages": "/vintages",
    "places": "/places",
    "alerts": "/alerts",
    "quality": "/quality",
    "configuration": "/configuration",
    "written_off": "/written-off",
    "people": "/contact",
    "person": "/contact/person/B-0003",
    "inbox": "/talk",
    "nobody": "/talk/unknown",
    "thread": "/talk/thread/B-0003",
    "promises": "/talk/promises",
    "complaints": "/talk/complaints",
    "phone": "/sandbox/phone/B-0003",
    "officer_code": "/contact/code/B-0003",
    "delivery": "/contact/delivery",
    "decisions": "/contact/decisions",
    "decision": "/contact/decisions/{decision}",
    "ledger": "/contact/ledger/B-0003",
    "inspection": "/inspection",
    "inspection_answer": "/inspection/calls",
    "overrides": "/contact/overrides",
    "stops": "/contact/stops",
    "erasures": "/contact/erasures",
    "calendar": "/contact/calendar",
    "agencies": "/contact/agencies",
    "agent": "/contact/agents/RA-1",
    "log": "/log",
    "contact_rules": "/contact/rules",
    "contact_rule": "/contact/rules/HRS-MFL",
    "texts": "/contact/texts?language=hi",
    "text": "/contact/texts/overdue_early?language=ta&channel=whatsapp",
}
ACTS = {"decide_load", "override_act", "person_act", "stop_act", "calendar_act", "agency_act", "rule_act", "text_act"} | {
    *("task_act", "thread_act", "complaint_act", "phone_act", "officer_code_act", "ledger_act", "erasure_act"),
}
NOT_GIVEN = {"person", "agent", "officer_code"}
"""Pages of one person or agent: an agency to which nobody was given finds nothing there."""
SignIn = Callable[..., Client]
BRANCH_PAGES = (
    *("/loans", "/worklist", "/differences", "/payments", "/returns", "/", "/trend", "/compare", "/compare?by=officer"),
    *("/rolls", "/vintages", "/places", "/alerts", "/quality", "/written-off"),
)


def test_every_declared_page_is_in_the_matrix() -> None:
    """A page added without a place here fails."""
    elsewhere = {"written_off_loan", "post_written_off"}  # need a row: test_written_off
    assert set(ADDRESSES) | ACTS | elsewhere == set(PAGES)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_exactly_its_pages(contacted: Lender, signed_in: SignIn, role: Role) -> None:
    """200 for the role's pages, 403 for the others."""
    client = signed_in(role)
    for name, address in ADDRESSES.items():
        found = 404 if role is Role.AGENCY and name in NOT_GIVEN else 200  # nobody was given to this agency
        expected = found if role in PAGES[name] else 403
        asked = address.format(decision=first_decision(permitted=True))
        assert client.get(asked).status_code == expected, (role, name)


@pytest.mark.parametrize("address", [*ADDRESSES.values(), "/loads/2026-03-30.1/decide"])
def test_nobody_gets_in_without_signing_in(lender: Lender, address: str) -> None:
    """The sign-in page instead of any page."""
    client = Client()
    response = client.post(address) if address.endswith("decide") else client.get(address.format(decision=1))
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in?next=/")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENCY])
@pytest.mark.parametrize("branch", cast.BRANCHES)
def test_a_loan_of_another_branch_is_not_found_by_its_address(lender: Lender, signed_in: SignIn, role: Role, branch: str) -> None:
    """200 in the own branch, 404 elsewhere, the same 404 as for a loan that does not exist."""
    client = signed_in(role, branch)
    for story in cast.stories(3):
        expected = 200 if story.branch == branch else 404
        assert client.get(f"/loan/{story.loan_id}").status_code == expected
    assert client.get("/loan/NO-SUCH-LOAN").status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT, Role.FIELD_OFFICER, Role.SUPERVISOR, Role.COMPLIANCE, Role.LEGAL])
def test_lists_and_sums_hold_only_the_own_branch(lender: Lender, signed_in: SignIn, role: Role) -> None:
    """No other branch's name in any cell, and the count of loans is the branch's, whatever the query asks."""
    client = signed_in(role, "BR-SALEM")
    for address in BRANCH_PAGES:
        if role not in PAGES[address.strip("/").split("?")[0].replace("-", "_") or "book"]:
            continue
        text = client.get(address).content.decode()
        assert "BR-GAYA" not in text
        assert "BR-NASHIK" not in text
    own = sum(story.branch == "BR-SALEM" for story in cast.stories())
    assert f"{own} loans" in client.get("/loans").content.decode()
    assert "0 loans" in client.get("/loans?branch=BR-GAYA").content.decode()


def test_the_worklist_of_a_branch_has_only_its_people(lender: Lender, signed_in: SignIn) -> None:
    """As many rows as the branch has open items; a filter on another branch finds nobody."""
    client = signed_in(Role.FIELD_OFFICER, "BR-GAYA")
    own = WorkItem.objects.filter(branch_id="BR-GAYA", closed_on=None).count()
    assert f"{own} people to work" in client.get("/worklist").content.decode()
    assert "Nobody to work here" in client.get("/worklist?branch=BR-SALEM").content.decode()


def test_an_agency_sees_that_nothing_is_given_to_it_yet(lender: Lender, signed_in: SignIn) -> None:
    """The first page opens and holds no figure."""
    text = signed_in(Role.AGENCY).get("/").content.decode()
    assert "No work is given to your agency yet" in text
    assert "₹" not in text


def test_quarantined_rows_are_for_those_who_see_the_whole_lender(lender: Lender, signed_in: SignIn) -> None:
    """A refused row has no sure branch: a supervisor of one branch sees counts, no keys and no words."""
    whole = signed_in(Role.SUPERVISOR).get("/quarantine").content.decode()
    part = signed_in(Role.SUPERVISOR, "BR-GAYA").get("/quarantine").content.decode()
    assert "K7" in whole
    assert "K7" not in part
    assert "amount_unreadable" in part
    assert "shown to people who see every branch" in part


def test_an_unknown_role_opens_nothing(lender: Lender, signed_in: SignIn) -> None:
    """A person whose role is not of this version is refused, in words."""
    client = signed_in(Role.AGENT)
    Person.objects.update(role="wizard")
    assert client.get("/").status_code == 403
