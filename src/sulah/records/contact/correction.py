"""What people said that was read wrongly, as somebody who read it too wrote down: labels for the lexicon, without a word of the message."""

from django.db import models

from sulah.records.contact.heard import Heard
from sulah.records.seal import Sealed


class HeardCorrection(Sealed):
    """One correction of a reading; only added, and the last one of a message holds.  The reading itself never changes.

    was: the intent that was read, with how sure it was.  right: the intent that a person read.  undone: what the correction took back
    (stop, promise, with their numbers).  standing: what it could not take back, because somebody else decides that.
    """

    heard = models.ForeignKey(Heard, on_delete=models.PROTECT, related_name="corrections")
    was = models.CharField(max_length=24)
    sure = models.CharField(max_length=12)
    right = models.CharField(max_length=24)
    undone = models.JSONField(default=list)
    standing = models.JSONField(default=list)
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    NAMED = "correction of a reading"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
