"""The code by which a borrower checks that an officer is genuine, and every check that was made."""

from django.db import models

from sulah.records.contact.agent import Agent
from sulah.records.seal import Sealed


class OfficerCode(Sealed):
    """One code: of an officer, for a visit to one person, for a short time.

    code_key and token_key are blind indexes of the spoken code and of the sign in the QR code; sealed holds both, for the officer's page.
    agency is empty for the lender's own people.  ended_at: when another took its place, or it was taken back.
    """

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="codes")
    agency = models.CharField(max_length=64, blank=True)
    person = models.CharField(max_length=64, db_index=True)
    code_key = models.CharField(max_length=32, db_index=True)
    token_key = models.CharField(max_length=32, unique=True)
    sealed = models.TextField()
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True, blank=True)
    NAMED = "code of an officer"

    class Meta:
        """In the order of writing."""

        ordering = ("id",)


class OfficerCheck(Sealed):
    """One check by somebody at the door; only added.  outcome: genuine, unknown, over, used or withdrawn; way: typed or qr.

    visitor is a blind index of where the check came from, which counts tries and names nobody; language: the one that was read.
    """

    code = models.ForeignKey(OfficerCode, null=True, blank=True, on_delete=models.PROTECT, related_name="checks")
    outcome = models.CharField(max_length=12)
    way = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    visitor = models.CharField(max_length=32)
    at = models.DateTimeField()
    NAMED = "check of an officer's code"

    class Meta:
        """In the order of writing; counted by visitor, and by outcome."""

        ordering = ("id",)
        indexes = (
            models.Index(fields=("visitor", "at"), name="officer_check_visitor"),
            models.Index(fields=("outcome", "at"), name="officer_check_outcome"),
        )
