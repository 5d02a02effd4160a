"""Let a person sign in, or no longer: the account, its role and its branches, with the audit entry in one transaction."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from sulah.kernel.dates import Clock
from sulah.kernel.refusal import Refusal
from sulah.kernel.terms import Role
from sulah.records.audit import write_audit
from sulah.records.person import Person


class PersonRefusedError(Refusal):
    """The account cannot be made or closed; the words say why and what to do."""


def admit_person(name: str, role: Role, branches: Sequence[str], *, password: str, actor: str, clock: Clock) -> Person:
    """Make or renew an account: role, branches (none named = all of the lender) and password; PersonRefusedError for an unusable name.

    Who signed in with the old password is signed out.  The password is stored as its Argon2 hash and stands in no audit entry.
    """
    with transaction.atomic():
        person = Person.objects.filter(username=name).first() or Person(username=name)
        before = _standing(person) if person.pk else {}
        person.role, person.branches, person.is_active = role.value, list(branches), True
        person.set_password(password)
        try:
            person.full_clean()
        except ValidationError as error:
            raise PersonRefusedError(f"{name!r} cannot be a name to sign in with: {' '.join(error.messages)}") from error
        person.save()
        write_audit(at=clock(), actor=actor, act="person.admit", subject=f"person:{name}", before=before, after=_standing(person))
    return person


def dismiss_person(name: str, *, actor: str, clock: Clock) -> Person:
    """Close an account: it signs in no more, its entries in the audit trail stay.  PersonRefusedError when there is none open."""
    with transaction.atomic():
        person = Person.objects.filter(username=name, is_active=True).first()
        if person is None:
            raise PersonRefusedError(f"Nobody signs in as {name!r}. Names are written exactly as they were given.")
        before = _standing(person)
        person.is_active = False
        person.save()
        write_audit(at=clock(), actor=actor, act="person.dismiss", subject=f"person:{name}", before=before, after=_standing(person))
    return person


def _standing(person: Person) -> dict[str, Any]:
    return {"role": person.role, "branches": person.branches, "active": person.is_active}
