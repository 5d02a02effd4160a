"""The inbox: what providers sent to our door, kept whole before it is acknowledged, and how much was turned away."""

from collections.abc import Sequence
from operator import attrgetter

from django.db import connection, models
from django.db.models import Q


class Inbox(models.Model):
    """One event of a provider; event_id is the same for the same event sent again, so it is kept once.

    sealed: the raw body, sealed by the vault and bound to provider and event.  reference: the message that it is about, where it says one.
    outcome, empty until processed: applied, repeated (nothing new), unreadable, unknown_message, mismatch (of another provider, or
    another reference of it), never_sent.
    """

    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=80)
    reference = models.CharField(max_length=80, blank=True)
    sealed = models.TextField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=300, blank=True)

    class Meta:
        """Once an event; the unprocessed in the order of arrival."""

        ordering = ("id",)
        indexes = (models.Index(fields=("id",), condition=Q(processed_at__isnull=True), name="inbox_waiting"),)
        constraints = (models.UniqueConstraint(fields=("provider", "event_id"), name="inbox_once"),)


_GIVEN = ("channel", "provider", "event_id", "reference", "sealed", "headers", "received_at", "processed_at", "outcome", "words")
_MARKS = ", ".join("%s" for _ in _GIVEN)
_values = attrgetter(*_GIVEN)
_PUT = f"INSERT INTO records_inbox ({', '.join(_GIVEN)}) VALUES ({_MARKS}) ON CONFLICT (provider, event_id) DO NOTHING"


def put_in(rows: Sequence[Inbox]) -> None:
    """Insert new events in one statement's run, those that are there already left as they are; call it inside a transaction.

    Written by hand because a callback's cost is this statement: the framework's own way takes twice as long for each event.
    """
    by_name = {field.name: field for field in Inbox._meta.concrete_fields}  # noqa: SLF001  (Django's own way to ask)
    fields = [by_name[name] for name in _GIVEN]
    shaped = [(place, one) for place, one in enumerate(fields) if not isinstance(one, models.CharField | models.TextField)]
    given = [list(_values(row)) for row in rows]
    for values in given:
        for place, field in shaped:
            if values[place] is None:
                continue
            values[place] = field.get_db_prep_save(values[place], connection)
    with connection.cursor() as cursor:
        cursor.executemany(_PUT, given)


class InboxRefused(models.Model):
    """How many callbacks were turned away, by provider (as the address names it), day in India and why: forged, too_large."""

    provider = models.CharField(max_length=40)
    day = models.DateField()
    why = models.CharField(max_length=12)
    count = models.PositiveBigIntegerField(default=0)

    class Meta:
        """One row a day and cause."""

        ordering = ("day", "provider", "why")
        constraints = (models.UniqueConstraint(fields=("provider", "day", "why"), name="inbox_refused_once"),)
