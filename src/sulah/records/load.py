"""Loads of the lender's extract: what came, what was refused, who approved."""

from django.db import models

from sulah.kernel.terms import LoadState
from sulah.records.seal import Sealed


class Load(Sealed):
    """One load of an extract; id is the business date and a version, as `2026-03-31.1`.

    parent is the accepted load that this one stands on.  path is the folder under the book.  report is the load report as written.
    """

    id = models.CharField(primary_key=True, max_length=24)
    as_of = models.DateField(db_index=True)
    version = models.PositiveIntegerField()
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in LoadState])
    reasons = models.JSONField(default=list)
    content_sha256 = models.CharField(max_length=64, db_index=True)
    mapping = models.CharField(max_length=200, blank=True)
    code_version = models.CharField(max_length=80)
    policy_sha256 = models.CharField(max_length=64, blank=True)
    path = models.CharField(max_length=300)
    report = models.JSONField(default=dict)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision_note = models.TextField(blank=True)
    NAMED = "load"

    class Meta:
        """One version a business date."""

        ordering = ("as_of", "version")
        constraints = (models.UniqueConstraint(fields=("as_of", "version"), name="load_one_version"),)


class LoadFile(Sealed):
    """One file of a load, with its tie-out: rows = loaded + quarantined, rupees likewise."""

    load = models.ForeignKey(Load, on_delete=models.CASCADE, related_name="files")
    table = models.CharField(max_length=40)
    name = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64)
    rows = models.BigIntegerField()
    loaded = models.BigIntegerField()
    quarantined = models.BigIntegerField()
    paise = models.BigIntegerField(default=0)
    paise_loaded = models.BigIntegerField(default=0)
    paise_quarantined = models.BigIntegerField(default=0)
    NAMED = "file of a load"
