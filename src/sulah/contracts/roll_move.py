"""Loans that changed place since the last committed day, by one dimension; those that stayed are counted in roll_cell."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="roll_move",
    scope=Scope.BOOK,
    meaning="Loans that changed place since the last committed day, by one dimension; those that stayed are counted in roll_cell.",
    columns=(
        Column("as_of", Kind.DATE, "Day-end."),
        Column("before_on", Kind.DATE, "The last committed day."),
        Column("dimension", Kind.TEXT, "product, officer, pincode, vintage, channel or ticket_band."),
        Column("member", Kind.TEXT, "Member of it."),
        Column("branch_id", Kind.TEXT, "Branch, for product, officer and pincode."),
        Column("state", Kind.TEXT, "State of the PIN code, for pincode."),
        Column("district", Kind.TEXT, "District of it."),
        Column("before_place", Kind.TEXT, "Place on that day, or new."),
        Column("place", Kind.TEXT, "Place today."),
        Column("direction", Kind.TEXT, "forward, back, closed or new."),
        Column("loans", Kind.INTEGER, "Loans."),
        Column("before_principal_paise", Kind.PAISE, "Outstanding principal on that day."),
        Column("principal_paise", Kind.PAISE, "Outstanding principal today."),
        Column("before_provision_paise", Kind.PAISE, "Provision on that day."),
        Column("before_provision_aged_paise", Kind.PAISE, "Provision on aged instalments on that day."),
        Column("provision_paise", Kind.PAISE, "Provision today."),
        Column("provision_aged_paise", Kind.PAISE, "Provision on aged instalments today."),
    ),
    key=("dimension", "member", "branch_id", "state", "before_place", "place"),
)
