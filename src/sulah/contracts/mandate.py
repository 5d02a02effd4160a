"""Standing instructions to debit."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="mandate",
    scope=Scope.EXTRACT,
    meaning="Standing instructions to debit.",
    columns=(
        Column("mandate_id", Kind.TEXT, "Id of the mandate.", required=True),
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("kind", Kind.TEXT, "nach, upi_autopay or card.", one_of=("nach", "upi_autopay", "card")),
        Column("max_amount_paise", Kind.PAISE, "Most it may debit.", given="max_amount"),
        Column("status", Kind.TEXT, "Status."),
        Column("bank", Kind.TEXT, "Bank."),
    ),
    key=("mandate_id",),
)
