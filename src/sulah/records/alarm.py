"""Alarms about the extracts: one row for each business date whose extract was late, and what was fetched from a lender's server."""

from django.db import models


class Alarm(models.Model):
    """A business date whose extract was not accepted when it was expected; closed by the load that came, never deleted.

    due_at is the moment from which it counts as late.  closed_by is the id of the load that closed it, empty while open.
    """

    kind = models.CharField(max_length=24, default="missing_extract")
    as_of = models.DateField()
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=24, blank=True)

    class Meta:
        """Once for each date."""

        ordering = ("as_of",)
        constraints = (models.UniqueConstraint(fields=("kind", "as_of"), name="alarm_once_a_date"),)


class FetchedFile(models.Model):
    """One file fetched from a lender's server: it is fetched again only when its size or time there changes."""

    source = models.CharField(max_length=64)
    as_of = models.DateField()
    name = models.CharField(max_length=300)
    size = models.BigIntegerField()
    mtime = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    fetched_at = models.DateTimeField()

    class Meta:
        """One row a version of a file."""

        ordering = ("source", "as_of", "name")
        constraints = (models.UniqueConstraint(fields=("source", "as_of", "name", "size", "mtime", "sha256"), name="fetched_once"),)
