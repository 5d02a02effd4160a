"""Days on which people are left alone: occasions of a person, a household, a place, and the calendar that people edit."""

from django.db import models

from sulah.records.seal import Sealed


class Occasion(Sealed):
    """An occasion from its first to its last day, both inside; taken back at most once, never deleted.

    scope is person, household, pincode or state and key the id that it names.
    """

    kind = models.CharField(max_length=24)
    scope = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    first = models.DateField()
    last = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    NAMED = "occasion"

    class Meta:
        """Asked by what it covers."""

        ordering = ("id",)
        indexes = (models.Index(fields=("scope", "key", "last"), name="occasion_scope_key"),)


class CalendarDay(models.Model):
    """One day of the lender's calendar, for the whole of India (state empty) or for one state.

    Proposed days bind nobody; a person confirms or dismisses each.  A day that was dismissed is not proposed again.
    """

    day = models.DateField()
    state = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=24)
    name = models.CharField(max_length=120)
    standing = models.CharField(max_length=12)
    source = models.CharField(max_length=40)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)

    class Meta:
        """One row a day, a state and a kind."""

        ordering = ("day", "state", "kind")
        constraints = (models.UniqueConstraint(fields=("day", "state", "kind"), name="calendar_day_once"),)
