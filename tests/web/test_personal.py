"""Personal data on the pages: masked by role, written down when read, harmless when hostile."""

from collections.abc import Callable

import pytest
from django.test import Client

from sulah.actions.read_personal import SIGHT, Sight
from sulah.adapters.book.layout import Lender
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from tests.web import cast

SignIn = Callable[..., Client]
LOAN = "/loan/LN/10004"
NAME, PHONE, LAST_FOUR = "Salma Bano", "9820000003", "•••••• 0003"


def test_every_role_has_a_sight() -> None:
    """A role without a sight would be a hole."""
    assert set(SIGHT) == set(Role)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AGENCY])
@pytest.mark.parametrize("address", [LOAN, "/worklist"])
def test_names_and_phones_are_shown_as_far_as_the_role_sees_them(lender: Lender, signed_in: SignIn, role: Role, address: str) -> None:
    """In clear, name and last four digits, or the pseudonym alone."""
    text = signed_in(role).get(address).content.decode()
    sight = SIGHT[role]
    assert ((NAME if address == LOAN else "Sunita Devi") in text) == (sight is not Sight.PSEUDONYM)
    assert ("98200000" in text) == (sight is Sight.CLEAR)
    assert ("•••••• 00" in text) == (sight is Sight.NAME_AND_LAST_FOUR)
    if address == LOAN:
        assert (PHONE in text) == (sight is Sight.CLEAR)
        assert (LAST_FOUR in text) == (sight is Sight.NAME_AND_LAST_FOUR)
        assert ("Borrower B-0003" in text) == (sight is Sight.PSEUDONYM)


def test_each_page_view_with_personal_data_writes_one_entry(lender: Lender, signed_in: SignIn) -> None:
    """Who, which page, which borrowers; a list of loans shows no personal data and writes none."""
    client = signed_in(Role.COMPLIANCE)
    client.get("/loans")
    assert not AuditEntry.objects.filter(act="read_personal").exists()
    client.get(LOAN)
    client.get(LOAN)
    entries = list(AuditEntry.objects.filter(act="read_personal"))
    assert [entry.actor for entry in entries] == ["compliance0", "compliance0"]
    assert entries[0].after["borrowers"] == ["B-0003"]
    assert entries[0].subject == "page:loan/LN/10004"


def test_a_role_of_pseudonyms_opens_no_seal_and_leaves_no_entry(lender: Lender, signed_in: SignIn) -> None:
    """The inspector reads everything but personal data."""
    signed_in(Role.INSPECTOR).get(LOAN)
    assert not AuditEntry.objects.filter(act="read_personal").exists()


def test_a_hostile_name_is_shown_as_text(lender: Lender, signed_in: SignIn) -> None:
    """Markup in a name stays text on every page that shows it; nothing of it becomes an element."""
    client = signed_in(Role.COMPLIANCE)
    hostile = next(story for story in cast.stories() if story.borrower == 2)
    for address in (f"/loan/{hostile.loan_id}", "/worklist"):
        text = client.get(address).content.decode()
        assert "<script" not in text
        assert "&lt;script&gt;" in text or address == "/worklist"


def test_a_hostile_filter_is_shown_as_text(lender: Lender, signed_in: SignIn) -> None:
    """What the address says comes back escaped."""
    client = signed_in(Role.COMPLIANCE)
    for address in ("/loans?q=%3Cscript%3E", "/differences?cause=%3Cscript%3E", "/quarantine?code=%3Cscript%3E", "/loans?bucket=%27%3B--"):
        response = client.get(address)
        assert response.status_code == 200
        assert "<script" not in response.content.decode()


def test_refused_rows_are_opened_for_compliance_only_and_written_down(lender: Lender, signed_in: SignIn) -> None:
    """A supervisor sees that a row is sealed; compliance sees its cells, and the opening is in the audit trail."""
    assert "9820099999" not in signed_in(Role.SUPERVISOR).get("/quarantine").content.decode()
    assert not AuditEntry.objects.filter(act="read_refused_rows").exists()
    assert "9820099999" in signed_in(Role.COMPLIANCE).get("/quarantine").content.decode()
    entry = AuditEntry.objects.get(act="read_refused_rows")
    assert len(entry.after["rows"]) == 3
