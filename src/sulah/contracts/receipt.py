"""Every entry of money received, signed, with the day-ends between which it counts."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="receipt",
    scope=Scope.INTAKE,
    meaning="Every entry of money received, signed, with the day-ends between which it counts.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan in account."),
        Column("effective_on", Kind.DATE, "Day-end from which it counts: the later of its own date and the date it became known."),
        Column(
            "void_on",
            Kind.DATE,
            "First day-end at which it no longer counts because the lender took it back or changed it (9999-12-31: it stands).",
        ),
        Column("amount_paise", Kind.PAISE, "Signed: a receipt adds, a reversal takes away."),
        Column("paid_on", Kind.DATE, "Date the entry is about."),
        Column("known_on", Kind.DATE, "Date it became known."),
        Column("repayment_id", Kind.TEXT, "The lender's id of the entry."),
        Column("entry", Kind.TEXT, "opening, receipt or reversal.", one_of=("opening", "receipt", "reversal")),
        Column("reverses_id", Kind.TEXT, "The entry that a reversal undoes."),
        Column("mode", Kind.TEXT, "Mode of payment."),
        Column("officer_id", Kind.TEXT, "Who collected it."),
    ),
    key=("loan_key", "effective_on", "repayment_id", "void_on"),
)
