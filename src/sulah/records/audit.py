"""The audit trail: one entry for every act, written in the act's own transaction, and with it the act's entry of the log."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models, transaction

from sulah.records.logged import AUDIT, Happening, log_happenings, moment, words_of
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
    *,
    at: datetime,
    actor: str,
    act: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    policy: str = "",
) -> AuditEntry:
    """Write one entry; call it inside the transaction of the change that it describes.  policy: SHA-256 of the rules that decided."""
    entry = AuditEntry(at=at, actor=actor, act=act, subject=subject, before=dict(before or {}), after=dict(after or {}))
    with transaction.atomic(savepoint=False):
        entry.save(force_insert=True)
        log_happenings([_happening(entry, policy)])
    return entry


def write_audits(entries: Iterable[AuditEntry]) -> None:
    """Write many entries at once, in their order; inside the transaction of the changes that they describe, like one."""
    with transaction.atomic(savepoint=False):
        log_happenings([_happening(entry) for entry in AuditEntry.objects.bulk_create(entries)])


def audit_words(entry: AuditEntry) -> bytes:
    """What the log's entry of an audit entry commits to: all of it."""
    told = {"act": entry.act, "actor": entry.actor, "after": entry.after, "at": moment(entry.at), "before": entry.before}
    return words_of({**told, "subject": entry.subject})


def _happening(entry: AuditEntry, policy: str = "") -> Happening:
    return Happening(AUDIT, entry.pk, entry.at, entry.act, entry.actor, entry.subject, audit_words(entry), policy)
