"""The loans whose state was worked out on the day; the others carry yesterday's row."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="stale",
    scope=Scope.PERSON,
    meaning="The loans whose state was worked out on the day; the others carry yesterday's row.",
    columns=(Column("loan_key", Kind.INTEGER, "Key of the loan."),),
    key=("loan_key",),
)
