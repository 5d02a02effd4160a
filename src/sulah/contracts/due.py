"""Instalments with running totals, one row per instalment and schedule version in force."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="due",
    scope=Scope.INTAKE,
    meaning="Instalments with running totals, one row per instalment and schedule version in force.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan in account."),
        Column("number", Kind.INTEGER, "Number of the instalment."),
        Column("due_on", Kind.DATE, "Due date."),
        Column("in_force_from", Kind.DATE, "First day-end at which this version counts."),
        Column("in_force_to", Kind.DATE, "First day-end at which it no longer counts (9999-12-31: still in force)."),
        Column("principal_paise", Kind.PAISE, "Principal due."),
        Column("interest_paise", Kind.PAISE, "Interest due."),
        Column("charge_paise", Kind.PAISE, "Charges due."),
        Column("cum_due_paise", Kind.PAISE, "Running total of all heads in order of due date, then number."),
        Column("cum_principal_paise", Kind.PAISE, "Running total of principal."),
        Column("cum_interest_paise", Kind.PAISE, "Running total of interest."),
    ),
    key=("loan_key", "in_force_from", "due_on", "number"),
)
