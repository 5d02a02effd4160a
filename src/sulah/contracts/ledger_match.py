"""The lender's ledger totals beside ours, with the difference."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="ledger_match",
    scope=Scope.BOOK,
    meaning="The lender's ledger totals beside ours, with the difference; only totals that speak of this day-end.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("measure", Kind.TEXT, "What is totalled."),
        Column("product", Kind.TEXT, "Product; empty = all."),
        Column("branch_id", Kind.TEXT, "Branch; empty = all."),
        Column("ledger_paise", Kind.PAISE, "The lender's total; empty for loans."),
        Column("ours_paise", Kind.PAISE, "Ours; empty where it cannot be told (provision of a part)."),
        Column("difference_paise", Kind.PAISE, "Ours less the lender's."),
        Column("ledger_number", Kind.INTEGER, "The lender's number of loans."),
        Column("ours_number", Kind.INTEGER, "Ours."),
        Column("difference_number", Kind.INTEGER, "Ours less the lender's."),
        Column("agrees", Kind.TRUTH, "Are they the same, to the paisa?  Empty where ours cannot be told."),
    ),
    key=("measure", "product", "branch_id"),
)
