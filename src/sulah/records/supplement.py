"""Files that came between two extracts (bounced debits, collections), each standing on the load that was accepted before it."""

from django.db import models

from sulah.records.load import Load


class Supplement(models.Model):
    """One accepted supplement; id is the load's id and a number, as `2026-03-31.1-s1`.  path is the folder under the book."""

    id = models.CharField(primary_key=True, max_length=32)
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="supplements")
    number = models.PositiveIntegerField()
    content_sha256 = models.CharField(max_length=64)
    mapping = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=300)
    report = models.JSONField(default=dict)
    loaded_at = models.DateTimeField()
    loaded_by = models.CharField(max_length=150)

    class Meta:
        """In the order they came; the same content once a load."""

        ordering = ("load", "number")
        constraints = (
            models.UniqueConstraint(fields=("load", "number"), name="supplement_one_number"),
            models.UniqueConstraint(fields=("load", "content_sha256"), name="supplement_once"),
        )
