"""The ledger of contacts: every one made or reserved by anybody, what became of it, and what the person sent in."""

from django.db import models

from sulah.records.contact.decision import Decision
from sulah.records.contact.dialler import DiallerLog
from sulah.records.seal import Sealed

FORWARD: dict[str, tuple[str, ...]] = {
    "reserved": ("sent", "delivered", "ringing", "connected", "not_connected", "ambiguous", "failed", "withdrawn"),
    "sent": ("delivered",),
    "ringing": ("connected", "not_connected", "ambiguous"),
    "ambiguous": ("sent", "delivered", "connected", "not_connected", "failed"),
}
"""State -> the states that may follow it; a state that is not named here is an end.  Triggers of the database hold the same."""


class Contact(Sealed):
    """One contact with a person, from the moment it is reserved; counted against the caps unless failed or withdrawn.

    intent names what was meant, attempt tells its tries apart, and one of them at most may stand; contacts of a dialler log carry
    `log:<agency>:<call>`.  at is the instant that the caps count by.  outside_session: a WhatsApp message that the person did not begin.
    Who, what and when never change; state only moves forward, provider and provider_ref are set once; rows are never deleted.
    """

    intent = models.CharField(max_length=160)
    attempt = models.PositiveSmallIntegerField(default=1)
    person = models.CharField(max_length=64)
    loans = models.JSONField(default=list)
    channel = models.CharField(max_length=16)
    contact_class = models.CharField(max_length=16)
    purpose = models.CharField(max_length=24)
    party = models.CharField(max_length=16, blank=True)
    place = models.CharField(max_length=16, blank=True)
    number_key = models.CharField(max_length=64, blank=True)
    outside_session = models.BooleanField(default=False)
    at = models.DateTimeField()
    source = models.CharField(max_length=16)
    agent = models.CharField(max_length=64, blank=True)
    agency = models.CharField(max_length=64, blank=True)
    decision = models.ForeignKey(Decision, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts")
    log = models.ForeignKey(DiallerLog, null=True, blank=True, on_delete=models.PROTECT, related_name="contacts")
    state = models.CharField(max_length=16)
    state_at = models.DateTimeField()
    provider = models.CharField(max_length=40, blank=True)
    provider_ref = models.CharField(max_length=160, blank=True)
    NAMED = "contact"

    class Meta:
        """Counted by person and time; an intent and a provider's reference stand for one contact only."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("person", "at"), name="contact_person_at"),
            models.Index(fields=("person", "state"), name="contact_person_state"),
            models.Index(fields=("channel", "at"), name="contact_channel_at"),
        )
        constraints = (
            models.UniqueConstraint(fields=("intent", "attempt"), name="contact_once_an_attempt"),
            models.UniqueConstraint(
                fields=("intent",), condition=~models.Q(state__in=("failed", "withdrawn")), name="contact_one_live_an_intent"
            ),
            models.UniqueConstraint(
                fields=("provider", "provider_ref"), condition=~models.Q(provider_ref=""), name="contact_one_provider_ref"
            ),
        )


class ContactEvent(Sealed):
    """One step of a contact's state; only added.  evidence says how it was learnt: worker, callback, look_up, person or log."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField()
    before = models.CharField(max_length=16, blank=True)
    state = models.CharField(max_length=16)
    evidence = models.CharField(max_length=16)
    actor = models.CharField(max_length=150)
    note = models.CharField(max_length=200, blank=True)
    NAMED = "step of a contact"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class Inbound(Sealed):
    """One message or call that a person sent to us; only added.  reference is the provider's or the inbox row's, once a channel."""

    person = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    at = models.DateTimeField()
    reference = models.CharField(max_length=160)
    recorded_at = models.DateTimeField()
    NAMED = "inbound message"

    class Meta:
        """Asked for the last of a person on a channel."""

        ordering = ("id",)
        indexes = (models.Index(fields=("person", "channel", "at"), name="inbound_person"),)
        constraints = (models.UniqueConstraint(fields=("channel", "reference"), name="inbound_once"),)
