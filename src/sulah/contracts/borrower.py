"""People who owe or stand surety, as the lender knows them."""

from sulah.contracts.shape import Column, Kind, Scope, Table

_STANDING = ("ok", "invalid", "landline", "shared")
_WORKED_OUT = "worked out from the number on loading, so leave it out."

TABLE = Table(
    name="borrower",
    scope=Scope.EXTRACT,
    meaning="People who owe or stand surety, as the lender knows them.",
    columns=(
        Column("borrower_id", Kind.TEXT, "The lender's id of the person.", required=True),
        Column("name", Kind.TEXT, "Full name.", personal=True),
        Column("phone", Kind.TEXT, "First phone number.", personal=True),
        Column("phone_2", Kind.TEXT, "Second phone number.", personal=True),
        Column("phone_standing", Kind.TEXT, f"What the first number is good for; {_WORKED_OUT}", one_of=_STANDING),
        Column("phone_2_standing", Kind.TEXT, f"What the second number is good for; {_WORKED_OUT}", one_of=_STANDING),
        Column("email", Kind.TEXT, "E-mail address.", personal=True),
        Column("language", Kind.TEXT, "Language the person reads, as an ISO 639 code."),
        Column("gender", Kind.TEXT, "Gender as recorded by the lender."),
        Column("born_on", Kind.DATE, "Date of birth.", personal=True),
        Column("occupation", Kind.TEXT, "Occupation."),
        Column("monthly_income_paise", Kind.PAISE, "The person's income a month.", given="monthly_income"),
        Column(
            "household_income_yearly_paise",
            Kind.PAISE,
            "The household's income a year (the microfinance limit is on this).",
            given="household_income_yearly",
        ),
        Column("address", Kind.TEXT, "Postal address.", personal=True),
        Column("pincode", Kind.TEXT, "Six-digit PIN code of the address."),
        Column("state", Kind.TEXT, "State or union territory."),
        Column("latitude", Kind.DECIMAL, "Latitude of the home, degrees.", personal=True),
        Column("longitude", Kind.DECIMAL, "Longitude of the home, degrees.", personal=True),
        Column("centre_id", Kind.TEXT, "Centre where the group meets."),
        Column("group_id", Kind.TEXT, "Joint-liability group."),
        Column("household_id", Kind.TEXT, "Household, for joint limits."),
        Column("deceased_on", Kind.DATE, "Date of death, if known."),
        Column("consents", Kind.TEXT, "Consents on file, as text of the lender."),
    ),
    key=("borrower_id",),
)
