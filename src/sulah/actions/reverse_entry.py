"""The act of reversing a receipt by bank reference or a fee on a written-off loan: as a whole, once, with a reason."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from sulah.actions.written_off_account import AlreadyPostedError, PostingRefusedError, append, audit_entry, held_loan, kept_rules, permit
from sulah.adapters.book.layout import Lender
from sulah.adapters.book.written_off import entries_of, value_of
from sulah.kernel.dates import Clock, day_text
from sulah.payments.posting import Account, Entry, EntryKind, Posting, open_from
from sulah.payments.settle import taken_back, undone
from sulah.records.person import Person
from sulah.records.written_off import WrittenOffEntry

_WHY_NOT = {
    EntryKind.OPENING.value: "An opening is the book's own balance and is not reversed; load a corrected extract before taking over.",
    EntryKind.INTEREST.value: "Interest follows the policy row and is not reversed by hand: mend that or the receipt, then accrue again.",
    EntryKind.REVERSAL.value: "A reversal is not reversed. Enter the receipt or the fee anew.",
}


def reverse_entry(
    lender: Lender, entry_id: int, on: date, *, reason: str, actor: str, clock: Clock, person: Person | None = None
) -> WrittenOffEntry:
    """Reverse an entry as a whole with effect from a day: a receipt restores the heads exactly as it settled them, a fee is owed no more.

    PostingRefusedError for another kind of entry, for a receipt of the lender's extract (its system must reverse it), a day before the
    entry's own, or no reason; AlreadyPostedError when it is reversed.
    """
    at = clock()
    with transaction.atomic():
        found = WrittenOffEntry.objects.select_related("loan").filter(pk=entry_id).first()
        if found is None:
            raise PostingRefusedError(f"There is no entry {entry_id}. The statement of the loan names its entries.")
        loan = held_loan(found.loan.loan_id)
        permit(person, loan, lender)
        _refuse(found, on, reason)
        rules = kept_rules(lender, loan, on, at)
        posted = append(
            loan,
            EntryKind.REVERSAL,
            _postings(found, entries_of(loan), on),
            effective_on=on,
            key=f"reverse:{found.key}",
            act="written_off.reverse",
            actor=actor,
            at=at,
            rule_id=found.rule_id or rules.keeper(on).rule_id,
            reference=found.reference,
            reverses=found,
            reason=reason.strip()[:500],
        )
        audit_entry(posted, reverses=found.pk)
    return posted


def _refuse(found: WrittenOffEntry, on: date, reason: str) -> None:
    """PostingRefusedError for what may not be reversed here."""
    if found.kind not in (EntryKind.RECEIPT.value, EntryKind.FEE.value):
        raise PostingRefusedError(_WHY_NOT.get(found.kind, "This kind of entry is not reversed here."))
    if found.key.startswith("extract:"):
        raise PostingRefusedError(
            f"Entry {found.pk} is the lender's own receipt {found.reference}: reverse it there; the next extract brings it."
        )
    if found.reversals.exists():
        raise AlreadyPostedError(f"Entry {found.pk} is reversed already; nothing was posted again.")
    if on < found.effective_on:
        raise PostingRefusedError(
            f"{day_text(on)} is before the entry's own day, {day_text(found.effective_on)}. Give that day or a later one."
        )
    if not reason.strip():
        raise PostingRefusedError("Say why it is reversed: the reason stands on the statement.")


def _postings(found: WrittenOffEntry, entries: Sequence[Entry], on: date) -> tuple[Posting, ...]:
    """What undoes the entry."""
    if found.kind == EntryKind.RECEIPT.value:
        return undone(value_of(found), [Account(name) for name in found.settle_order.split(",")])
    return taken_back(value_of(found), open_from(entries, on))
