"""The access log: who opened whose personal data, when and where; entries of the audit trail that nobody can change or remove.

How long it is kept at least is a dated row of retention.toml; `sulah retain` tells it and lets none of it go.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from sulah.kernel.dates import IST
from sulah.records.audit import AuditEntry
from sulah.records.holds import Holds

READINGS = ("read_personal", "read_refused_rows", "person.export", "evidence.document", "evidence.incident")
"""Acts that open sealed data, or hand out what is on record of a person."""

WHOLE = ("lender.export", "keys.open_file")
"""Acts that open the data of everybody in a lender or in a file as it was sent."""


@dataclass(frozen=True, slots=True)
class AccessLog:
    """What there is of the access log: entries, the first and the last day in India; None where there is none."""

    entries: int
    first: date | None
    last: date | None


def access_log() -> AccessLog:
    """How far the access log reaches."""
    found = AuditEntry.objects.filter(_opened()).aggregate(entries=Count("id"), first=Min("at"), last=Max("at"))
    return AccessLog(found["entries"], _day(found["first"]), _day(found["last"]))


def readings_within(first: datetime, end: datetime) -> QuerySet[AuditEntry]:
    """The entries from an instant until just before another, latest first."""
    return AuditEntry.objects.filter(_opened(), at__gte=first, at__lt=end).order_by("-id")


def readings_of(person: str, **within: datetime) -> list[dict[str, Any]]:
    """The entries in which a person's data was opened or handed out, those of everybody among them, in order."""
    about = Q(Holds("after__borrowers", person)) | Q(subject__in=(f"borrower:{person}", f"words:{person}"))
    found = AuditEntry.objects.filter(Q(about, act__in=READINGS) | _of_everybody(), **within).order_by("id")
    return list(map(line_of, found))


def _of_everybody() -> Q:
    return Q(act__in=WHOLE) | Q(act="table.export", after__personal_data_opened=True)


def _opened() -> Q:
    return Q(act__in=READINGS) | _of_everybody()


def line_of(entry: AuditEntry) -> dict[str, Any]:
    """One entry in plain terms: what was opened, how much of it was seen, and of how many people."""
    named = entry.after.get("borrowers") or entry.after.get("rows")
    of_one = entry.subject.startswith(("borrower:", "words:"))
    return {
        "id": entry.pk,
        "at": entry.at,
        "actor": entry.actor,
        "act": entry.act,
        "what": entry.subject,
        "page": entry.after.get("page", ""),
        "sight": entry.after.get("sight", ""),
        "people": len(named) if isinstance(named, list) else int(of_one),
    }


def by_reader(first: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """For each reader how many entries, the most first."""
    counted = readings_within(first, end).order_by().values("actor").annotate(entries=Count("id"), last=Max("at"))
    yield from map(dict, counted.order_by("-entries", "actor"))


def _day(at: datetime | None) -> date | None:
    return None if at is None else at.astimezone(IST).date()
