"""What people of the lender write about a borrower in words of their own: sealed, and in one place."""

from django.db import models


class Said(models.Model):
    """Words about one person, sealed under that person's key and bound to person, writer and instant; only added.

    In the records, in the audit trail and in the log stands `said:` and its number in their place.
    """

    person = models.CharField(max_length=64, db_index=True)
    sealed = models.TextField()
    at = models.DateTimeField()
    by = models.CharField(max_length=150)

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
