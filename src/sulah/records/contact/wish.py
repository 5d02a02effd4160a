"""What a person agreed to and asked for: consent by channel, and times and places at which they want no contact."""

from django.db import models

from sulah.records.seal import Sealed


class Consent(Sealed):
    """Consent to a channel, given or withdrawn; only added, and the last entry wins."""

    person = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    given = models.BooleanField()
    at = models.DateTimeField()
    source = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "consent"

    class Meta:
        """Asked by person."""

        ordering = ("id",)
        indexes = (models.Index(fields=("person", "channel"), name="consent_person"),)


class Preference(Sealed):
    """No contact at these times or places, as a person asked; ended at most once, never deleted.

    weekdays, classes and places are lists of terms, empty for every one.  first and last are seconds of the IST day, last outside.
    """

    person = models.CharField(max_length=64, db_index=True)
    weekdays = models.JSONField(default=list)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    classes = models.JSONField(default=list)
    places = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    NAMED = "preference"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
