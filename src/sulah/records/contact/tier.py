"""How many different persons a channel's portfolio may message outside sessions in 24 hours; the row is the lock for counting them."""

from django.db import models

from sulah.records.seal import Sealed


class ChannelTier(Sealed):
    """The platform's limit for one channel, as the lender was told it."""

    channel = models.CharField(primary_key=True, max_length=16)
    most = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=150)
    NAMED = "tier of a channel"
