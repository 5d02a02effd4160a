"""Money received, and entries that undo a receipt."""

from sulah.contracts.shape import Column, Kind, Scope, Table
from sulah.kernel.terms import RepaymentStatus

TABLE = Table(
    name="repayment",
    scope=Scope.EXTRACT,
    meaning="Money received, and entries that undo a receipt.",
    columns=(
        Column("repayment_id", Kind.TEXT, "The lender's id of the entry.", required=True),
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("paid_on", Kind.DATE, "Date the entry is about.", required=True),
        Column("amount_paise", Kind.PAISE, "Amount of the entry, more than zero.", required=True, given="amount"),
        Column("mode", Kind.TEXT, "Cash, UPI, NACH, cheque ..."),
        Column("status", Kind.TEXT, "posted, bounced or reversed; empty means posted.", one_of=tuple(RepaymentStatus)),
        Column("reverses_id", Kind.TEXT, "The entry that this one undoes."),
        Column("booked_at", Kind.MOMENT, "When it was booked (India time)."),
        Column("officer_id", Kind.TEXT, "Who collected it."),
    ),
    key=("repayment_id",),
)
