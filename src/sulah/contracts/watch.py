"""Watch periods after a restructuring."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="watch",
    scope=Scope.PERSON,
    meaning="Watch periods after a restructuring.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Dense key of the loan."),
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("watch_from", Kind.DATE, "Day-end at which the restructuring counts: NPA at once."),
        Column("watch_to", Kind.DATE, "Last day-end on which the watch runs, as known on the day (the day itself while it runs)."),
    ),
    key=("loan_key",),
)
