"""The audit trail: one entry for every act, written in the act's own transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from sulah.records.seal import Sealed


class AuditEntry(Sealed):
    """Who did what to what, when, with the values before and after; entries are only added."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    act = models.CharField(max_length=64)
    subject = models.CharField(max_length=200, db_index=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    NAMED = "audit entry"

    class Meta:
        """Order of writing."""

        ordering = ("id",)


def write_audit(
    *, at: datetime, actor: str, act: str, subject: str, before: Mapping[str, Any] | None = None, after: Mapping[str, Any] | None = None
) -> AuditEntry:
    """Write one entry; call it inside the transaction of the change that it describes."""
    return AuditEntry.objects.create(at=at, actor=actor, act=act, subject=subject, before=dict(before or {}), after=dict(after or {}))


def write_audits(entries: Iterable[AuditEntry]) -> None:
    """Write many entries at once, in their order; inside the transaction of the changes that they describe, like one."""
    AuditEntry.objects.bulk_create(entries)
