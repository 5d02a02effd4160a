"""Kept loans over the small book: one of Salem that is written off, one of Gaya, each with a history."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sulah.actions.written_off_account import append
from sulah.adapters.book.written_off import entries_of, value_of
from sulah.payments.posting import HEADS, Account, Balance, EntryKind, Posting, open_from
from sulah.payments.settle import claim_of, opening_of, receipt_of, undone
from sulah.records.load import Load
from sulah.records.written_off import BankReceipt, WrittenOffEntry, WrittenOffLoan
from tests.web import cast

OPENED, AT = date(2026, 2, 28), datetime(2026, 4, 2, 6, 0, tzinfo=UTC)
LATE = {story.branch: story for story in cast.stories() if story.written_off_on or story.key in (110, 109)}
"""A story of each branch."""


def keep(story: cast.Story) -> WrittenOffLoan:
    """Open an account, receive by bank reference, charge a fee, bounce the second receipt; one more receipt waits."""
    loan = WrittenOffLoan.objects.create(
        loan_id=story.loan_id,
        borrower_id=story.borrower_id,
        product=story.product,
        branch_id=story.branch,
        written_off_on=date(2026, 1, 31),
        taken_over_on=OPENED,
        load=Load.objects.get(),
        rule_id="OWN-KEEPER",
        taken_at=AT,
        taken_by="night run",
    )
    post(loan, EntryKind.OPENING, opening_of(Balance(90_000_00, 4_500_00, 250_00)), OPENED, f"opening:{loan.loan_id}")
    standing = open_from(entries_of(loan), OPENED)
    post(loan, EntryKind.FEE, claim_of(EntryKind.FEE, Account.CHARGE, 500_00, standing), date(2026, 3, 5), f"fee:{loan.loan_id}")
    for number, paise in ((1, 5_000_00), (2, 7_500_00)):
        paid = receipt_of(paise, open_from(entries_of(loan), OPENED), ORDER)
        row = post(loan, EntryKind.RECEIPT, paid, date(2026, 3, 5 + number), f"bank:UTR{loan.pk}{number}:1", f"UTR{loan.pk:06}{number}")
    post(loan, EntryKind.REVERSAL, undone(value_of(row), ORDER), date(2026, 3, 9), f"reverse:{row.key}", row.reference, row)
    BankReceipt.objects.create(
        loan=loan, reference=f"UTR{loan.pk:06}9", version=1, paid_on=cast.LAST, amount_paise=1_000_00, entered_at=AT, entered_by="meena"
    )
    return loan


ORDER = (Account.INTEREST, Account.PRINCIPAL, Account.CHARGE)
assert set(ORDER) == set(HEADS)


def post(
    loan: WrittenOffLoan,
    kind: EntryKind,
    postings: Sequence[Posting],
    on: date,
    key: str,
    reference: str = "",
    reverses: WrittenOffEntry | None = None,
) -> WrittenOffEntry:
    """One entry."""
    order = ORDER if kind is EntryKind.RECEIPT else ()
    about = {"rule_id": "WOW-INTEREST-PRINCIPAL-CHARGE", "reference": reference, "reverses": reverses, "reason": "As told by the bank"}
    return append(loan, kind, postings, effective_on=on, key=key, act="test", actor="asha", at=AT, order=order, **about)
