"""Stops: what happened (paid, complaint, death, opt-out ...), what it covers, and who lifted it."""

from django.db import models

from sulah.records.seal import Sealed


class StopEvent(Sealed):
    """One stop, in force from the moment that it is committed until it is lifted or ends; never deleted, lifted at most once.

    scope and key say what it covers; person is empty where it covers more than one.  since is when it happened, taken_at when it was
    durably taken in.  until empty = until lifted.  cause is the id of what told us of it (an inbox row, a callback): the same cause
    raises one stop.  How fast it worked is counted from the outbox (`withdraw_covered.stop_times`); last_send_at is written by nobody.
    """

    event = models.CharField(max_length=24)
    scope = models.CharField(max_length=16)
    key = models.CharField(max_length=100)
    person = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300)
    cause = models.CharField(max_length=200, blank=True)
    taken_at = models.DateTimeField()
    raised_by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lift_reason = models.CharField(max_length=300, blank=True)
    last_send_at = models.DateTimeField(null=True, blank=True)
    NAMED = "stop"

    class Meta:
        """Asked by what it covers while it is in force."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("key", "scope", "lifted_at"), name="stop_key_scope"),
            models.Index(fields=("person",), name="stop_person"),
        )
        constraints = (
            models.UniqueConstraint(fields=("event", "scope", "key", "cause"), condition=~models.Q(cause=""), name="stop_once_a_cause"),
        )
