"""Loans that were ever more than 30 or 90 days past due, or NPA: how they stood on the first day it was seen, and what came since."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="arrears_entry",
    scope=Scope.PERSON,
    meaning="Loans that were ever more than 30 or 90 days past due, or NPA: how they stood when it was first seen, and what came since.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("mark", Kind.TEXT, "par_30, par_90 or npa."),
        Column("entered_on", Kind.DATE, "First committed day on which it was so."),
        Column("seen_late", Kind.TRUTH, "Was it so already when the book began, or when the loan first came into it?"),
        Column("product", Kind.TEXT, "Product."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("officer_id", Kind.TEXT, "Officer in charge."),
        Column("pincode", Kind.TEXT, "PIN code of the borrower."),
        Column("state", Kind.TEXT, "State of the borrower."),
        Column("acquisition_channel", Kind.TEXT, "How the loan was sourced."),
        Column("vintage", Kind.INTEGER, "Month of disbursal as year x 100 + month."),
        Column("ticket_band", Kind.TEXT, "Band of the amount disbursed."),
        Column("entry_principal_paise", Kind.PAISE, "Outstanding principal on that day."),
        Column("entry_overdue_paise", Kind.PAISE, "Overdue on that day."),
        Column("entry_paid_paise", Kind.PAISE, "Net receipts until that day."),
        Column("place", Kind.TEXT, "Where the loan stands today."),
        Column("principal_paise", Kind.PAISE, "Outstanding principal today."),
        Column("collected_paise", Kind.PAISE, "Net receipts since that day."),
    ),
    key=("loan_id", "mark"),
    sort=("loan_key", "mark"),
)
