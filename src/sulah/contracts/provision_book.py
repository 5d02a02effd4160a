"""The provision of the whole book, portfolio-level maxima taken once."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="provision_book",
    scope=Scope.BOOK,
    meaning="The provision of the whole book, portfolio-level maxima taken once.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("leg", Kind.TEXT, "Leg, or total."),
        Column("base_paise", Kind.PAISE, "Amount."),
        Column("provision_paise", Kind.PAISE, "Provision of the leg."),
        Column("counted", Kind.TRUTH, "Does the leg enter the total?"),
        Column("rule_id", Kind.TEXT, "Policy row."),
    ),
    key=("leg",),
)
