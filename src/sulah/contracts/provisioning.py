"""The legs of a loan’s provision."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="provisioning",
    scope=Scope.PERSON,
    meaning="The legs of a loan’s provision.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("leg", Kind.TEXT, "portfolio, standard, secured, unsecured, instalments_91_179, instalments_180."),
        Column("as_of", Kind.DATE, "Day-end."),
        Column("base_paise", Kind.PAISE, "Amount the rate applies to."),
        Column("rate_bps", Kind.INTEGER, "Rate in hundredths of a percent."),
        Column("provision_paise", Kind.PAISE, "Base times rate, rounded half up to the paisa."),
        Column("rule_id", Kind.TEXT, "Policy row."),
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
    ),
    key=("loan_id", "leg"),
)
