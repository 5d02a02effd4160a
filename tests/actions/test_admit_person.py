"""People who sign in are let in, renewed and let go by an act that leaves its entry."""

from datetime import UTC, datetime

import pytest

from sulah.actions.admit_person import PersonRefusedError, admit_person, dismiss_person
from sulah.kernel.terms import Role
from sulah.records.audit import AuditEntry
from sulah.records.person import Person

pytestmark = pytest.mark.django_db
WORD = "three-green-parrots"


def at() -> datetime:
    """The clock of these tests."""
    return datetime(2026, 3, 31, 9, tzinfo=UTC)


def admit(name: str = "usha", role: Role = Role.SUPERVISOR, *branches: str, password: str = WORD) -> Person:
    """Let somebody in."""
    return admit_person(name, role, branches, password=password, actor="root", clock=at)


def test_a_person_let_in_has_the_role_the_branches_and_the_password() -> None:
    """What the pages ask of an account."""
    admit("ravi", Role.AGENT, "BR01", "BR02")
    ravi = Person.objects.get(username="ravi")
    assert (ravi.role, ravi.branches, ravi.is_active) == ("agent", ["BR01", "BR02"], True)
    assert ravi.check_password(WORD)


def test_the_password_stands_neither_in_the_account_nor_in_the_audit_trail() -> None:
    """Only its hash is kept."""
    person = admit()
    entry = AuditEntry.objects.get(act="person.admit")
    assert (entry.actor, entry.subject, entry.before) == ("root", "person:usha", {})
    assert entry.after == {"role": "supervisor", "branches": [], "active": True}
    assert WORD not in person.password


def test_letting_somebody_in_again_renews_the_account_and_tells_what_it_was() -> None:
    """A new password signs out whoever used the old one; the entry has both standings."""
    admit("ravi", Role.AGENT, "BR01")
    again = admit("ravi", Role.SUPERVISOR, password="four-green-parrots")
    assert Person.objects.count() == 1
    assert again.check_password("four-green-parrots")
    assert not again.check_password(WORD)
    last = AuditEntry.objects.filter(act="person.admit").latest("id")
    assert (last.before["branches"], last.before["role"], last.after["role"]) == (["BR01"], "agent", "supervisor")


def test_somebody_who_leaves_signs_in_no_more_and_stays_in_the_records() -> None:
    """The account is closed, not deleted; letting the person in again opens it."""
    admit()
    assert not dismiss_person("usha", actor="root", clock=at).is_active
    assert AuditEntry.objects.get(act="person.dismiss").after["active"] is False
    assert admit().is_active


@pytest.mark.parametrize("name", ["", "a b", "x" * 151])
def test_a_name_that_nobody_could_type_is_refused_and_nothing_is_written(name: str) -> None:
    """Neither account nor entry."""
    with pytest.raises(PersonRefusedError, match="cannot be a name"):
        admit(name)
    assert not Person.objects.exists()
    assert not AuditEntry.objects.exists()


def test_closing_an_account_that_is_not_open_is_refused_in_words() -> None:
    """Unknown, or closed already."""
    admit()
    dismiss_person("usha", actor="root", clock=at)
    for name in ("usha", "nobody"):
        with pytest.raises(PersonRefusedError, match="Nobody signs in as"):
            dismiss_person(name, actor="root", clock=at)
