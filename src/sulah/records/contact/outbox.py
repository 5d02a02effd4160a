"""The outbox: one row for each message that somebody means to send, from the queue to what the operator reported."""

from django.db import models
from django.db.models import Q

from sulah.kernel.sending import SendState
from sulah.records.contact.contact import Contact
from sulah.records.contact.stop import StopEvent


class Outbox(models.Model):
    """One intended message; state moves as kernel/sending.py says, by conditional updates of records/contact/queue.py only.

    reference: the id of the intent, and the client reference that providers are given.  intent: as the guard writes it.  sealed: number
    and values, sealed by the vault and bound to the reference.  not_before, not_after: when it may go; later it is withdrawn.
    priority: smaller first.  fence: grows with each claim, so that who lost a claim can write nothing.  lease_until: until when a claim
    or a hand-over is believed to be under way.  attempts: hand-overs permitted.  avoid: providers known not to take it.  contact: of the
    latest hand-over.  handed_at: when it was permitted and counted.  look_at: when its fate is asked for next; empty when it is known or
    can be asked for no more.  ended_by: the rules that withdrew it.  stop: the stop that did.  step: the sequence and its step, with a
    slash between, where it is one of a sequence.  charged: does the provider say that it charges for it (empty: it does not say)?
    charged_as: its category and tariff, in the provider's own words.
    """

    reference = models.CharField(max_length=80, unique=True)
    person = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    purpose = models.CharField(max_length=24)
    template = models.CharField(max_length=64)
    step = models.CharField(max_length=80, blank=True)
    number_key = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=64, blank=True)
    agency = models.CharField(max_length=64, blank=True)
    intent = models.JSONField(default=dict)
    sealed = models.TextField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    priority = models.PositiveSmallIntegerField(default=50)
    state = models.CharField(max_length=12, default=SendState.QUEUED, choices=[(state.value, state.value) for state in SendState])
    fence = models.PositiveBigIntegerField(default=0)
    claimed_by = models.CharField(max_length=120, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    provider = models.CharField(max_length=40, blank=True)
    provider_reference = models.CharField(max_length=160, blank=True)
    avoid = models.JSONField(default=list)
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    handed_at = models.DateTimeField(null=True, blank=True)
    look_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.JSONField(default=list)
    stop = models.ForeignKey(StopEvent, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    words = models.CharField(max_length=300, blank=True)
    charged = models.BooleanField(null=True, blank=True)
    charged_as = models.CharField(max_length=80, blank=True)
    queued_at = models.DateTimeField()
    queued_by = models.CharField(max_length=150)
    changed_at = models.DateTimeField()

    class Meta:
        """Claimed in order; looked for by what a stop covers."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("priority", "not_before", "id"), condition=Q(state="queued"), name="outbox_queued"),
            models.Index(fields=("lease_until",), condition=Q(state__in=("claimed", "sending")), name="outbox_leased"),
            models.Index(fields=("look_at",), condition=Q(look_at__isnull=False), name="outbox_looked_for"),
            models.Index(fields=("person", "handed_at"), name="outbox_person"),
            models.Index(fields=("number_key",), name="outbox_number"),
            models.Index(fields=("handed_at",), name="outbox_handed"),
            models.Index(fields=("step",), condition=Q(state="queued") & ~Q(step=""), name="outbox_steps"),
        )


class OutboxLoan(models.Model):
    """A loan that a message names, so that a stop on the loan finds it."""

    message = models.ForeignKey(Outbox, on_delete=models.CASCADE, related_name="loans")
    loan_id = models.CharField(max_length=64, db_index=True)

    class Meta:
        """Once a message."""

        constraints = (models.UniqueConstraint(fields=("message", "loan_id"), name="outbox_loan_once"),)


class OutboxClock(models.Model):
    """The latest instant that any worker noted; a clock that stands before it was put back, and sends nothing (one row)."""

    latest_at = models.DateTimeField()
