"""The ledger of runs: what ran on what loads, policy and code, and which files are the day."""

from django.db import models

from sulah.records.seal import Sealed


class DayRun(Sealed):
    """One committed run of the day cycle; readers find a day's files only through this row.

    tables maps table name to its files with their SHA-256; published is the digest of the published rows in key order without times.
    """

    as_of = models.DateField(unique=True)
    load = models.ForeignKey("records.Load", on_delete=models.PROTECT, related_name="runs")
    previous = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="next_runs")
    policy_sha256 = models.CharField(max_length=64)
    policy = models.JSONField(default=dict)
    code_version = models.CharField(max_length=80)
    path = models.CharField(max_length=300)
    tables = models.JSONField(default=dict)
    published = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    committed_at = models.DateTimeField()
    committed_by = models.CharField(max_length=150)
    NAMED = "row of a day"

    class Meta:
        """By business date."""

        ordering = ("as_of",)


class RunStep(models.Model):
    """How long one step of a run took: for the run report only, no part of the day's content."""

    run = models.ForeignKey(DayRun, on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(max_length=40)
    place = models.PositiveSmallIntegerField()
    seconds = models.FloatField()
    rows = models.BigIntegerField()

    class Meta:
        """In the order they ran."""

        ordering = ("run", "place")
