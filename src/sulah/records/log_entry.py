"""What waits for its place in the log and what has one: an entry for every act and every decision, written in the act's own transaction."""

from django.db import models


class LogEntry(models.Model):
    """One entry of the log; only added, then numbered once.

    of, row: the audit entry or the decision that it is about.  seq: its place in the log, counted from 0, None while it waits.  actor and
    subject are pseudonyms; actor is empty while the lender has no key of pseudonyms (records/logged.py).  commit: to the words of the row,
    under the salt beside it; whoever destroys the salt makes the commitment say nothing.  cipher: of the words as the vault sealed them.
    """

    of = models.CharField(max_length=8)
    row = models.BigIntegerField()
    seq = models.BigIntegerField(null=True, blank=True, unique=True)
    act = models.CharField(max_length=32)
    type = models.CharField(max_length=40)
    at = models.DateTimeField()
    on = models.DateField()
    actor = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=40, blank=True, db_index=True)
    commit = models.CharField(max_length=64)
    salt = models.BinaryField(max_length=32, null=True, blank=True)
    cipher = models.CharField(max_length=64, blank=True)
    policy = models.CharField(max_length=64, blank=True)
    model = models.CharField(max_length=64, blank=True)

    class Meta:
        """Found by what it is about; what waits is found without looking at the rest."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("of", "row"), name="log_entry_of_row"),)
        indexes = (models.Index(fields=("id",), condition=models.Q(seq=None), name="log_entry_waits"),)


class LogHead(models.Model):
    """One row: how many entries have a number, and from which audit entry and decision on every one has an entry.

    origin: the log's name, empty until it is begun; key_check tells the key of its pseudonyms from any other.  published,
    checkpoint_at: the size of the last checkpoint that was put out, and when.  held: the backup that these records came back from, until it
    is known that no later checkpoint was signed.
    """

    numbered = models.BigIntegerField(default=0)
    audit_from = models.BigIntegerField(default=0)
    decision_from = models.BigIntegerField(default=0)
    origin = models.CharField(max_length=200, blank=True)
    key_check = models.CharField(max_length=24, blank=True)
    published = models.BigIntegerField(default=0)
    checkpoint_at = models.DateTimeField(null=True, blank=True)
    held = models.CharField(max_length=40, blank=True)
