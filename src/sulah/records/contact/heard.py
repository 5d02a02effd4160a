"""What people send us, each thing once, from the moment it came off the inbox to what was done about it."""

from django.db import models
from django.db.models import Q


class Heard(models.Model):
    """One message, button, key, missed call or reply of a person.

    sealed: sender and text, sealed by the vault and bound to the row's provider and event.  number_key: blind index of the sender.
    answers: our reference of the message that it answers.  person: whose number it is, empty while nobody or several are known.
    intent, sure, reading: what was read and with which words, empty until it is read.  outcome, empty until it is dealt with: acted,
    to_person, answered, nobody (no person has this number).  done: what was done, by kind and id, in order.
    """

    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=40)
    event_id = models.CharField(max_length=160)
    provider_reference = models.CharField(max_length=160, blank=True)
    kind = models.CharField(max_length=16)
    choice = models.CharField(max_length=64, blank=True)
    answers = models.CharField(max_length=80, blank=True)
    number_key = models.CharField(max_length=64)
    sealed = models.TextField()
    said_at = models.DateTimeField()
    received_at = models.DateTimeField()
    person = models.CharField(max_length=64, blank=True)
    intent = models.CharField(max_length=24, blank=True)
    sure = models.CharField(max_length=12, blank=True)
    reading = models.JSONField(default=dict)
    outcome = models.CharField(max_length=12, blank=True)
    words = models.CharField(max_length=300, blank=True)
    done = models.JSONField(default=list)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Once an event; a person's in order; those that wait in order."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person", "said_at"), name="heard_person"),
            models.Index(fields=("number_key",), name="heard_number"),
            models.Index(fields=("id",), condition=Q(done_at__isnull=True), name="heard_waiting"),
            models.Index(fields=("-id",), condition=Q(outcome="nobody"), name="heard_nobody"),
        )
        constraints = (models.UniqueConstraint(fields=("provider", "event_id"), name="heard_once"),)
