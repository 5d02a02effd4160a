"""Totals of the lender's own general ledger, to hold the book against."""

from sulah.contracts.shape import Column, Kind, Scope, Table

MEASURES = ("outstanding_principal", "overdue", "npa_principal", "written_off_principal", "provision", "loans")
"""What a total can speak of; `loans` is a number, all others are rupees."""

TABLE = Table(
    name="ledger_total",
    scope=Scope.EXTRACT,
    meaning="Totals of the lender's own general ledger at a day-end: the whole book, a product, a branch, or a product of a branch.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end that the total speaks of.", required=True),
        Column("measure", Kind.TEXT, "What is totalled; provision for the whole book only.", required=True, one_of=MEASURES),
        Column("product", Kind.TEXT, "Product code; empty = all products."),
        Column("branch_id", Kind.TEXT, "Branch; empty = all branches."),
        Column("amount_paise", Kind.PAISE, "The total in rupees; empty for `loans`.", given="amount"),
        Column("number", Kind.INTEGER, "The number, for `loans`."),
    ),
    key=("as_of", "measure", "product", "branch_id"),
)
