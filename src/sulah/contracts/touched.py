"""Loans whose rows are not those of the load before: what a day that follows yesterday has to work out anew."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="touched",
    scope=Scope.INTAKE,
    meaning=(
        "Loans whose rows in account, due, receipt or relief_window are not those of the load that this one stands on (its parent); "
        "every loan of a first load. A loan that is not here has the same rows in both, but for lms_dpd, lms_dpd_count, lms_class, "
        "lms_npa_on and extract_on of its account. Against any other load than the parent it says nothing."
    ),
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
        Column("loan_id", Kind.TEXT, "The lender's id of the loan."),
    ),
    key=("loan_id",),
    sort=("loan_key",),
)
