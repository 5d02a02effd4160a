"""Who was erased, and under which certificate: asked by everything that leaves the lender."""

from collections.abc import Collection

from sulah.records.audit import AuditEntry

ACT = "person.erase"
"""The act under which the audit trail says that a person was erased; its subject is `person:<pseudonym>`."""
_SUBJECT = "person:"


def erased_people(people: Collection[str]) -> dict[str, str]:
    """Those of the people who were erased, each with the name of the certificate (empty where the entry names none)."""
    subjects = [f"{_SUBJECT}{person}" for person in people]
    rows = AuditEntry.objects.filter(act=ACT, subject__in=subjects).order_by("id").values_list("subject", "after")
    return {subject.removeprefix(_SUBJECT): str(after.get("certificate", "")) for subject, after in rows}
