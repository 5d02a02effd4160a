"""Windows of relief for a person or a PIN code."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="relief",
    scope=Scope.EXTRACT,
    meaning="Windows of relief for a person or a PIN code.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The person (or give a PIN code)."),
        Column("pincode", Kind.TEXT, "The PIN code (or give a person)."),
        Column("kind", Kind.TEXT, "moratorium, calamity or pause.", required=True, one_of=("moratorium", "calamity", "pause")),
        Column("from_on", Kind.DATE, "First day-end of the window.", required=True),
        Column("to_on", Kind.DATE, "Last day-end of the window; empty = until further notice."),
        Column("counts", Kind.TRUTH, "Does dpd go on counting inside the window?  Empty means yes."),
    ),
    key=("borrower_id", "pincode", "kind", "from_on"),
)
