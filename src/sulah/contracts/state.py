"""Per loan, what changes only when something happens: receipts, dues and what is settled by head, oldest unpaid due date."""

from sulah.contracts.shape import Column, Kind, Scope, Table

TABLE = Table(
    name="state",
    scope=Scope.PERSON,
    meaning="Per loan, what changes only when something happens: receipts, dues and what is settled by head, oldest unpaid due date.",
    columns=(
        Column("loan_key", Kind.INTEGER, "Dense key of the loan."),
        Column("borrower_key", Kind.INTEGER, "Dense key of the person."),
        Column("paid_paise", Kind.PAISE, "Net receipts that count."),
        Column("last_paid_on", Kind.DATE, "Date of the last receipt."),
        Column("due_paise", Kind.PAISE, "Dues of the day and earlier."),
        Column("due_principal_paise", Kind.PAISE, "Principal of them."),
        Column("due_interest_paise", Kind.PAISE, "Interest of them."),
        Column("scheduled_paise", Kind.PAISE, "All dues of the schedule in force."),
        Column("scheduled_principal_paise", Kind.PAISE, "Principal of them."),
        Column("settled_paise", Kind.PAISE, "Dues settled, oldest instalment first, future ones included."),
        Column("settled_principal_paise", Kind.PAISE, "Principal of them."),
        Column("settled_interest_paise", Kind.PAISE, "Interest of them."),
        Column("unpaid_due_on", Kind.DATE, "Due date of the oldest instalment not fully settled, future ones included."),
        Column("instalments_due", Kind.INTEGER, "Instalments due by the day."),
        Column("instalments_settled", Kind.INTEGER, "Instalments fully settled."),
        Column("next_due_on", Kind.DATE, "Next due date."),
        Column("demanded", Kind.TRUTH, "Is anything demanded on the day (not closed, settled or sold)?"),
        Column(
            "next_change_on", Kind.DATE, "First later day on which this row changes by itself, by what is known now; empty when none will."
        ),
    ),
    key=("loan_key",),
)
