"""What people did to the contact rules: sign-offs, switches, changes proposed and decided; folded over the rows in order."""

from django.db import models

from sulah.records.seal import Sealed


class RuleChange(Sealed):
    """One act on one rule; only added.

    kind is sign_off (digest of the row signed), switch (payload: switched_on), propose (payload: the whole new row, from
    effective_from on), approve or reject (of a proposal).  version and digest name the row that was looked at.
    """

    kind = models.CharField(max_length=12)
    sheet = models.CharField(max_length=24)
    rule_id = models.CharField(max_length=60, db_index=True)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    payload = models.JSONField(default=dict)
    effective_from = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    proposal = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="answers")
    at = models.DateTimeField()
    by = models.CharField(max_length=150)
    NAMED = "change of a rule"

    class Meta:
        """In the order of writing; a proposal is answered once."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("proposal",), condition=models.Q(proposal__isnull=False), name="rule_change_one_answer"),
        )
