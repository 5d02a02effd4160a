"""Debits that failed."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="bounce",
    scope=Scope.EXTRACT,
    meaning="Debits that failed.",
    columns=(
        Column("bounce_id", Kind.TEXT, "Id of the bounce.", required=True),
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("presented_on", Kind.DATE, "Day of presentation.", required=True),
        Column("amount_paise", Kind.PAISE, "Amount presented.", required=True, given="amount"),
        Column("reason_code", Kind.TEXT, "Return reason."),
        Column("mandate_id", Kind.TEXT, "The mandate."),
    ),
    key=("bounce_id",),
)
