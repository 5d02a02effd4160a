"""People who stand surety for a loan."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="guarantor",
    scope=Scope.EXTRACT,
    meaning="People who stand surety for a loan.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan.", required=True),
        Column("borrower_id", Kind.TEXT, "The guarantor.", required=True),
        Column("from_on", Kind.DATE, "Since when."),
    ),
    key=("loan_id", "borrower_id"),
)
