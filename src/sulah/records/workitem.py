"""The published worklist: one open item a person, changed only where the day differs."""

from django.db import models


class WorkItem(models.Model):
    """What should happen to one person now; a row leaves the open list by being closed, never by being deleted.

    work_order sorts the branch's list, smaller first; dpd on a day is that day less overdue_since, plus one: neither changes by the
    passing of a day, so only what happened is written.  opened_on, changed_on and closed_on are business dates.
    """

    borrower_id = models.CharField(max_length=64, unique=True)
    work_order = models.CharField(max_length=24)
    branch_id = models.CharField(max_length=64, blank=True)
    officer_id = models.CharField(max_length=64, blank=True)
    product = models.CharField(max_length=64)
    lead_loan_id = models.CharField(max_length=64)
    loans_overdue = models.PositiveIntegerField()
    overdue_since = models.DateField()
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
        """Lists are read by branch in working order."""

        indexes = (
            models.Index(fields=("closed_on", "branch_id", "work_order"), name="work_branch_order"),
            models.Index(fields=("closed_on", "officer_id", "work_order"), name="work_officer_order"),
        )
