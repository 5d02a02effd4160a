"""Dialler logs of agencies that were taken in: which file, how many calls, what was refused; it ties out to the last row."""

from django.db import models

from sulah.records.seal import Sealed


class DiallerLog(Sealed):
    """One file of calls; rows = taken + repeated + refused.  Only added.

    findings name row, field, code and words of each refused row, without its content; sealed holds the refused rows themselves,
    as given, sealed by the vault and bound to this file's digest and the row's number.
    """

    agency = models.CharField(max_length=64)
    name = models.CharField(max_length=300)
    content_sha256 = models.CharField(max_length=64, db_index=True)
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField()
    taken = models.PositiveIntegerField()
    repeated = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    findings = models.JSONField(default=list)
    sealed = models.JSONField(default=dict)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=150)
    NAMED = "dialler log"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
