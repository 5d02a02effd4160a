"""The ledger of written-off loans that Sulah keeps: rows are only added; the database itself refuses to change or delete one."""

from django.db import models
from django.db.models import F, Q

from sulah.records.load import Load
from sulah.records.seal import Sealed

KINDS = ("opening", "interest", "fee", "receipt", "reversal", "waiver", "settlement")
COUNTERS = ("taken_over", "interest_accrued", "fees_charged", "received", "waived", "settled")


class WrittenOffLoan(Sealed):
    """A written-off loan whose account Sulah keeps since taken_over_on; branch and product are those of that day.

    load is the load that the day stood on whose position gave the opening; rule_id the policy row that made Sulah the keeper.
    """

    loan_id = models.CharField(max_length=64, unique=True)
    borrower_id = models.CharField(max_length=64)
    product = models.CharField(max_length=64)
    branch_id = models.CharField(max_length=64, blank=True)
    written_off_on = models.DateField()
    taken_over_on = models.DateField()
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="+")
    rule_id = models.CharField(max_length=60)
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=150)
    NAMED = "account of a written-off loan"

    class Meta:
        """By loan."""

        ordering = ("loan_id",)


class WrittenOffEntry(Sealed):
    """One entry in double entry: paise on each account of the loan and on one counter-account, debit above zero, together zero.

    effective_on is the day it is about, recorded_at when it became known.  key says what may be posted only once.  reference is the
    lender's or the bank's number of a receipt; settle_order the heads in the order in which a receipt settled them.
    """

    loan = models.ForeignKey(WrittenOffLoan, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=12)
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=150)
    principal_paise = models.BigIntegerField(default=0)
    interest_paise = models.BigIntegerField(default=0)
    charge_paise = models.BigIntegerField(default=0)
    excess_paise = models.BigIntegerField(default=0)
    counter = models.CharField(max_length=20)
    counter_paise = models.BigIntegerField()
    key = models.CharField(max_length=400, unique=True)
    reverses = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reversals")
    rule_id = models.CharField(max_length=60, blank=True)
    reference = models.CharField(max_length=200, blank=True, db_index=True)
    settle_order = models.CharField(max_length=40, blank=True)
    act = models.CharField(max_length=64)
    reason = models.CharField(max_length=500, blank=True)
    NAMED = "entry of a written-off loan"

    class Meta:
        """In the order of the days they are about."""

        ordering = ("effective_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(counter_paise=-F("principal_paise") - F("interest_paise") - F("charge_paise") - F("excess_paise")),
                name="written_off_entry_balances",
            ),
            models.CheckConstraint(condition=Q(kind__in=KINDS) & Q(counter__in=COUNTERS), name="written_off_entry_terms"),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="written_off_entry_reverses",
            ),
        )


class BankReceipt(Sealed):
    """A receipt that a person entered by the bank's reference; it moves nothing until another person has confirmed it.

    version counts the entries of one reference: a further one is possible only after the one before was refused or reversed.
    """

    loan = models.ForeignKey(WrittenOffLoan, on_delete=models.PROTECT, related_name="bank_receipts")
    reference = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    paid_on = models.DateField()
    amount_paise = models.BigIntegerField()
    note = models.CharField(max_length=500, blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=150)
    NAMED = "receipt by bank reference"

    class Meta:
        """Once for each reference and version."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("reference", "version"), name="bank_receipt_once"),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="bank_receipt_above_zero"),
        )


class BankReceiptDecision(Sealed):
    """What the second person said of a receipt by bank reference, once; entry is what was posted."""

    receipt = models.OneToOneField(BankReceipt, on_delete=models.PROTECT, related_name="decision")
    entry = models.OneToOneField(WrittenOffEntry, null=True, blank=True, on_delete=models.PROTECT, related_name="decision")
    confirmed = models.BooleanField()
    note = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150)
    NAMED = "decision on a receipt by bank reference"

    class Meta:
        """Confirmed exactly where something was posted."""

        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed=True, entry__isnull=False) | Q(confirmed=False, entry__isnull=True),
                name="bank_receipt_decision_whole",
            ),
        )


APPEND_ONLY = (WrittenOffLoan, WrittenOffEntry, BankReceipt, BankReceiptDecision)
"""The tables whose rows the database lets nobody change or delete."""
