"""Day-ends that dpd leaves out, per person, merged so that no two windows overlap."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="relief_window",
    scope=Scope.INTAKE,
    meaning="Day-ends that dpd leaves out, per person, merged so that no two windows overlap.",
    columns=(
        Column("borrower_key", Kind.INTEGER, "Dense key of the person."),
        Column("from_on", Kind.DATE, "First day-end left out."),
        Column("to_on", Kind.DATE, "Last day-end left out (9999-12-31: until further notice)."),
        Column("known_on", Kind.DATE, "Day-end from which the window is known."),
    ),
    key=("borrower_key", "from_on"),
)
