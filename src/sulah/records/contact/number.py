"""What is known of a number: whose it is and what it is good for.  The number itself stays in the vault; here is its blind index."""

from django.db import models

from sulah.records.seal import Sealed


class NumberStanding(Sealed):
    """One mark on a number of one person; only added, and the last mark wins over what the book says.

    whose and standing are empty where the mark says nothing of them.
    """

    person = models.CharField(max_length=64)
    number_key = models.CharField(max_length=64)
    whose = models.CharField(max_length=16, blank=True)
    standing = models.CharField(max_length=16, blank=True)
    source = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    NAMED = "mark on a number"

    class Meta:
        """Asked by person."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person", "number_key"), name="number_person"),
            models.Index(fields=("number_key",), name="number_key"),
        )
