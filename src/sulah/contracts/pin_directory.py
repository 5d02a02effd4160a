"""District and state of PIN codes, as a directory that the lender trusts has them; public directories serve."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="pin_directory",
    scope=Scope.EXTRACT,
    meaning="District and state of PIN codes, as a directory that the lender trusts has them; sent with each full extract.",
    columns=(
        Column("pincode", Kind.TEXT, "Six-digit PIN code.", required=True),
        Column("district", Kind.TEXT, "District in which the PIN code lies, mostly.", required=True),
        Column("state", Kind.TEXT, "State or union territory; used where the borrower's own is empty."),
    ),
    key=("pincode",),
)
