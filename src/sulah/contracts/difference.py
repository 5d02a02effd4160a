"""Loans where our figure and the lender’s differ, with the likely cause."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="difference",
    scope=Scope.PERSON,
    meaning="Loans where our figure and the lender’s differ, with the likely cause.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("pincode", Kind.TEXT, "PIN code."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("field", Kind.TEXT, "dpd, class or npa_on."),
        Column("ours", Kind.TEXT, "Our figure."),
        Column("theirs", Kind.TEXT, "The lender's figure."),
        Column("days_apart", Kind.INTEGER, "Ours less theirs, days, where both are counts."),
        Column("cause", Kind.TEXT, "Likely cause, a stable code."),
        Column("overdue_paise", Kind.PAISE, "Our overdue amount."),
    ),
    key=("loan_id", "field"),
)
