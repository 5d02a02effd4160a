"""Machines that speak to the API: what each may do, until when, and the hash of its token."""

from typing import ClassVar

from django.db import models

from sulah.kernel.terms import Role
from sulah.records.seal import Sealed


class ApiClient(models.Model):
    """One machine account; the token itself is nowhere, only its SHA-256.

    scopes are `resource:write` or `resource:read`; branches limits what it reads (empty = the whole lender).
    """

    name = models.CharField(max_length=64, unique=True)
    token_sha256 = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    branches = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)

    class Meta:
        """By name."""

        ordering = ("name",)

    def get_username(self) -> str:
        """The name by which the audit trail knows it."""
        return f"api:{self.name}"

    @property
    def role(self) -> str:
        """Whose sight of personal data it has: in clear with personal:read, else pseudonyms alone."""
        return (Role.COMPLIANCE if "personal:read" in self.scopes else Role.VALIDATOR).value


class ApiBatch(Sealed):
    """One call that sent records: its key, the digest of what was sent, the answer, and the accepted records under the vault's seal.

    The row is the effect: key, answer and records are committed together or not at all.  name is what the client knows it by; id is
    the order in which calls were received.  answer is zlib and base64, so that a replay gives the same bytes; sealed is empty when
    nothing was accepted.  turned_down_by: who at the lender decided that no load takes it.
    """

    name = models.CharField(max_length=32, unique=True)
    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="batches")
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    table = models.CharField(max_length=40)
    mode = models.CharField(max_length=10)
    as_of = models.DateField(db_index=True)
    received_at = models.DateTimeField()
    received = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    duplicate = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField()
    answer = models.TextField()
    sealed = models.TextField(blank=True)
    turned_down_by = models.CharField(max_length=150, blank=True)
    NAMED: ClassVar[str] = "batch of the API"

    class Meta:
        """In the order they were received; a key counts once for each client."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("client", "key"), name="api_batch_once"),)


class ApiTaking(models.Model):
    """That a load was made with a batch, written in the transaction that records the load.

    places: [file, row of the first, record numbers] for each run of records that lie one after the other in a file of the load.
    overtaken: record number -> the batch of the same load whose record of that key counts instead.
    """

    load = models.ForeignKey("records.Load", on_delete=models.CASCADE, related_name="takings")
    batch = models.ForeignKey(ApiBatch, on_delete=models.CASCADE, related_name="takings")
    places = models.JSONField(default=list)
    overtaken = models.JSONField(default=dict)

    class Meta:
        """A batch is in a load once."""

        ordering = ("load", "batch")
        constraints = (models.UniqueConstraint(fields=("load", "batch"), name="api_taken_once"),)
