"""Windows of relief, per loan, as given (they may overlap)."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="relief_window",
    scope=Scope.INTAKE,
    meaning="Windows of relief, per loan, as given (they may overlap).",
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan in account."),
        Column("kind", Kind.TEXT, "moratorium, calamity or pause."),
        Column("from_on", Kind.DATE, "First day-end of the window."),
        Column("to_on", Kind.DATE, "Last day-end of it (9999-12-31: until further notice)."),
        Column("counts", Kind.TRUTH, "Does dpd go on counting inside it?"),
        Column("known_on", Kind.DATE, "Day-end from which the window is known."),
    ),
    key=("loan_key", "kind", "from_on", "to_on", "counts"),
)
