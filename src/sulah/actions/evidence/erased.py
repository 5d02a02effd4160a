"""Who was erased, and under which certificate: asked by everything that leaves the lender."""

from collections.abc import Collection
from datetime import datetime

from sulah.records.audit import AuditEntry

ACT = "person.erase"
"""The act under which the audit trail says that a person was erased; its subject is `person:<pseudonym>`, `certificate` its SHA-256."""
SUBJECT = "person:"


_NAMED = 500
"""So many are asked for by name; of more, every erasure there ever was is read."""


def erased_people(people: Collection[str]) -> dict[str, str]:
    """Those of the people who were erased, each with the name of the certificate (empty where the entry names none)."""
    return {entry.subject.removeprefix(SUBJECT): str(entry.after.get("certificate", "")) for entry in _erasures(people)}


def erased_at(people: Collection[str]) -> dict[str, datetime]:
    """Those of the people who were erased, each with the last instant of it: what is younger is of a new beginning."""
    return {entry.subject.removeprefix(SUBJECT): entry.at for entry in _erasures(people)}


def _erasures(people: Collection[str]) -> list[AuditEntry]:
    subjects, found = {f"{SUBJECT}{person}" for person in people}, AuditEntry.objects.filter(act=ACT).order_by("id")
    named = found.filter(subject__in=subjects) if len(subjects) <= _NAMED else found
    return [entry for entry in named if entry.subject in subjects]
