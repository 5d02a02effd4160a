"""The act of charging a fee to a written-off loan: only one that the key facts statement lists, with a reason, once."""

from datetime import date

from django.db import transaction

from sulah.actions.written_off_account import PostingRefusedError, append, audit_entry, held_loan, kept_rules, permit
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.written_off import entries_of
from sulah.kernel.dates import Clock, day_text
from sulah.kernel.money import indian
from sulah.payments.posting import Account, EntryKind, balance_of
from sulah.payments.rules import Rules
from sulah.payments.settle import claim_of
from sulah.policy.rows import Row
from sulah.records.person import Person
from sulah.records.written_off import WrittenOffEntry


def post_fee(
    lender: Lender,
    loan_id: str,
    fee: str,
    paise: int,
    on: date,
    *,
    reason: str,
    actor: str,
    clock: Clock,
    reference: str = "",
    person: Person | None = None,
) -> WrittenOffEntry:
    """Charge a fee with effect from a day; it is owed as a charge and bears no interest.

    reference: the number of the bill, which tells two fees of one kind on one day apart.  PostingRefusedError for a fee that the
    key facts statement does not list or for more than it says, without a reason, or where nothing is owed any more; AlreadyPostedError.
    """
    at = clock()
    with transaction.atomic():
        loan = held_loan(loan_id)
        permit(person, loan, lender)
        row = _listed(kept_rules(lender, loan, on, at), fee, paise, on)
        if not reason.strip():
            raise PostingRefusedError("Say why the fee is charged: the borrower is told the reason, and an inspector asks for it.")
        standing = balance_of(entries_of(loan))
        if standing.net <= 0:
            raise PostingRefusedError(f"Nothing is owed on loan {loan_id} any more, so no fee can be charged to it.")
        posted = append(
            loan,
            EntryKind.FEE,
            claim_of(EntryKind.FEE, Account.CHARGE, paise, standing),
            effective_on=on,
            key=f"fee:{loan_id}:{fee}:{on}:{reference}",
            act="written_off.fee",
            actor=actor,
            at=at,
            rule_id=row.rule_id,
            reference=reference,
            reason=f"{row.values['words']}: {reason.strip()}"[:500],
        )
        audit_entry(posted)
    return posted


def _listed(rules: Rules, fee: str, paise: int, on: date) -> Row:
    """The row that lists the fee and lets it be so much."""
    row = rules.fee(fee, on)
    if row is None:
        listed = ", ".join(str(one.values["fee"]) for one in rules.fees(on)) or "none"
        raise PostingRefusedError(
            f"The key facts statement of {rules.product} lists no fee {fee!r} on {day_text(on)} (KFS-FEE); it lists: {listed}. "
            "A fee that it does not list cannot be charged."
        )
    most = int(str(row.values["most_paise"]))
    if not 0 < paise <= most:
        raise PostingRefusedError(
            f"{indian(paise)} is not between ₹0.01 and {indian(most)}, the most that rule {row.rule_id} lets one {fee} be. Charge less."
        )
    return row
