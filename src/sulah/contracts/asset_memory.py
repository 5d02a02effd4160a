"""What a borrower’s class remembers from day to day; only borrowers that are or were NPA."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="asset_memory",
    scope=Scope.PERSON,
    meaning="What a borrower’s class remembers from day to day; only borrowers that are or were NPA.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("npa_on", Kind.DATE, "Day-end at which the person became NPA; empty when not."),
        Column("upgraded_on", Kind.DATE, "Day-end of the last upgrade; empty while NPA."),
        Column("cause", Kind.TEXT, "What made the person NPA: dpd, restructured or lender."),
    ),
    key=("borrower_id",),
)
