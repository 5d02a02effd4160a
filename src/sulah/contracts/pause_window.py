"""Relief windows known on the day, merged so that no two of a loan overlap."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="pause_window",
    scope=Scope.PERSON,
    meaning="Relief windows known on the day, merged so that no two of a loan overlap.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Dense key of the loan."),
        Column("from_on", Kind.DATE, "First day-end left out."),
        Column("to_on", Kind.DATE, "Last day-end left out, not after the day."),
    ),
    key=("loan_key", "from_on"),
)
