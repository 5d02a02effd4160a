"""Payments of other sources against the lender’s postings."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="payment_match",
    scope=Scope.BOOK,
    meaning="Payments of other sources against the lender’s postings.",
    columns=(
        Column("source", Kind.TEXT, "Source of the payment."),
        Column("reference", Kind.TEXT, "Reference in that source."),
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("paid_on", Kind.DATE, "Date in the source."),
        Column("amount_paise", Kind.PAISE, "Amount in the source."),
        Column("outcome", Kind.TEXT, "matched, amount_differs, date_differs, orphan, duplicate or unposted."),
        Column("repayment_id", Kind.TEXT, "The posting it was matched with."),
        Column("posted_on", Kind.DATE, "Date of the posting."),
        Column("posted_paise", Kind.PAISE, "Amount of the posting."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("pincode", Kind.TEXT, "PIN code."),
    ),
    key=("source", "reference", "loan_id", "repayment_id"),
)
