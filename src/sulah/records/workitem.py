"""The published worklist: one open item a person, changed only where the day differs."""

from django.db import models


class WorkItem(models.Model):
    """What should happen to one person now; a row leaves the open list by being closed, never by being deleted.

    rank is the place in the branch's list.  opened_on, changed_on and closed_on are business dates.
    """

    borrower_id = models.CharField(max_length=64, unique=True)
    rank = models.PositiveIntegerField()
    branch_id = models.CharField(max_length=64, blank=True)
    officer_id = models.CharField(max_length=64, blank=True)
    product = models.CharField(max_length=64)
    lead_loan_id = models.CharField(max_length=64)
    loans_overdue = models.PositiveIntegerField()
    dpd = models.IntegerField()
    overdue_paise = models.BigIntegerField()
    stage = models.CharField(max_length=40)
    treatment = models.CharField(max_length=60)
    channel = models.CharField(max_length=40)
    worked_by = models.CharField(max_length=20)
    hold_reason = models.CharField(max_length=60, blank=True)
    rule_id = models.CharField(max_length=60)
    opened_on = models.DateField()
    changed_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        """Lists are read by branch in rank order."""

        indexes = (
            models.Index(fields=("closed_on", "branch_id", "rank"), name="work_branch_rank"),
            models.Index(fields=("closed_on", "officer_id", "rank"), name="work_officer_rank"),
        )
