"""Who was erased, and under which certificate: asked by everything that leaves the lender."""

from collections.abc import Collection

from sulah.guard.receipts import ERASE, ERASED
from sulah.records.audit import AuditEntry

ACT = ERASE
"""The act under which the audit trail says that a person was erased; its subject is `person:<pseudonym>`, `certificate` its SHA-256."""
SUBJECT = ERASED


_NAMED = 500
"""So many are asked for by name; of more, every erasure there ever was is read."""


def erased_people(people: Collection[str]) -> dict[str, str]:
    """Those of the people who were erased, each with the name of the certificate (empty where the entry names none)."""
    return {person: certificate_named(entry) for person, entry in last_erasures(people).items()}


def last_erasures(people: Collection[str]) -> dict[str, AuditEntry]:
    """Those of the people who were erased, each with the last entry that says so: what is younger than it is of a new beginning."""
    return {entry.subject.removeprefix(SUBJECT): entry for entry in _erasures(people)}


def certificate_named(entry: AuditEntry) -> str:
    """The SHA-256 of the certificate of an erasure, empty where its entry names none."""
    return str(entry.after.get("certificate", ""))


def _erasures(people: Collection[str]) -> list[AuditEntry]:
    subjects, found = {f"{SUBJECT}{person}" for person in people}, AuditEntry.objects.filter(act=ACT).order_by("id")
    named = found.filter(subject__in=subjects) if len(subjects) <= _NAMED else found
    return [entry for entry in named if entry.subject in subjects]
