"""What was learned from many people about hours and channels: counts by product and place, worked out anew each day."""

from django.db import models


class AnswerCount(models.Model):
    """Messages and calls that arrived, and those that were answered, of one group, channel and hour band; of the window of learning.

    group: product and the first three digits of the PIN code, empty for everybody.  band: its place in outreach/timing.py.
    """

    group = models.CharField(max_length=80, blank=True)
    channel = models.CharField(max_length=16)
    band = models.PositiveSmallIntegerField()
    tried = models.PositiveBigIntegerField()
    answered = models.PositiveBigIntegerField()
    as_of = models.DateField()

    class Meta:
        """Once a group, channel and band."""

        ordering = ("group", "channel", "band")
        constraints = (models.UniqueConstraint(fields=("group", "channel", "band"), name="answer_count_once"),)
