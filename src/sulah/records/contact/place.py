"""Where a person is met: the place agreed with them, and how they were found or missed."""

from django.db import models

from sulah.records.seal import Sealed


class AgreedPlace(Sealed):
    """The place that a person agreed to be met at; only added, the last entry wins.  An empty centre and branch ends the agreement."""

    person = models.CharField(max_length=64, db_index=True)
    centre_id = models.CharField(max_length=64, blank=True)
    branch_id = models.CharField(max_length=64, blank=True)
    agreed_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "agreed place"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class Miss(Sealed):
    """One time that a person was looked for at a place, and was missed or met there; only added."""

    person = models.CharField(max_length=64)
    place = models.CharField(max_length=16)
    met = models.BooleanField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "miss"

    class Meta:
        """Asked by person and time."""

        ordering = ("id",)
        indexes = (models.Index(fields=("person", "at"), name="miss_person_at"),)
        constraints = (models.UniqueConstraint(fields=("person", "place", "at"), name="miss_once"),)
