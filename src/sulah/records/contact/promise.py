"""Promises to pay (PTP): what a person said they would pay, and by when; kept and broken are worked out from what was paid."""

from django.db import models
from django.db.models import Q

from sulah.records.contact.heard import Heard
from sulah.records.contact.stop import StopEvent
from sulah.records.seal import Sealed


class Promise(Sealed):
    """One promise on one loan.  What was said never changes; state moves once, from open to kept, part_kept, broken, replaced or withdrawn.

    amount_paise is what was promised; where no amount was named, what was overdue then (whole is true).  overdue_paise: what was overdue
    when it was made.  channel and heard: by which way it was given, and the message, where it was one.  stop keeps quiet until then.
    paid_paise: what the book knows as paid from the day it was made to the day promised, once that is known.
    """

    person = models.CharField(max_length=64)
    loan_id = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    due_on = models.DateField()
    amount_paise = models.BigIntegerField()
    whole = models.BooleanField(default=False)
    overdue_paise = models.BigIntegerField()
    channel = models.CharField(max_length=16)
    taken_by = models.CharField(max_length=150)
    heard = models.ForeignKey(Heard, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stop = models.ForeignKey(StopEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, default="open")
    paid_paise = models.BigIntegerField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)
    NAMED = "promise"

    class Meta:
        """A person's in order; one open promise a loan."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person",), name="promise_person"),
            models.Index(fields=("due_on",), condition=Q(state="open"), name="promise_due"),
            models.Index(fields=("due_on", "state"), name="promise_day"),
        )
        constraints = (models.UniqueConstraint(fields=("loan_id",), condition=Q(state="open"), name="promise_one_open_a_loan"),)
