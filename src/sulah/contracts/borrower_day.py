"""A borrower on the day: worst dpd, and whether anything keeps their loans from being clear."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="borrower_day",
    scope=Scope.PERSON,
    meaning="A borrower on the day: worst dpd, and whether anything keeps their loans from being clear.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("borrower_dpd", Kind.INTEGER, "Worst dpd of their loans."),
        Column("arrears", Kind.TRUTH, "Is any instalment of any of their loans unsettled that is due?"),
        Column("watched", Kind.TRUTH, "Does a watch period run?"),
        Column("restructured", Kind.TRUTH, "Does a restructuring begin to count on this day?"),
        Column("borrower_key", Kind.INTEGER, "Key of the person."),
    ),
    key=("borrower_id",),
    sort=("borrower_key",),
)
