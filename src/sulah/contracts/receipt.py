"""Every change of what was received, signed, with the day-end from which it counts."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="receipt",
    scope=Scope.INTAKE,
    meaning="Every change of what was received, signed, with the day-end from which it counts.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Dense key of the loan."),
        Column("effective_on", Kind.DATE, "Day-end from which it counts: the later of its own date and the date it became known."),
        Column("amount_paise", Kind.PAISE, "Signed: a receipt adds, a reversal or a void takes away."),
        Column("paid_on", Kind.DATE, "Date the entry is about."),
        Column("known_on", Kind.DATE, "Date it became known."),
        Column("repayment_id", Kind.TEXT, "The lender's id of the entry."),
        Column("entry", Kind.TEXT, "opening, receipt, reversal or void.", one_of=("opening", "receipt", "reversal", "void")),
        Column("mode", Kind.TEXT, "Mode of payment."),
        Column("officer_id", Kind.TEXT, "Who collected it."),
    ),
    key=("loan_key", "effective_on", "repayment_id", "entry"),
)
