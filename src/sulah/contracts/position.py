"""State seen on a date: what is overdue, and for how long."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="position",
    scope=Scope.PERSON,
    meaning="State seen on a date: what is overdue, and for how long.",
    columns=(
        Column("loan_id", Kind.TEXT, "The loan."),
        Column("borrower_id", Kind.TEXT, "The person."),
        Column("product", Kind.TEXT, "Product."),
        Column("branch_id", Kind.TEXT, "Branch."),
        Column("as_of", Kind.DATE, "Day-end the row speaks of."),
        Column("outstanding_principal_paise", Kind.PAISE, "Principal not settled yet, oldest instalment first."),
        Column("overdue_paise", Kind.PAISE, "Dues of today and earlier that are not settled."),
        Column("overdue_principal_paise", Kind.PAISE, "Principal part of it."),
        Column("overdue_interest_paise", Kind.PAISE, "Interest part of it."),
        Column("overdue_charge_paise", Kind.PAISE, "Charge part of it."),
        Column("instalments_overdue", Kind.INTEGER, "Instalments due and not fully settled."),
        Column("oldest_unpaid_due_on", Kind.DATE, "Due date of the oldest of them."),
        Column(
            "dpd",
            Kind.INTEGER,
            "Day-end count: unpaid at the end of the due date is day 1; day-ends inside a window that does not count are left out.",
        ),
        Column("dpd_elapsed", Kind.INTEGER, "Days since the oldest unpaid due date, likewise; what most lender systems export."),
        Column("paid_paise", Kind.PAISE, "Net receipts that count on the day."),
        Column("allocated_paise", Kind.PAISE, "Part of it settled against instalments, future ones included."),
        Column("unallocated_paise", Kind.PAISE, "Part of it that no instalment takes."),
        Column("advance_paise", Kind.PAISE, "Receipts beyond all dues of today and earlier."),
        Column("last_paid_on", Kind.DATE, "Date of the last receipt."),
        Column("next_due_on", Kind.DATE, "Next due date after today."),
        Column("loan_key", Kind.INTEGER, "Key of the loan."),
        Column("borrower_key", Kind.INTEGER, "Key of the person."),
    ),
    key=("loan_id",),
)
