"""The act of taking a receipt by the bank's reference into a written-off loan: one person enters it, another confirms it.

A receipt is what the bank's record shows (PAY-CNF); cash is none, and comes as the deposit that the bank shows.
"""

import re
from datetime import date, datetime

from django.db import IntegrityError, transaction

from sulah.actions.accrue_interest import accrue_before
from sulah.actions.written_off_account import (
    AlreadyPostedError,
    PostingNotPermittedError,
    PostingRefusedError,
    append,
    audit_entry,
    held_loan,
    kept_rules,
    permit,
    policy_of,
)
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.written_off import entries_of
from sulah.kernel.dates import Clock, day_text
from sulah.payments.posting import EntryKind, open_from
from sulah.payments.rules import Rules
from sulah.payments.settle import receipt_of
from sulah.records.audit import write_audit
from sulah.records.person import Person
from sulah.records.written_off import BankReceipt, BankReceiptDecision, WrittenOffEntry

ACT = "written_off.receipt"
_REFERENCE = re.compile(r"[A-Z0-9][A-Z0-9/-]{5,63}")


def enter_receipt(
    lender: Lender,
    loan_id: str,
    reference: str,
    paid_on: date,
    paise: int,
    *,
    actor: str,
    clock: Clock,
    note: str = "",
    person: Person | None = None,
) -> BankReceipt:
    """Enter a receipt that the bank's record shows; nothing is posted until another person confirms it.

    PostingRefusedError for a reference that is none, an amount that is not above zero, or a day on which receipts come with the lender's
    extract; AlreadyPostedError for a reference that waits or was posted.  Small and capital letters of a reference are the same.
    """
    at, asked = clock(), _reference(reference)
    if paise <= 0:
        raise PostingRefusedError("The amount of a receipt is above zero. What the bank took back is a reversal.")
    try:
        with transaction.atomic():
            loan = held_loan(loan_id)
            permit(person, loan, lender)
            _refuse_day_of_extract(kept_rules(lender, loan, paid_on, at), paid_on)
            made = BankReceipt.objects.create(
                loan=loan,
                reference=asked,
                version=_version(asked),
                paid_on=paid_on,
                amount_paise=paise,
                note=note[:500],
                entered_at=at,
                entered_by=actor,
            )
            after = {"receipt": made.pk, "reference": asked, "paise": paise, "paid_on": paid_on.isoformat(), "note": note[:500]}
            write_audit(at=at, actor=actor, act="written_off.enter_receipt", subject=f"written_off:{loan_id}", after=after)
    except IntegrityError as error:
        raise AlreadyPostedError(f"{asked} was entered by somebody else at the same moment; nothing was entered twice.") from error
    return made


def _reference(given: str) -> str:
    """A bank reference in capital letters; PostingRefusedError for a text that is none."""
    asked = given.strip().upper()
    if not _REFERENCE.fullmatch(asked):
        raise PostingRefusedError(f"{given!r} is no bank reference: 6 to 64 letters, digits, / or -, as the bank's statement shows it.")
    return asked


def _refuse_day_of_extract(rules: Rules, paid_on: date) -> None:
    """PostingRefusedError for a day on which receipts come with the lender's extract: one source a day, so that none counts twice."""
    row = rules.keeper(paid_on)
    if row.values["receipts_from"] != "bank":
        raise PostingRefusedError(
            f"Receipts of {rules.product} paid on {day_text(paid_on)} come with the lender's extract (rule {row.rule_id}): "
            "one entered here would count twice. Take them with: sulah writeoff receipt --from-extract --as-of DATE"
        )


def _version(reference: str) -> int:
    """The version of a further entry of a reference; AlreadyPostedError while the one before waits or stands."""
    last = BankReceipt.objects.filter(reference=reference).select_related("loan").order_by("-version").first()
    if last is None:
        return 1
    decision = BankReceiptDecision.objects.filter(receipt=last).select_related("entry").first()
    if decision is None:
        raise AlreadyPostedError(f"{reference} waits to be confirmed on loan {last.loan.loan_id}: receipt {last.pk}.")
    if decision.entry is not None and not decision.entry.reversals.exists():
        raise AlreadyPostedError(f"{reference} was posted to loan {last.loan.loan_id} before; money counts once.")
    return last.version + 1


def decide_receipt(
    lender: Lender, receipt_id: int, *, confirm: bool, note: str, actor: str, clock: Clock, person: Person | None = None
) -> BankReceiptDecision:
    """Confirm a receipt, which posts it by the waterfall of the day it was paid, after the interest up to that day; or refuse it.

    PostingRefusedError when it is decided already; PostingNotPermittedError for the person who entered it.
    """
    at = clock()
    with transaction.atomic():
        receipt = BankReceipt.objects.select_related("loan").filter(pk=receipt_id).first()
        if receipt is None:
            raise PostingRefusedError(f"There is no receipt {receipt_id}. Those that wait stand in: sulah writeoff balance")
        loan = held_loan(receipt.loan.loan_id)
        permit(person, loan, lender)
        if actor == receipt.entered_by:
            raise PostingNotPermittedError(f"{actor} entered receipt {receipt_id}: another person must confirm or refuse it.")
        if BankReceiptDecision.objects.filter(receipt=receipt).exists():
            raise AlreadyPostedError(f"Receipt {receipt_id} is decided already; nothing was posted again.")
        entry = _post(lender, receipt, actor, at) if confirm else None
        decision = BankReceiptDecision.objects.create(
            receipt=receipt, entry=entry, confirmed=confirm, note=note[:500], decided_at=at, decided_by=actor
        )
        if entry is not None:
            audit_entry(entry, receipt=receipt.pk, entered_by=receipt.entered_by, note=note[:500])
        else:
            after = {"receipt": receipt.pk, "reference": receipt.reference, "note": note[:500]}
            write_audit(at=at, actor=actor, act="written_off.refuse_receipt", subject=f"written_off:{loan.loan_id}", after=after)
    return decision


def _post(lender: Lender, receipt: BankReceipt, actor: str, at: datetime) -> WrittenOffEntry:
    """The entry of a confirmed receipt; the loan is held."""
    order = kept_rules(lender, receipt.loan, receipt.paid_on, at).order(receipt.paid_on)
    accrue_before(receipt.loan, policy_of(lender), receipt.paid_on, actor=actor, at=at)
    standing = open_from(entries_of(receipt.loan), receipt.paid_on)
    return append(
        receipt.loan,
        EntryKind.RECEIPT,
        receipt_of(receipt.amount_paise, standing, order.heads),
        effective_on=receipt.paid_on,
        key=f"bank:{receipt.reference}:{receipt.version}",
        act=ACT,
        actor=actor,
        at=at,
        order=order.heads,
        rule_id=order.rule_id,
        reference=receipt.reference,
        reason=f"By bank reference, entered by {receipt.entered_by}" + (f": {receipt.note}" if receipt.note else ""),
    )
