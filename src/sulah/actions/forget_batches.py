"""The act of letting old batches of the API go: key, answer and sealed records, when their time is over and nothing waits any more."""

from datetime import date, datetime, time, timedelta

from django.db import models, transaction

from sulah.adapters.book.layout import Lender
from sulah.adapters.lms.api_settings import api_settings
from sulah.kernel.dates import IST, Clock
from sulah.kernel.terms import LoadState
from sulah.records.api_client import ApiBatch, ApiTaking
from sulah.records.audit import write_audit


def batches_past(lender: Lender, as_of: date) -> "models.QuerySet[ApiBatch]":
    """The batches received more than keep_days before a business date that an accepted load has, or that no load will have."""
    days = api_settings(lender.settings, simulated=lender.simulated).keep_days
    before = datetime.combine(as_of - timedelta(days=days), time(0), IST)
    taken = ApiTaking.objects.filter(load__state=LoadState.ACCEPTED).values("batch_id")
    return ApiBatch.objects.filter(received_at__lt=before).filter(
        models.Q(accepted=0) | ~models.Q(turned_down_by="") | models.Q(pk__in=taken)
    )


def forget_batches(lender: Lender, as_of: date, *, actor: str, clock: Clock) -> int:
    """Remove them with one entry in the audit trail; how many.  Their keys could then be used again."""
    with transaction.atomic():
        gone = list(batches_past(lender, as_of).values_list("pk", "name"))
        if gone:
            ApiBatch.objects.filter(pk__in=[pk for pk, _ in gone]).delete()
            after = {"batches": len(gone), "first": gone[0][1], "last": gone[-1][1]}
            write_audit(at=clock(), actor=actor, act="forget_batches", subject=f"api:{as_of}", after=after)
    return len(gone)
