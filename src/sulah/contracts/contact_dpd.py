"""The lenient figure that contact uses: the lower of ours and the lender’s."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="contact_dpd",
    scope=Scope.PERSON,
    meaning="The lenient figure that contact uses: the lower of ours and the lender’s.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("dpd", Kind.INTEGER, "Lower of our dpd and the lender’s, like with like."),
        Column("source", Kind.TEXT, "ours, lender or equal."),
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
    ),
    key=("loan_id",),
)
