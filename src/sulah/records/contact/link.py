"""Payment links: where a borrower can pay a loan, and the short addresses by which our messages led there."""

from django.db import models

from sulah.records.seal import Sealed


class PaymentLink(Sealed):
    """One payment page for a loan, as whoever made it gave it: its address, and until when it can be paid by.

    reference is the id of whoever made it.  Nothing of it changes but ended_at, when it can be used no more.
    """

    loan_id = models.CharField(max_length=64, db_index=True)
    reference = models.CharField(max_length=120, unique=True)
    address = models.CharField(max_length=500)
    until = models.DateTimeField()
    kept_at = models.DateTimeField()
    kept_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    NAMED = "payment link"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class ShortLink(Sealed):
    """The short address of a payment link in one message of ours; message is the reference of that message.

    opened_at is when somebody first went on by it, last_at when last, times how often.
    """

    token = models.CharField(max_length=24, unique=True)
    link = models.ForeignKey(PaymentLink, on_delete=models.PROTECT, related_name="short")
    message = models.CharField(max_length=80, db_index=True)
    made_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    times = models.PositiveIntegerField(default=0)
    NAMED = "short address"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)
